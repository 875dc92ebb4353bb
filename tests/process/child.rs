//! The built program as a child process. It is killed by its own id when its handle is dropped.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::patience;

const PROGRAM: &str = env!("CARGO_BIN_EXE_epaybl-connector");

/// A running child. What it writes goes to files, so that it never waits for a reader.
pub(crate) struct Process {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// What a command that has ended said.
#[derive(Debug)]
pub(crate) struct Said {
    /// Its exit code; none after a signal.
    pub(crate) code: Option<i32>,
    /// Its standard output.
    pub(crate) out: String,
    /// Its standard error.
    pub(crate) err: String,
}

impl Said {
    /// Both, for messages and searches.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// It must have exited with this code, and without a panic.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", last_lines(&self.all()));
        assert!(!self.all().contains("panicked"), "{}", last_lines(&self.all()));
        self
    }

    /// It must have said all of this.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        let all = self.all();
        for word in words {
            assert!(all.contains(word), "«{word}» is not in:\n{all}");
        }
        self
    }
}

impl Process {
    /// Starts the program with nothing in its environment but `env`. Its output is kept in `folder`, under `name`.
    pub(crate) fn start(folder: &Path, name: &str, args: &[&str], env: &[(&str, &str)]) -> Self {
        let file = |kind: &str| folder.join(format!("{name}.{kind}"));
        let (stdout, stderr) = (file("out"), file("err"));
        // A process that is started again under the same name goes on writing where the one before ended.
        let append = |path: &Path| {
            File::options()
                .create(true)
                .append(true)
                .open(path)
                .expect("an output file")
        };
        let child = Command::new(PROGRAM)
            .args(args)
            .env_clear()
            .envs(env.iter().copied())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(append(&stdout))
            .stderr(append(&stderr))
            .spawn()
            .expect("the program starts");
        Self {
            child,
            stdout,
            stderr,
        }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill_9(mut self) {
        self.child.kill().expect("the child can be killed");
        self.child.wait().expect("the child is gone");
    }

    /// Asks it to end, as an init system does.
    pub(crate) fn terminate(&self) {
        let command = format!("kill -TERM {}", self.child.id());
        let sent = Command::new("sh")
            .args(["-c", &command])
            .status()
            .expect("a shell");
        assert!(sent.success(), "the child could not be told to end");
    }

    /// Whether it has ended by itself.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the child's state")
    }

    /// Waits for its end.
    pub(crate) async fn end(mut self, seconds: u64) -> Said {
        let ending = patience::until(seconds, "the end of a process", async || self.ended());
        let status = ending.await;
        Said {
            code: status.code(),
            out: self.stdout(),
            err: self.stderr(),
        }
    }

    /// What it wrote on standard output so far.
    pub(crate) fn stdout(&self) -> String {
        text(&self.stdout)
    }

    /// What it wrote on standard error so far.
    pub(crate) fn stderr(&self) -> String {
        text(&self.stderr)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = last_lines(&self.stderr());
            drop(writeln!(
                std::io::stderr(),
                "{} said at last:\n{said}",
                self.stderr.display()
            ));
        }
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The end of a text that may be long.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

/// Runs a command to its end in a folder of its own.
pub(crate) async fn run(args: &[&str], env: &[(&str, &str)]) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    Process::start(folder.path(), "command", args, env).end(60).await
}
