//! What is missing on statements: money that a provider told and no statement shows in due time, and a statement that the
//! others do not follow on. Both are named in the morning, and resolve themselves when they are there.

use std::io::Cursor;

use epaybl_connector::app::closings::{Missing, Preparation};
use epaybl_connector::app::exceptions::Decision;
use epaybl_connector::app::ports::ListedException;
use epaybl_connector::domain::exception::ExceptionCode;
use epaybl_connector::domain::ids::{ClientId, LedgerId};
use epaybl_connector::domain::resolution::{How, PROGRAM, Terms};
use epaybl_connector::sandbox::{Cents, StatementFormat};
use epaybl_connector::statement::camt;
use jiff::civil::{Date, date};

use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::requests::car;
use crate::statements::{KASSE, by_transfer_with, iban};

const DAY: i64 = 86_400;
/// Stories begin on Saturday, 21 November 2026.
const MONDAY: Date = date(2026, 11, 23);

fn ledger() -> LedgerId {
    LedgerId::parse(KASSE).expect("an id")
}

async fn look(world: &World) -> Missing {
    let app = &world.stage().connector.app;
    let done = app.name_missing().await.expect("the Kassen");
    let of = done.into_iter().find(|(kasse, _)| *kasse == ledger());
    of.expect("it is after the hour of closing")
        .1
        .expect("it is looked at")
}

async fn worklist(world: &World, resolved: bool) -> Vec<ListedException> {
    let app = &world.stage().connector.app;
    let listed = app.worklist(&ledger(), resolved, None, 100).await;
    listed.expect("the worklist")
}

async fn import(world: &World, day: Date) {
    let app = &world.stage().connector.app;
    let text = world
        .sandbox()
        .statement(&iban(world), day, StatementFormat::Camt08);
    let file = Cursor::new(text.expect("the bank wrote a statement").into_bytes());
    let pieces: Vec<_> = camt::Reader::new(file).collect();
    let mut intake = app.begin_intake(None).await.expect("Kassen");
    for piece in pieces {
        intake.take("a day", piece).await.expect("the store takes it");
    }
    app.reconcile(&ledger()).await.expect("it is matched");
}

fn transfer(world: &World, cents: i64, text: &str) {
    let done = world.sandbox().transfer(&iban(world), Cents::new(cents), text);
    done.expect("a transfer");
}

const CLERK: &str =
    "\n[[client]]\nid = \"karla\"\nname = \"Karla\"\nroles = { unstrut-hainich-kreis = [\"kasse\"] }\n";

#[tokio::test]
async fn money_that_was_told_and_does_not_arrive_is_named_until_it_does() {
    with_each_provider(&[soap3()], async |world| {
        let entry = format!(
            "rechnungswesen = \"doppisch\"\nclosing = {{ arrival_bank_days = 2 }}\n\n\
             [[kasse.account]]\niban = \"{}\"\nholds = \"exclusive\"\n",
            iban(world)
        );
        world
            .tenants(move |text| {
                text.replace("rechnungswesen = \"doppisch\"\n", &entry).replace(
                    "code = \"KREDITKARTE\"\n\n",
                    "code = \"KREDITKARTE\"\nrelease = \"settled\"\n\n",
                )
            })
            .await;
        world.paid(CAR, &car("m-1"), "KREDITKARTE").await;
        let kassenzeichen = world.newest().kassenzeichen;
        assert_eq!(world.status(CAR, "m-1").await, "PAYED");
        assert_eq!(
            world.heard().await,
            ["payment.paid.v1"],
            "it waits for the statement"
        );
        // Told on Saturday: Monday counts as that day, and Wednesday is the last one.
        for (forward, day) in [
            (2 * DAY, None),
            (DAY, Some(MONDAY)),
            (DAY, Some(date(2026, 11, 24))),
        ] {
            transfer(world, 4711, "Hundesteuer");
            world.forward(forward);
            if let Some(day) = day {
                import(world, day).await;
            }
            assert_eq!(look(world).await, Missing::default(), "{day:?}");
        }
        transfer(world, 100, "Kopie");
        world.forward(DAY);
        assert_eq!(
            look(world).await,
            Missing::default(),
            "Wednesday's statement is not there"
        );
        import(world, date(2026, 11, 25)).await;
        assert_eq!(look(world).await.payments, 1);
        assert_eq!(look(world).await, Missing::default(), "once");
        let open = worklist(world, false).await;
        let named: Vec<_> = open
            .iter()
            .filter(|one| one.code == ExceptionCode::NotArrived)
            .collect();
        assert_eq!(named.len(), 1);
        assert_eq!(
            named[0].cents.map(epaybl_connector::domain::money::Cents::get),
            Some(3060)
        );
        // It arrives after all.
        transfer(world, 3060, &kassenzeichen);
        world.forward(DAY);
        import(world, date(2026, 11, 26)).await;
        let all = worklist(world, true).await;
        let named = all
            .iter()
            .find(|one| one.code == ExceptionCode::NotArrived)
            .expect("it stays in the list");
        assert!(named.resolved);
        assert_eq!(named.steps[0].person, PROGRAM);
        let heard = ["payment.paid.v1", "payment.settled.v1", "case.paid.v1"];
        assert_eq!(world.heard().await, heard);
        assert_eq!(look(world).await, Missing::default());
    })
    .await;
}

#[tokio::test]
async fn a_gap_between_statements_is_named_and_filled_or_closed_by_a_person() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer_with(world, "", CLERK).await;
        for (days, text) in [
            (3, "Montag"),
            (1, "Dienstag"),
            (1, "Mittwoch"),
            (1, "Donnerstag"),
            (1, "Freitag"),
        ] {
            transfer(world, 4711, text);
            world.forward(days * DAY);
        }
        let app = &world.stage().connector.app;
        let of = |day: i8| date(2026, 11, day);
        import(world, of(23)).await;
        import(world, of(25)).await;
        import(world, of(27)).await;
        let missing = look(world).await;
        assert_eq!((missing.gaps, missing.filled), (2, 0));
        assert_eq!(look(world).await, Missing::default(), "once");
        let waits = app
            .prepare_closing(&ledger(), of(27))
            .await
            .expect("it can be asked");
        let Preparation::Waits(holds) = waits else {
            panic!("{waits:?}")
        };
        assert_eq!(holds.len(), 4, "two days and two gaps: {holds:?}");
        // One is found, of the other the bank knows nothing.
        import(world, of(24)).await;
        let missing = look(world).await;
        assert_eq!((missing.gaps, missing.filled), (0, 1));
        let open = worklist(world, false).await;
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].code, ExceptionCode::StatementGap);
        let decision = Decision {
            ledger: ledger(),
            exception: open[0].id,
            how: How::Leave,
            attempt: None,
            cents: None,
            terms: Terms::default(),
            person: ClientId::parse("karla").expect("an id"),
            reason: "Die Bank hat an dem Tag keinen Auszug erstellt (Telefonat)".to_owned(),
        };
        assert!(app.decide_exception(&decision).await.expect("she may").resolved);
        let prepared = app
            .prepare_closing(&ledger(), of(27))
            .await
            .expect("it can be asked");
        let Preparation::Prepared(closing) = prepared else {
            panic!("{prepared:?}")
        };
        let differs = Some(epaybl_connector::domain::money::Cents::new(4711));
        assert_eq!(
            closing.banks[0].difference, differs,
            "what the books never saw stays visible"
        );
    })
    .await;
}
