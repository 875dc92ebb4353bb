//! Stories about callbacks: good, forged, rotated, late, broken. Hashes were computed apart from this program.

use std::collections::BTreeMap;

use super::*;

/// SHA-256 over the nine fields below in order and `geheim-äöü`.
const GOLDEN: &str = "6cf7664ad747e2a3137910374b577de4dd2e3758697415c9352b847bf8e071db";

const FULL: [(&str, &str); 9] = [
    ("mandant", "TH000001"),
    ("bewirtschafter", "BW100001"),
    ("zvgid", "987654"),
    ("kassenzeichen", "4200000000061"),
    ("tan", "TAN1"),
    ("zvp", "SaferPay"),
    ("zahlverfahren", "KREDITKARTE"),
    ("aktivierung", "2026-03-01"),
    ("status", "success"),
];

fn epaybl(secrets: &[&str]) -> CallbackConfig {
    CallbackConfig {
        secrets: secrets.iter().map(|secret| (*secret).into()).collect(),
        ..CallbackConfig::default()
    }
}

fn verifier(config: &CallbackConfig) -> Verifier {
    assert_eq!(config.validate(), []);
    Verifier::new(config, false).expect("usable secrets")
}

fn get(fields: &[(&str, &str)]) -> RawCallback {
    RawCallback {
        method: "GET".into(),
        query: fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..RawCallback::default()
    }
}

fn signed(fields: &[(&str, &str)], hash: &str) -> RawCallback {
    let mut raw = get(fields);
    raw.query.push(("hash".into(), hash.into()));
    raw
}

fn with(name: &str, value: &str) -> Vec<(&'static str, String)> {
    FULL.iter()
        .map(|(field, old)| (*field, if *field == name { value } else { old }.to_owned()))
        .collect()
}

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

#[test]
fn a_callback_with_a_good_hash_is_believed() {
    let verified = verifier(&epaybl(&["geheim-äöü"]))
        .verify(&signed(&FULL, GOLDEN), NOW)
        .expect("a good hash");
    assert_eq!(verified.mandant.as_str(), "TH000001");
    assert_eq!(verified.bewirtschafter.as_str(), "BW100001");
    assert_eq!(
        verified.kassenzeichen.as_ref().map(Kassenzeichen::as_str),
        Some("4200000000061")
    );
    assert_eq!(verified.zvp.as_deref(), Some("SaferPay"));
    assert_eq!(verified.method.as_ref().map(Method::as_str), Some("KREDITKARTE"));
    assert_eq!(verified.word, Word::Success);
    assert_eq!(verified.status, "success");
}

#[test]
fn it_is_the_same_callback_in_every_shape_and_case() {
    let verifier = verifier(&epaybl(&["geheim-äöü"]));
    let expected = verifier.verify(&signed(&FULL, GOLDEN), NOW).expect("good");
    let object: serde_json::Map<_, _> = FULL
        .iter()
        .chain(&[("hash", GOLDEN)])
        .map(|(name, value)| ((*name).to_owned(), (*value).into()))
        .collect();
    let flat = serde_json::to_vec(&object).expect("JSON");
    let nested = serde_json::to_vec(&serde_json::json!({ "data": object })).expect("JSON");
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(FULL.iter().chain(&[("hash", GOLDEN)]))
        .finish()
        .into_bytes();
    for body in [flat, nested, form] {
        let raw = RawCallback {
            method: "POST".into(),
            body,
            ..RawCallback::default()
        };
        assert_eq!(verifier.verify(&raw, NOW).as_ref(), Ok(&expected));
    }
    let upper = signed(&FULL, &GOLDEN.to_uppercase());
    assert_eq!(verifier.verify(&upper, NOW).as_ref(), Ok(&expected));
}

#[test]
fn during_a_rotation_the_old_and_the_new_secret_are_good_and_no_third() {
    let raw = signed(&FULL, GOLDEN);
    for secrets in [["new", "geheim-äöü"], ["geheim-äöü", "new"]] {
        assert!(verifier(&epaybl(&secrets)).verify(&raw, NOW).is_ok());
    }
    assert_eq!(
        verifier(&epaybl(&["new"])).verify(&raw, NOW),
        Err(CallbackError::Signature)
    );
}

#[test]
fn changing_any_signed_field_breaks_the_signature() {
    let verifier = verifier(&epaybl(&["geheim-äöü"]));
    for (name, _) in FULL {
        let changed = with(name, "X9");
        let fields: Vec<_> = changed
            .iter()
            .map(|(field, value)| (*field, value.as_str()))
            .collect();
        assert_eq!(
            verifier.verify(&signed(&fields, GOLDEN), NOW),
            Err(CallbackError::Signature),
            "{name}"
        );
    }
}

