use reqwest::RequestBuilder;

use super::*;
use crate::sandbox::{Flavour, Login, Quirk};

const V: Version = Version::V1_0_0;

fn basic(user: &str) -> Port {
    Port {
        login: Login::Basic {
            user: user.to_owned(),
            password: "geheim:1".to_owned(),
        },
        ..Port::default()
    }
}

fn oauth(client: &str) -> Port {
    Port {
        login: Login::Oauth {
            client_id: client.to_owned(),
            client_secret: "geheim".to_owned(),
            token_seconds: 60,
        },
        ..Port::default()
    }
}

/// The portal's account, and another one with a login of its own.
async fn two(own: Port, other: Port) -> Desk {
    let mut second = Account::new("TH000002", "BW200001", "Landkreis").releasing_all();
    second.xbezahldienste = other;
    Desk::of(vec![account(own), second]).await
}

impl Desk {
    fn token(&self, kind: &str, body: &str) -> RequestBuilder {
        let url = format!("{}/oauth/token", self.sandbox.xbezahldienste_url());
        self.client
            .post(url)
            .header("content-type", kind)
            .body(body.to_owned())
    }

    async fn get_token(&self, client: &str, more: &str) -> String {
        let body = format!("grant_type=client_credentials&client_id={client}&client_secret=geheim{more}");
        let told = Told::of(self.token("application/x-www-form-urlencoded", &body)).await;
        assert_eq!(told.status, 200, "{}", told.body);
        told.body["access_token"].as_str().expect("a token").to_owned()
    }
}

#[tokio::test]
async fn user_and_password_are_asked_for_with_every_call() {
    let desk = two(basic("portal"), basic("anderes")).await;
    let body = request(V, "R1", 4150);
    let forbidden = (403, "FORBIDDEN");
    assert_eq!(Told::of(desk.posting(V, &body)).await.refusal(), forbidden);
    let wrong = desk.posting(V, &body).basic_auth("portal", Some("falsch"));
    assert_eq!(Told::of(wrong).await.refusal(), forbidden);
    let elsewhere = desk.posting(V, &body).basic_auth("anderes", Some("geheim:1"));
    let elsewhere = Told::of(elsewhere).await;
    assert_eq!(elsewhere.refusal(), forbidden);
    assert!(elsewhere.detail().contains("no right here"));
    assert_eq!(desk.sandbox.payments().len(), 0);
    let good = Told::of(desk.posting(V, &body).basic_auth("portal", Some("geheim:1"))).await;
    conform::transaction(V, &good);
    let id = good.info()["transactionId"].as_str().expect("an id");
    assert_eq!(desk.get(V, id).await.refusal(), forbidden);
    assert_eq!(
        desk.open(V, "status/BW100001/TH000001").await.refusal(),
        forbidden
    );
    // Who is well needs no login.
    assert_eq!(desk.open(V, "status").await.status, 200);
}

#[tokio::test]
async fn a_token_is_fetched_in_any_of_three_ways() {
    let desk = Desk::with(oauth("portal")).await;
    let form = "application/x-www-form-urlencoded";
    let grant = "grant_type=client_credentials";
    let json = r#"{ "grant_type": "client_credentials", "client_id": "portal", "client_secret": "geheim" }"#;
    for (place, asking) in [
        desk.token(form, &format!("{grant}&client_id=portal&client_secret=geheim")),
        desk.token("application/json; charset=utf-8", json),
        desk.token(form, grant).basic_auth("portal", Some("geheim")),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = asking.send().await.expect("an answer");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let told: Value = answer.json().await.expect("JSON");
        assert_eq!(
            (&told["token_type"], &told["expires_in"]),
            (&json!("Bearer"), &json!(60))
        );
        let token = told["access_token"].as_str().expect("a token");
        let posting = desk
            .posting(V, &request(V, &format!("R{place}"), 4150))
            .bearer_auth(token);
        conform::transaction(V, &Told::of(posting).await);
    }
}

