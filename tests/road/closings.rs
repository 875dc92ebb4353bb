//! Closings: an ordinary day closes by itself and is signed; a missing statement holds it, an exception does not; what
//! comes later belongs to the open day.

use std::io::Cursor;
use std::sync::Arc;

use epaybl_connector::app::closings::{ClosingError, Cutting, Preparation};
use epaybl_connector::domain::closing::{AccountName, Closing, Hold, SignError, SignerRole};
use epaybl_connector::domain::ids::LedgerId;
use epaybl_connector::export::closing::{Wording, pdf};
use epaybl_connector::sandbox::{Cents, StatementFormat};
use epaybl_connector::statement::camt;
use jiff::civil::{Date, date};

use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::requests::car;
use crate::second::Second;

const DAY: i64 = 86_400;
/// Stories begin on Saturday, 21 November 2026, at a quarter past eleven.
const TUESDAY: i64 = 3 * DAY;
const MONDAY: Date = date(2026, 11, 23);
const KASSE: &str = "kreiskasse-unstrut-hainich";

fn ledger() -> LedgerId {
    LedgerId::parse(KASSE).expect("an id")
}

fn iban(world: &World) -> String {
    let account = world.sandbox().bank_account("TH000002", "BW200001");
    account.expect("an account").iban
}

/// The Kasse has an account of its own, and these rules of closing.
async fn with_account(world: &World, rules: &str) {
    let entry = format!(
        "rechnungswesen = \"doppisch\"\nclosing = {{ {rules} }}\n\n[[kasse.account]]\niban = \"{}\"\nholds = \"exclusive\"\n",
        iban(world)
    );
    world
        .tenants(move |text| {
            text.replace("expires_after_minutes = 120", "expires_after_minutes = 43200")
                .replace(
                    "\nsoll = \"accepted\"",
                    "\nsoll = \"accepted\"\nflow = \"vorkasse\"\ndue_days = 14",
                )
                .replace("rechnungswesen = \"doppisch\"\n", &entry)
        })
        .await;
}

fn transfer(world: &World, cents: i64, text: &str) {
    let done = world.sandbox().transfer(&iban(world), Cents::new(cents), text);
    done.expect("a transfer");
}

/// Takes the statement of a day in and matches it.
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

async fn due(world: &World) -> Preparation {
    let app = &world.stage().connector.app;
    let done = app.prepare_closings().await.expect("the Kassen");
    let of = done.into_iter().find(|(kasse, _)| *kasse == ledger());
    of.expect("it is after the hour of closing")
        .1
        .expect("it can be prepared")
}

async fn prepared(world: &World) -> Closing {
    match due(world).await {
        Preparation::Prepared(closing) => *closing,
        other => panic!("it is prepared: {other:?}"),
    }
}

/// A car is paid by transfer, and its statement is in on Tuesday.
async fn paid_on_monday(world: &World, id: &str) {
    world.open(CAR, &car(id)).await;
    let kassenzeichen = world.newest().kassenzeichen;
    transfer(world, 3060, &kassenzeichen);
    world.forward(TUESDAY);
}

fn adds_up(closing: &Closing) {
    assert!(closing.check().is_empty(), "{:?}", closing.check());
    assert!(closing.holds().is_empty(), "{:?}", closing.holds());
}

#[tokio::test]
async fn an_ordinary_day_closes_by_itself_and_is_signed() {
    with_each_provider(&[soap3()], async |world| {
        with_account(world, "freigabe = \"20.2-902.41\"").await;
        assert_eq!(due(world).await, Preparation::Nothing, "the Kasse is new today");
        paid_on_monday(world, "c-1").await;
        import(world, MONDAY).await;
        let closing = prepared(world).await;
        adds_up(&closing);
        assert_eq!((closing.number, closing.to), (1, MONDAY));
        assert_eq!(closing.from, date(2026, 11, 21));
        assert!(closing.test && closing.previous.is_none());
        assert_eq!(closing.program.freigabe.as_deref(), Some("20.2-902.41"));
        let [bank] = &closing.banks[..] else {
            panic!("{:?}", closing.banks)
        };
        assert_eq!(
            (bank.ours.get(), bank.soll()),
            (3060, bank.ist().expect("a statement"))
        );
        assert_eq!(due(world).await, Preparation::Nothing, "it is closed");
        let app = &world.stage().connector.app;
        let sign = async |person: &str, role| {
            app.sign_closing(&ledger(), 1, closing.digest(), person, role)
                .await
        };
        let other = app
            .sign_closing(&ledger(), 1, [0; 32], "A. Müller", SignerRole::Clerk)
            .await;
        assert!(matches!(other, Err(ClosingError::OtherDigest { .. })));
        let first = sign("A. Müller", SignerRole::Clerk).await.expect("a clerk signs");
        assert!(!first.is_signed());
        let again = sign("A. Müller", SignerRole::Kassenverwalter).await;
        assert!(matches!(again, Err(ClosingError::Sign(SignError::Again { .. }))));
        let whole = sign("B. Schulz", SignerRole::Kassenverwalter)
            .await
            .expect("the head signs");
        assert!(whole.is_signed());
        let read = app.read_closing(&ledger(), Some(1)).await.expect("it reads");
        assert_eq!(read.as_ref(), Some(&whole));
        assert_eq!(whole.digest(), closing.digest());
        let report = pdf(&whole, &Wording::of(whole.rechnungswesen)).expect("a report");
        assert!(report.starts_with(b"%PDF-"));
        let changed = world.sql("UPDATE closing SET body = 'other'").await;
        assert!(changed.is_err(), "what was filed stays");
    })
    .await;
}

