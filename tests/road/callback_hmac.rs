//! Callbacks under `hmac-sha256`: Standard Webhooks, and header names of an operator's own gateway.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::callback_odd::{notify_url, signed, values};
use crate::kit::{CERTIFICATE, World, on_every_database, on_every_database_with};
use crate::requests::{Answer, certificate};

const KEY: &[u8] = b"a key of thirty-two bytes, no less";

fn mac(signed: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(KEY).expect("a key of any length");
    mac.chain_update(signed).finalize().into_bytes().to_vec()
}

/// Sends a callback signed as Standard Webhooks wants it.
async fn send(world: &World, id: &str, seconds: i64, body: &str) -> u16 {
    let signature = BASE64.encode(mac(format!("{id}.{seconds}.{body}").as_bytes()));
    let request = world
        .http
        .post(notify_url(world))
        .header("content-type", "application/json");
    let request = request
        .header("webhook-id", id)
        .header("webhook-timestamp", seconds);
    Answer::of(
        request
            .header("webhook-signature", format!("v1a,x v1,{signature}"))
            .body(body.to_owned()),
    )
    .await
    .status
}

async fn under_standard_webhooks(story: impl AsyncFn(&mut World)) {
    let secrets = format!("[\"whsec_{}\"]", BASE64.encode(KEY));
    let environment = [
        ("EPAYBL_PROVIDERS__EPAYBL_TH__CALLBACK__SCHEME", "hmac-sha256"),
        ("EPAYBL_PROVIDERS__EPAYBL_TH__CALLBACK__SECRETS", &secrets),
    ];
    on_every_database_with(&environment, story).await;
}

/// What ePayBL would say; its own hash means nothing here.
fn success(world: &World) -> String {
    signed(&values(world, "success"), "whatever").to_string()
}

#[tokio::test]
async fn a_good_signature_over_the_raw_body_settles_the_payment() {
    under_standard_webhooks(async |world| {
        let pay_url = world.open(CERTIFICATE, &certificate("h-1")).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        world.idle().await;
        assert_eq!(
            world.status(CERTIFICATE, "h-1").await,
            "INITIAL",
            "the sandbox signs otherwise"
        );
        let body = success(world);
        assert_eq!(send(world, "msg-1", world.now().seconds(), &body).await, 200);
        world.idle().await;
        assert_eq!(world.status(CERTIFICATE, "h-1").await, "PAYED");
    })
    .await;
}

#[tokio::test]
async fn a_replay_is_recognised_by_its_id() {
    under_standard_webhooks(async |world| {
        world.open(CERTIFICATE, &certificate("h-2")).await;
        let (now, body) = (world.now().seconds(), success(world));
        for (id, kept) in [("msg-1", 1), ("msg-1", 1), ("msg-2", 2)] {
            assert_eq!(send(world, id, now, &body).await, 200);
            assert_eq!(world.callbacks().await, kept);
        }
    })
    .await;
}

#[tokio::test]
async fn a_time_stamp_may_be_five_minutes_away_and_no_more() {
    under_standard_webhooks(async |world| {
        world.open(CERTIFICATE, &certificate("h-3")).await;
        let (now, body) = (world.now().seconds(), success(world));
        for (n, (away, status)) in [(-300, 200), (300, 200), (-301, 400), (301, 400)]
            .into_iter()
            .enumerate()
        {
            assert_eq!(
                send(world, &format!("msg-{n}"), now + away, &body).await,
                status,
                "{away} s"
            );
        }
        assert_eq!(world.callbacks().await, 2);
    })
    .await;
}

#[tokio::test]
async fn what_was_signed_cannot_be_changed_and_unsigned_is_not_believed() {
    under_standard_webhooks(async |world| {
        world.open(CERTIFICATE, &certificate("h-4")).await;
        let (now, body) = (world.now().seconds(), success(world));
        let signature = BASE64.encode(mac(format!("msg.{now}.{body}").as_bytes()));
        let changed = body.replace("success", "cancel");
        let request = world
            .http
            .post(notify_url(world))
            .header("webhook-id", "msg")
            .header("webhook-timestamp", now);
        let request = request
            .header("webhook-signature", format!("v1,{signature}"))
            .body(changed);
        assert_eq!(Answer::of(request).await.status, 400);
        assert_eq!(
            Answer::of(world.http.post(notify_url(world)).body(body))
                .await
                .status,
            400
        );
        assert_eq!(world.callbacks().await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_operators_gateway_may_sign_under_headers_of_its_own() {
    on_every_database(async |world| {
        world
            .reconfigure(|text| {
                let hmac = "scheme = \"hmac-sha256\"\nsecrets = [\"a key of thirty-two bytes, no less\"]\n\
                            [providers.epaybl-th.callback.hmac.headers]\ntimestamp = \"X-Zeit\"\n\
                            signature = \"X-Signatur\"\nprefix = \"sha256=\"";
                text.replace("secrets = [\"sandbox-secret\"]", hmac)
            })
            .await;
        world.open(CERTIFICATE, &certificate("own")).await;
        let (now, body) = (world.now().seconds(), success(world));
        let signature = data_encoding::HEXLOWER.encode(&mac(format!("{now}.{body}").as_bytes()));
        for kept in [1, 1] {
            let request = world.http.post(notify_url(world)).header("X-Zeit", now);
            let request = request
                .header("X-Signatur", format!("sha256={signature}"))
                .body(body.clone());
            assert_eq!(Answer::of(request).await.status, 200);
            assert_eq!(world.callbacks().await, kept);
        }
    })
    .await;
}
