//! ePayBL calls back: in every shape, twice, at once, early, late, out of order. Nothing is booked twice.

use epaybl_connector::sandbox::{Fault, Resend};

use crate::kit::{CAR, CERTIFICATE, World, on_every_database};
use crate::requests::{car, certificate};

/// The answers to the notifies of the newest payment.
fn answers(world: &World) -> Vec<Option<u16>> {
    world
        .newest()
        .deliveries
        .iter()
        .map(|delivery| delivery.answer)
        .collect()
}

async fn paid_once(world: &World, id: &str) {
    world.idle().await;
    assert_eq!(world.status(CERTIFICATE, id).await, "PAYED");
    let expected = [("sollstellung".to_owned(), 2250), ("zahlung".to_owned(), 2250)];
    assert_eq!(world.booked().await, expected);
    assert!(world.exceptions().await.is_empty());
    assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
}

#[tokio::test]
async fn a_callback_settles_a_payment_whose_browser_never_comes_back() {
    on_every_database(async |world| {
        let pay_url = world.open(CERTIFICATE, &certificate("c-1")).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        world.idle().await;
        paid_once(world, "c-1").await;
        assert_eq!(world.callbacks().await, 2, "notify and success");
        let zahlung = world.bookings().await.pop().expect("a booking");
        let from = "verrechnung/SANDBOX-ZVP/KREDITKARTE an forderung";
        assert_eq!(zahlung, format!("zahlung: {from} 15.00, {from} 7.50"));
    })
    .await;
}

#[tokio::test]
async fn a_callback_is_taken_by_get_and_post_flat_nested_and_as_a_form() {
    on_every_database(async |world| {
        for (n, fault) in [Fault::NotifyByGet, Fault::NestedData, Fault::NotifyByForm]
            .into_iter()
            .enumerate()
        {
            let id = format!("shape-{n}");
            world.sandbox().fail_next(fault);
            let pay_url = world.open(CERTIFICATE, &certificate(&id)).await;
            world.pay(&pay_url, "PAYPAL").await;
            world.idle().await;
            assert_eq!(world.status(CERTIFICATE, &id).await, "PAYED");
            assert_eq!(answers(world), [Some(200), Some(200)]);
        }
        assert_eq!(world.callbacks().await, 6);
    })
    .await;
}

#[tokio::test]
async fn a_callback_that_arrives_twice_books_once() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NotifyTwice);
        let pay_url = world.open(CERTIFICATE, &certificate("twice")).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        paid_once(world, "twice").await;
        let kassenzeichen = world.newest().kassenzeichen;
        let again = Resend {
            status: Some("success".to_owned()),
            ..Resend::default()
        };
        world
            .sandbox()
            .notify(&kassenzeichen, &again)
            .expect("sent")
            .done()
            .await;
        world.forward(3600);
        world
            .sandbox()
            .notify(&kassenzeichen, &again)
            .expect("sent")
            .done()
            .await;
        paid_once(world, "twice").await;
        assert_eq!(answers(world), [Some(200); 5]);
        assert_eq!(world.callbacks().await, 2, "the same one is kept once");
    })
    .await;
}

#[tokio::test]
async fn ten_callbacks_at_once_book_once() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NotifyTenAtOnce);
        let pay_url = world.open(CERTIFICATE, &certificate("ten")).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        world
            .sandbox()
            .until(|payments| payments[0].deliveries.len() == 11)
            .await;
        paid_once(world, "ten").await;
        assert_eq!(answers(world), [Some(200); 11]);
    })
    .await;
}

#[tokio::test]
async fn ten_callbacks_and_the_browser_and_the_sweeper_at_once_book_once() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NotifyLate);
        let pay_url = world.open(CERTIFICATE, &certificate("all")).await;
        let back = world.pay(&pay_url, "KREDITKARTE").await;
        let kassenzeichen = world.newest().kassenzeichen;
        world.forward(60);
        let ten = Resend {
            times: Some(10),
            ..Resend::default()
        };
        let sending = world.sandbox().notify(&kassenzeichen, &ten).expect("sent");
        let (_, (), (), home) =
            tokio::join!(sending.done(), world.sweep(), world.sweep(), world.browse(&back));
        home.location();
        world.sweep().await;
        paid_once(world, "all").await;
    })
    .await;
}

#[tokio::test]
async fn success_may_overtake_notify() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NotifyLate);
        let pay_url = world.open(CERTIFICATE, &certificate("order")).await;
        world.pay(&pay_url, "PAYPAL").await;
        let kassenzeichen = world.newest().kassenzeichen;
        for status in ["success", "notify", "success"] {
            let one = Resend {
                status: Some(status.to_owned()),
                ..Resend::default()
            };
            world
                .sandbox()
                .notify(&kassenzeichen, &one)
                .expect("sent")
                .done()
                .await;
            world.idle().await;
        }
        paid_once(world, "order").await;
    })
    .await;
}

