//! Callbacks that are not what they should be. None is answered 500, none books.

use epaybl_connector::sandbox::{Fault, notify_hash};
use serde_json::{Value, json};

use crate::kit::{CERTIFICATE, World, on_every_database};
use crate::requests::{Answer, certificate};

/// The values of a notify of the newest payment, with a status.
pub fn values(world: &World, status: &str) -> [String; 9] {
    let payment = world.newest();
    let method = payment.method.unwrap_or_default();
    [
        payment.mandant,
        payment.bewirtschafter,
        "ZVG1".to_owned(),
        payment.kassenzeichen,
        "TAN1".to_owned(),
        "SANDBOX-ZVP".to_owned(),
        method,
        "true".to_owned(),
        status.to_owned(),
    ]
}

/// A notify with these values as JSON, signed with a secret.
pub fn signed(values: &[String; 9], secret: &str) -> Value {
    let [
        mandant,
        bewirtschafter,
        zvgid,
        kassenzeichen,
        tan,
        zvp,
        zahlverfahren,
        aktivierung,
        status,
    ] = values.each_ref().map(String::as_str);
    let hash = notify_hash(&values.each_ref().map(String::as_str), secret);
    json!({"mandant": mandant, "bewirtschafter": bewirtschafter, "zvgid": zvgid, "kassenzeichen": kassenzeichen,
        "tan": tan, "zvp": zvp, "zahlverfahren": zahlverfahren, "aktivierung": aktivierung, "status": status, "hash": hash})
}

/// Where the newest payment is called back.
pub fn notify_url(world: &World) -> String {
    let list = world.sandbox().lists().pop().expect("a create call");
    list["fachverfahrendaten"]["notifyUrl"]
        .as_str()
        .expect("an address")
        .to_owned()
}

async fn rejected(world: &World) -> i64 {
    world.number("SELECT COUNT(*) FROM rejected_callback").await
}

/// Nothing has become of a payment.
async fn untouched(world: &World, id: &str) {
    world.idle().await;
    assert_eq!(world.status(CERTIFICATE, id).await, "INITIAL");
    assert!(world.booked().await.is_empty());
}

#[tokio::test]
async fn a_wrong_hash_is_400_and_nothing_of_it_is_kept_but_a_count() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::WrongHash);
        let pay_url = world.open(CERTIFICATE, &certificate("hash")).await;
        let reads = world.sandbox().counts().reads;
        world.pay(&pay_url, "KREDITKARTE").await;
        world.idle().await;
        let answers: Vec<_> = world
            .newest()
            .deliveries
            .iter()
            .map(|delivery| delivery.answer)
            .collect();
        assert_eq!(answers, [Some(400), Some(400)]);
        assert_eq!(world.sandbox().counts().reads, reads, "not even a reason to ask");
        untouched(world, "hash").await;
        assert_eq!((world.callbacks().await, rejected(world).await), (0, 2));
        // The payment is found all the same, by asking.
        world.live(60, 20).await;
        assert_eq!(world.status(CERTIFICATE, "hash").await, "PAYED");
    })
    .await;
}

#[tokio::test]
async fn every_signed_field_is_signed() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("fields")).await;
        let (url, good) = (
            notify_url(world),
            signed(&values(world, "success"), "sandbox-secret"),
        );
        for field in [
            "mandant",
            "bewirtschafter",
            "zvgid",
            "kassenzeichen",
            "tan",
            "zvp",
            "zahlverfahren",
            "aktivierung",
            "status",
            "hash",
        ] {
            let mut changed = good.clone();
            let text = changed[field].as_str().expect("a text");
            changed[field] = json!(format!("{text}0"));
            let answer = Answer::of(world.http.post(&url).json(&changed)).await;
            assert_eq!(answer.status, 400, "{field}");
            assert_eq!(answer.header("content-type"), "application/problem+json");
        }
        let answer = Answer::of(world.http.post(&url).json(&good)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        untouched(world, "fields").await;
    })
    .await;
}

#[tokio::test]
async fn callbacks_that_cannot_be_read_are_refused_clearly() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("garbage")).await;
        let url = notify_url(world);
        let bodies: [Vec<u8>; 8] = [
            Vec::new(),
            b"{".to_vec(),
            b"[]".to_vec(),
            b"null".to_vec(),
            vec![0, 159, 146, 150],
            b"{\"status\":{\"a\":1}}".to_vec(),
            b"status=success&status=cancel".to_vec(),
            b"{\"mandant\":\"a\\u0000b\",\"hash\":\"00\"}".to_vec(),
        ];
        for body in bodies {
            let answer = Answer::of(world.http.post(&url).body(body.clone())).await;
            assert_eq!(
                answer.status,
                400,
                "{:?}: {}",
                String::from_utf8_lossy(&body),
                answer.text
            );
        }
        let large = Answer::of(world.http.post(&url).body(vec![b'x'; 100_000])).await;
        assert_eq!(large.status, 413);
        assert_eq!(Answer::of(world.http.put(&url)).await.status, 405);
        assert_eq!(Answer::of(world.http.head(&url)).await.status, 405);
        assert_eq!(Answer::of(world.http.get(&url)).await.status, 400);
        untouched(world, "garbage").await;
    })
    .await;
}

