//! The commands, one after the other, as an operator types them.

use epaybl_connector::sandbox::Options;
use reqwest::StatusCode;
use sqlx::{Connection, Executor, SqliteConnection};

use crate::child::{self, Process};
use crate::patience;
use crate::portal::{Order, Portal, http_client};
use crate::scene::{Scene, secret};
use crate::support::{self, databases};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_an_empty_database_to_a_paid_case() {
    for database in databases().await {
        let scene = Scene::bare(&database, Options::default()).await;
        scene
            .command(&["migrate"])
            .await
            .exits(0)
            .says(&["migrations were applied"]);
        scene
            .command(&["migrate"])
            .await
            .exits(0)
            .says(&["the database is up to date"]);
        let file = scene.tenants_file().display().to_string();
        let empty = scene.command(&["tenants", "list"]).await.exits(0);
        assert_eq!(empty.all(), "");
        let planned = scene.command(&["tenants", "plan", &file]).await.exits(0);
        planned.says(&["thavel-geburtsurkunde/16064003", "stadtkasse-bad-langensalza"]);
        let nothing = scene.command(&["tenants", "list"]).await.exits(0);
        assert_eq!(nothing.all(), "", "a plan does nothing");
        scene
            .command(&["client", "new", "thavel"])
            .await
            .exits(1)
            .says(&["thavel", "tenants apply"]);
        scene
            .command(&["tenants", "apply", &file])
            .await
            .exits(0)
            .says(&["applied"]);
        let again = scene.command(&["tenants", "apply", &file]).await.exits(0);
        assert!(!again.all().contains("applied"), "{}", again.all());
        let list = scene.command(&["tenants", "list"]).await.exits(0);
        list.says(&[
            "thavel-ikfz/16064",
            "version 1",
            "(kreiskasse-unstrut-hainich)",
            "fremdportal",
        ]);
        scene
            .command(&["client", "rotate", "thavel"])
            .await
            .exits(1)
            .says(&["client new"]);
        let first = secret(&scene.command(&["client", "new", "thavel"]).await.exits(0).out);
        scene
            .command(&["client", "new", "thavel"])
            .await
            .exits(1)
            .says(&["client rotate"]);
        scene
            .command(&["client", "new", "nobody"])
            .await
            .exits(1)
            .says(&["nobody"]);
        let checked = scene.command(&["check"]).await.exits(0);
        checked.says(&[
            "ok    configuration",
            "ok    database",
            "ok    route thavel-ikfz/16064",
            "fremdportal",
        ]);

        let process = scene.serve().await;
        let portal = Portal::new(scene.url(""), &first);
        portal.whole_way(&Order::nth(0)).await;
        let latest = rotated_secrets_take_turns(&scene, &first).await;
        applied_tenants_are_in_force_at_once(&scene, &Portal::new(scene.url(""), &latest), &file).await;
        process.terminate();
        process.end(30).await.exits(0);
        let whole = scene
            .command(&["audit", "verify"])
            .await
            .exits(0)
            .says(&[": whole"]);
        let mut words = whole.out.split_whitespace();
        let point = words
            .find(|word| word.starts_with("stadtkasse-bad-langensalza:") && word.len() > 64)
            .expect("size and root, as --earlier takes them");
        scene
            .command(&["audit", "verify", "--earlier", point])
            .await
            .exits(0)
            .says(&["the same as then"]);
        let other = format!("{}0000", &point[..point.len() - 4]);
        scene
            .command(&["audit", "verify", "--earlier", &other])
            .await
            .exits(1)
            .says(&["NOT WHOLE"]);
        for wrong in [
            "nonsense",
            "stadtkasse-bad-langensalza:x:00",
            "stadtkasse-bad-langensalza:99999:00",
            "a:1:zz",
        ] {
            scene
                .command(&["audit", "verify", "--earlier", wrong])
                .await
                .exits(1);
        }
    }
}

/// Returns the newest secret.
async fn rotated_secrets_take_turns(scene: &Scene, first: &str) -> String {
    let order = Order::nth(0);
    let lets_in = async |secret: &str| {
        let (status, _) = Portal::new(scene.url(""), secret)
            .get(&order)
            .await
            .expect("an answer");
        status == StatusCode::OK
    };
    let second = secret(&scene.command(&["client", "rotate", "thavel"]).await.exits(0).out);
    assert!(
        lets_in(first).await && lets_in(&second).await,
        "two are valid at a time"
    );
    let third = secret(&scene.command(&["client", "rotate", "thavel"]).await.exits(0).out);
    assert!(!lets_in(first).await && lets_in(&second).await && lets_in(&third).await);
    third
}

