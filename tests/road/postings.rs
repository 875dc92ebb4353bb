//! Files for the cash system: each booking goes out once, what was rejected goes out again under another number, and what
//! was sent is there for ever.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;

use epaybl_connector::app::closings::Preparation;
use epaybl_connector::app::ports::{AuditQuery, StoredPostingFile};
use epaybl_connector::app::postings::{PostingError, Withdrawal};
use epaybl_connector::domain::hkr::LineId;
use epaybl_connector::domain::ids::{ClientId, LedgerId};
use epaybl_connector::sandbox::{Cents, StatementFormat};
use epaybl_connector::statement::camt;
use jiff::civil::{Date, date};

use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::requests::car;
use crate::second::Second;

pub const DAY: i64 = 86_400;
/// Stories begin on Saturday, 21 November 2026.
const TUESDAY: i64 = 3 * DAY;
const MONDAY: Date = date(2026, 11, 23);
/// A Kasse of real money, as far as a story has any.
pub const REAL: &str = "echtkasse";
/// Its route.
pub const ROUTE: &str = "thavel-echt/16065";
const CODES: &str = "accounts = { forderung = \"1400\", \"erloes/*\" = \"4000\", \"verrechnung/*\" = \"1360\", \
                     \"bank/*\" = \"1800\", verwahrung = \"3790\", vorschuss = \"1490\", erstattung = \"3700\", \
                     rueckgebuehr = \"6855\" }";

pub fn ledger() -> LedgerId {
    LedgerId::parse(REAL).expect("an id")
}

/// A Kasse of real money, its authority and route, and persons. `more` stands in the Kasse's entry, `flow` in the route's.
pub async fn with_real_money(world: &World, hkr: &str, more: &str, flow: &str) {
    let kasse = format!(
        "\n[[kasse]]\nid = \"{REAL}\"\nname = \"Echtkasse\"\nenvironment = \"production\"\nrechnungswesen = \"doppisch\"\n\n\
         [kasse.hkr]\n{hkr}\n{CODES}\n\n{more}\n\n[[authority]]\nid = \"echtstadt\"\nkasse = \"{REAL}\"\n\
         name = \"Echtstadt\"\nars = \"160640003003\"\nags = \"16064003\"\n"
    );
    let person = |id: &str, role: &str| {
        format!("\n[[client]]\nid = \"{id}\"\nname = \"{id}\"\nroles = {{ echtstadt = [\"{role}\"] }}\n")
    };
    let persons = ["kasse", "kassenverwalter", "auditor", "anordner"].map(|role| person(role, role));
    world
        .tenants(move |text| {
            let begins = text.find("# Registering a car").expect("the route of cars");
            let ends = text.find("# --- clients").expect("the clients");
            let route = text[begins..ends]
                .replace("thavel-ikfz", "thavel-echt")
                .replace("\"16064\"", "\"16065\"")
                .replace("unstrut-hainich-kreis", "echtstadt")
                .replace("targets = [\"kommunalgateway-unstrut-hainich\"]\n", "")
                .replace("\nsoll = \"accepted\"", &format!("\nsoll = \"accepted\"\n{flow}"));
            let route = match flow {
                "" => route,
                _ => route.replace("expires_after_minutes = 120", "expires_after_minutes = 43200"),
            };
            let text = text.replace(
                "\"thavel-ikfz/16064\"]",
                "\"thavel-ikfz/16064\", \"thavel-echt/16065\"]",
            );
            text + &kasse + &route + &persons.concat()
        })
        .await;
}

pub const CONNECTOR: &str = "postings = \"connector\"\ntemplate = \"neutral-csv\"";
const PROVIDER: &str = "postings = \"provider\"\ntemplate = \"neutral-csv\"";
const TRANSFER: &str = "flow = \"vorkasse\"\ndue_days = 14";

fn iban(world: &World) -> String {
    let account = world.sandbox().bank_account("TH000002", "BW200001");
    account.expect("an account").iban
}

fn account(world: &World) -> String {
    format!(
        "[[kasse.account]]\niban = \"{}\"\nholds = \"exclusive\"",
        iban(world)
    )
}

