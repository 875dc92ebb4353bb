//! Statements of accounts: whose they are, what goes back, the drop folder, and what must never be seen.

use std::fs;
use std::path::Path;

use epaybl_connector::app::reconcile::Reach;
use epaybl_connector::app::statements::Outcome;
use epaybl_connector::sandbox::Cents;

use crate::bank::{Line, Statement, file};
use crate::kit::{CAR, World, on_every_database, with_each_provider};
use crate::providers::soap3;
use crate::requests::car;
use crate::statements::{KASSE, by_transfer, iban};
use crate::statements_disorder::{app, awaited, day, reconcile, statement, take};

const CITY: &str = "stadtkasse-bad-langensalza";
const CITY_IBAN: &str = "DE89370400440532013000";
const DAY: i64 = 86_400;

fn numbered(world: &World, number: u32, opening: i64, lines: Vec<Line>) -> Statement {
    Statement {
        number: Some(number),
        opening: Some(opening),
        ..statement(world, &format!("S{number}"), lines)
    }
}

/// The Kasse has the sandbox's account.
async fn account_of(world: &World, more: &str) {
    let entry = format!(
        "rechnungswesen = \"doppisch\"\n\n[[kasse.account]]\niban = \"{}\"\n{more}\n",
        iban(world)
    );
    world
        .tenants(move |text| text.replace("rechnungswesen = \"doppisch\"\n", &entry))
        .await;
}

#[tokio::test]
async fn a_return_that_the_bank_tells_first_reopens_the_case_and_the_portal_keeps_its_answer() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "").await;
        let kz = awaited(world, "r-1").await;
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(3060), &kz)
            .expect("a transfer");
        world.live(3 * DAY, DAY / 4).await;
        let purpose = format!("Kfz {kz}");
        take(
            app(world),
            &[numbered(world, 1, 0, vec![Line::new(day(0), 3060, &purpose)])],
        )
        .await;
        reconcile(app(world)).await;
        assert_eq!(world.status(CAR, "r-1").await, "PAYED");
        world.forward(3 * DAY);
        let back = vec![Line::back(day(2), 3060, 300, &purpose)];
        take(app(world), &[numbered(world, 2, 3060, back)]).await;
        reconcile(app(world)).await;
        let booked = world.bookings().await;
        let bank = format!("bank/{}", iban(world));
        let returned: Vec<&String> = booked
            .iter()
            .filter(|line| line.contains(&format!("an {bank}")))
            .collect();
        assert_eq!(returned.len(), 1, "{booked:?}");
        assert!(
            returned[0].starts_with("rueckgabe: verrechnung/")
                && returned[0].contains(" 30.60")
                && returned[0].ends_with(&format!("an {bank} 3.00"))
                && returned[0].contains("rueckgebuehr"),
            "{returned:?}"
        );
        assert_eq!(world.status(CAR, "r-1").await, "PAYED");
        let heard = world.heard().await;
        assert!(
            heard.ends_with(&["payment.returned.v1".to_owned(), "case.reopened.v1".to_owned()]),
            "{heard:?}"
        );
        // ePayBL says so a day later, and it is no news.
        world.sandbox().return_money(&kz, None).expect("money goes back");
        world.live(3 * DAY, DAY / 4).await;
        assert_eq!(world.bookings().await, booked);
        assert_eq!(world.heard().await, heard);
        assert_eq!(world.status(CAR, "r-1").await, "PAYED");
        let again = vec![Line::back(day(2), 3060, 300, &purpose)];
        take(app(world), &[statement(world, "export", again)]).await;
        reconcile(app(world)).await;
        assert_eq!(world.bookings().await, booked);
    })
    .await;
}