async fn applied_tenants_are_in_force_at_once(scene: &Scene, portal: &Portal, file: &str) {
    let tenants = scene.tenants();
    let without = tenants.replace("\"thavel-ikfz/16064\"]", "]");
    assert_ne!(tenants, without);
    let order = Order::nth(1);
    std::fs::write(file, &without).expect("written");
    scene
        .command(&["tenants", "apply", file])
        .await
        .exits(0)
        .says(&["applied"]);
    let (status, answer) = portal.post(&order).await.expect("an answer");
    assert_eq!(
        (status, &answer["functionalCode"]),
        (StatusCode::NOT_FOUND, &"NO_VALID_ORIGINATOR_OR_ENDPOINT".into())
    );
    std::fs::write(file, &tenants).expect("written");
    scene
        .command(&["tenants", "apply", file])
        .await
        .exits(0)
        .says(&["applied"]);
    let (status, _) = portal.post(&order).await.expect("an answer");
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn an_unmigrated_postgres_is_told_to_migrate() {
    let Some(server) = support::server() else { return };
    let database = support::postgres(&server).await;
    let scene = Scene::bare(&database, Options::default()).await;
    scene
        .command(&["check"])
        .await
        .exits(1)
        .says(&["database", "run `epaybl-connector migrate`"]);
    scene
        .start("serve", &[])
        .end(60)
        .await
        .exits(1)
        .says(&["run `epaybl-connector migrate`"]);
    scene
        .command(&["tenants", "list"])
        .await
        .exits(1)
        .says(&["run `epaybl-connector migrate`"]);
    scene.command(&["migrate"]).await.exits(0);
    scene
        .command(&["check"])
        .await
        .exits(0)
        .says(&["ok    database", "no route is in force"]);
}

#[tokio::test]
async fn what_somebody_changed_in_the_books_is_named_by_its_row() {
    let database = databases().await.swap_remove(0);
    let scene = Scene::set(&database, Options::default()).await;
    let process = scene.serve().await;
    scene.portal().whole_way(&Order::nth(0)).await;
    process.terminate();
    process.end(30).await.exits(0);
    let mut connection = SqliteConnection::connect(&scene.database_url)
        .await
        .expect("the database");
    let refused = connection.execute("UPDATE booking_line SET cents = 1").await;
    assert!(refused.is_err(), "the triggers refuse it");
    let tampering = [
        (
            "DROP TRIGGER booking_line_no_update",
            "UPDATE booking_line SET cents = cents + 1 WHERE n = 0",
            "booking",
        ),
        (
            "DROP TRIGGER record_no_update",
            "UPDATE record SET bytes = x'00' WHERE position = 3",
            "record",
        ),
    ];
    for (trigger, change, table) in tampering {
        connection
            .execute(trigger)
            .await
            .expect("whoever owns the file can drop it");
        connection.execute(change).await.expect("and change it");
        let said = scene.command(&["audit", "verify"]).await.exits(1);
        assert!(
            said.out.contains("NOT WHOLE") && said.out.contains(table),
            "{}",
            said.all()
        );
    }
}

#[tokio::test]
async fn every_command_explains_itself_and_refuses_what_it_does_not_know() {
    for command in [
        &[][..],
        &["serve"],
        &["sandbox"],
        &["demo"],
        &["migrate"],
        &["check"],
        &["tenants"],
        &["tenants", "plan"],
        &["tenants", "apply"],
        &["tenants", "list"],
        &["client"],
        &["client", "new"],
        &["client", "rotate"],
        &["audit"],
        &["audit", "keygen"],
        &["audit", "verify"],
    ] {
        let help = child::run(&[command, &["--help"]].concat(), &[]).await.exits(0);
        assert!(
            help.out.contains("Usage:") && help.out.lines().count() > 4,
            "{command:?}: {}",
            help.out
        );
        assert!(
            !help.out.starts_with("Usage:"),
            "{command:?} says nothing of what it does"
        );
        let wrong = child::run(&[command, &["--nonsense"]].concat(), &[])
            .await
            .exits(2);
        assert!(wrong.err.contains("--nonsense"), "{}", wrong.err);
    }
    child::run(&["--version"], &[])
        .await
        .exits(0)
        .says(&[env!("CARGO_PKG_VERSION")]);
}

#[tokio::test]
async fn the_demo_shows_two_paid_cases_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let temporary = tempfile::tempdir().expect("a folder");
    let env = [("TMPDIR", temporary.path().to_str().expect("text"))];
    let said = Process::start(folder.path(), "demo", &["demo"], &env)
        .end(60)
        .await
        .exits(0);
    assert_eq!(said.out.matches("PAYED").count(), 2, "{}", said.out);
    assert_eq!(said.out.matches(": balanced").count(), 2, "{}", said.out);
    assert_eq!(
        said.out.matches("recomputed and equal").count(),
        2,
        "{}",
        said.out
    );
    assert_eq!(said.err, "", "nothing to worry about");
    assert_eq!(
        std::fs::read_dir(temporary.path()).expect("it is there").count(),
        0,
        "no folder is left"
    );
}

