//! kill -9 in the middle of a large statement: the same file again goes on, and the statement counts once and whole.

use std::fmt::Write as _;
use std::path::Path;

use epaybl_connector::sandbox::Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::child::Process;
use crate::scene::{Scene, secret};
use crate::support::databases;
use crate::{books, patience};

const IBAN: &str = "DE02120300000000202051";
const ENTRIES: usize = 12_000;

/// A statement of many entries of one euro each.
fn large() -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\
         <BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy>\
         </Acct>"
    );
    for n in 0..ENTRIES {
        let _ = writeln!(
            text,
            "<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-23</Dt>\
             </BookgDt><AcctSvcrRef>REF{n:09}</AcctSvcrRef><NtryDtls><TxDtls><RmtInf><Ustrd>Hundesteuer {n}</Ustrd></RmtInf>\
             </TxDtls></NtryDtls></Ntry>"
        );
    }
    text + "</Stmt></BkToCstmrStmt></Document>"
}

fn import(scene: &Scene, name: &str, file: &Path) -> Process {
    let (config, file) = (
        scene.config_file().display().to_string(),
        file.display().to_string(),
    );
    let args = ["--config", &config, "statement", "import", &file];
    Process::start(scene.folder.path(), name, &args, &[])
}

async fn number(scene: &Scene, sql: &'static str) -> usize {
    let rows = books::rows(&scene.database_url, sql).await;
    rows[0][0].parse().expect("a number")
}

const STAGED: &str = "SELECT CAST(count(*) AS TEXT) FROM statement_entry";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_statement_whose_import_was_killed_goes_on_where_it_ended() {
    for database in databases().await {
        let scene = Scene::set(&database, Options::default()).await;
        let account = format!("rechnungswesen = \"doppisch\"\n\n[[kasse.account]]\niban = \"{IBAN}\"\n");
        let tenants = scene
            .tenants()
            .replace("rechnungswesen = \"doppisch\"\n", &account);
        std::fs::write(scene.tenants_file(), tenants).expect("written");
        let file = scene.tenants_file().display().to_string();
        scene.command(&["tenants", "apply", &file]).await.exits(0);
        let file = scene.folder.path().join("large.xml");
        std::fs::write(&file, large()).expect("written");
        let first = import(&scene, "first", &file);
        patience::until(60, "some entries in staging", async || {
            (number(&scene, STAGED).await >= 1000).then_some(())
        })
        .await;
        first.kill_9();
        let left = number(&scene, STAGED).await;
        assert!(left < ENTRIES, "it was killed in the middle");
        let keys = "SELECT CAST(count(*) AS TEXT) FROM personal_key";
        assert!(number(&scene, keys).await >= left);
        let said = import(&scene, "second", &file).end(120).await.exits(0);
        said.says(&["12000 entries, 12000 of them new"]);
        assert_eq!(number(&scene, STAGED).await, ENTRIES);
        // Nothing was staged twice: each entry has its key once.
        assert_eq!(
            number(
                &scene,
                "SELECT CAST(count(DISTINCT p.subject_id) AS TEXT) FROM statement_detail AS d \
            JOIN personal AS p ON p.id = d.personal_id"
            )
            .await,
            ENTRIES
        );
        let again = import(&scene, "third", &file).end(120).await.exits(0);
        again.says(&["is in the books already"]);
        scene.command(&["audit", "verify"]).await.exits(0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_stops_coming_is_cut_off_and_changes_nothing() {
    for database in databases().await {
        let scene = Scene::set(&database, Options::default()).await;
        let account = format!("rechnungswesen = \"doppisch\"\n\n[[kasse.account]]\niban = \"{IBAN}\"\n");
        let clerk = "\n[[client]]\nid = \"kasse\"\nname = \"Kasse\"\nroles = { unstrut-hainich-kreis = [\"kasse\"] }\n";
        let tenants = scene
            .tenants()
            .replace("rechnungswesen = \"doppisch\"\n", &account)
            + clerk;
        std::fs::write(scene.tenants_file(), tenants).expect("written");
        let file = scene.tenants_file().display().to_string();
        scene.command(&["tenants", "apply", &file]).await.exits(0);
        let secret = secret(&scene.command(&["client", "new", "kasse"]).await.exits(0).out);
        let process = scene.serve().await;
        let login = data_encoding::BASE64.encode(format!("kasse:{secret}").as_bytes());
        let head = format!(
            "POST /api/v1/kassen/kreiskasse-unstrut-hainich/statements HTTP/1.1\r\nhost: a\r\n\
             authorization: Basic {login}\r\ncontent-length: 4000000\r\n\r\n"
        );
        let address = ("127.0.0.1", scene.port);
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(head.as_bytes()).await.expect("sent");
        // What came fast brings no more time than any body has.
        stream
            .write_all(&large().as_bytes()[..2_000_000])
            .await
            .expect("sent");
        let mut answer = Vec::new();
        let reading = stream.read_to_end(&mut answer);
        drop(patience::within(45, "the end of an upload", reading).await);
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("64 KiB a second"), "{answer}");
        assert_eq!(
            number(&scene, "SELECT CAST(count(*) AS TEXT) FROM statement").await,
            0
        );
        process.terminate();
        process.end(30).await.exits(0);
    }
}