#[tokio::test]
async fn a_return_that_comes_in_before_its_payment_is_taken_off_the_advance() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "holds = \"exclusive\"").await;
        let kz = awaited(world, "r-9").await;
        world.forward(9 * DAY);
        let purpose = format!("Kfz {kz} danke");
        let paid = numbered(world, 1, 0, vec![Line::new(day(0), 3060, &purpose)]);
        let back = vec![Line::back(day(2), 3060, 300, &purpose)];
        take(app(world), &[numbered(world, 2, 3060, back)]).await;
        reconcile(app(world)).await;
        assert_eq!(world.exceptions().await, ["rueckgabe_unklar"]);
        take(app(world), &[paid]).await;
        reconcile(app(world)).await;
        let bookings = world.bookings().await;
        let last: Vec<&str> = bookings.iter().rev().take(1).map(String::as_str).collect();
        let expected =
            "rueckgabe: verrechnung/epaybl/UEBERWEISUNG an vorschuss 30.60, rueckgebuehr an vorschuss 3.00";
        assert_eq!(last, [expected], "{bookings:#?}");
        let ledger = epaybl_connector::domain::ids::LedgerId::parse(KASSE).expect("an id");
        let open = app(world)
            .worklist(&ledger, false, None, 10)
            .await
            .expect("the worklist");
        let codes: Vec<_> = open.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(codes, ["ruecklastschrift"], "the advance has resolved itself");
        assert_eq!(world.status(CAR, "r-9").await, "PAYED");
        let heard = world.heard().await;
        assert_eq!(
            heard.last().map(String::as_str),
            Some("case.reopened.v1"),
            "{heard:?}"
        );
        let advance =
            "SELECT CAST(sum(debit_cents - credit_cents) AS BIGINT) FROM balance WHERE account = 'vorschuss'";
        assert_eq!(world.number(advance).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_debit_that_was_returned_before_any_statement_is_settled_on_both_sides() {
    for returned_first in [false, true] {
        on_every_database(async |world| {
            account_of(world, "holds = \"exclusive\"").await;
            world.paid(CAR, &car("d-1"), "SEPASDD").await;
            let kz = world.newest().kassenzeichen;
            world.sandbox().return_money(&kz, None).expect("money goes back");
            world.live(2 * DAY, DAY / 4).await;
            assert_eq!(world.exceptions().await, ["ruecklastschrift"]);
            let heard = world.heard().await;
            let purpose = format!("Kfz {kz}");
            let came = Line::new(day(2), 3060, &purpose);
            let went = Line::back(day(2), 3060, 300, &purpose);
            let lines = if returned_first {
                [went, came]
            } else {
                [came, went]
            };
            for (line, n) in lines.into_iter().zip(1..) {
                let opening = if n == 1 {
                    0
                } else if returned_first {
                    -3360
                } else {
                    3060
                };
                take(app(world), &[numbered(world, n, opening, vec![line])]).await;
                reconcile(app(world)).await;
            }
            assert_eq!(
                world.exceptions().await,
                ["ruecklastschrift"],
                "nothing is unknown"
            );
            let open = "SELECT CAST(sum(abs(debit_cents - credit_cents)) AS BIGINT) FROM balance \
                WHERE account LIKE 'verrechnung/%' OR account IN ('verwahrung', 'vorschuss')";
            assert_eq!(world.number(open).await, 0, "{:#?}", world.bookings().await);
            assert_eq!(world.heard().await, heard, "both were known");
        })
        .await;
    }
}

#[tokio::test]
async fn a_statement_belongs_to_the_kasse_of_its_account_and_an_unknown_account_is_told() {
    with_each_provider(&[soap3()], async |world| {
        let account = |iban: &str| format!("\n[[kasse.account]]\niban = \"{iban}\"\nholds = \"exclusive\"\n");
        let (county, city) = (account(&iban(world)), account(CITY_IBAN));
        world
            .tenants(move |text| {
                text.replace(
                    "rechnungswesen = \"doppisch\"\n",
                    &format!("rechnungswesen = \"doppisch\"\n{county}"),
                )
                .replace(
                    "rechnungswesen = \"kameral\" # kameral, doppisch or land\n",
                    &format!("rechnungswesen = \"kameral\"\n{city}"),
                )
            })
            .await;
        world.forward(9 * DAY);
        let of = |iban: &str, cents| Statement {
            iban: iban.to_owned(),
            ..statement(world, "S1", vec![Line::new(day(0), cents, "Hundesteuer")])
        };
        let unknown = "DE02120300000000202051";
        let file = [of(CITY_IBAN, 100), of(unknown, 200), of(&iban(world), 400)];
        let taken = take(app(world), &file).await;
        assert!(
            matches!(&taken[..], [
                Outcome::Filed { ledger: first, .. },
                Outcome::NoAccount { why },
                Outcome::Filed { ledger: last, .. },
            ] if first.as_str() == CITY && last.as_str() == KASSE && why.contains(unknown)),
            "{taken:?}"
        );
        let done = app(world).reconcile_all(Reach::Whole).await.expect("Kassen");
        assert_eq!(done.len(), 2);
        assert!(done.iter().all(|(_, done)| done.unclear == 1), "{done:?}");
        for (kasse, cents) in [(CITY, 100), (KASSE, 400)] {
            let booked =
                format!("SELECT CAST(sum(cents) AS BIGINT) FROM booking_line WHERE ledger_id = '{kasse}'");
            assert_eq!(world.number(&booked).await, cents, "{kasse}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_providers_word_after_the_statement_is_matched_with_the_next_round() {
    with_each_provider(&[soap3()], async |world| {
        // Not awaited as a transfer, so that the bank's word alone settles nothing.
        account_of(world, "").await;
        let pay_url = world.open(CAR, &car("w-1")).await;
        let kz = world.newest().kassenzeichen;
        take(
            app(world),
            &[statement(world, "E1", vec![Line::new(day(0), 3060, &kz)])],
        )
        .await;
        let before = app(world).reconcile_all(Reach::Whole).await.expect("Kassen");
        assert_eq!(before[0].1.settled, 0);
        world.pay(&pay_url, "SEPASDD").await;
        world.live(DAY, DAY / 8).await;
        assert_eq!(world.status(CAR, "w-1").await, "PAYED");
        let after = app(world).reconcile_all(Reach::Whole).await.expect("Kassen");
        assert_eq!((after.len(), after[0].1.settled), (1, 1), "{after:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_nobodys_for_weeks_is_looked_at_once_a_day_and_still_found() {
    on_every_database(async |world| {
        account_of(world, "").await;
        let pay_url = world.open(CAR, &car("o-1")).await;
        let kz = world.newest().kassenzeichen;
        take(
            app(world),
            &[statement(world, "E1", vec![Line::new(day(0), 3060, &kz)])],
        )
        .await;
        world.pay(&pay_url, "SEPASDD").await;
        world.idle().await;
        let looked_at = async |reach| {
            let done = app(world).reconcile_all(reach).await.expect("Kassen");
            (done[0].1.looked_at, done[0].1.settled)
        };
        world.forward(36 * DAY);
        assert_eq!(looked_at(Reach::Recent).await, (0, 0));
        assert_eq!(looked_at(Reach::Whole).await, (1, 1));
    })
    .await;
}

#[tokio::test]
async fn the_audit_names_a_claim_of_a_payment_that_somebody_changed() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "").await;
        let kz = awaited(world, "a-1").await;
        world.forward(9 * DAY);
        take(app(world), &[statement(world, "E1", vec![Line::new(day(0), 3060, &kz)])]).await;
        reconcile(app(world)).await;
        let triggers = if world.is_postgres() {
            vec!["no_change ON bank_match"]
        } else {
            vec!["no_update", "no_delete"]
        };
        world
            .sql("CREATE TABLE kept AS SELECT * FROM bank_match")
            .await
            .expect("a copy");
        for trigger in triggers {
            world
                .sql(&format!("DROP TRIGGER bank_match_{trigger}"))
                .await
                .expect("the trigger is there");
        }
        let verified = async || {
            let verified = app(world).verify_audit().await;
            verified.err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert_eq!(verified().await, "");
        for tamper in [
            "UPDATE bank_match SET cents = cents + 1",
            "UPDATE bank_match SET rule = 'klaerung'",
            "UPDATE bank_match SET evidence = ''",
            "UPDATE bank_match SET entry = entry + 1",
            "UPDATE bank_match SET attempt_id = NULL",
            "DELETE FROM bank_match",
            "INSERT INTO bank_match SELECT ledger_id, 0, statement_id, entry, detail, case_id, attempt_id, subject, \
             rule, evidence, cents FROM kept",
        ] {
            world.sql(tamper).await.expect(tamper);
            assert!(verified().await.contains("bank_match"), "{tamper}: {}", verified().await);
            world
                .sql("DELETE FROM bank_match; INSERT INTO bank_match SELECT * FROM kept")
                .await
                .expect("mended");
        }
        assert_eq!(verified().await, "");
    })
    .await;
}

#[tokio::test]
async fn what_a_payer_is_called_and_writes_is_in_no_column() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "holds = \"exclusive\"").await;
        let kz = awaited(world, "p-1").await;
        world.forward(9 * DAY);
        let lines = vec![
            Line::new(day(0), 3060, &format!("Geheimzweck {kz}")),
            Line::new(day(0), 999, "Geheimzweck ohne Zeichen"),
            Line::back(day(1), 3060, 300, &format!("Geheimzweck {kz}")),
            Line::new(day(1), -50, "Geheimzweck Gebuehr"),
        ];
        take(app(world), &[statement(world, "E1", lines)]).await;
        reconcile(app(world)).await;
        world.deliver().await;
        let columns = if world.is_postgres() {
            "SELECT table_name || '.' || column_name FROM information_schema.columns \
             WHERE table_schema = current_schema() ORDER BY 1"
        } else {
            "SELECT t.name || '.' || c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
             WHERE t.type = 'table' ORDER BY 1"
        };
        let columns = world.texts(columns).await;
        assert!(columns.len() > 100);
        let found = async |table: &str, columns: &[&str], needle: &str| {
            let (hex, needle) = (data_encoding::HEXLOWER.encode(needle.as_bytes()), needle.to_lowercase());
            let bytes = if world.is_postgres() { "" } else { "hex" };
            let conditions: Vec<String> = columns
                .iter()
                .map(|name| {
                    format!(
                        "lower({bytes}(\"{name}\")::text) LIKE '%{hex}%' OR lower(\"{name}\"::text) LIKE '%{needle}%'"
                    )
                })
                .map(|condition| {
                    if world.is_postgres() {
                        condition
                    } else {
                        condition.replace("::text", "")
                    }
                })
                .collect();
            let sql = format!("SELECT count(*) FROM \"{table}\" WHERE {}", conditions.join(" OR "));
            world.number(&sql).await
        };
        let columns: Vec<(&str, &str)> = columns
            .iter()
            .map(|column| column.split_once('.').expect("table.column"))
            .collect();
        for of_table in columns.chunk_by(|one, other| one.0 == other.0) {
            let names: Vec<&str> = of_table.iter().map(|(_, name)| *name).collect();
            for needle in ["Zacharias", "Zahler", "Geheimzweck", "DE02120300000000202051"] {
                let table = of_table[0].0;
                assert_eq!(found(table, &names, needle).await, 0, "«{needle}» in {table}");
            }
        }
        assert!(found("record", &["bytes"], "klaerung").await > 0, "the search finds what is there");
    })
    .await;
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name != ".lock")
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_is_dropped_into_the_folder_is_taken_in_and_what_is_wrong_is_explained_beside_it() {
    on_every_database(async |world| {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        let section = format!("\n[statements]\ndrop_folder = \"{}\"\n", path.display());
        world.reconfigure(|text| text + &section).await;
        by_transfer(world, "holds = \"exclusive\"").await;
        world.forward(9 * DAY);
        let look = async |world: &World| {
            let done = app(world)
                .look_into_drop_folder()
                .await
                .expect("the folder is there");
            (done.done, done.refused, done.left)
        };
        let good = file(&[numbered(
            world,
            1,
            0,
            vec![Line::new(day(0), 4711, "Hundesteuer")],
        )]);
        let wrong = file(&[numbered(world, 2, 4711, vec![Line::new(day(1), 100, "Eis")])]);
        let wrong = wrong.replacen("<Amt Ccy=\"EUR\">1.00</Amt>", "<Amt Ccy=\"EUR\">1.01</Amt>", 1);
        let elsewhere = good.replace(&iban(world), CITY_IBAN);
        let nobodys = good.replace(&format!("<IBAN>{}</IBAN>", iban(world)), "");
        for (name, text) in [
            ("gut.xml", &good),
            ("falsch.xml", &wrong),
            ("fremd.xml", &elsewhere),
            ("niemandes.xml", &nobodys),
            ("brief.pdf", &"%PDF-1.7".to_owned()),
            ("halb.xml.part", &good),
        ] {
            fs::write(path.join(name), text).expect("written");
        }
        assert_eq!(look(world).await, (0, 0, 0), "it may still be being written");
        world.forward(10);
        // The store is not there: everything stays where it is.
        world
            .sql("ALTER TABLE statement RENAME TO gone")
            .await
            .expect("renamed");
        let (done, _, left) = look(world).await;
        assert_eq!((done, left), (0, 2), "what needs the store");
        world
            .sql("ALTER TABLE gone RENAME TO statement")
            .await
            .expect("renamed");
        world.forward(60);
        let (done, refused, left) = look(world).await;
        assert_eq!((done, refused, left), (1, 1, 0));
        assert_eq!(
            world.exceptions().await,
            ["unbekannter_zahlungseingang"],
            "it was matched at once"
        );
        assert_eq!(names(path), ["done", "halb.xml.part", "refused"]);
        assert_eq!(names(&path.join("done")).len(), 1);
        let refused = names(&path.join("refused"));
        assert_eq!(refused.len(), 8, "{refused:?}");
        for (name, words) in [
            ("falsch.xml", ["Zu tun", "To do", "Auszug / statement 2"]),
            ("fremd.xml", ["Kein Konto", "no account of a Kasse", CITY_IBAN]),
            (
                "niemandes.xml",
                ["sagt nicht, zu welchem Konto", "whose account", "anew"],
            ),
            ("brief.pdf", ["Abgelehnt / refused", "PDF", "put right"]),
        ] {
            let text = refused
                .iter()
                .find(|there| there.ends_with(&format!("-{name}.txt")))
                .expect("a text beside it");
            let text = fs::read_to_string(path.join("refused").join(text)).expect("text");
            for word in words {
                assert!(text.contains(word), "{word} is not in {text}");
            }
        }
        // The same once more: known, and nothing is overwritten.
        fs::write(path.join("gut.xml"), &good).expect("written");
        look(world).await;
        world.forward(10);
        assert_eq!(look(world).await, (1, 0, 0));
        assert_eq!(names(&path.join("done")).len(), 2);
        assert_eq!(world.booked().await.len(), 1);
    })
    .await;
}
