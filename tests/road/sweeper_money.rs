//! Money that does not fit: too late, too much, too little, or gone again. It is booked and named, and the portal's
//! answer stays what it was.

use epaybl_connector::sandbox::{Cents, Fault};

use crate::kit::{CAR, CERTIFICATE, World, on_every_database};
use crate::requests::{car, certificate};

async fn kinds(world: &World) -> Vec<(String, i64)> {
    world.booked().await
}

fn expected(kinds: &[(&str, i64)]) -> Vec<(String, i64)> {
    kinds
        .iter()
        .map(|(kind, cents)| ((*kind).to_owned(), *cents))
        .collect()
}

#[tokio::test]
async fn late_money_lies_in_verwahrung_and_the_portal_s_failed_stays() {
    on_every_database(async |world| {
        world.open(CAR, &car("late")).await;
        world.live(3 * 3600, 600).await;
        assert_eq!(world.status(CAR, "late").await, "FAILED");
        let kassenzeichen = world.newest().kassenzeichen;
        world.forward(86_400);
        world
            .sandbox()
            .pay(&kassenzeichen, None)
            .expect("the page is still open")
            .done()
            .await;
        world.idle().await;
        assert_eq!(world.status(CAR, "late").await, "FAILED");
        let booked = [
            ("sollstellung", 3060),
            ("absetzung", 3060),
            ("spaete_zahlung", 3060),
        ];
        assert_eq!(kinds(world).await, expected(&booked));
        assert_eq!(world.exceptions().await, ["spaete_zahlung"]);
        assert!(
            world.bookings().await[2].ends_with("an verwahrung 30.60"),
            "{:?}",
            world.bookings().await
        );
        assert_eq!(world.heard().await, ["payment.failed.v1"]);
        world.live(86_400, 3600).await;
        assert_eq!(kinds(world).await.len(), 3, "the same word twice is no news");
    })
    .await;
}

#[tokio::test]
async fn late_money_is_found_without_any_callback() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NoNotify);
        world.open(CERTIFICATE, &certificate("silent")).await;
        world.live(3 * 3600, 600).await;
        let kassenzeichen = world.newest().kassenzeichen;
        world
            .sandbox()
            .pay(&kassenzeichen, None)
            .expect("open")
            .done()
            .await;
        world.live(3 * 86_400, 3600).await;
        assert_eq!(kinds(world).await, expected(&[("spaete_zahlung", 2250)]));
        assert_eq!(world.status(CERTIFICATE, "silent").await, "FAILED");
    })
    .await;
}