#[test]
fn a_character_that_wanders_into_the_next_field_makes_another_callback() {
    // The Konnektor's hash cannot see this; the dedup key can, and the Kassenzeichen is no longer the attempt's.
    let verifier = verifier(&epaybl(&["geheim-äöü"]));
    let mut moved = FULL;
    moved[3].1 = "420000000006";
    moved[4].1 = "1TAN1";
    let original = verifier.verify(&signed(&FULL, GOLDEN), NOW).expect("good");
    let wandered = verifier.verify(&signed(&moved, GOLDEN), NOW).expect("good, alas");
    assert_ne!(original.dedup_key, wandered.dedup_key);
    assert_ne!(original.kassenzeichen, wandered.kassenzeichen);
}

#[test]
fn null_text_and_separator_follow_the_configuration() {
    let fields = [FULL[0], FULL[1], FULL[3], FULL[4], FULL[6], FULL[8]];
    let plain = "69a53164a3311e6382bf49307ac903a9e8a55fb39fbf845c9ce9177df5285245";
    let verifier_plain = verifier(&epaybl(&["old-secret"]));
    let verified = verifier_plain
        .verify(&signed(&fields, plain), NOW)
        .expect("missing fields contribute nothing");
    assert_eq!(verified.zvp, None);

    let mut config = epaybl(&["old-secret"]);
    config.recipe.null_text = "null".into();
    config.recipe.separator = "|".into();
    let with_text = "1ddd8d0669fc4b4a95b07b1672d2fa9578015a58e2733dc77c7097273f08a7d0";
    assert!(verifier(&config).verify(&signed(&fields, with_text), NOW).is_ok());
    assert_eq!(
        verifier(&config).verify(&signed(&fields, plain), NOW),
        Err(CallbackError::Signature)
    );
}

#[test]
fn what_is_missing_or_broken_is_named_before_the_signature() {
    let verifier = verifier(&epaybl(&["geheim-äöü"]));
    for (index, name) in [
        (0, "mandant"),
        (1, "bewirtschafter"),
        (3, "kassenzeichen"),
        (8, "status"),
    ] {
        let mut fields = FULL.to_vec();
        fields.remove(index);
        assert_eq!(
            verifier.verify(&signed(&fields, GOLDEN), NOW),
            Err(CallbackError::Missing(name))
        );
    }
    assert_eq!(
        verifier.verify(&get(&FULL), NOW),
        Err(CallbackError::Missing("hash"))
    );
    assert!(matches!(
        verifier.verify(&signed(&FULL, "zz"), NOW),
        Err(CallbackError::Unreadable(_))
    ));
    assert_eq!(
        verifier.verify(&signed(&FULL, &GOLDEN[..62]), NOW),
        Err(CallbackError::Signature)
    );
}

#[test]
fn the_words_come_from_the_configuration() {
    let mut words = Words::default();
    words.failed.push("ABBRUCH_ZVP".into());
    for (status, word) in [
        ("success", Word::Success),
        ("Success", Word::Success),
        ("notify", Word::Interim),
        ("cancel", Word::Canceled),
        ("error", Word::Failed),
        ("abbruch_zvp", Word::Failed),
        ("paid", Word::Other),
    ] {
        assert_eq!(words.read(status), word, "{status}");
    }
    let mut config = epaybl(&["x"]);
    config.words.failed.push("Success".into());
    assert_eq!(
        config.validate(),
        [(
            "callback.words.failed".to_owned(),
            "«success» is also in callback.words.success".to_owned()
        )]
    );
}

#[test]
fn without_a_secret_a_callback_is_only_a_reason_to_ask() {
    let config = epaybl(&[]);
    assert!(matches!(Verifier::new(&config, false), Err(SecretError::None)));
    let verifier = Verifier::new(&config, true).expect("allowed");
    let verified = verifier.verify(&get(&FULL), NOW).expect("readable");
    assert_eq!(verified.word, Word::Other);
}

#[test]
fn secrets_come_from_a_file_too_and_are_never_printed() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "\nnew\ngeheim-äöü\n").expect("written");
    let config = CallbackConfig {
        secrets_file: Some(file.path().to_owned()),
        ..CallbackConfig::default()
    };
    let verifier = verifier(&config);
    assert!(verifier.verify(&signed(&FULL, GOLDEN), NOW).is_ok());
    assert!(!format!("{verifier:?}").contains("geheim"));
}

