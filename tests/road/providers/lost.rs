//! Answers that are lost: found out where the provider lets us, named where it does not, and never paid twice.

use epaybl_connector::sandbox::Fault;

use super::{konnektor, soap_plain, soap2, soap3, xbd_100, xbd_110, xbd_120};
use crate::kit::{CERTIFICATE, with_each_provider};
use crate::requests::certificate;

/// Those that can be asked what became of a call.
fn asked() -> [crate::kit::Provider; 4] {
    [soap3(), soap2(), xbd_100(), xbd_110()]
}

/// Those that cannot.
fn mute() -> [crate::kit::Provider; 2] {
    [soap_plain(), xbd_120()]
}

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_found_again_and_paid_on_its_own_page() {
    with_each_provider(&asked(), async |world| {
        for (n, fault) in [Fault::DropAfterCreate, Fault::ErrorAfterCreate]
            .into_iter()
            .enumerate()
        {
            let id = format!("lost-{n}");
            world.sandbox().fail_next(fault.clone());
            let pay_url = world.open(CERTIFICATE, &certificate(&id)).await;
            world.live(60, 20).await;
            world.pay(&pay_url, "KREDITKARTE").await;
            world.live(120, 20).await;
            let told = format!("{} under {fault}", world.provider);
            assert_eq!(world.status(CERTIFICATE, &id).await, "PAYED", "{told}");
            assert_eq!(world.sandbox().payments().len(), n + 1, "no second one: {told}");
            assert!(world.exceptions().await.is_empty(), "{told}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_call_that_never_arrived_is_made_again_under_the_same_number() {
    let all = [konnektor(), soap3(), soap2(), xbd_100(), xbd_110()];
    with_each_provider(&all, async |world| {
        world.sandbox().fail_next(Fault::Http500);
        let pay_url = world.open(CERTIFICATE, &certificate("again")).await;
        assert!(world.sandbox().payments().is_empty());
        world.live(60, 20).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        world.live(120, 20).await;
        assert_eq!(
            world.status(CERTIFICATE, "again").await,
            "PAYED",
            "{}",
            world.provider
        );
        assert_eq!(world.sandbox().payments().len(), 1);
        assert!(world.exceptions().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn where_nothing_can_be_asked_nothing_is_sent_again_and_a_person_is_told() {
    with_each_provider(&mute(), async |world| {
        world.sandbox().fail_next(Fault::DropAfterCreate);
        world.open(CERTIFICATE, &certificate("mute")).await;
        world.live(1800, 60).await;
        assert_eq!(
            world.sandbox().payments().len(),
            1,
            "never a blind repeat: {}",
            world.provider
        );
        assert_eq!(world.exceptions().await, ["beim_anbieter_unklar"]);
        assert_eq!(world.status(CERTIFICATE, "mute").await, "INITIAL");
        let again = world.post(CERTIFICATE, &certificate("mute")).await;
        assert_eq!(again.said("status"), "INITIAL", "the portal may ask again");
        assert_eq!(world.sandbox().payments().len(), 1);
        world.live(3 * 3600, 600).await;
        assert_eq!(world.status(CERTIFICATE, "mute").await, "FAILED");
        assert_eq!(world.exceptions().await, ["beim_anbieter_unklar"]);
    })
    .await;
}

#[tokio::test]
async fn a_connector_that_stops_in_the_middle_of_a_call_takes_it_up_again() {
    with_each_provider(&asked(), async |world| {
        world.sandbox().fail_next(Fault::Slow);
        let path = format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}");
        let request = world.http.post(world.url(&path));
        let request = request.basic_auth("thavel", Some(&world.secret));
        tokio::select! {
            answer = request.json(&certificate("cut")).send() => panic!("{answer:?} came at once"),
            // The portal hangs up when the payment is there, and its answer still on the way.
            () = world.sandbox().until(|payments| !payments.is_empty()) => {}
        }
        world.restart().await;
        world.live(120, 20).await;
        let answer = world.get(CERTIFICATE, "cut").await;
        world.pay(&answer.said("transactionRedirectUrl"), "PAYPAL").await;
        world.live(120, 20).await;
        assert_eq!(
            world.status(CERTIFICATE, "cut").await,
            "PAYED",
            "{}",
            world.provider
        );
        assert_eq!(world.sandbox().payments().len(), 1);
    })
    .await;
}