#[tokio::test]
async fn an_interim_callback_names_the_account_as_the_success_would() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NotifyLate);
        let pay_url = world.open(CERTIFICATE, &certificate("interim")).await;
        world.pay(&pay_url, "PAYPAL").await;
        let one = Resend {
            status: Some("notify".to_owned()),
            ..Resend::default()
        };
        let sending = world.sandbox().notify(&world.newest().kassenzeichen, &one);
        sending.expect("sent").done().await;
        paid_once(world, "interim").await;
        let zahlung = world.bookings().await.pop().expect("a booking");
        assert!(zahlung.contains("verrechnung/SANDBOX-ZVP/PAYPAL"), "{zahlung}");
    })
    .await;
}

#[tokio::test]
async fn a_callback_may_come_before_the_create_call_has_returned() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NotifyBeforeAnswer);
        let answer = world.post(CERTIFICATE, &certificate("before")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answers(world), [Some(200), Some(200)]);
        world.live(60, 20).await;
        paid_once(world, "before").await;
        let pay_url = world.url(&format!(
            "/pay/{}",
            answer
                .said("transactionRedirectUrl")
                .rsplit('/')
                .next()
                .unwrap_or_default()
        ));
        if answer.said("status") == "INITIAL" {
            assert!(
                world
                    .browse(&pay_url)
                    .await
                    .location()
                    .starts_with("https://portal.example/"),
                "nothing to pay"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_kassenzeichen_may_become_known_only_by_the_callback() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::KassenzeichenOnlyInNotify);
        let answer = world.post(CERTIFICATE, &certificate("kz")).await;
        assert_eq!(answer.said("transactionReference"), "");
        let reads = world.sandbox().counts().reads;
        world.live(300, 60).await;
        assert_eq!(world.sandbox().counts().reads, reads, "nothing can be asked yet");
        world
            .pay(&answer.said("transactionRedirectUrl"), "KREDITKARTE")
            .await;
        paid_once(world, "kz").await;
        let paid = world.get(CERTIFICATE, "kz").await;
        assert_eq!(paid.said("transactionReference"), world.newest().kassenzeichen);
    })
    .await;
}

#[tokio::test]
async fn a_status_that_lags_behind_is_asked_for_until_it_agrees() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::StatusLags { reads: 4 });
        let pay_url = world.open(CERTIFICATE, &certificate("lag")).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        world.idle().await;
        assert_eq!(
            world.status(CERTIFICATE, "lag").await,
            "INITIAL",
            "a callback alone proves nothing"
        );
        world.live(600, 20).await;
        paid_once(world, "lag").await;
    })
    .await;
}

#[tokio::test]
async fn a_good_success_stands_in_for_a_saldo_that_is_missing() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::MissingSaldo);
        let pay_url = world.open(CERTIFICATE, &certificate("saldo")).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        paid_once(world, "saldo").await;
        world.live(3 * 86_400, 86_400).await;
        paid_once(world, "saldo").await;
    })
    .await;
}

#[tokio::test]
async fn a_signed_cancel_is_a_question_and_ends_the_payment_where_the_provider_agrees() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::InaktivAfterAbort);
        let pay_url = world.open(CAR, &car("cancel")).await;
        let back = world.abort(&pay_url).await;
        world.idle().await;
        assert_eq!(world.status(CAR, "cancel").await, "CANCELED");
        assert_eq!(
            world.browse(&back).await.location(),
            crate::requests::home("cancel")
        );
        let kinds: Vec<_> = world.booked().await;
        assert_eq!(
            kinds,
            [("sollstellung".to_owned(), 3060), ("absetzung".to_owned(), 3060)]
        );
        assert_eq!(world.heard().await, ["payment.canceled.v1"]);
        assert!(world.exceptions().await.is_empty());
        assert_eq!(
            world.browse(&pay_url).await.location(),
            crate::requests::home("cancel"),
            "nothing to pay any more"
        );
    })
    .await;
}

#[tokio::test]
async fn a_signed_cancel_changes_nothing_while_the_page_is_still_open() {
    on_every_database(async |world| {
        let pay_url = world.open(CERTIFICATE, &certificate("again")).await;
        world.abort(&pay_url).await;
        world.idle().await;
        assert_eq!(world.status(CERTIFICATE, "again").await, "INITIAL");
        // The payer thinks better of it.
        let kassenzeichen = world.newest().kassenzeichen;
        world
            .sandbox()
            .pay(&kassenzeichen, None)
            .expect("still open")
            .done()
            .await;
        paid_once(world, "again").await;
    })
    .await;
}

#[tokio::test]
async fn an_error_or_a_status_that_nobody_knows_is_only_a_question() {
    on_every_database(async |world| {
        let pay_url = world.open(CERTIFICATE, &certificate("odd")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        for status in ["error", "Erledigt?", "notify", "SUCCESS"] {
            let reads = world.sandbox().counts().reads;
            let one = Resend {
                status: Some(status.to_owned()),
                ..Resend::default()
            };
            let sent = world
                .sandbox()
                .notify(&kassenzeichen, &one)
                .expect("sent")
                .done()
                .await;
            assert_eq!(sent[0].answer, Some(200), "{status}");
            world.idle().await;
            assert_eq!(
                world.sandbox().counts().reads,
                reads + 1,
                "{status} is a reason to ask"
            );
            assert_eq!(world.status(CERTIFICATE, "odd").await, "INITIAL", "{status}");
        }
        assert!(world.booked().await.is_empty());
        world.pay(&pay_url, "PAYPAL").await;
        paid_once(world, "odd").await;
    })
    .await;
}