fn message(secret_body: &[u8], headers: &[(&str, &str)]) -> RawCallback {
    RawCallback {
        method: "POST".into(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        body: secret_body.to_vec(),
        ..RawCallback::default()
    }
}

fn hmac_config(secrets: &[&str], headers: Option<OwnHeaders>) -> CallbackConfig {
    CallbackConfig {
        scheme: Scheme::HmacSha256,
        hmac: HmacConfig {
            headers,
            ..HmacConfig::default()
        },
        ..epaybl(secrets)
    }
}

#[test]
fn the_published_vectors_of_standard_webhooks_are_good() {
    for (secret, id, at, body, signature) in [
        (
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (
            "C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1_649_367_553,
            r#"{"email":"test@example.com","username":"test_user"}"#,
            "v1a,AAAA v1,!!! v1,AAAA v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
    ] {
        let config = hmac_config(&["whsec_AAAA", secret], None);
        let keys = hmac::keys(&config.hmac, &config.secrets).expect("base64");
        let at_text = at.to_string();
        let raw = message(
            body.as_bytes(),
            &[
                ("webhook-id", id),
                ("webhook-timestamp", &at_text),
                ("webhook-signature", signature),
            ],
        );
        let now = |away: i64| Timestamp::from_millis((at + away) * 1000);
        let judged = |away| hmac::check(&config.hmac, &keys, &raw, now(away));
        assert_eq!(judged(0), Ok(format!("message:{id}")));
        assert!(judged(300).is_ok() && judged(-300).is_ok());
        assert_eq!(judged(301), Err(CallbackError::TooOld(301)));
        assert_eq!(judged(-301), Err(CallbackError::TooOld(-301)));
        assert_eq!(
            hmac::check(&config.hmac, &keys[..1], &raw, now(0)),
            Err(CallbackError::Signature)
        );
    }
}

#[test]
fn a_message_signed_by_the_reference_library_is_read_from_its_body_alone() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let body = r#"{"data":{"mandant":"TH000001","bewirtschafter":"BW100001","status":"success"}}"#;
    let signature = standardwebhooks::Webhook::new(secret)
        .expect("a secret")
        .sign("msg_1", NOW.seconds(), body.as_bytes())
        .expect("signed");
    let headers = [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", "1767225600"),
        ("webhook-signature", signature.as_str()),
    ];
    let verifier = verifier(&hmac_config(&[secret], None));
    let mut raw = message(body.as_bytes(), &headers);
    raw.query.push(("kassenzeichen".into(), "4711".into()));
    let verified = verifier.verify(&raw, NOW).expect("good");
    assert_eq!(verified.word, Word::Success);
    assert_eq!(verified.kassenzeichen, None);
    assert_eq!(verified.dedup_key, "message:msg_1");

    // A signature over an empty body says nothing about what stands in the address.
    let mut empty = get(&FULL);
    empty.headers = raw.headers.clone();
    assert_eq!(verifier.verify(&empty, NOW), Err(CallbackError::Signature));
    for missing in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut raw = message(body.as_bytes(), &headers);
        raw.headers.remove(missing);
        assert_eq!(verifier.verify(&raw, NOW), Err(CallbackError::Missing(missing)));
    }
}

#[test]
fn own_headers_sign_time_and_body() {
    let body = br#"{"mandant":"TH000001","bewirtschafter":"BW100001","status":"success"}"#;
    let hex = "df09f197647610a67236616fdc85f8f1ecf70b392a79fbdec0e682e85c4f3ea3";
    let base64 = "3wnxl2R2EKZyNmFv3IX48ez3CzkqefvewOaC6FxPPqM=";
    let mut keys = Vec::new();
    for (encoding, signature) in [
        (Encoding::Hex, format!("sha256={hex}")),
        (Encoding::Hex, format!("sha256=00,sha256={}", hex.to_uppercase())),
        (Encoding::Base64, format!("sha256={base64}")),
    ] {
        let headers = OwnHeaders {
            id: None,
            timestamp: "X-Time".into(),
            signature: "X-Signature".into(),
            prefix: "sha256=".into(),
            encoding,
        };
        let verifier = verifier(&hmac_config(&["other", "plain secret"], Some(headers)));
        let raw = message(body, &[("x-time", "1767225600"), ("x-signature", &signature)]);
        keys.push(verifier.verify(&raw, NOW).expect("good").dedup_key);
        let shifted = message(body, &[("x-time", "1767225601"), ("x-signature", &signature)]);
        assert_eq!(verifier.verify(&shifted, NOW), Err(CallbackError::Signature));
    }
    keys.dedup();
    assert_eq!(
        keys.len(),
        1,
        "one message has one key, however its signature is written"
    );
}

#[test]
fn a_secret_that_is_no_base64_is_named_by_its_place() {
    let error = Verifier::new(&hmac_config(&["whsec_AAAA", "whsec_%"], None), false).expect_err("no base64");
    assert!(
        error
            .to_string()
            .starts_with("callback secret number 2 is not base64")
    );
}
