//! Source files as tokens.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A file of `src/`, of which what only tests compile was taken out.
pub struct Source {
    /// Its path below the package, for example `src/store/engine.rs`.
    pub path: String,
    /// Its text as it is, with the tests.
    pub text: String,
    /// Its tokens, in order, without those of tests.
    pub tokens: Vec<Token>,
}

/// A token that knows its place.
pub struct Token {
    pub line: usize,
    /// How many inline modules it stands in.
    pub depth: usize,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Word(String),
    Mark(char),
    Open(Delimiter),
    Close(Delimiter),
    /// A text or a number.
    Literal,
}

/// Something that a rule forbids.
pub struct Finding {
    pub path: String,
    pub line: usize,
    pub rule: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.rule)
    }
}

/// Fails with all findings, if there are any.
#[track_caller]
pub fn demand_none(findings: &[Finding]) {
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}\n", told.join("\n"));
}

impl Token {
    pub fn is(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(own) if own == word)
    }

    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }
}

impl Source {
    /// Reads a text as if it were a file: for tests of the rules themselves.
    pub fn of(path: &str, text: &str) -> Self {
        Self::parse(path, text, &mut Vec::new())
    }

    fn parse(path: &str, text: &str, test_files: &mut Vec<PathBuf>) -> Self {
        let stream: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{path} is not Rust: {error}"));
        let mut reader = Reader {
            path,
            tokens: Vec::new(),
            test_files,
        };
        reader.read(stream, 0);
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            tokens: reader.tokens,
        }
    }

    /// The modules that lead to it: `["store", "engine"]`; none for `lib.rs` and `main.rs`.
    pub fn modules(&self) -> Vec<&str> {
        modules(&self.path)
    }
}

fn modules(path: &str) -> Vec<&str> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut modules: Vec<&str> = inner.split('/').collect();
    if matches!(modules.last(), Some(&("mod" | "lib" | "main"))) {
        modules.pop();
    }
    modules
}

struct Reader<'a> {
    path: &'a str,
    tokens: Vec<Token>,
    test_files: &'a mut Vec<PathBuf>,
}

impl Reader<'_> {
    fn read(&mut self, stream: TokenStream, depth: usize) {
        let trees: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while at < trees.len() {
            if let Some(end) = test_only(&trees, at) {
                self.note_test_file(&trees[at..end]);
                at = end;
                continue;
            }
            self.push(&trees, at, depth);
            at += 1;
        }
    }

    fn push(&mut self, trees: &[TokenTree], at: usize, depth: usize) {
        let line = trees[at].span().start().line;
        let kind = match &trees[at] {
            TokenTree::Ident(word) => Kind::Word(word.to_string()),
            TokenTree::Punct(mark) => Kind::Mark(mark.as_char()),
            TokenTree::Literal(_) => Kind::Literal,
            TokenTree::Group(group) => {
                let is_module = at >= 2 && is_word(&trees[at - 2], "mod");
                let delimiter = group.delimiter();
                self.tokens.push(Token {
                    line,
                    depth,
                    kind: Kind::Open(delimiter),
                });
                self.read(group.stream(), depth + usize::from(is_module));
                self.tokens.push(Token {
                    line: group.span_close().start().line,
                    depth,
                    kind: Kind::Close(delimiter),
                });
                return;
            }
        };
        self.tokens.push(Token { line, depth, kind });
    }

    /// Where `#[cfg(test)] mod name;` names a file, that file is a test's.
    fn note_test_file(&mut self, item: &[TokenTree]) {
        let Some(place) = item.iter().position(|tree| is_word(tree, "mod")) else {
            return;
        };
        if !matches!(item.last(), Some(TokenTree::Punct(_))) {
            return;
        }
        let path = Path::new(self.path);
        let folder = path.parent().expect("a file is in a folder");
        let own = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        let named = item.iter().find_map(|tree| {
            let text = tree.to_string();
            let rest = text.strip_prefix("[path")?;
            Some(
                rest.trim_matches(|c: char| c.is_whitespace() || "=\"]".contains(c))
                    .to_owned(),
            )
        });
        if let Some(named) = named {
            self.test_files.push(folder.join(named));
            return;
        }
        let below = match own {
            "mod" | "lib" | "main" => folder.to_path_buf(),
            own => folder.join(own),
        };
        let name = item[place + 1].to_string();
        self.test_files.push(below.join(format!("{name}.rs")));
        self.test_files.push(below.join(name));
    }
}

/// Where the item ends that stands under `#[cfg(test)]` or `#[test]`, if one begins here.
fn test_only(trees: &[TokenTree], at: usize) -> Option<usize> {
    let mut next = at;
    let mut for_tests = false;
    while let (Some(TokenTree::Punct(mark)), Some(TokenTree::Group(group))) =
        (trees.get(next), trees.get(next + 1))
        && mark.as_char() == '#'
        && group.delimiter() == Delimiter::Bracket
    {
        let text: String = group.to_string().split_whitespace().collect();
        for_tests |= text == "[cfg(test)]" || text == "[test]";
        next += 2;
    }
    if !for_tests {
        return None;
    }
    let ends = |tree: &TokenTree| match tree {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(mark) => mark.as_char() == ';',
        _ => false,
    };
    let length = trees[next..].iter().position(ends).expect("an item ends");
    Some(next + length + 1)
}

fn is_word(tree: &TokenTree, word: &str) -> bool {
    matches!(tree, TokenTree::Ident(own) if own == word)
}

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the package.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(package().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All Rust files below a folder of the package, sorted.
pub fn rust_files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![package().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inner = path.strip_prefix(package()).expect("it is below the package");
                found.push(inner.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

/// The program: every file of `src/` that is compiled without tests.
pub fn program() -> Vec<Source> {
    let mut test_files = Vec::new();
    let sources: Vec<Source> = rust_files("src")
        .iter()
        .map(|path| Source::parse(path, &read(path), &mut test_files))
        .collect();
    let test_files: BTreeSet<PathBuf> = test_files.into_iter().collect();
    let is_test = |path: &str| Path::new(path).ancestors().any(|part| test_files.contains(part));
    let program: Vec<Source> = sources
        .into_iter()
        .filter(|source| !is_test(&source.path))
        .collect();
    assert!(program.len() > 50, "only {} files were found", program.len());
    program
}

#[test]
fn what_only_tests_compile_is_left_out() {
    let mut test_files = Vec::new();
    let source = Source::parse(
        "src/app/ask.rs",
        "fn kept() {} #[cfg(test)] mod tests { use gone::x; } #[test] fn gone() {} \
         #[cfg(test)] #[path = \"ask_tests.rs\"] mod more; #[cfg(test)] mod others; fn also_kept() {}",
        &mut test_files,
    );
    let words: Vec<&str> = source.tokens.iter().filter_map(Token::word).collect();
    assert_eq!(words, ["fn", "kept", "fn", "also_kept"]);
    let files: Vec<String> = test_files
        .iter()
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        files,
        [
            "src/app/ask_tests.rs",
            "src/app/ask/others.rs",
            "src/app/ask/others"
        ]
    );
}
