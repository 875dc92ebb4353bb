//! Where the provider is reached through a proxy alone: every call takes it, in plain as in a tunnel, and whatever the
//! proxy does, no payment is lost and none is made twice.

use super::certificates::{KONNEKTOR, SOAP, secured};
use super::{is_booked_once, is_closed, is_paid_once, section};
use crate::forward::Proxy;
use crate::kit::{CERTIFICATE, Provider, World, with_each_provider};
use crate::requests::certificate;

/// Plays a story with the Konnektor and with SOAP behind a proxy each, without TLS.
async fn in_plain(story: impl AsyncFn(&mut World, &mut Proxy)) {
    behind(
        &[
            ("konnektor behind a proxy", false, KONNEKTOR),
            ("soap behind a proxy", false, SOAP),
        ],
        story,
    )
    .await;
}

/// The same, and then both over TLS, in a tunnel.
async fn everywhere(story: impl AsyncFn(&mut World, &mut Proxy)) {
    in_plain(&story).await;
    behind(
        &[
            ("konnektor in a tunnel", true, KONNEKTOR),
            ("soap in a tunnel", true, SOAP),
        ],
        story,
    )
    .await;
}

async fn behind(kinds: &[(&'static str, bool, &str)], story: impl AsyncFn(&mut World, &mut Proxy)) {
    for (name, tls, lines) in kinds {
        let proxy = Proxy::start().await;
        let lines = format!("proxy = \"{}\"\n{lines}", proxy.url());
        let provider = if *tls {
            secured(name, &lines)
        } else {
            Provider {
                name,
                section: Some(section(&format!("keep_alive_seconds = 0\n{lines}"))),
                ..Provider::default()
            }
        };
        let proxy = tokio::sync::Mutex::new(proxy);
        with_each_provider(&[provider], async |world| {
            story(world, &mut *proxy.lock().await).await;
        })
        .await;
    }
}

#[tokio::test]
async fn every_call_goes_through_the_proxy_and_to_the_provider_alone() {
    everywhere(async |world, proxy| {
        world
            .paid(CERTIFICATE, &certificate("through"), "KREDITKARTE")
            .await;
        is_paid_once(world, "through").await;
        let base = world.sandbox().base_url();
        let server = base.authority();
        let expected = match (base.scheme(), world.provider) {
            ("https", _) => vec![format!("CONNECT {server}")],
            (_, "konnektor behind a proxy") => vec![format!("GET {server}"), format!("POST {server}")],
            _ => vec![format!("POST {server}")],
        };
        assert_eq!(proxy.seen(), expected, "{}", world.provider);
    })
    .await;
}

#[tokio::test]
async fn without_the_proxy_nothing_is_opened_and_the_request_id_stays_free() {
    everywhere(async |world, proxy| {
        proxy.goes().await;
        is_closed(world, "gone").await;
        assert!(world.sandbox().lists().is_empty(), "{}", world.provider);
        proxy.comes_back().await;
        world.paid(CERTIFICATE, &certificate("gone"), "KREDITKARTE").await;
        is_paid_once(world, "gone").await;
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_says_no_opens_nothing() {
    everywhere(async |world, proxy| {
        for status in ["403 Forbidden", "407 Proxy Authentication Required"] {
            proxy.refuses(Some(status));
            is_closed(world, "no").await;
            assert!(world.sandbox().lists().is_empty(), "{}", world.provider);
        }
        proxy.refuses(None);
        world.paid(CERTIFICATE, &certificate("no"), "PAYPAL").await;
        is_paid_once(world, "no").await;
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_does_not_reach_the_server_delays_what_may_have_been_sent() {
    everywhere(async |world, proxy| {
        proxy.refuses(Some("502 Bad Gateway"));
        let told = world.provider;
        let first = world.post(CERTIFICATE, &certificate("502")).await;
        // In plain nobody knows what became of the Konnektor's one call; what SOAP sends first creates no payment, and
        // a tunnel that was not made carried nothing.
        if told == "konnektor behind a proxy" {
            assert_eq!(first.said("status"), "INITIAL", "{}", first.text);
        } else {
            assert_eq!(first.refusal(), (503, "UNSPECIFIED".to_owned()), "{told}");
        }
        proxy.refuses(None);
        let pay_url = if first.status == 200 {
            world.live(120, 20).await;
            first.said("transactionRedirectUrl")
        } else {
            world.open(CERTIFICATE, &certificate("502")).await
        };
        world.pay(&pay_url, "KREDITKARTE").await;
        world.live(120, 20).await;
        is_paid_once(world, "502").await;
    })
    .await;
}

#[tokio::test]
async fn money_that_comes_while_the_proxy_is_gone_is_booked_when_it_is_back() {
    everywhere(async |world, proxy| {
        let pay_url = world.open(CERTIFICATE, &certificate("between")).await;
        proxy.goes().await;
        world.pay(&pay_url, "KREDITKARTE").await;
        world.live(1800, 300).await;
        assert_eq!(
            world.status(CERTIFICATE, "between").await,
            "INITIAL",
            "{}",
            world.provider
        );
        assert!(world.heard().await.is_empty(), "{}", world.provider);
        proxy.comes_back().await;
        world.live(1200, 60).await;
        is_paid_once(world, "between").await;
    })
    .await;
}

/// The answer to the call that creates is lost on its way; returns where the citizen was sent.
async fn loses_the_answer(world: &World, proxy: &Proxy, id: &str) -> String {
    let soap = world.provider.starts_with("soap");
    proxy.loses_the_answer_to(if soap {
        "anlegenKassenzeichen"
    } else {
        "/buchungslisten"
    });
    let pay_url = world.open(CERTIFICATE, &certificate(id)).await;
    assert_eq!(
        world.sandbox().payments().len(),
        1,
        "it arrived: {}",
        world.provider
    );
    pay_url
}

/// What becomes of a payment whose answer was lost: SOAP finds it; the Konnektor's page reached nobody, and another one
/// takes its place.
async fn is_found_and_paid(world: &World, pay_url: &str, id: &str) {
    let told = world.provider;
    world.pay(pay_url, "KREDITKARTE").await;
    world.live(120, 20).await;
    if told.starts_with("soap") {
        return is_paid_once(world, id).await;
    }
    is_booked_once(world, id).await;
    let payments = world.sandbox().payments();
    let paid = payments.iter().filter(|payment| payment.saldo.get() <= 0);
    assert_eq!((payments.len(), paid.count()), (2, 1), "{told}");
    assert_eq!(world.exceptions().await, ["verwaist"], "{told}");
}

#[tokio::test]
async fn an_answer_that_the_proxy_loses_is_found_out_and_paid_once() {
    in_plain(async |world, proxy| {
        let pay_url = loses_the_answer(world, proxy, "lost").await;
        world.live(60, 20).await;
        is_found_and_paid(world, &pay_url, "lost").await;
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_goes_after_it_lost_an_answer_says_nothing_of_the_payment() {
    in_plain(async |world, proxy| {
        let pay_url = loses_the_answer(world, proxy, "lost").await;
        proxy.goes().await;
        world.live(300, 20).await;
        assert_eq!(
            world.status(CERTIFICATE, "lost").await,
            "INITIAL",
            "{}",
            world.provider
        );
        proxy.comes_back().await;
        proxy.refuses(Some("407 Proxy Authentication Required"));
        world.live(300, 20).await;
        assert_eq!(
            world.status(CERTIFICATE, "lost").await,
            "INITIAL",
            "{}",
            world.provider
        );
        proxy.refuses(None);
        world.live(1200, 20).await;
        is_found_and_paid(world, &pay_url, "lost").await;
    })
    .await;
}
