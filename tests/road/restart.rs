//! The connector ends at some point of the road, in good order or in the middle of things, and goes on. Nothing is lost,
//! nothing is done twice.

use epaybl_connector::sandbox::Fault;
use std::sync::Arc;

use crate::kit::{CERTIFICATE, World, on_every_database};
use crate::requests::{Answer, certificate, home};
use crate::second::Second;

async fn paid_once(world: &World, id: &str) {
    assert_eq!(world.status(CERTIFICATE, id).await, "PAYED");
    let expected = [("sollstellung".to_owned(), 2250), ("zahlung".to_owned(), 2250)];
    assert_eq!(world.booked().await, expected);
    assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
}

#[tokio::test]
async fn the_connector_may_be_restarted_at_every_point_of_the_road() {
    for point in 0..6 {
        on_every_database(async |world| {
            let here = async |world: &mut World, now: i32| {
                if now == point {
                    world.restart().await;
                }
            };
            world.sandbox().fail_next(Fault::Http500);
            let pay_url = world.open(CERTIFICATE, &certificate("road")).await;
            here(world, 0).await;
            world.live(60, 20).await;
            here(world, 1).await;
            assert!(world.browse(&pay_url).await.location().contains("/paypage/"));
            let back = world.pay(&pay_url, "KREDITKARTE").await;
            here(world, 2).await;
            assert_eq!(world.browse(&back).await.location(), home("road"));
            here(world, 3).await;
            assert_eq!(world.status(CERTIFICATE, "road").await, "PAYED", "point {point}");
            world.gateway().fail_next(1);
            world.deliver().await;
            here(world, 4).await;
            world.forward(6);
            world.deliver().await;
            here(world, 5).await;
            world.live(3 * 86_400, 86_400).await;
            paid_once(world, "road").await;
            assert!(
                world.gateway().events().iter().all(|event| event.arrivals == 1),
                "point {point}"
            );
            assert!(world.exceptions().await.is_empty());
        })
        .await;
    }
}

#[tokio::test]
async fn a_restart_finishes_the_request_that_is_under_way() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::Slow);
        let address = world.url(&format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}"));
        let request = world.http.post(address).basic_auth("thavel", Some(&world.secret));
        let portal = tokio::spawn(Answer::of(request.json(&certificate("flight"))));
        world.sandbox().until(|payments| !payments.is_empty()).await;
        world.restart().await;
        let answer = portal.await.expect("the portal's request");
        assert_eq!(
            (answer.status, answer.said("status").as_str()),
            (200, "INITIAL"),
            "{}",
            answer.text
        );
        let back = world.pay(&answer.said("transactionRedirectUrl"), "PAYPAL").await;
        world.browse(&back).await.location();
        paid_once(world, "flight").await;
    })
    .await;
}

#[tokio::test]
async fn a_portal_that_hangs_up_does_not_cut_the_call() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::Slow);
        let address = world.url(&format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}"));
        let request = world.http.post(address).basic_auth("thavel", Some(&world.secret));
        let portal = tokio::spawn(Answer::of(request.json(&certificate("hangup"))));
        world.sandbox().until(|payments| !payments.is_empty()).await;
        portal.abort();
        world.idle().await;
        let answer = world.get(CERTIFICATE, "hangup").await;
        assert_eq!(answer.said("transactionReference"), world.newest().kassenzeichen);
        let back = world.pay(&answer.said("transactionRedirectUrl"), "PAYPAL").await;
        world.browse(&back).await.location();
        paid_once(world, "hangup").await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_comes_when_its_time_is_over_is_handed_to_nobody() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::Slow);
        let address = world.url(&format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}"));
        let request = world.http.post(address).basic_auth("thavel", Some(&world.secret));
        let portal = tokio::spawn(Answer::of(request.json(&certificate("slow"))));
        world.sandbox().until(|payments| !payments.is_empty()).await;
        world.forward(300);
        let app = &world.stage().connector.app;
        app.sweep().await.expect("the sweeper sends the number again");
        let answer = portal.await.expect("the portal's request");
        assert_eq!(
            (answer.status, answer.said("status").as_str()),
            (200, "INITIAL"),
            "{}",
            answer.text
        );
        world.idle().await;
        let payments = world.sandbox().payments();
        assert_eq!(payments.len(), 2);
        let page = world
            .browse(&answer.said("transactionRedirectUrl"))
            .await
            .location();
        assert_eq!(page, payments[1].paypage, "not the orphan's");
        let back = world.pay(&answer.said("transactionRedirectUrl"), "PAYPAL").await;
        world.browse(&back).await.location();
        paid_once(world, "slow").await;
        assert_eq!(world.exceptions().await, ["verwaist"]);
    })
    .await;
}

