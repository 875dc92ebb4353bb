//! The three ways to log in.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::app::ports::{Answer, Calls, Fault, Opened, Provider};

/// A service with a token endpoint that counts its tokens; only the newest is taken.
struct Guarded {
    service: Service,
    issued: Arc<AtomicUsize>,
}

impl Guarded {
    async fn start(answer: fn(usize) -> Value) -> Self {
        let issued = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&issued);
        let service = Service::start(move |seen| {
            if seen.line == "POST /token" {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                return good(&answer(number));
            }
            let expected = format!("Bearer token-{}", count.load(Ordering::SeqCst));
            if seen.header("authorization") == Some(expected.as_str()) {
                good(&initial("TX7F3A1"))
            } else {
                problem(
                    if seen.header("authorization") == Some("Bearer of-no-use") {
                        403
                    } else {
                        401
                    },
                    "FORBIDDEN",
                    "",
                )
            }
        })
        .await;
        Self { service, issued }
    }

    fn config(&self, more: &str) -> XbezahldiensteConfig {
        let address = self.service.address;
        read(&format!(
            "base_url = \"http://{address}/\"\nenvironment = \"test\"\nversion = \"1.1.0\"\n\
             transaction_id_is_request_id = true\n[auth]\nkind = \"oauth2\"\n\
             token_url = \"http://{address}/token\"\nclient_id = \"stadt 1\"\nclient_secret = \"ge&heim\"\n{more}\n"
        ))
    }

    fn issued(&self) -> usize {
        self.issued.load(Ordering::SeqCst)
    }
}

fn for_an_hour(number: usize) -> Value {
    json!({"access_token": format!("token-{number}"), "token_type": "Bearer", "expires_in": 3600})
}

fn is_open(opened: &Opened) -> bool {
    matches!(opened, Opened::Open { .. })
}

#[tokio::test]
async fn user_and_password_go_with_every_call() {
    let service = Service::start(|_| good(&initial("TX7F3A1"))).await;
    let mut config = service.config();
    config.auth =
        toml::from_str("kind = \"basic\"\nuser = \"stadt\"\npassword = \"gehéim\"").expect("settings");
    let client = client(config);
    client.open(&order(), &Calls::default()).await;
    client.ask(&question(None), &Calls::default()).await;
    for seen in service.seen() {
        assert_eq!(seen.header("authorization"), Some("Basic c3RhZHQ6Z2Vow6lpbQ=="));
    }
}

#[tokio::test]
async fn a_token_is_fetched_once_and_anew_shortly_before_its_end() {
    let guarded = Guarded::start(for_an_hour).await;
    let hand = Hand::new();
    let clock = Arc::clone(&hand) as Arc<dyn Clock>;
    let client = Xbezahldienste::with_limits(guarded.config(""), clock, LONG, LONG).expect("good settings");
    for _ in 0..3 {
        assert!(is_open(&client.open(&order(), &Calls::default()).await));
    }
    assert_eq!(guarded.issued(), 1);
    hand.forward(3_569);
    assert!(is_open(&client.open(&order(), &Calls::default()).await));
    assert_eq!(guarded.issued(), 1);
    hand.forward(1);
    assert!(is_open(&client.open(&order(), &Calls::default()).await));
    assert_eq!(guarded.issued(), 2);
}