#[tokio::test]
async fn a_missing_statement_holds_it_and_a_quiet_day_does_not() {
    with_each_provider(&[soap3()], async |world| {
        with_account(world, "every_account = true").await;
        paid_on_monday(world, "c-2").await;
        let Preparation::Waits(holds) = due(world).await else {
            panic!("there is no statement yet")
        };
        let days: Vec<_> = holds
            .iter()
            .map(|hold| match hold {
                Hold::StatementMissing { day, .. } => *day,
                other => panic!("{other}"),
            })
            .collect();
        assert_eq!(days, [Some(MONDAY)], "no bank works on a weekend");
        import(world, MONDAY).await;
        adds_up(&prepared(world).await);
        // Nothing moves on Tuesday, so the bank writes nothing; on Wednesday somebody pays.
        world.forward(DAY);
        assert!(matches!(due(world).await, Preparation::Waits(_)));
        transfer(world, 4711, "Hundesteuer");
        world.forward(DAY);
        import(world, date(2026, 11, 25)).await;
        let closing = prepared(world).await;
        adds_up(&closing);
        assert_eq!(
            (closing.from, closing.to),
            (date(2026, 11, 24), date(2026, 11, 25))
        );
    })
    .await;
}

#[tokio::test]
async fn an_open_exception_is_listed_and_holds_nothing() {
    with_each_provider(&[soap3()], async |world| {
        with_account(world, "").await;
        transfer(world, 4711, "Hundesteuer 2026");
        world.forward(TUESDAY);
        import(world, MONDAY).await;
        let closing = prepared(world).await;
        adds_up(&closing);
        let exceptions = &closing.books.exceptions;
        assert_eq!((exceptions.opened.len(), exceptions.open.len()), (1, 1));
        assert_eq!(exceptions.open[0].code, "unbekannter_zahlungseingang");
        assert_eq!(closing.books.deposits.len(), 1);
        assert_eq!(closing.books.deposits[0].cents.get(), 4711);
    })
    .await;
}

#[tokio::test]
async fn what_comes_later_belongs_to_the_open_day_and_is_carried_forward() {
    with_each_provider(&[soap3()], async |world| {
        with_account(world, "").await;
        paid_on_monday(world, "c-4").await;
        import(world, MONDAY).await;
        // Closed on the same day already: what follows is booked on the next Kasse day.
        let app = &world.stage().connector.app;
        let today = world.now().berlin_day();
        world.open(CAR, &car("c-5")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        transfer(world, 3060, &kassenzeichen);
        let first = prepared(world).await;
        let head = app.store.heads().await.expect("heads");
        let head = head.iter().find(|head| head.ledger == ledger()).expect("a head");
        assert_eq!(head.open_day, Some(today));
        world.forward(DAY);
        import(world, today).await;
        let second = prepared(world).await;
        adds_up(&second);
        let before = second.previous.expect("the one before");
        assert_eq!((before.number, before.size), (1, first.cut.size));
        assert_eq!(before.root, first.cut.root);
        let bank = AccountName::bank(&iban(world));
        let of = |closing: &Closing| {
            let mut accounts = closing.books.accounts.iter();
            let held = accounts.find(|account| account.account == bank);
            held.map(|held| (held.opening.get(), held.debit.get(), held.closing.get()))
        };
        assert_eq!(of(&first), Some((0, 3060, 3060)));
        assert_eq!(of(&second), Some((3060, 3060, 6120)));
        let root = app.root_at(&ledger(), second.cut.size).await;
        assert_eq!(root.expect("a root"), second.cut.root.0);
        // Closing today already opens tomorrow: what is recorded now is booked then.
        let today = world.now().berlin_day();
        let cut = app.cut_closing(&ledger(), today).await.expect("it can be asked");
        assert!(
            matches!(cut, Cutting::Waits(_)),
            "today's statement is not there: {cut:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_cut_that_was_not_filed_is_continued() {
    with_each_provider(&[soap3()], async |world| {
        with_account(world, "").await;
        paid_on_monday(world, "c-6").await;
        import(world, MONDAY).await;
        let app = Arc::clone(&world.stage().connector.app);
        let cut = app.cut_closing(&ledger(), MONDAY).await.expect("it is cut");
        let Cutting::Cut { closing: cut, .. } = cut else {
            panic!("{cut:?}")
        };
        drop(app);
        world.restart().await;
        let app = &world.stage().connector.app;
        assert_eq!(app.read_closing(&ledger(), Some(1)).await, Ok(None));
        // What comes in between belongs to the next one.
        world.open(CAR, &car("c-7")).await;
        let closing = prepared(world).await;
        adds_up(&closing);
        assert_eq!((closing.number, closing.cut.size), (1, cut.size));
        assert_eq!(closing.prepared_at, cut.cut_at);
        assert_eq!(app.store.closings(&ledger()).await.expect("closings").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn two_connectors_at_once_make_one_closing() {
    with_each_provider(&[soap3()], async |world| {
        with_account(world, "").await;
        paid_on_monday(world, "c-8").await;
        import(world, MONDAY).await;
        let second = Second::start(world).await;
        let app = Arc::clone(&second.app);
        let other = second.does(async move { app.prepare_closing(&ledger(), MONDAY).await });
        let app = &world.stage().connector.app;
        let ours = app.prepare_closing(&ledger(), MONDAY).await.expect("ours");
        let theirs = other.await.expect("the other one").expect("theirs");
        let count = |one: &Preparation| usize::from(matches!(one, Preparation::Prepared(_)));
        assert_eq!(count(&ours) + count(&theirs), 1, "{ours:?} {theirs:?}");
        let closings = app.store.closings(&ledger()).await.expect("closings");
        assert_eq!(closings.len(), 1);
        assert!(closings[0].filed.is_some());
        second.kill();
    })
    .await;
}