#[tokio::test]
async fn who_asks_for_a_token_in_a_wrong_way_is_told_how() {
    let desk = Desk::with(oauth("portal")).await;
    for (body, status, code) in [
        ("", 400, "invalid_request"),
        (
            "grant_type=password&client_id=portal&client_secret=geheim",
            400,
            "unsupported_grant_type",
        ),
        ("grant_type=client_credentials", 400, "invalid_request"),
        (
            "grant_type=client_credentials&client_id=portal&client_secret=x",
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&client_id=x&client_secret=geheim",
            401,
            "invalid_client",
        ),
        (
            "grant_type=client_credentials&client_id=portal&client_secret=geheim&scope=all",
            400,
            "invalid_scope",
        ),
    ] {
        let told = Told::of(desk.token("application/x-www-form-urlencoded", body)).await;
        assert_eq!(
            (told.status, &told.body["error"]),
            (status, &json!(code)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_token_runs_out_and_is_good_for_its_client_and_its_scope_only() {
    let desk = two(oauth("portal"), oauth("anderes")).await;
    let body = request(V, "R1", 4150);
    let post = async |token: &str| Told::of(desk.posting(V, &body).bearer_auth(token)).await;
    for (token, says) in [
        ("sbx_made-up".to_owned(), "unknown"),
        (desk.get_token("anderes", "").await, "no right here"),
        (desk.get_token("portal", "&scope=read").await, "no scope post"),
    ] {
        let told = post(&token).await;
        assert_eq!(told.refusal(), (403, "FORBIDDEN"));
        assert!(told.detail().contains(says), "{}", told.detail());
    }
    let token = desk.get_token("portal", "&scope=post").await;
    desk.set_clock("2026-01-15T12:00:59Z");
    let told = post(&token).await;
    conform::transaction(V, &told);
    let id = told.info()["transactionId"].as_str().expect("an id");
    let read = Told::of(desk.asking(V, id).bearer_auth(&token)).await;
    assert!(read.detail().contains("no scope read"), "{}", read.body);
    desk.set_clock("2026-01-15T12:01:00Z");
    let told = post(&token).await;
    assert!(told.detail().contains("expired"), "{}", told.detail());
    let fresh = desk.get_token("portal", "").await;
    conform::transaction(V, &Told::of(desk.asking(V, id).bearer_auth(fresh)).await);
}

#[tokio::test]
async fn some_services_answer_a_missing_login_with_401_and_one_with_a_wrong_hash() {
    for flavour in [Flavour::Epay21, Flavour::Girocheckout] {
        let port = Port {
            flavour,
            ..basic("portal")
        };
        let desk = Desk::with(port).await;
        let answer = desk.asking(V, "x").send().await.expect("an answer");
        assert_eq!(answer.status(), 401);
        assert!(
            answer.headers()["www-authenticate"]
                .to_str()
                .expect("text")
                .starts_with("Basic")
        );
    }
    let port = Port {
        flavour: Flavour::Pmpayment,
        ..oauth("portal")
    };
    let told = Desk::with(port).await.get(V, "x").await;
    assert_eq!(told.refusal(), (400, "VALIDATION_ERROR"));
    assert_eq!(told.detail(), "ungültiger Hashwert");
}

#[tokio::test]
async fn a_login_that_cannot_work_is_told_at_the_start() {
    let colon = basic("a:b");
    let certificate = Port {
        login: Login::Certificate,
        ..Port::default()
    };
    let id = Port {
        originator_id: Some("Bad Langensalza".to_owned()),
        ..Port::default()
    };
    for (port, says) in [(colon, "colon"), (certificate, "no TLS"), (id, "originator_id")] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let options = Options {
            world: World {
                accounts: vec![account(port)],
            },
            ..Options::default()
        };
        let error = Sandbox::start(listener, options)
            .await
            .expect_err("a world that is wrong");
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn a_port_is_read_from_the_file_of_the_world() {
    let world = World::from_toml(
        r#"
        [[accounts]]
        mandant = "TH000001"
        bewirtschafter = "BW100001"
        name = "Stadt"
        [accounts.xbezahldienste]
        originator_id = "fuehrerschein"
        endpoint_id = "16064000"
        login = { kind = "oauth", client_id = "portal", client_secret = "geheim" }
        flavour = "epaybl"
        quirks = ["created", "keep-redirect"]
        transaction_id = "request_id"
        hidden_reads = 2
        maintenance = [{ start = "2026-03-01T20:00:00Z", end = "2026-03-01T22:00:00Z", down = ["PAYPAL"] }]
        "#,
    )
    .expect("a world");
    let port = &world.accounts[0].xbezahldienste;
    assert!(port.has(Quirk::Created) && port.has(Quirk::BerlinTime) && !port.has(Quirk::NoNulls));
    assert_eq!((port.hidden_reads, port.maintenance.len()), (2, 1));
    assert!(matches!(
        &port.login,
        Login::Oauth {
            token_seconds: 300,
            ..
        }
    ));
}
