//! Batched lines (Sammler): their payments are told by a notification (camt.054), before the statement or after it, and a
//! line is claimed as a whole or by its payments, never both.

use std::fmt::Write as _;
use std::io::Cursor;

use epaybl_connector::app::ports::StatementFile;
use epaybl_connector::app::reconcile::Reconciled;
use epaybl_connector::app::statements::Outcome;
use epaybl_connector::domain::ids::LedgerId;

use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::statements::{KASSE, by_transfer, iban};
use crate::statements_disorder::{app, awaited, day};

const DAY: i64 = 86_400;

fn euros(cents: i64) -> String {
    format!("{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

fn way(cents: i64) -> &'static str {
    if cents < 0 { "DBIT" } else { "CRDT" }
}

/// An entry with what stands in its `NtryDtls`.
fn entry(cents: i64, batch: &str, details: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>{}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt>\
         </BookgDt><ValDt><Dt>{day}</Dt></ValDt><NtryDtls><Btch>{batch}</Btch>{details}</NtryDtls></Ntry>\n",
        euros(cents),
        way(cents),
        day = day(0)
    )
}

/// The statement's line of a Sammler: how many, how much, and the id of the batch.
fn sammler(id: &str, count: usize, cents: i64) -> String {
    let batch = format!(
        "<PmtInfId>{id}</PmtInfId><NbOfTxs>{count}</NbOfTxs><TtlAmt Ccy=\"EUR\">{}</TtlAmt>",
        euros(cents)
    );
    entry(cents, &batch, "")
}

/// What a notification tells of it: each payment with its amount and purpose; a return has a reason and a fee.
fn told(id: &str, payments: &[(i64, &str)]) -> String {
    let cents: i64 = payments.iter().map(|(cents, _)| cents).sum();
    let mut details = String::new();
    for (cents, purpose) in payments {
        let _ = write!(
            details,
            "<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>{}</CdtDbtInd>",
            euros(*cents),
            way(*cents)
        );
        if *cents < 0 {
            let _ = write!(
                details,
                "<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">{}</Amt></InstdAmt></AmtDtls><Chrgs><Rcrd><Amt Ccy=\"EUR\">3.00</Amt>\
                 <CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>",
                euros(cents.abs() - 300)
            );
        }
        let _ = write!(details, "<RmtInf><Ustrd>{purpose}</Ustrd></RmtInf>");
        if *cents < 0 {
            details.push_str("<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>");
        }
        details.push_str("</TxDtls>");
    }
    let batch = format!("<PmtInfId>{id}</PmtInfId><NbOfTxs>{}</NbOfTxs>", payments.len());
    entry(cents, &batch, &details)
}

fn message(
    world: &World,
    (root, statement, format): (&str, &str, &str),
    id: &str,
    entries: &[String],
) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{format}.001.08\">\
         <{root}><GrpHdr><MsgId>M-{id}</MsgId></GrpHdr><{statement}><Id>{id}</Id><CreDtTm>2026-12-01T06:00:00Z</CreDtTm>\
         <Acct><Id><IBAN>{}</IBAN></Id><Ccy>EUR</Ccy></Acct>{}</{statement}></{root}></Document>\n",
        iban(world),
        entries.concat()
    )
}

async fn take(world: &World, text: String) -> Outcome {
    let stream = StatementFile::Stream {
        name: "file.xml".to_owned(),
        input: Box::new(Cursor::new(text.into_bytes())),
    };
    let taken = app(world)
        .take_files(vec![stream])
        .await
        .expect("the store takes it");
    let mut outcomes = taken.statements.into_iter().map(|one| one.outcome);
    outcomes.next().expect("one statement")
}

async fn statement(world: &World, id: &str, entries: &[String]) -> Outcome {
    let text = message(world, ("BkToCstmrStmt", "Stmt", "camt.053"), id, entries);
    take(world, text).await
}

async fn notification(world: &World, id: &str, entries: &[String]) -> Outcome {
    let text = message(
        world,
        ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "camt.054"),
        id,
        entries,
    );
    take(world, text).await
}

async fn matched(world: &World) -> Reconciled {
    let ledger = LedgerId::parse(KASSE).expect("an id");
    app(world).reconcile(&ledger).await.expect("it is matched")
}

fn is_filed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Filed { .. })
}

