//! Files for the cash system over HTTP, across the turn of the year, and under an auditor's eyes.

use epaybl_connector::config::tenants;
use serde_json::json;

use crate::kit::{World, with_each_provider};
use crate::postings::{
    CONNECTOR, DAY, REAL, ROUTE, close, export, ledger, lines, text, with_real_money, withdraw,
};
use crate::providers::soap3;
use crate::requests::{Answer, car};

#[tokio::test]
async fn the_cash_office_fetches_and_withdraws_files_and_auditors_read_them() {
    with_each_provider(&[soap3()], async |world| {
        with_real_money(world, CONNECTOR, "", "").await;
        world.open(ROUTE, &car("a-1")).await;
        world.forward(DAY);
        close(world).await;
        let mut secrets = std::collections::BTreeMap::new();
        for person in ["kasse", "auditor", "anordner"] {
            let secret = world.stage().client_secret(person).await.expect("a secret");
            secrets.insert(person, secret);
        }
        let path = |rest: &str| world.url(&format!("/api/v1/kassen/{REAL}/postings{rest}"));
        let get = async |person: &str, rest: &str| {
            let request = world.http.get(path(rest));
            Answer::of(request.basic_auth(person, Some(&secrets[person]))).await
        };
        let post = async |person: &str, rest: &str, body: serde_json::Value| {
            let request = world.http.post(path(rest)).json(&body);
            Answer::of(request.basic_auth(person, Some(&secrets[person]))).await
        };
        for nobody in ["auditor", "anordner"] {
            assert_eq!(post(nobody, "", json!({})).await.status, 403);
        }
        let made = post("kasse", "", json!({})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        let file = &made.body["files"][0];
        assert_eq!((&file["number"], &file["person"]), (&json!(1), &json!("kasse")));
        assert_eq!(post("kasse", "", json!({})).await.body, json!({"files": []}));
        let fetched = get("auditor", "/1").await;
        assert_eq!((fetched.status, &fetched.text), (200, &text(world, 1).await));
        assert_eq!(fetched.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(
            fetched.header("content-disposition"),
            "attachment; filename=\"hkr-echtkasse-1.csv\""
        );
        assert_eq!(get("anordner", "/1").await.status, 403);
        for nothing in ["/2", "/0", "/x", "/-1"] {
            assert_eq!(get("kasse", nothing).await.status, 404, "{nothing}");
        }
        let reason = json!({"reason": "Satzart unbekannt"});
        assert_eq!(
            post("auditor", "/1/withdrawals", reason.clone()).await.status,
            403
        );
        for (wrong, status) in [
            (json!({"reason": " "}), 400),
            (json!({}), 400),
            (json!({"reason": "x", "lines": ["1"]}), 400),
            (json!({"reason": "x", "lines": ["999/1"]}), 409),
        ] {
            assert_eq!(post("kasse", "/1/withdrawals", wrong).await.status, status);
        }
        let withdrawn = post("kasse", "/1/withdrawals", reason.clone()).await;
        assert_eq!(withdrawn.status, 201, "{}", withdrawn.text);
        assert_eq!(withdrawn.body["withdrawn"], withdrawn.body["lines"]);
        assert_eq!(post("kasse", "/1/withdrawals", reason).await.status, 409);
        assert_eq!(post("kasse", "", json!({})).await.body["files"][0]["number"], 2);
        let listed = get("auditor", "").await;
        assert_eq!(listed.body["files"].as_array().map(Vec::len), Some(2));
        assert!(!listed.text.contains("Satzart"), "reasons are personal");
        assert_eq!(get("anordner", "").await.status, 403);
    })
    .await;
}

/// Somebody with all rights takes the locks off a table.
pub async fn without_triggers(world: &World, table: &str) {
    let triggers = if world.is_postgres() {
        vec![format!("no_change ON {table}")]
    } else {
        vec!["no_update".to_owned(), "no_delete".to_owned()]
    };
    for trigger in triggers {
        let dropped = world.sql(&format!("DROP TRIGGER {table}_{trigger}")).await;
        dropped.expect("who owns the database can drop it");
    }
}

#[tokio::test]
async fn whoever_changes_what_was_sent_is_found_by_the_audit() {
    with_each_provider(&[soap3()], async |world| {
        with_real_money(world, CONNECTOR, "", "").await;
        world.open(ROUTE, &car("v-1")).await;
        world.open(ROUTE, &car("v-2")).await;
        world.forward(DAY);
        close(world).await;
        let sum = export(world).await[0].file.sum.get();
        let line = lines(world, 1, true).await[0];
        withdraw(world, 1, &[line], "kasse")
            .await
            .expect("it is withdrawn");
        for table in [
            "posting_file",
            "posting_line",
            "posting_withdrawal",
            "posting_withdrawn",
        ] {
            without_triggers(world, table).await;
        }
        let hex = data_encoding::HEXLOWER.encode(text(world, 1).await.as_bytes());
        let bytes = |hex: &str| {
            if world.is_postgres() {
                format!("UPDATE posting_file SET content = decode('{hex}', 'hex')")
            } else {
                format!("UPDATE posting_file SET content = x'{hex}'")
            }
        };
        let extra = format!("'{REAL}', {}, 99", line.position);
        for (change, back, told) in [
            (
                "UPDATE posting_file SET sum_cents = 1".to_owned(),
                format!("UPDATE posting_file SET sum_cents = {sum}"),
                "column sum_cents is not what the log says",
            ),
            (
                bytes("00"),
                bytes(&hex),
                "column content is not what was recorded",
            ),
            (
                format!("INSERT INTO posting_line (ledger_id, position, line, number) VALUES ({extra}, 1)"),
                "DELETE FROM posting_line WHERE line = 99".to_owned(),
                "posting_line echtkasse/1: its lines are not those that were recorded",
            ),
            (
                "UPDATE posting_withdrawn SET position = (SELECT max(position) FROM posting_line)".to_owned(),
                format!("UPDATE posting_withdrawn SET position = {}", line.position),
                "posting_withdrawn echtkasse/",
            ),
            (
                "UPDATE posting_withdrawal SET person = 'niemand'".to_owned(),
                "UPDATE posting_withdrawal SET person = 'kasse'".to_owned(),
                "column person is not what the log says",
            ),
        ] {
            world.sql(&change).await.expect("and change it");
            let found = world.stage().connector.app.verify_audit().await;
            let found = found.expect_err(&change).to_string();
            assert!(found.contains(told), "{change}: {found}");
            world.sql(&back).await.expect("as it was");
            world.everything_is_whole().await;
        }
    })
    .await;
}

#[tokio::test]
async fn the_turn_of_the_year_needs_nobody() {
    let datev = "postings = \"connector\"\ntemplate = \"datev-extf\"\nwith_closing = true\nparameters = { berater = \"1001\", \
                 mandant = \"1\", wj_beginn = \"2026-01-01\", sachkontenlaenge = \"4\", festschreibung = \"0\" }";
    with_each_provider(&[soap3()], async |world| {
        with_real_money(world, datev, "", "").await;
        // Opened on 31 December and on 1 January, and closed together.
        world.forward(40 * DAY);
        world.open(ROUTE, &car("y-1")).await;
        world.forward(DAY);
        world.open(ROUTE, &car("y-2")).await;
        world.forward(3 * DAY);
        let app = &world.stage().connector.app;
        assert_eq!(
            app.export_with_closing(&ledger(), None)
                .await
                .expect("nothing is closed"),
            None
        );
        close(world).await;
        let made = app
            .export_with_closing(&ledger(), None)
            .await
            .expect("they are made");
        let (closing, files) = made.expect("a closing");
        let days: Vec<String> = files.iter().map(|stored| stored.file.first.to_string()).collect();
        assert_eq!((closing, days.join(" ").as_str()), (1, "2026-12-31 2027-01-01"));
        assert_eq!(
            app.export_with_closing(&ledger(), Some(1))
                .await
                .expect("it is done"),
            None
        );
        for (number, year) in [(1, "20260101"), (2, "20270101")] {
            let store = &app.store;
            let sent = store.posting_content(&ledger(), number).await.expect("the store");
            let sent = sent.expect("a file");
            let head = String::from_utf8_lossy(&sent)
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
            assert!(
                head.starts_with("\"EXTF\";700;21;") && head.contains(&format!(";{year};4;")),
                "{head}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_that_is_still_needed_cannot_be_taken_out() {
    with_each_provider(&[soap3()], async |world| {
        with_real_money(world, CONNECTOR, "", "").await;
        world.open(ROUTE, &car("k-1")).await;
        world.idle().await;
        let app = &world.stage().connector.app;
        let kasse = |codes: &str| {
            format!(
                "[[kasse]]\nid = \"{REAL}\"\nname = \"Echtkasse\"\nenvironment = \"production\"\n\
                 rechnungswesen = \"doppisch\"\n[kasse.hkr]\n{CONNECTOR}\n[kasse.hkr.accounts]\n{codes}\n"
            )
        };
        let fixed = "forderung = \"1\"\nverwahrung = \"2\"\nvorschuss = \"3\"\nerstattung = \"4\"\nrueckgebuehr = \"5\"\n\
                     \"verrechnung/*\" = \"6\"";
        let plan = async |codes: &str| {
            let wanted = tenants::parse(&kasse(codes)).expect("by itself the file is right");
            app.plan_tenants(&wanted, false).await.map_err(|error| error.to_string())
        };
        // The route is not in this file, and stays in force.
        let refused = plan(fixed).await.expect_err("its title has no code");
        assert_eq!(
            refused,
            "kasse echtkasse.hkr.accounts.«erloes/1220.4311»: needs a code: what is in force or booked already reaches it"
        );
        let fits = plan(&format!("{fixed}\n\"erloes/1220.4311\" = \"7\"")).await;
        assert!(fits.is_ok(), "{fits:?}");
    })
    .await;
}