#[tokio::test]
async fn a_return_reopens_the_case_and_the_portal_s_payed_stays() {
    on_every_database(async |world| {
        world.paid(CAR, &car("return"), "SEPASDD").await;
        let kassenzeichen = world.newest().kassenzeichen;
        world.live(40 * 86_400, 10 * 86_400).await;
        world
            .sandbox()
            .return_money(&kassenzeichen, None)
            .expect("money is there");
        world.live(3 * 86_400, 86_400).await;
        let booked = [
            ("sollstellung", 3060),
            ("zahlung", 3060),
            ("ruecklastschrift", 3060),
        ];
        assert_eq!(kinds(world).await, expected(&booked));
        assert_eq!(world.exceptions().await, ["ruecklastschrift"]);
        let told = [
            "payment.paid.v1",
            "case.paid.v1",
            "payment.returned.v1",
            "case.reopened.v1",
        ];
        assert_eq!(world.heard().await, told);
        let answer = world.get(CAR, "return").await;
        assert_eq!(
            (
                answer.said("status").as_str(),
                answer.said("transactionReference")
            ),
            ("PAYED", kassenzeichen)
        );
        world.live(10 * 86_400, 86_400).await;
        assert_eq!(kinds(world).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_part_that_goes_back_opens_that_part_again() {
    on_every_database(async |world| {
        world.paid(CAR, &car("part"), "SEPASDD").await;
        world.live(86_400, 86_400).await;
        let kassenzeichen = world.newest().kassenzeichen;
        world
            .sandbox()
            .return_money(&kassenzeichen, Some(Cents::new(1060)))
            .expect("money is there");
        world.live(2 * 86_400, 86_400).await;
        let booked = [
            ("sollstellung", 3060),
            ("zahlung", 3060),
            ("ruecklastschrift", 1060),
        ];
        assert_eq!(kinds(world).await, expected(&booked));
        let event = world
            .gateway()
            .events()
            .into_iter()
            .find(|event| event.kind.ends_with("returned.v1"));
        assert_eq!(event.expect("an event").body["data"]["amount"], "10.60");
        // The rest follows, and later it is paid again: the case is paid once more.
        world
            .sandbox()
            .receive(&kassenzeichen, Cents::new(1060))
            .expect("an amount");
        world.live(2 * 86_400, 86_400).await;
        assert_eq!(kinds(world).await.len(), 4, "{:?}", kinds(world).await);
        assert_eq!(
            world.heard().await.last().map(String::as_str),
            Some("case.paid.v1")
        );
    })
    .await;
}

#[tokio::test]
async fn less_than_was_owed_is_a_teilzahlung_and_a_person_hears_of_it() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::WrongAmount {
            short: Cents::new(100),
        });
        let pay_url = world.open(CERTIFICATE, &certificate("less")).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        world.live(4 * 3600, 600).await;
        assert_eq!(
            kinds(world).await,
            expected(&[("sollstellung", 2250), ("teilzahlung", 2150)])
        );
        assert_eq!(world.exceptions().await, ["teilzahlung"]);
        assert_eq!(
            world.status(CERTIFICATE, "less").await,
            "INITIAL",
            "not paid, and not failed either"
        );
        // The rest arrives.
        world
            .sandbox()
            .receive(&world.newest().kassenzeichen, Cents::new(100))
            .expect("an amount");
        world.live(2 * 3600, 600).await;
        assert_eq!(world.status(CERTIFICATE, "less").await, "PAYED");
        assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
    })
    .await;
}

#[tokio::test]
async fn more_than_was_owed_is_paid_and_the_rest_lies_in_verwahrung() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::Overpaid {
            over: Cents::new(100),
        });
        world.paid(CERTIFICATE, &certificate("more"), "KREDITKARTE").await;
        assert_eq!(world.status(CERTIFICATE, "more").await, "PAYED");
        let booked = [("sollstellung", 2250), ("zahlung", 2250), ("ueberzahlung", 100)];
        assert_eq!(kinds(world).await, expected(&booked));
        assert_eq!(world.exceptions().await, ["ueberzahlung"]);
        assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
        // All of it goes back: first out of the deposit.
        world
            .sandbox()
            .return_money(&world.newest().kassenzeichen, None)
            .expect("money is there");
        world.live(3 * 86_400, 86_400).await;
        let back: i64 = kinds(world)
            .await
            .iter()
            .filter(|(kind, _)| kind == "ruecklastschrift")
            .map(|(_, c)| c)
            .sum();
        assert_eq!(back, 2350);
    })
    .await;
}

#[tokio::test]
async fn two_payments_of_one_case_reopen_and_close_it_together() {
    on_every_database(async |world| {
        // The route of the cars keys its cases by the first item's reference: both requests are one case.
        world.paid(CAR, &car("one"), "KREDITKARTE").await;
        world.paid(CAR, &car("two"), "SEPASDD").await;
        let events = world.heard().await;
        assert_eq!(events.iter().filter(|kind| *kind == "payment.paid.v1").count(), 2);
        let subjects: std::collections::BTreeSet<_> =
            world.gateway().events().into_iter().map(|e| e.subject).collect();
        assert_eq!(subjects.len(), 1, "one case");
        let one = world.sandbox().payments().remove(0).kassenzeichen;
        world.sandbox().return_money(&one, None).expect("money is there");
        world.live(2 * 86_400, 86_400).await;
        assert!(
            !world.heard().await.contains(&"case.reopened.v1".to_owned()),
            "the other payment still stands"
        );
    })
    .await;
}
