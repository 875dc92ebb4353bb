//! The citizen's way to the paypage and back.

use epaybl_connector::sandbox::Fault;
use serde_json::json;

use crate::kit::{CERTIFICATE, on_every_database};
use crate::requests::{Answer, certificate, home};

#[tokio::test]
async fn the_return_settles_first_even_when_the_callback_was_lost() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NoNotify);
        let pay_url = world.open(CERTIFICATE, &certificate("b-1")).await;
        let back = world.pay(&pay_url, "KREDITKARTE").await;
        assert_eq!(world.status(CERTIFICATE, "b-1").await, "INITIAL");
        assert_eq!(world.browse(&back).await.location(), home("b-1"));
        assert_eq!(
            world.status(CERTIFICATE, "b-1").await,
            "PAYED",
            "the portal asks at once"
        );
        assert_eq!(world.callbacks().await, 0);
        let zahlung = world.bookings().await.pop().expect("a booking");
        assert!(
            zahlung.contains("verrechnung/epaybl/KREDITKARTE"),
            "no callback named the provider: {zahlung}"
        );
    })
    .await;
}

#[tokio::test]
async fn the_redirect_url_is_given_back_unchanged() {
    on_every_database(async |world| {
        for (n, url) in [
            "https://portal.example/a?x=1&y=%20%C3%BC+z#teil?noch=1",
            "https://portal.example",
            "http://portal.example:8443/zur%C3%BCck;v=1?r=success",
        ]
        .into_iter()
        .enumerate()
        {
            let mut body = certificate(&format!("u-{n}"));
            body["redirectUrl"] = json!(url);
            let pay_url = world.open(CERTIFICATE, &body).await;
            let back = world.pay(&pay_url, "PAYPAL").await;
            assert_eq!(world.browse(&back).await.location(), url);
            assert_eq!(
                world.browse(&pay_url).await.location(),
                url,
                "after the end to the portal"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn what_the_browser_says_of_the_outcome_changes_nothing() {
    on_every_database(async |world| {
        let pay_url = world.open(CERTIFICATE, &certificate("says")).await;
        let back = pay_url.replace("/pay/", "/return/");
        for said in ["", "?r=success", "?r=cancel", "?r=error&status=PAYED"] {
            assert_eq!(
                world.browse(&format!("{back}{said}")).await.location(),
                home("says"),
                "{said}"
            );
            assert_eq!(world.status(CERTIFICATE, "says").await, "INITIAL", "{said}");
        }
        let posted = Answer::of(world.http.post(&back).body("r=success")).await;
        assert_eq!(posted.location(), home("says"));
        assert!(world.booked().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_unknown_token_shows_a_german_page() {
    on_every_database(async |world| {
        for path in [
            "/pay/AAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "/return/AAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "/pay/x",
            "/return/%00",
        ] {
            let page = world.browse(&world.url(path)).await;
            assert_eq!(page.status, 404, "{path}");
            assert!(page.header("content-type").starts_with("text/html"), "{path}");
            assert!(
                page.text.contains("lang=\"de\"") && page.text.contains("führt zu keiner Zahlung"),
                "{path}"
            );
            assert!(!page.header("content-security-policy").is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn while_the_provider_is_down_the_browser_goes_on_and_the_sweeper_settles_later() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::NoNotify);
        let pay_url = world.open(CERTIFICATE, &certificate("down")).await;
        let back = world.pay(&pay_url, "KREDITKARTE").await;
        world.sandbox().fail_all(vec![Fault::Http500]);
        assert_eq!(world.browse(&back).await.location(), home("down"));
        assert_eq!(world.status(CERTIFICATE, "down").await, "INITIAL");
        world.live(600, 60).await;
        assert_eq!(world.status(CERTIFICATE, "down").await, "INITIAL");
        world.sandbox().clear_faults();
        world.live(600, 60).await;
        assert_eq!(world.status(CERTIFICATE, "down").await, "PAYED");
    })
    .await;
}

#[tokio::test]
async fn the_way_back_waits_for_a_status_that_lags_a_little() {
    on_every_database(async |world| {
        world
            .sandbox()
            .fail_next_with(vec![Fault::NoNotify, Fault::StatusLags { reads: 1 }]);
        let pay_url = world.open(CERTIFICATE, &certificate("lag")).await;
        let back = world.pay(&pay_url, "KREDITKARTE").await;
        assert_eq!(world.browse(&back).await.location(), home("lag"));
        assert_eq!(world.status(CERTIFICATE, "lag").await, "PAYED");
    })
    .await;
}

#[tokio::test]
async fn a_citizen_who_reloads_comes_back_as_often_as_they_like() {
    on_every_database(async |world| {
        let pay_url = world.open(CERTIFICATE, &certificate("reload")).await;
        let page = world.browse(&pay_url).await.location();
        assert_eq!(
            world.browse(&pay_url).await.location(),
            page,
            "one page, however often it is asked for"
        );
        let back = world.pay(&pay_url, "PAYPAL").await;
        let all = [world.browse(&back), world.browse(&back), world.browse(&back)];
        let [one, two, three] = all;
        let (one, two, three) = tokio::join!(one, two, three);
        for answer in [one, two, three] {
            assert_eq!(answer.location(), home("reload"));
        }
        assert_eq!(world.booked().await.len(), 2);
    })
    .await;
}
