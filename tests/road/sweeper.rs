//! What nobody tells us is found by asking; what nobody pays ends.

use epaybl_connector::sandbox::Fault;

use crate::kit::{CAR, CERTIFICATE, on_every_database};
use crate::requests::{car, certificate, home};

/// Longer than both routes let a payment live.
const EXPIRY: i64 = 3 * 3600;

#[tokio::test]
async fn a_lost_callback_and_a_closed_browser_cost_minutes_and_not_the_payment() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NoNotify);
        let pay_url = world.open(CERTIFICATE, &certificate("s-1")).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        world.sweep().await;
        assert_eq!(world.status(CERTIFICATE, "s-1").await, "INITIAL", "not yet due");
        world.live(120, 20).await;
        assert_eq!(world.status(CERTIFICATE, "s-1").await, "PAYED");
        assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
    })
    .await;
}

#[tokio::test]
async fn an_open_payment_is_asked_for_with_growing_pauses() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("pause")).await;
        let mut asked = Vec::new();
        for minute in 0..59 {
            let before = world.sandbox().counts().reads;
            world.live(60, 20).await;
            if world.sandbox().counts().reads > before {
                asked.push(minute);
            }
        }
        let reads = world.sandbox().counts().reads;
        assert!(
            (6..=14).contains(&reads),
            "{reads} questions in an hour: {asked:?}"
        );
        let last = asked.windows(2).map(|pair| pair[1] - pair[0]).max();
        assert_eq!(last, Some(10), "ten minutes at most: {asked:?}");
    })
    .await;
}

#[tokio::test]
async fn what_nobody_pays_fails_after_one_answered_question_and_the_soll_is_set_off() {
    on_every_database(async |world| {
        let pay_url = world.open(CAR, &car("late")).await;
        world.sandbox().fail_all(vec![Fault::Http500]);
        world.live(EXPIRY, 600).await;
        assert_eq!(world.status(CAR, "late").await, "INITIAL", "no answer, no end");
        world.sandbox().clear_faults();
        world.live(1200, 600).await;
        assert_eq!(world.status(CAR, "late").await, "FAILED");
        let erloes = "erloes/1220.4311";
        let expected = [
            format!("sollstellung: forderung an {erloes} 30.60"),
            format!("absetzung: {erloes} an forderung 30.60"),
        ];
        assert_eq!(world.bookings().await, expected);
        assert_eq!(world.heard().await, ["payment.failed.v1"]);
        assert_eq!(world.browse(&pay_url).await.location(), home("late"));
        assert!(world.exceptions().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn under_soll_paid_an_unpaid_payment_leaves_no_trace_in_the_books() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("never")).await;
        world.live(EXPIRY, 600).await;
        assert_eq!(world.status(CERTIFICATE, "never").await, "FAILED");
        assert!(world.booked().await.is_empty());
        assert_eq!(world.heard().await, ["payment.failed.v1"]);
    })
    .await;
}

#[tokio::test]
async fn a_payment_paid_at_the_last_moment_is_paid() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NoNotify);
        let pay_url = world.open(CERTIFICATE, &certificate("last")).await;
        world.live(3590, 10).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        world.live(60, 10).await;
        assert_eq!(world.status(CERTIFICATE, "last").await, "PAYED");
    })
    .await;
}

#[tokio::test]
async fn inaktiv_without_proof_becomes_an_exception_and_fails_when_the_time_is_over() {
    on_every_database(async |world| {
        // The callback is lost, so nothing but INAKTIV is known.
        world
            .sandbox()
            .fail_next_with(vec![Fault::InaktivAfterAbort, Fault::NoNotify]);
        let pay_url = world.open(CERTIFICATE, &certificate("inaktiv")).await;
        world.abort(&pay_url).await;
        world.live(60, 20).await;
        assert_eq!(world.status(CERTIFICATE, "inaktiv").await, "INITIAL");
        assert!(world.exceptions().await.is_empty(), "not at the first answer");
        world.live(1800, 60).await;
        assert_eq!(world.exceptions().await, ["inaktiv_ohne_nachweis"]);
        assert_eq!(world.status(CERTIFICATE, "inaktiv").await, "INITIAL");
        world.live(EXPIRY, 600).await;
        assert_eq!(world.status(CERTIFICATE, "inaktiv").await, "FAILED");
        assert_eq!(world.exceptions().await, ["inaktiv_ohne_nachweis"], "named once");
        assert_eq!(world.heard().await, ["payment.failed.v1"]);
    })
    .await;
}

#[tokio::test]
async fn a_kassenzeichen_that_was_never_named_ends_with_an_exception() {
    on_every_database(async |world| {
        world
            .sandbox()
            .fail_next_with(vec![Fault::KassenzeichenOnlyInNotify, Fault::NoNotify]);
        world.open(CERTIFICATE, &certificate("nameless")).await;
        world.live(EXPIRY, 600).await;
        assert_eq!(world.status(CERTIFICATE, "nameless").await, "FAILED");
        assert_eq!(world.exceptions().await, ["kassenzeichen_nie_genannt"]);
    })
    .await;
}

#[tokio::test]
async fn an_outcome_that_stays_unclear_ends_with_an_exception() {
    on_every_database(async |world| {
        world.sandbox().fail_all(vec![Fault::Http500]);
        world.open(CERTIFICATE, &certificate("unclear")).await;
        world.live(EXPIRY, 600).await;
        assert_eq!(world.status(CERTIFICATE, "unclear").await, "FAILED");
        assert_eq!(world.exceptions().await, ["beim_anbieter_unklar"]);
        assert_eq!(world.heard().await, ["payment.failed.v1"]);
    })
    .await;
}

#[tokio::test]
async fn a_failed_payment_is_watched_for_a_while_and_then_no_more() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("quiet")).await;
        world.live(EXPIRY, 600).await;
        let asked = world.sandbox().counts().reads;
        world.live(20 * 86_400, 86_400).await;
        let late = world.sandbox().counts().reads;
        assert!(late > asked + 5, "late money is looked for");
        world.live(15 * 86_400, 86_400).await;
        let end = world.sandbox().counts().reads;
        world.live(100 * 86_400, 10 * 86_400).await;
        assert_eq!(world.sandbox().counts().reads, end, "nobody asks any more");
    })
    .await;
}