fn transfer(world: &World, cents: i64, text: &str) {
    let done = world.sandbox().transfer(&iban(world), Cents::new(cents), text);
    done.expect("a transfer");
}

async fn import(world: &World, day: Date) {
    let app = &world.stage().connector.app;
    let text = world
        .sandbox()
        .statement(&iban(world), day, StatementFormat::Camt08);
    let file = Cursor::new(text.expect("the bank wrote a statement").into_bytes());
    let mut intake = app.begin_intake(None).await.expect("Kassen");
    let pieces: Vec<_> = camt::Reader::new(file).collect();
    for piece in pieces {
        intake.take("yesterday", piece).await.expect("the store takes it");
    }
    app.reconcile(&ledger()).await.expect("it is matched");
}

/// Closes everything up to yesterday.
pub async fn close(world: &World) {
    let yesterday = world.now().berlin_day().yesterday().expect("a day before");
    let app = &world.stage().connector.app;
    let closed = app
        .prepare_closing(&ledger(), yesterday)
        .await
        .expect("it can be closed");
    assert!(matches!(closed, Preparation::Prepared(_)), "{closed:?}");
}

pub async fn export(world: &World) -> Vec<StoredPostingFile> {
    let app = &world.stage().connector.app;
    app.export_postings(&ledger(), None)
        .await
        .expect("it can be exported")
}

pub async fn text(world: &World, number: u64) -> String {
    let store = &world.stage().connector.app.store;
    let content = store.posting_content(&ledger(), number).await.expect("the store");
    String::from_utf8(content.expect("a file")).expect("UTF-8")
}

pub async fn lines(world: &World, number: u64, counting: bool) -> Vec<LineId> {
    let store = &world.stage().connector.app.store;
    let lines = store.lines_of_file(&ledger(), number, counting).await;
    lines.expect("the store")
}

pub async fn withdraw(
    world: &World,
    number: u64,
    lines: &[LineId],
    person: &str,
) -> Result<StoredPostingFile, PostingError> {
    let of = Withdrawal {
        ledger: ledger(),
        number,
        lines: lines.iter().copied().collect(),
        person: ClientId::parse(person).expect("an id"),
        reason: "Vom Kassenverfahren abgewiesen, Frau Geheim".to_owned(),
    };
    world.stage().connector.app.withdraw_postings(&of).await
}

/// Every line of the Kasse's bookings before a place of its log.
async fn booked(world: &World, before: u64) -> BTreeSet<LineId> {
    let store = &world.stage().connector.app.store;
    let rows = store.audit_rows(AuditQuery::Bookings, &ledger(), 0, 10_000).await;
    let mut all = BTreeSet::new();
    for row in rows.expect("rows") {
        let position = row["position"].as_u64().expect("a place");
        let count = row["lines"].as_array().map_or(0, Vec::len);
        let lines = (1..=u32::try_from(count).expect("a count")).map(|line| LineId { position, line });
        all.extend(lines.filter(|line| line.position < before));
    }
    all
}

async fn closed(world: &World) -> u64 {
    let store = &world.stage().connector.app.store;
    let newest = store.closing(&ledger(), None).await.expect("the store");
    newest.map_or(0, |closing| closing.size)
}

/// A car's transfer and money that nobody knows are on Monday's statement, and Monday is closed.
async fn a_monday(world: &World) {
    world.open(ROUTE, &car("p-1")).await;
    let kassenzeichen = world.newest().kassenzeichen;
    transfer(world, 3060, &kassenzeichen);
    transfer(world, 4711, "Hundesteuer");
    world.forward(TUESDAY);
    import(world, MONDAY).await;
}

