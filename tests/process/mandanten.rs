//! Pools of Kassenzeichen and lists of receipts, as an operator sees them.

use epaybl_connector::sandbox::Options;

use crate::scene::Scene;
use crate::support::databases;

const POOL: &str = "\n[[mandant]]\nprovider = \"PROVIDER\"\nnumber = \"TH000009\"\nkasse = \"stadtkasse-bad-langensalza\"\n\
    name = \"Neun\"\n\n[[mandant.pool]]\nbewirtschafter = \"BW900001\"\nprefix = \"42\"\nfirst = 1\nlast = 500\n\
    digits = 6\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_what_is_left_of_a_pool_and_whose_receipts_were_read() {
    for database in databases().await {
        let scene = Scene::bare(&database, Options::default()).await;
        scene.command(&["migrate"]).await.exits(0);
        let file = scene.tenants_file();
        let text = std::fs::read_to_string(&file).expect("the tenants");
        let (_, rest) = text.split_once("\nprovider = \"").expect("a route's provider");
        let provider = rest.split('"').next().expect("its name");
        std::fs::write(&file, text.clone() + &POOL.replace("PROVIDER", provider)).expect("written");
        let file = file.display().to_string();
        let left = "TH000009, Bewirtschafter BW900001: 500 of 500 numbers are left";
        scene.command(&["check", "--tenants", &file]).await.says(&[
            "warn  Kassenzeichen of the tenants file: ",
            left,
            "fewer than 1000",
        ]);
        scene.command(&["tenants", "apply", &file]).await.exits(0);
        scene
            .command(&["tenants", "list"])
            .await
            .exits(0)
            .says(&["mandant", left, "LOW"]);
        scene
            .command(&["check"])
            .await
            .exits(0)
            .says(&["warn  Kassenzeichen: ", left]);
        scene
            .command(&["receipts", "list", "--foreign", "--since", "2026-11-01"])
            .await
            .exits(0)
            .says(&["0 receipts, 0 of them not ours"]);
        let none = scene.command(&["receipts", "list", "--json"]).await.exits(0);
        assert_eq!(none.all(), "");
        for (wrong, said) in [
            (["--since", "gestern"], "gestern"),
            (["--mandant", "TH1"], "PROVIDER/NUMBER"),
        ] {
            let command = [&["receipts", "list"], &wrong[..]].concat();
            scene.command(&command).await.exits(1).says(&[said]);
        }
    }
}
