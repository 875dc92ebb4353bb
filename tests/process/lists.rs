//! Settlement lists on the command line: looked at without a database, taken in, and shown.

use epaybl_connector::sandbox::Options;
use serde_json::Value;

use crate::child;
use crate::scene::Scene;
use crate::support::databases;

const KASSE: &str = "rechnungswesen = \"doppisch\"\n";
const LIST: &str = "rechnungswesen = \"doppisch\"\n\n[[kasse.list]]\nid = \"giro\"\nzvp = \"giro\"\n\
     disagio = \"9100.6580\"\nread = { decimal = \"comma\", payout = \"Auszahlung\", reference = \"Zeichen\", \
     gross = \"Brutto\", fee = \"Entgelt\" }\n";
const GOOD: &str = "Auszahlung;Zeichen;Brutto;Entgelt\nPO-1;4711;30,60;0,35\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_is_looked_at_taken_in_and_shown() {
    for database in databases().await {
        let scene = Scene::bare(&database, Options::default()).await;
        let tenants = scene.folder.path().join("with-lists.toml");
        let text = scene.tenants();
        assert!(text.contains(KASSE));
        std::fs::write(&tenants, text.replace(KASSE, LIST)).expect("written");
        let tenants = tenants.display().to_string();
        let file = |name: &str, text: &str| {
            let path = scene.folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            path.display().to_string()
        };
        let good = file("gut.csv", GOOD);
        let wrong = file("falsch.csv", &GOOD.replace("30,60", "30.60"));
        let name = "kreiskasse-unstrut-hainich/giro";
        // Neither configuration nor database.
        let read = ["list", "read", "--tenants", &tenants, "--as", name];
        child::run(&[&read[..], &[&good]].concat(), &[])
            .await
            .exits(0)
            .says(&["4711", "30,60", "payout «PO-1»: 1 lines"]);
        let json = child::run(&[&read[..], &["--json", &good]].concat(), &[])
            .await
            .exits(0);
        let json: Value = serde_json::from_str(&json.out).expect("JSON");
        assert_eq!(json["summary"]["payouts"]["PO-1"]["net"], 3025);
        child::run(&[&read[..], &[&wrong]].concat(), &[])
            .await
            .exits(1)
            .says(&["REFUSED", "line 2", "«Brutto»"]);
        scene.command(&["migrate"]).await.exits(0);
        scene.command(&["tenants", "apply", &tenants]).await.exits(0);
        let import = [
            "list",
            "import",
            "--kasse",
            "kreiskasse-unstrut-hainich",
            "--list",
        ];
        let giro = [&import[..], &["giro"]].concat();
        scene
            .command(&[&giro[..], &[&good]].concat())
            .await
            .exits(0)
            .says(&["PO-1", "filed as revision 1"]);
        scene
            .command(&[&giro[..], &[&good]].concat())
            .await
            .exits(0)
            .says(&["is in the books already"]);
        scene
            .command(&[&giro[..], &[&wrong]].concat())
            .await
            .exits(1)
            .says(&["REFUSED: line 2"]);
        scene
            .command(&[&import[..], &["other", &good]].concat())
            .await
            .exits(1)
            .says(&["has no list «other»", "giro"]);
        scene
            .command(&["list", "show"])
            .await
            .exits(0)
            .says(&["PO-1", "the bank has not shown it yet"]);
        scene.command(&["audit", "verify"]).await.exits(0);
    }
}