#[tokio::test]
async fn every_booking_goes_out_once_and_what_was_rejected_goes_out_again() {
    with_each_provider(&[soap3()], async |world| {
        with_real_money(world, CONNECTOR, &account(world), TRANSFER).await;
        a_monday(world).await;
        assert_eq!(export(world).await, [], "nothing is closed yet");
        close(world).await;
        let made = export(world).await;
        assert_eq!(made.len(), 1);
        let first = made[0].file.clone();
        assert_eq!((first.number, first.from, first.to), (1, 0, closed(world).await));
        assert_eq!(first.name, "hkr-echtkasse-1.csv");
        let all = booked(world, first.to).await;
        assert_eq!(
            lines(world, 1, true).await,
            all.iter().copied().collect::<Vec<_>>()
        );
        let sent = text(world, 1).await;
        for part in [
            ";3790;47,11;",
            ";4000;30,60;1220.4311;",
            ";GEBUEHR KFZ-ZULASSUNG;",
            ";klaerung;",
        ] {
            assert!(sent.contains(part), "{part} in {sent}");
        }
        assert!(!sent.contains("TEST") && !sent.contains("Hundesteuer"), "{sent}");
        assert_eq!(export(world).await, [], "an empty export makes no file");
        // The cash system rejects all of it.
        for nobody in ["auditor", "anordner", "thavel", "gibt-es-nicht"] {
            let refused = withdraw(world, 1, &[], nobody).await;
            assert!(
                matches!(refused, Err(PostingError::Role(_) | PostingError::Nobody(_))),
                "{nobody}: {refused:?}"
            );
        }
        let withdrawn = withdraw(world, 1, &[], "kasse").await.expect("it is withdrawn");
        assert_eq!(withdrawn.withdrawn, first.lines);
        let again = withdraw(world, 1, &[], "kasse").await;
        assert!(matches!(again, Err(PostingError::Withdrawn(1))), "{again:?}");
        let second = export(world).await[0].file.clone();
        assert_eq!(
            (second.number, second.lines, second.sum),
            (2, first.lines, first.sum)
        );
        assert_eq!((second.from, second.to), (first.to, first.to));
        assert_eq!(text(world, 1).await, sent, "the old one is there as it was");
        // Then it rejects a line of the new one.
        let line = lines(world, 2, true).await[1];
        withdraw(world, 2, &[line], "kassenverwalter")
            .await
            .expect("a line is withdrawn");
        let twice = withdraw(world, 2, &[line], "kassenverwalter").await;
        assert!(
            matches!(twice, Err(PostingError::NoLine { number: 2, .. })),
            "{twice:?}"
        );
        let third = export(world).await[0].file.clone();
        assert_eq!((third.number, third.lines), (3, 1));
        assert_eq!(lines(world, 3, true).await, [line]);
        for table in [
            "posting_file",
            "posting_line",
            "posting_withdrawal",
            "posting_withdrawn",
        ] {
            let changed = world.sql(&format!("DELETE FROM {table}")).await;
            assert!(changed.is_err(), "what was sent stays: {table}");
        }
    })
    .await;
}