#[tokio::test]
async fn id_and_secret_are_told_as_the_endpoint_wants_them() {
    for (style, authorization, content_type, body) in [
        (
            "form",
            None,
            "application/x-www-form-urlencoded",
            "grant_type=client_credentials&client_id=stadt+1&client_secret=ge%26heim&scope=post+read",
        ),
        (
            "basic",
            // stadt+1:ge%26heim
            Some("Basic c3RhZHQrMTpnZSUyNmhlaW0="),
            "application/x-www-form-urlencoded",
            "grant_type=client_credentials&scope=post+read",
        ),
        (
            "json",
            None,
            "application/json",
            r#"{"grant_type":"client_credentials","client_id":"stadt 1","client_secret":"ge&heim","scope":"post read"}"#,
        ),
    ] {
        let guarded = Guarded::start(for_an_hour).await;
        let config = guarded.config(&format!("style = \"{style}\"\nscope = \"post read\""));
        assert!(is_open(&client(config).open(&order(), &Calls::default()).await));
        let seen = &guarded.service.seen()[0];
        assert_eq!(seen.body, body);
        assert_eq!(seen.header("authorization"), authorization);
        assert_eq!(seen.header("content-type"), Some(content_type));
    }
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_replaced_once() {
    let guarded = Guarded::start(for_an_hour).await;
    let client = client(guarded.config(""));
    assert!(is_open(&client.open(&order(), &Calls::default()).await));
    // Somebody else fetched one: ours counts no more.
    guarded.issued.fetch_add(1, Ordering::SeqCst);
    assert!(is_open(&client.open(&order(), &Calls::default()).await));
    assert_eq!(guarded.issued(), 3);

    let never = Guarded::start(|_| json!({"access_token": "of-no-use"})).await;
    // This one is told 403: the standard knows no 401.
    let Opened::Refused(refusal) = self::client(never.config(""))
        .open(&order(), &Calls::default())
        .await
    else {
        panic!("it is refused");
    };
    assert_eq!(refusal.fault, Fault::Configuration);
    assert_eq!(never.issued(), 2, "a second no is an answer");
}

#[tokio::test]
async fn where_there_is_no_token_nothing_was_sent() {
    for (status, body, code) in [
        (
            401,
            r#"{"error":"invalid_client","error_description":"ge&heim"}"#,
            "token-refused",
        ),
        (400, "no", "token-refused"),
        (503, "", "no-token"),
        (200, "{}", "no-token"),
        (200, r#"{"access_token":"a b"}"#, "no-token"),
        (200, r#"{"access_token":"x","token_type":"mac"}"#, "no-token"),
    ] {
        let service =
            Service::start(move |_| (StatusCode::from_u16(status).expect("a status"), body).into_response())
                .await;
        let guarded = Guarded {
            service,
            issued: Arc::default(),
        };
        let client = client(guarded.config(""));
        let Opened::Refused(refusal) = client.open(&order(), &Calls::default()).await else {
            panic!("nothing was sent");
        };
        assert_eq!(
            (refusal.fault, refusal.code.as_str()),
            (Fault::Configuration, code)
        );
        assert!(!refusal.text.contains("heim"), "{}", refusal.text);
        assert_eq!(guarded.service.lines(), ["POST /token"]);
        let answer = client.ask(&question(Some("Z-1")), &Calls::default()).await;
        assert_eq!(
            matches!(answer, Answer::Refused(_)),
            code == "token-refused",
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn a_token_endpoint_that_hangs_holds_up_nothing_but_the_call() {
    let mut config = config("http://127.0.0.1:1/");
    config.auth = toml::from_str(&format!(
        "kind = \"oauth2\"\ntoken_url = \"http://{}/\"\nclient_id = \"a\"\nclient_secret = \"b\"",
        silent().await
    ))
    .expect("settings");
    let client = Xbezahldienste::with_limits(config, Hand::new(), SHORT, SHORT).expect("good settings");
    for _ in 0..2 {
        let Opened::Refused(refusal) = client.open(&order(), &Calls::default()).await else {
            panic!("nothing was sent");
        };
        assert_eq!(refusal.code, "no-token");
    }
    let asked = client.ask(&question(Some("Z-1")), &Calls::default()).await;
    assert!(matches!(asked, Answer::None(_)), "{asked:?}");
}

#[tokio::test]
async fn many_calls_at_once_share_one_token() {
    let guarded = Guarded::start(for_an_hour).await;
    let client = client(guarded.config(""));
    let (order, calls) = (order(), Calls::default());
    let (one, two, three) = tokio::join!(
        client.open(&order, &calls),
        client.open(&order, &calls),
        client.open(&order, &calls)
    );
    assert!(is_open(&one) && is_open(&two) && is_open(&three));
    assert_eq!(guarded.issued(), 1);
}