#[tokio::test]
async fn the_demo_that_stays_can_be_asked_and_ends_with_sigterm() {
    let folder = tempfile::tempdir().expect("a folder");
    let env = [("TMPDIR", folder.path().to_str().expect("text"))];
    let process = Process::start(folder.path(), "demo", &["demo", "--stay"], &env);
    let metrics = patience::until(60, "its addresses", async || {
        let out = process.stdout();
        let (_, rest) = out.split_once("curl -s http")?;
        let base = rest.split("/oauth").next()?;
        out.contains("audit verify")
            .then(|| format!("http{base}/metrics"))
    })
    .await;
    let numbers = http_client()
        .get(metrics)
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert!(numbers.contains("epaybl_requests_total"), "{numbers}");
    process.terminate();
    process.end(30).await.exits(0);
    let left = std::fs::read_dir(folder.path()).expect("it is there").count();
    assert_eq!(left, 2, "what it said, and nothing else");
}

#[tokio::test]
async fn the_sandbox_prints_where_it_is_and_ends_with_sigterm() {
    let folder = tempfile::tempdir().expect("a folder");
    let process = Process::start(
        folder.path(),
        "sandbox",
        &["sandbox", "--listen", "127.0.0.1:0"],
        &[],
    );
    let base = patience::until(30, "its address", async || {
        let out = process.stdout();
        let (_, rest) = out.split_once("base_url")?;
        rest.lines().next().map(|line| line.trim().to_owned())
    })
    .await;
    let status = format!("{base}/epayment/fachverfahren/v1_0/mandanten/1610000000/bewirtschafter/42/status");
    let answer = http_client().get(status).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let taken = base
        .trim_start_matches("http://")
        .split('/')
        .next()
        .expect("an address")
        .to_owned();
    let second = child::run(&["sandbox", "--listen", &taken], &[]).await.exits(1);
    second.says(&["--listen", &taken, "cannot be used"]);
    process.terminate();
    process.end(30).await.exits(0);
}

#[tokio::test]
async fn a_wrong_world_file_is_told_with_its_line_and_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("world.toml");
    let named = path.to_str().expect("text");
    let good = "[[accounts]]\nmandant = \"M1\"\nbewirtschafter = \"B1\"\nname = \"Gemeinde\"\n";
    for (wrong, says) in [
        (
            "sesion_minutes = 3\n",
            vec!["line 5", "sesion_minutes", "session_minutes"],
        ),
        (
            "session_minutes = \"3\"\n",
            vec!["line 5", "session_minutes", "u32"],
        ),
        (
            "bank = { iban = \"DE00999999010000000001\" }\n",
            vec!["accounts[0].bank.iban", "DE00999999010000000001", "check digits"],
        ),
    ] {
        std::fs::write(&path, format!("{good}{wrong}")).expect("written");
        let arguments = ["sandbox", "--listen", "127.0.0.1:0", "--world", named];
        let ended = child::run(&arguments, &[]).await.exits(1);
        ended.says(&says).says(&["--world", named]);
    }
    let missing = ["sandbox", "--world", "/nowhere/world.toml"];
    let ended = child::run(&missing, &[]).await.exits(1);
    ended.says(&["/nowhere/world.toml", "cannot be read"]);
}
