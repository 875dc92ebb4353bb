//! Files that are exchanged while the connector runs, and certificates that come to their end.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;

use metrics_exporter_prometheus::PrometheusBuilder;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use tempfile::TempDir;
use tracing_subscriber::fmt::MakeWriter;

use super::*;

struct Noon(&'static str);

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        let day = self.0.parse().expect("a day");
        crate::domain::time::berlin_noon(day)
    }
}

/// What was written to the log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

struct Scene {
    folder: TempDir,
    watched: Watched,
}

fn scene() -> Scene {
    let folder = TempDir::new().expect("a folder");
    let client_cert_pem = folder.path().join("client.pem");
    write(&client_cert_pem, 2027);
    let sections = Sections {
        providers: vec![(
            ProviderId::parse("epaybl-th").expect("an id"),
            TlsFiles {
                client_cert_pem: Some(client_cert_pem),
                ..TlsFiles::default()
            },
        )],
        deliveries: None,
    };
    Scene {
        folder,
        watched: Watched::new(move || sections.read()),
    }
}

/// A certificate until the first of March of a year.
fn write(path: &PathBuf, year: i32) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.not_after = date_time_ymd(year, 3, 1);
    let pem = params
        .self_signed(&KeyPair::generate().expect("a key"))
        .expect("signed")
        .pem();
    std::fs::write(path, pem).expect("written");
}

impl Scene {
    /// Looks on a day; gives the numbers and the log.
    fn look(&self, day: &'static str, tell: bool) -> (String, String) {
        let recorder = PrometheusBuilder::new().build_recorder();
        let log = Log::default();
        let lines = tracing_subscriber::fmt()
            .with_writer(log.clone())
            .with_ansi(false)
            .finish();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        metrics::with_local_recorder(&recorder, || {
            tracing::subscriber::with_default(lines, || {
                runtime.block_on(self.watched.look(&Noon(day), tell));
            });
        });
        let log = String::from_utf8(log.0.lock().expect("not poisoned").clone()).expect("UTF-8");
        (recorder.handle().render(), log)
    }
}

const END_OF: &str =
    "epaybl_certificate_not_after_seconds{provider=\"epaybl-th\",setting=\"client_cert_pem\",number=\"1\"}";
const RESTART: &str = "epaybl_certificate_restart_needed{provider=\"epaybl-th\",setting=\"client_cert_pem\"}";

#[test]
fn an_end_that_comes_near_is_told_louder_and_louder() {
    let scene = scene();
    let (numbers, log) = scene.look("2026-06-01", true);
    assert!(numbers.contains(&format!("{END_OF} 1803859200")), "{numbers}");
    assert_eq!(log, "");
    let (_, log) = scene.look("2027-01-05", true);
    assert!(log.contains("ends soon") && log.contains("days_left=54"), "{log}");
    assert!(!log.contains("alert"), "{log}");
    let (_, log) = scene.look("2027-02-20", true);
    assert!(log.contains("alert=true") && log.contains("days_left=8"), "{log}");
    let (_, log) = scene.look("2027-03-02", true);
    assert!(log.contains("ERROR") && log.contains("has ended"), "{log}");
    let (_, log) = scene.look("2027-03-02", false);
    assert_eq!(log, "", "between two days only the numbers move");
}

#[test]
fn a_file_that_is_exchanged_shows_its_new_end_and_asks_for_a_restart() {
    let scene = scene();
    let (numbers, _) = scene.look("2027-02-20", true);
    assert!(numbers.contains(&format!("{RESTART} 0")), "{numbers}");
    let file = scene.folder.path().join("client.pem");
    write(&file, 2029);
    let (numbers, log) = scene.look("2027-02-20", true);
    assert!(numbers.contains(&format!("{END_OF} 1867017600")), "{numbers}");
    assert!(numbers.contains(&format!("{RESTART} 1")), "{numbers}");
    assert!(log.contains("restart to use them"), "{log}");
    std::fs::remove_file(file).expect("removed");
    let (_, log) = scene.look("2027-02-20", true);
    assert!(log.contains("cannot be read"), "{log}");
}

#[test]
fn a_subject_stays_out_of_the_log_and_out_of_the_numbers() {
    let (numbers, log) = scene().look("2027-03-02", true);
    assert!(
        !numbers.contains("rcgen") && !log.contains("rcgen"),
        "{numbers}{log}"
    );
}