#[tokio::test]
async fn a_sammler_takes_its_payments_from_the_notification_before_or_after_it() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "").await;
        let kz = [awaited(world, "b-1").await, awaited(world, "b-2").await];
        world.forward(3 * DAY);
        let payments = [(3060, kz[0].as_str()), (500, "Hundesteuer")];
        // The notification comes first and means nothing yet.
        assert!(is_filed(
            &notification(world, "N1", &[told("BATCH-000001", &payments)]).await
        ));
        let done = matched(world).await;
        assert_eq!((done.looked_at, done.opened), (0, 0), "{done:?}");
        assert!(is_filed(
            &statement(world, "S1", &[sammler("BATCH-000001", 2, 3560)]).await
        ));
        let done = matched(world).await;
        assert_eq!((done.opened, done.settled, done.foreign), (1, 1, 1), "{done:?}");
        assert_eq!(world.status(CAR, "b-1").await, "PAYED");
        // The other way round.
        assert!(is_filed(
            &statement(world, "S2", &[sammler("BATCH-000002", 1, 3060)]).await
        ));
        let done = matched(world).await;
        assert_eq!((done.settled, done.unclear, done.foreign), (0, 0, 2), "{done:?}");
        let second = [told("BATCH-000002", &[(3060, kz[1].as_str())])];
        assert!(is_filed(&notification(world, "N2", &second).await));
        let done = matched(world).await;
        assert_eq!((done.opened, done.settled, done.foreign), (1, 1, 1), "{done:?}");
        assert_eq!(world.status(CAR, "b-2").await, "PAYED");
        // Once more is known, and a second notification of the same payments opens nothing again.
        let again = notification(world, "N2", &second).await;
        assert!(matches!(again, Outcome::Known { .. }), "{again:?}");
        let booked = world.bookings().await;
        notification(world, "N3", &[told("BATCH-000001", &payments), second[0].clone()]).await;
        let done = matched(world).await;
        assert_eq!((done.opened, done.settled, done.foreign), (0, 0, 1), "{done:?}");
        assert_eq!(world.bookings().await, booked);
        world.everything_is_whole().await;
    })
    .await;
}

#[tokio::test]
async fn on_an_account_of_ours_alone_a_sammler_waits_for_its_details_and_then_stays_a_deposit() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "holds = \"exclusive\"\ndetails_days = 2").await;
        let kz = awaited(world, "w-1").await;
        world.forward(2 * DAY);
        statement(
            world,
            "S1",
            &[sammler("BATCH-000001", 2, 3560), sammler("BATCH-000002", 2, 4000)],
        )
        .await;
        let done = matched(world).await;
        assert_eq!((done.waiting, done.unclear), (2, 0), "{done:?}");
        // What does not add up opens nothing.
        notification(
            world,
            "N0",
            &[told("BATCH-000001", &[(3060, kz.as_str()), (499, "x")])],
        )
        .await;
        notification(world, "N0b", &[told("BATCH-000002", &[(4000, "x")])]).await;
        assert_eq!(matched(world).await.waiting, 2);
        notification(
            world,
            "N1",
            &[told("BATCH-000001", &[(3060, kz.as_str()), (500, "x")])],
        )
        .await;
        let done = matched(world).await;
        assert_eq!(
            (done.opened, done.settled, done.unclear, done.waiting),
            (1, 1, 1, 1),
            "{done:?}"
        );
        world.forward(2 * DAY);
        let done = matched(world).await;
        assert_eq!((done.waiting, done.unclear), (0, 1), "{done:?}");
        let codes = world.exceptions().await;
        assert_eq!(
            codes,
            ["unbekannter_zahlungseingang", "unbekannter_zahlungseingang"]
        );
        // It was claimed as a whole: its details come too late and claim nothing.
        notification(world, "N2", &[told("BATCH-000002", &[(3000, "x"), (1000, "y")])]).await;
        let done = matched(world).await;
        assert_eq!((done.opened, done.looked_at), (0, 0), "{done:?}");
        world.everything_is_whole().await;
        // Bank and books agree to the cent: nothing was booked twice.
        let bank =
            "SELECT CAST(sum(debit_cents - credit_cents) AS BIGINT) FROM balance WHERE account LIKE 'bank/%'";
        assert_eq!(world.number(bank).await, 3560 + 4000);
    })
    .await;
}

#[tokio::test]
async fn a_return_inside_a_sammler_reopens_its_case() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "").await;
        let kz = awaited(world, "r-1").await;
        world.forward(3 * DAY);
        statement(world, "S1", &[sammler("BATCH-000001", 2, 3560)]).await;
        notification(
            world,
            "N1",
            &[told("BATCH-000001", &[(3060, kz.as_str()), (500, "x")])],
        )
        .await;
        assert_eq!(matched(world).await.settled, 1);
        statement(world, "S2", &[sammler("RETURN-00001", 2, -4060)]).await;
        let back = [(-3360, kz.as_str()), (-700, "fremd")];
        notification(world, "N2", &[told("RETURN-00001", &back)]).await;
        let done = matched(world).await;
        assert_eq!((done.opened, done.returned), (1, 1), "{done:?}");
        let heard = world.heard().await;
        assert!(
            heard.ends_with(&["payment.returned.v1".to_owned(), "case.reopened.v1".to_owned()]),
            "{heard:?}"
        );
        assert_eq!(world.status(CAR, "r-1").await, "PAYED");
        world.everything_is_whole().await;
    })
    .await;
}