#[tokio::test]
async fn an_unknown_token_or_provider_is_404() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("token")).await;
        let good = signed(&values(world, "success"), "sandbox-secret");
        let url = notify_url(world);
        let token = url.rsplit('/').next().expect("a token");
        for path in [
            "/callbacks/epaybl-th/AAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            "/callbacks/epaybl-th/x".to_owned(),
            format!("/callbacks/nobody/{token}"),
        ] {
            let answer = Answer::of(world.http.post(world.url(&path)).json(&good)).await;
            assert_eq!(answer.status, 404, "{path}");
        }
        untouched(world, "token").await;
    })
    .await;
}

#[tokio::test]
async fn a_good_signature_over_another_kassenzeichen_is_named_and_books_nothing() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::OtherKassenzeichen);
        let pay_url = world.open(CERTIFICATE, &certificate("other")).await;
        world.pay(&pay_url, "KREDITKARTE").await;
        world.idle().await;
        let answers: Vec<_> = world
            .newest()
            .deliveries
            .iter()
            .map(|delivery| delivery.answer)
            .collect();
        assert_eq!(answers, [Some(200), Some(200)]);
        assert_eq!(world.exceptions().await, ["fremdes_kassenzeichen"]);
        // It is a reason to ask for ours, and ours is paid.
        assert_eq!(world.status(CERTIFICATE, "other").await, "PAYED");
        let paid = world.get(CERTIFICATE, "other").await;
        assert_eq!(paid.said("transactionReference"), world.newest().kassenzeichen);
    })
    .await;
}

#[tokio::test]
async fn a_good_signature_over_another_bewirtschafter_is_named_and_believed_in_nothing() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("bw")).await;
        let mut others = values(world, "success");
        others[1] = "BW200001".to_owned();
        let answer = Answer::of(
            world
                .http
                .post(notify_url(world))
                .json(&signed(&others, "sandbox-secret")),
        )
        .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        untouched(world, "bw").await;
        assert_eq!(world.exceptions().await, ["fremder_bewirtschafter"]);
    })
    .await;
}

#[tokio::test]
async fn the_callback_of_one_payment_sent_to_another_pays_neither() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("mine")).await;
        let mine = notify_url(world);
        world.sandbox().fail_next(Fault::NotifyLate);
        let theirs = world.open(CERTIFICATE, &certificate("theirs")).await;
        world.pay(&theirs, "KREDITKARTE").await;
        let body = signed(&values(world, "success"), "sandbox-secret");
        assert_eq!(Answer::of(world.http.post(mine).json(&body)).await.status, 200);
        untouched(world, "mine").await;
        assert_eq!(world.exceptions().await, ["fremdes_kassenzeichen"]);
    })
    .await;
}

#[tokio::test]
async fn a_foreign_kassenzeichen_is_not_learnt_where_our_own_is_not_known_yet() {
    on_every_database(async |world| {
        let theirs = world.open(CERTIFICATE, &certificate("theirs")).await;
        let known = world.newest().kassenzeichen;
        world.sandbox().fail_next(Fault::KassenzeichenOnlyInNotify);
        let mine = world.open(CERTIFICATE, &certificate("mine")).await;
        let mut others = values(world, "success");
        others[3] = known;
        let body = signed(&others, "sandbox-secret");
        assert_eq!(
            Answer::of(world.http.post(notify_url(world)).json(&body))
                .await
                .status,
            200
        );
        untouched(world, "mine").await;
        assert_eq!(world.exceptions().await, ["fremdes_kassenzeichen"]);
        for (url, id) in [(mine, "mine"), (theirs, "theirs")] {
            world.pay(&url, "PAYPAL").await;
            world.idle().await;
            assert_eq!(world.status(CERTIFICATE, id).await, "PAYED");
        }
        assert_eq!(world.booked().await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn a_success_that_the_provider_never_bears_out_ends_with_a_person() {
    on_every_database(async |world| {
        world.sandbox().fail_next(Fault::InaktivAfterAbort);
        let pay_url = world.open(CERTIFICATE, &certificate("liar")).await;
        let url = notify_url(world);
        let body = signed(&values(world, "success"), "sandbox-secret");
        assert_eq!(Answer::of(world.http.post(&url).json(&body)).await.status, 200);
        untouched(world, "liar").await;
        world.abort(&pay_url).await;
        world.live(2 * 3600, 600).await;
        assert_eq!(world.exceptions().await, ["erfolg_ohne_nachweis"]);
        assert!(world.booked().await.is_empty(), "a callback alone books nothing");
        assert_eq!(
            world.status(CERTIFICATE, "liar").await,
            "INITIAL",
            "a person decides"
        );
    })
    .await;
}

#[tokio::test]
async fn secrets_are_rotated_with_two_good_at_a_time() {
    on_every_database(async |world| {
        world.open(CERTIFICATE, &certificate("rotate")).await;
        let url = notify_url(world);
        let send = async |world: &World, secret: &str, status: &str| {
            let body = signed(&values(world, status), secret);
            Answer::of(world.http.post(&url).json(&body)).await.status
        };
        assert_eq!(
            (
                send(world, "sandbox-secret", "a").await,
                send(world, "new", "b").await
            ),
            (200, 400)
        );
        let (one, two) = (
            "secrets = [\"sandbox-secret\"]",
            "secrets = [\"new\", \"sandbox-secret\"]",
        );
        world.reconfigure(|text| text.replace(one, two)).await;
        assert_eq!(
            (
                send(world, "sandbox-secret", "c").await,
                send(world, "new", "d").await
            ),
            (200, 200)
        );
        world
            .reconfigure(|text| text.replace(two, "secrets = [\"new\"]"))
            .await;
        assert_eq!(
            (
                send(world, "sandbox-secret", "e").await,
                send(world, "new", "f").await
            ),
            (400, 200)
        );
    })
    .await;
}