#[tokio::test]
async fn killed_while_the_provider_is_called_another_connector_takes_the_payment_up() {
    on_every_database(async |world| {
        let second = Second::start(world).await;
        world.sandbox().fail_next(Fault::Slow);
        let address = second.url(&format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}"));
        let request = world.http.post(address).basic_auth("thavel", Some(&world.secret));
        let portal = tokio::spawn(request.json(&certificate("killed")).send());
        world.sandbox().until(|payments| !payments.is_empty()).await;
        second.kill();
        assert!(portal.await.expect("the portal").is_err(), "nobody answered");
        world.sweep().await;
        assert_eq!(
            world.sandbox().counts().creates,
            1,
            "the call may still be under way"
        );
        world.live(120, 20).await;
        // The portal asks with the id that it chose, and finds its payment.
        let answer = world.get(CERTIFICATE, "killed").await;
        assert_eq!(
            (answer.status, answer.said("status").as_str()),
            (200, "INITIAL"),
            "{}",
            answer.text
        );
        let back = world
            .pay(&answer.said("transactionRedirectUrl"), "KREDITKARTE")
            .await;
        world.browse(&back).await.location();
        paid_once(world, "killed").await;
        assert_eq!(world.exceptions().await, ["verwaist"]);
    })
    .await;
}

#[tokio::test]
async fn killed_between_a_callback_and_its_question_another_connector_asks() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NotifyLate);
        let pay_url = world.open(CERTIFICATE, &certificate("asked")).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        let second = Second::start(world).await;
        let ours = crate::callback_odd::notify_url(world);
        let theirs = second.url(&ours[world.url("").len()..]);
        let body =
            crate::callback_odd::signed(&crate::callback_odd::values(world, "success"), "sandbox-secret");
        world.sandbox().fail_all(vec![Fault::Slow]);
        assert_eq!(Answer::of(world.http.post(theirs).json(&body)).await.status, 200);
        second.kill();
        world.sandbox().clear_faults();
        assert_eq!(world.status(CERTIFICATE, "asked").await, "INITIAL");
        world.sweep().await;
        paid_once(world, "asked").await;
    })
    .await;
}

#[tokio::test]
async fn killed_while_a_gateway_answers_the_event_comes_again_under_the_same_id() {
    on_every_database(async |world| {
        world
            .paid(CERTIFICATE, &certificate("event"), "KREDITKARTE")
            .await;
        world.idle().await;
        let second = Second::start(world).await;
        world.gateway().hold_answers(true);
        let app = Arc::clone(&second.app);
        let delivering = second.does(async move { app.deliver().await });
        world.gateway().wait_for_arrivals(1).await;
        second.kill();
        assert!(delivering.await.is_err(), "it was killed in the middle");
        world.gateway().hold_answers(false);
        world.deliver().await;
        assert_eq!(
            world.gateway().arrivals().len(),
            1,
            "the lease is still the other's"
        );
        world.forward(120);
        assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
        let arrivals: Vec<_> = world
            .gateway()
            .events()
            .iter()
            .map(|event| event.arrivals)
            .collect();
        assert_eq!(arrivals, [2, 1], "at least once, and the id tells");
        paid_once(world, "event").await;
    })
    .await;
}

#[tokio::test]
async fn two_connectors_share_the_questions_without_asking_twice() {
    on_every_database(async |world| {
        for n in 0..12 {
            world.open(CERTIFICATE, &certificate(&format!("n-{n}"))).await;
        }
        let second = Second::start(world).await;
        let before = world.sandbox().counts().reads;
        world.forward(30);
        let app = Arc::clone(&second.app);
        let other = second.does(async move { app.sweep().await });
        world.sweep().await;
        other.await.expect("the other one").expect("it sweeps");
        world.sweep().await;
        assert_eq!(world.sandbox().counts().reads, before + 12);
        second.kill();
    })
    .await;
}

#[tokio::test]
async fn twins_at_two_connectors_make_one_payment() {
    on_every_database(async |world| {
        let second = Second::start(world).await;
        let path = format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}");
        let mut twins = tokio::task::JoinSet::new();
        for n in 0..10 {
            let address = if n % 2 == 0 {
                world.url(&path)
            } else {
                second.url(&path)
            };
            let request = world.http.post(address).basic_auth("thavel", Some(&world.secret));
            twins.spawn(Answer::of(request.json(&certificate("twin"))));
        }
        let answers = twins.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert!(
            answers
                .iter()
                .all(|answer| answer.status == 200 || answer.refusal().1 == "PAYMENT_EXISTS")
        );
        assert_eq!(world.sandbox().counts().creates, 1);
        second.kill();
    })
    .await;
}
