//! Statements of accounts: what citizens paid is found on the account, and what is on the account and nobody knows is
//! named.

use std::io::Cursor;

use epaybl_connector::app::reconcile::Reconciled;
use epaybl_connector::app::statements::Outcome;
use epaybl_connector::domain::ids::LedgerId;
use epaybl_connector::sandbox::{Cents, StatementFormat};
use epaybl_connector::statement::{camt, mt940};

use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::requests::car;

const DAY: i64 = 86_400;
/// Stories begin on a Saturday; what is paid is booked on Monday, and the statement is there on Tuesday.
pub const WEEKEND: i64 = 3 * DAY;
pub const KASSE: &str = "kreiskasse-unstrut-hainich";

pub fn iban(world: &World) -> String {
    let account = world.sandbox().bank_account("TH000002", "BW200001");
    account.expect("an account").iban
}

/// Cars are paid by transfer, to an account of the Kasse.
pub async fn by_transfer(world: &World, account: &str) {
    by_transfer_with(world, account, "").await;
}

/// The same with more entries in the tenants file.
pub async fn by_transfer_with(world: &World, account: &str, more: &str) {
    let entry = format!(
        "rechnungswesen = \"doppisch\"\n\n[[kasse.account]]\niban = \"{}\"\n{account}\n",
        iban(world)
    );
    world
        .tenants(move |text| {
            (text + more)
                .replace("expires_after_minutes = 120", "expires_after_minutes = 43200")
                .replace(
                    "\nsoll = \"accepted\"",
                    "\nsoll = \"accepted\"\nflow = \"vorkasse\"\ndue_days = 14",
                )
                .replace("rechnungswesen = \"doppisch\"\n", &entry)
        })
        .await;
}

/// Takes yesterday's statement in and matches it.
pub async fn import(world: &World, format: StatementFormat) -> (Vec<Outcome>, Reconciled) {
    take(world, &written(world, format), format).await
}

/// Yesterday's statement, as the bank writes it.
fn written(world: &World, format: StatementFormat) -> String {
    let yesterday = world.now().berlin_day().yesterday().expect("a day before");
    let text = world.sandbox().statement(&iban(world), yesterday, format);
    text.expect("the bank wrote a statement")
}

async fn take(world: &World, text: &str, format: StatementFormat) -> (Vec<Outcome>, Reconciled) {
    let app = &world.stage().connector.app;
    let file = Cursor::new(text.as_bytes().to_vec());
    let pieces: Vec<_> = match format {
        StatementFormat::Mt940 => mt940::Reader::new(file).collect(),
        StatementFormat::Camt02 | StatementFormat::Camt08 => camt::Reader::new(file).collect(),
    };
    let mut intake = app.begin_intake(None).await.expect("Kassen");
    let mut outcomes = Vec::new();
    for piece in pieces {
        let taken = intake.take("yesterday", piece).await.expect("the store takes it");
        outcomes.extend(taken.map(|taken| taken.outcome));
    }
    let ledger = LedgerId::parse(KASSE).expect("an id");
    let done = app.reconcile(&ledger).await.expect("it is matched");
    (outcomes, done)
}

fn filed(outcomes: &[Outcome]) -> (u64, u64) {
    match outcomes {
        [Outcome::Filed { filed, .. }] => (filed.entries, filed.fresh),
        other => panic!("it is filed: {other:?}"),
    }
}

