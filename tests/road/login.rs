//! Portals log in: tokens by form, JSON and Basic, or Basic on each call; secrets are rotated.

use epaybl_connector::domain::ids::ClientId;
use serde_json::{Value, json};

use crate::kit::{CERTIFICATE, World, on_every_database};
use crate::requests::{Answer, certificate};

/// A token that a login was answered with.
fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.body["access_token"].as_str().expect("a token").to_owned()
}

async fn form(world: &World, body: String) -> Answer {
    let request = world.http.post(world.url("/oauth/token"));
    Answer::of(
        request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body),
    )
    .await
}

async fn status(world: &World, token: &str) -> Answer {
    Answer::of(
        world
            .http
            .get(world.url("/xbezahldienste/status"))
            .bearer_auth(token),
    )
    .await
}

async fn basic(world: &World, user: &str, secret: &str) -> Answer {
    Answer::of(
        world
            .http
            .get(world.url("/xbezahldienste/status"))
            .basic_auth(user, Some(secret)),
    )
    .await
}

#[tokio::test]
async fn a_token_comes_by_form_by_json_and_by_basic_with_and_without_a_scope() {
    on_every_database(async |world| {
        let secret = &world.secret;
        let by_form = form(world, format!("grant_type=client_credentials&client_id=thavel&client_secret={secret}")).await;
        let scope = format!("grant_type=client_credentials&client_id=thavel&client_secret={secret}&scope=post%20read");
        let with_scope = form(world, scope).await;
        let json = json!({"grant_type": "client_credentials", "client_id": "thavel", "client_secret": secret, "scope": null});
        let by_json = Answer::of(world.http.post(world.url("/oauth/token")).json(&json)).await;
        let by_basic = world.http.post(world.url("/oauth/token")).basic_auth("thavel", Some(secret));
        let by_basic = by_basic.header("content-type", "application/x-www-form-urlencoded");
        let by_basic = Answer::of(by_basic.body("grant_type=client_credentials")).await;
        for answer in [by_form, with_scope, by_json, by_basic] {
            assert_eq!(status(world, &token(&answer)).await.status, 200);
        }
    })
    .await;
}

#[tokio::test]
async fn a_login_that_is_not_good_is_refused_as_oauth_says() {
    on_every_database(async |world| {
        let secret = &world.secret;
        let wrong = [
            (
                format!("grant_type=password&client_id=thavel&client_secret={secret}"),
                400,
                "unsupported_grant_type",
            ),
            (
                format!("client_id=thavel&client_secret={secret}"),
                400,
                "invalid_request",
            ),
            (
                "grant_type=client_credentials&client_id=thavel&client_secret=no".to_owned(),
                401,
                "invalid_client",
            ),
            (
                format!("grant_type=client_credentials&client_id=nobody&client_secret={secret}"),
                401,
                "invalid_client",
            ),
            ("grant_type=client_credentials".to_owned(), 401, "invalid_client"),
            (
                "grant_type=client_credentials&client_id=thavel&client_id=x".to_owned(),
                400,
                "invalid_request",
            ),
        ];
        for (body, code, error) in wrong {
            let answer = form(world, body.clone()).await;
            assert_eq!(
                (answer.status, &answer.body["error"]),
                (code, &json!(error)),
                "{body}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn without_good_credentials_everything_is_403_forbidden() {
    on_every_database(async |world| {
        let forbidden = (403, "FORBIDDEN".to_owned());
        assert_eq!(
            Answer::of(world.http.get(world.url("/xbezahldienste/status")))
                .await
                .refusal(),
            forbidden
        );
        for (user, secret) in [
            ("thavel", "no"),
            ("thavel", ""),
            ("nobody", world.secret.as_str()),
            ("\u{0}", "x"),
        ] {
            assert_eq!(basic(world, user, secret).await.refusal(), forbidden, "{user:?}");
        }
        for bearer in ["", "x", "thavel.99999999999.AAAA"] {
            assert_eq!(status(world, bearer).await.refusal(), forbidden, "{bearer}");
        }
        let address = world.url(&format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}"));
        let answer = Answer::of(world.http.post(&address).json(&certificate("f"))).await;
        assert_eq!(answer.refusal(), forbidden);
        assert_eq!(
            Answer::of(world.http.get(format!("{address}/f"))).await.refusal(),
            forbidden
        );
    })
    .await;
}

#[tokio::test]
async fn a_token_is_good_for_an_hour_and_not_longer() {
    on_every_database(async |world| {
        let body = format!(
            "grant_type=client_credentials&client_id=thavel&client_secret={}",
            world.secret
        );
        let answer = form(world, body).await;
        let (token, seconds) = (
            token(&answer),
            answer.body["expires_in"].as_i64().expect("seconds"),
        );
        world.forward(seconds - 1);
        assert_eq!(status(world, &token).await.status, 200);
        world.forward(1);
        assert_eq!(
            status(world, &token).await.refusal(),
            (403, "FORBIDDEN".to_owned())
        );
    })
    .await;
}

#[tokio::test]
async fn two_secrets_are_good_at_a_time_and_the_third_ends_the_first() {
    on_every_database(async |world| {
        let app = &world.stage().connector.app;
        let thavel = ClientId::parse("thavel").expect("an id");
        assert!(
            app.issue_secret(&thavel, false).await.is_err(),
            "there is one already"
        );
        let first = world.secret.clone();
        world.forward(1);
        let second = app.issue_secret(&thavel, true).await.expect("a second secret");
        let good = async |secret: &str| basic(world, "thavel", secret).await.status;
        assert_eq!((good(&first).await, good(&second).await), (200, 200));
        world.forward(1);
        let third = app.issue_secret(&thavel, true).await.expect("a third secret");
        assert_eq!(
            (good(&first).await, good(&second).await, good(&third).await),
            (403, 200, 200)
        );
        for secret in [&second, &third] {
            assert!(
                secret.len() >= 27
                    && secret
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            );
            let kept = format!("SELECT COUNT(*) FROM tenant_object WHERE body LIKE '%{secret}%'");
            assert_eq!(world.number(&kept).await, 0);
        }
    })
    .await;
}

#[tokio::test]
async fn a_closed_client_is_nobody_even_with_a_token() {
    on_every_database(async |world| {
        let body = format!(
            "grant_type=client_credentials&client_id=thavel&client_secret={}",
            world.secret
        );
        let token = token(&form(world, body).await);
        let app = &world.stage().connector.app;
        let text = world.stage().tenants();
        let start = text.find("[[client]]\nid = \"thavel\"").expect("the client");
        let end = text[start + 1..].find("[[client]]").expect("the next client") + start + 1;
        let without = format!("{}{}", &text[..start], &text[end..]);
        let wanted = epaybl_connector::config::tenants::parse(&without).expect("tenants");
        let plan = app.plan_tenants(&wanted, true).await.expect("a plan");
        app.apply_tenants(&wanted, &plan).await.expect("applied");
        assert_eq!(status(world, &token).await.status, 403);
        assert_eq!(basic(world, "thavel", &world.secret).await.status, 403);
        let answer: Value = world.get(CERTIFICATE, "x").await.body;
        assert_eq!(answer["functionalCode"], "FORBIDDEN");
    })
    .await;
}