#[tokio::test]
async fn where_epaybl_books_itself_only_what_it_cannot_know_goes_out() {
    with_each_provider(&[soap3()], async |world| {
        with_real_money(world, PROVIDER, &account(world), TRANSFER).await;
        a_monday(world).await;
        close(world).await;
        let made = export(world).await;
        assert_eq!(
            (made.len(), made[0].file.lines, made[0].file.sum.get()),
            (1, 1, 4711)
        );
        assert!(text(world, 1).await.contains(";klaerung;"));
        // The Kasse changes its mind: what ePayBL handed over before is not sent again.
        with_real_money(world, CONNECTOR, &account(world), TRANSFER).await;
        assert_eq!(export(world).await, []);
        world.forward(DAY);
        world.open(ROUTE, &car("p-2")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        transfer(world, 3060, &kassenzeichen);
        let wednesday = world.now().berlin_day();
        world.forward(DAY);
        import(world, wednesday).await;
        close(world).await;
        let made = export(world).await;
        let sent = text(world, 2).await;
        assert!(
            sent.contains(";sollstellung;") && sent.contains(";gutschrift;"),
            "{sent}"
        );
        assert!(made[0].file.from >= 1 && made[0].file.postings == "connector");
    })
    .await;
}

#[tokio::test]
async fn a_test_kasse_sends_nothing_and_shows_what_it_would() {
    with_each_provider(&[soap3()], async |world| {
        let test = LedgerId::parse("kreiskasse-unstrut-hainich").expect("an id");
        let app = &world.stage().connector.app;
        let refused = app.export_postings(&test, None).await;
        let why = refused.expect_err("a test").to_string();
        assert!(
            why.contains("of the TEST environment: no real money moved"),
            "{why}"
        );
        world
            .tenants(|text| {
                let hkr = format!("rechnungswesen = \"doppisch\"\n\n[kasse.hkr]\n{CONNECTOR}\n{CODES}\n");
                text.replace("rechnungswesen = \"doppisch\"\n", &hkr)
            })
            .await;
        assert!(matches!(
            app.export_postings(&test, None).await,
            Err(PostingError::Test(_))
        ));
        assert_eq!(app.preview_postings(&test).await.expect("a preview"), None);
        world.open(CAR, &car("p-3")).await;
        world.forward(TUESDAY);
        app.prepare_closing(&test, MONDAY).await.expect("it is closed");
        let shown = app
            .preview_postings(&test)
            .await
            .expect("a preview")
            .expect("a file");
        assert!(shown.name.starts_with("TEST-"), "{}", shown.name);
        assert!(String::from_utf8_lossy(&shown.content).contains(";TEST;"));
        assert_eq!(world.number("SELECT count(*) FROM posting_file").await, 0);
    })
    .await;
}

#[tokio::test]
async fn two_connectors_at_once_give_no_number_and_no_booking_twice() {
    with_each_provider(&[soap3()], async |world| {
        with_real_money(world, CONNECTOR, "", "").await;
        for number in 0..3 {
            world.open(ROUTE, &car(&format!("p-{number}"))).await;
        }
        world.forward(DAY);
        close(world).await;
        let second = Second::start(world).await;
        for round in 1..=3 {
            let app = Arc::clone(&second.app);
            let other = second.does(async move { app.export_postings(&ledger(), None).await });
            let ours = export(world).await;
            let theirs = other.await.expect("the other one").expect("theirs");
            assert_eq!(ours.len() + theirs.len(), 1, "{ours:?} {theirs:?}");
            let made = ours.iter().chain(&theirs).next().expect("a file");
            assert_eq!(made.file.number, round);
            withdraw(world, round, &[], "kasse")
                .await
                .expect("it is withdrawn");
        }
        second.kill();
    })
    .await;
}

/// A small generator of its own: the same histories on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }
}

#[tokio::test]
async fn whatever_is_exported_and_withdrawn_each_booking_is_in_one_file_that_counts() {
    with_each_provider(&[soap3()], async |world| {
        with_real_money(world, CONNECTOR, "", "").await;
        let mut dice = Dice(20_261_121);
        for step in 0..25 {
            match dice.below(4) {
                0 => {
                    let page = world.open(ROUTE, &car(&format!("r-{step}"))).await;
                    if dice.below(2) == 0 {
                        world.pay(&page, "KREDITKARTE").await;
                        world.sweep().await;
                    }
                    world.forward(DAY);
                    close(world).await;
                }
                1 => {
                    export(world).await;
                }
                _ => {
                    let store = &world.stage().connector.app.store;
                    let (newest, _) = store.posting_reach(&ledger()).await.expect("the store");
                    if newest == 0 {
                        continue;
                    }
                    let number = 1 + dice.below(usize::try_from(newest).expect("small")) as u64;
                    let mut counting = lines(world, number, true).await;
                    counting.retain(|_| dice.below(2) == 0);
                    if !counting.is_empty() {
                        withdraw(world, number, &counting, "kasse")
                            .await
                            .expect("it is withdrawn");
                    }
                }
            }
            counts_once(world).await;
        }
        export(world).await;
        let waiting = counts_once(world).await;
        assert_eq!(waiting, 0, "everything that is closed is in a file that counts");
    })
    .await;
}

/// That no line counts twice, and how many closed ones count in no file.
async fn counts_once(world: &World) -> usize {
    let store = &world.stage().connector.app.store;
    let (newest, passed) = store.posting_reach(&ledger()).await.expect("the store");
    let mut counting = BTreeSet::new();
    let mut ever = BTreeSet::new();
    for number in 1..=newest {
        for line in lines(world, number, true).await {
            assert!(counting.insert(line), "{line} counts twice");
        }
        ever.extend(lines(world, number, false).await);
    }
    assert_eq!(ever, booked(world, passed).await, "what was passed was sent");
    booked(world, closed(world).await)
        .await
        .difference(&counting)
        .count()
}