#[tokio::test]
async fn a_transfer_is_found_on_the_statement_before_the_provider_says_so() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "").await;
        world.open(CAR, &car("s-1")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        world
            .sandbox()
            .transfer(
                &iban(world),
                Cents::new(3060),
                &format!("Kfz {kassenzeichen} danke"),
            )
            .expect("a transfer");
        world.forward(WEEKEND);
        let (outcomes, done) = import(world, StatementFormat::Camt08).await;
        assert_eq!(filed(&outcomes), (1, 1));
        assert_eq!((done.settled, done.unclear, done.foreign), (1, 0, 0));
        assert_eq!(world.status(CAR, "s-1").await, "PAYED");
        let booked = world.bookings().await;
        assert!(
            booked[1].starts_with("zahlung: verrechnung/epaybl/UEBERWEISUNG an forderung"),
            "{booked:?}"
        );
        assert_eq!(
            booked[2],
            format!(
                "gutschrift: bank/{} an verrechnung/epaybl/UEBERWEISUNG 30.60",
                iban(world)
            )
        );
        let heard = ["payment.paid.v1", "payment.settled.v1", "case.paid.v1"];
        assert_eq!(world.heard().await, heard);
        // The provider's word comes later and is no news.
        world.live(3 * DAY, DAY / 2).await;
        assert_eq!(world.bookings().await, booked);
        assert_eq!(world.heard().await, heard);
        assert!(world.exceptions().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_the_provider_told_is_settled_once_however_often_the_statement_comes() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "holds = \"exclusive\"").await;
        world.open(CAR, &car("s-2")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(3060), &kassenzeichen)
            .expect("a transfer");
        world.live(WEEKEND, DAY / 4).await;
        assert_eq!(world.status(CAR, "s-2").await, "PAYED");
        let (outcomes, done) = import(world, StatementFormat::Camt02).await;
        assert_eq!((filed(&outcomes), done.settled), ((1, 1), 1));
        let booked = world.bookings().await;
        assert_eq!(booked.len(), 3, "{booked:?}");
        let (outcomes, done) = import(world, StatementFormat::Camt02).await;
        assert!(matches!(outcomes[..], [Outcome::Known { .. }]), "{outcomes:?}");
        assert_eq!(done, Reconciled::default());
        // The same day in another version, and in a format that does not book.
        let (outcomes, done) = import(world, StatementFormat::Camt08).await;
        assert!(
            matches!(&outcomes[..], [Outcome::Known { .. }]) || filed(&outcomes) == (1, 0),
            "{outcomes:?}"
        );
        assert_eq!(done.settled + done.unclear, 0);
        let (outcomes, done) = import(world, StatementFormat::Mt940).await;
        assert!(
            matches!(outcomes[..], [Outcome::NotBooked { .. }]),
            "{outcomes:?}"
        );
        assert_eq!(done.settled + done.unclear, 0);
        assert_eq!(world.bookings().await, booked);
        assert_eq!(
            world.heard().await,
            ["payment.paid.v1", "case.paid.v1", "payment.settled.v1"]
        );
        assert!(world.exceptions().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn money_that_nobody_knows_is_a_deposit_on_an_account_of_ours_alone_and_foreign_on_the_towns() {
    for (account, unclear, foreign, exceptions) in [
        ("holds = \"exclusive\"", 1, 0, vec!["unbekannter_zahlungseingang"]),
        ("holds = \"shared\"\nformat = \"mt940\"", 0, 1, vec![]),
    ] {
        with_each_provider(&[soap3()], async |world| {
            by_transfer(world, account).await;
            world
                .sandbox()
                .transfer(&iban(world), Cents::new(4711), "Hundesteuer 2026")
                .expect("a transfer");
            world.forward(WEEKEND);
            let format = if unclear == 1 {
                StatementFormat::Camt08
            } else {
                StatementFormat::Mt940
            };
            let (outcomes, done) = import(world, format).await;
            assert_eq!(filed(&outcomes), (1, 1));
            assert_eq!((done.unclear, done.foreign), (unclear, foreign));
            assert_eq!(world.exceptions().await, exceptions);
            let booked = world.bookings().await;
            if unclear == 1 {
                let expected = format!("klaerung: bank/{} an verwahrung 47.11", iban(world));
                assert_eq!(booked, [expected]);
            } else {
                assert!(booked.is_empty(), "{booked:?}");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn an_amount_that_differs_and_a_second_payment_are_named_and_never_lost() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "").await;
        world.open(CAR, &car("s-4")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        let transfer = |cents| {
            world
                .sandbox()
                .transfer(&iban(world), Cents::new(cents), &kassenzeichen)
                .expect("a transfer");
        };
        transfer(3000);
        transfer(3060);
        transfer(3060);
        world.forward(WEEKEND);
        let (outcomes, done) = import(world, StatementFormat::Camt08).await;
        assert_eq!(filed(&outcomes), (3, 3));
        assert_eq!((done.settled, done.unclear), (1, 2));
        assert_eq!(world.status(CAR, "s-4").await, "PAYED");
        let mut exceptions = world.exceptions().await;
        exceptions.sort();
        assert_eq!(exceptions, ["betrag_weicht_ab", "doppelzahlung"]);
        let at_bank: i64 = world
            .booked()
            .await
            .iter()
            .filter(|(kind, _)| kind == "gutschrift" || kind == "klaerung")
            .map(|(_, cents)| cents)
            .sum();
        assert_eq!(
            at_bank,
            3000 + 3060 + 3060,
            "every cent of the day is in the books"
        );
    })
    .await;
}

#[tokio::test]
async fn a_statement_that_does_not_add_up_is_refused_as_a_whole() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "holds = \"exclusive\"").await;
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(4711), "Hundesteuer")
            .expect("a transfer");
        world.forward(WEEKEND);
        let format = StatementFormat::Camt08;
        let text = written(world, format);
        let wrong = text.replacen("47.11", "47.12", 1);
        assert_ne!(text, wrong);
        let (outcomes, _) = take(world, &wrong, format).await;
        assert!(
            matches!(&outcomes[..], [Outcome::Refused { why, .. }] if why.contains("47")),
            "{outcomes:?}"
        );
        assert!(world.bookings().await.is_empty());
        // Cut off in the middle: refused, and the whole file is taken afterwards.
        let (outcomes, _) = take(world, &text[..text.len() - 60], format).await;
        assert!(matches!(&outcomes[..], [Outcome::Refused { .. }]), "{outcomes:?}");
        let (outcomes, done) = take(world, &text, format).await;
        assert_eq!((filed(&outcomes), done.unclear), ((1, 1), 1));
    })
    .await;
}

#[tokio::test]
async fn a_statement_that_comes_two_years_late_is_booked_all_the_same() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "holds = \"exclusive\"").await;
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(4711), "Hundesteuer")
            .expect("a transfer");
        world.forward(WEEKEND);
        let format = StatementFormat::Camt08;
        let text = written(world, format);
        world.forward(800 * DAY);
        let (outcomes, done) = take(world, &text, format).await;
        assert_eq!((filed(&outcomes), done.unclear), ((1, 1), 1));
        assert_eq!(world.exceptions().await, ["unbekannter_zahlungseingang"]);
    })
    .await;
}
