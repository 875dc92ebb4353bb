//! The manners of `/api/v1`: whatever is wrong with a request is a problem document that says what, in every operation.

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::exceptions::with_persons;
use crate::kit::{World, on_every_database};
use crate::requests::Answer;
use crate::statements::KASSE;

fn is_problem(answer: &Answer, status: u16, kind: &str, says: &str) {
    let told = (answer.status, answer.header("content-type"));
    assert_eq!(
        told,
        (status, "application/problem+json"),
        "{says}: {}",
        answer.text
    );
    let expected = format!("urn:epaybl-connector:problem:{kind}");
    assert_eq!(answer.body["type"], expected.as_str());
    let detail = answer.body["detail"].as_str().unwrap_or_default();
    assert!(detail.contains(says), "«{says}» is in «{detail}»");
}

const ATTEMPT: &str = "0197a5c0-0000-7000-8000-000000000000";

fn of(world: &World, method: Method, path: &str, secret: &str) -> RequestBuilder {
    let url = world.url(&format!("/api/v1/{path}"));
    world.http.request(method, url).basic_auth("kasse", Some(secret))
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_what_is_wrong_with_it_in_every_operation() {
    on_every_database(async |world| {
        with_persons(world, "").await;
        let secret = world.stage().client_secret("kasse").await.expect("a secret");
        for path in [
            "exceptions",
            &format!("exceptions/{ATTEMPT}/steps"),
            &format!("exceptions/{ATTEMPT}/reversals"),
            "payout-orders/1/payments",
            "postings/1/withdrawals",
            "closings",
            "closings/1/signatures",
        ] {
            let post = || of(world, Method::POST, &format!("kassen/{KASSE}/{path}"), &secret);
            let typed = |kind: &str| post().header("content-type", kind.to_owned());
            let none = Answer::of(post().body("{}")).await;
            is_problem(&none, 415, "unsupported-media-type", "application/json");
            let form = Answer::of(typed("application/x-www-form-urlencoded").body("reason=x")).await;
            is_problem(&form, 415, "unsupported-media-type", "application/json");
            let large = Answer::of(typed("application/json").body(" ".repeat(1_048_577))).await;
            is_problem(&large, 413, "too-large", "1048576 bytes");
            let cut = Answer::of(typed("application/json").body("{")).await;
            is_problem(&cut, 400, "invalid-request", "is no JSON");
            let extra = Answer::of(post().json(&json!({"zauber": 1}))).await;
            is_problem(&extra, 400, "invalid-request", "zauber: unknown field");
            // Who may not call hears only that.
            let url = world.url(&format!("/api/v1/kassen/{KASSE}/{path}"));
            let nobody = Answer::of(world.http.post(url).body("{")).await;
            is_problem(&nobody, 401, "unauthorized", "token");
        }
        let steps = format!("kassen/{KASSE}/exceptions/{ATTEMPT}/steps");
        let nested = json!({"how": "aufteilung", "parts": ["1.00", 2], "reason": "x"});
        let answer = Answer::of(of(world, Method::POST, &steps, &secret).json(&nested)).await;
        is_problem(&answer, 400, "invalid-request", "parts[1]: invalid type");
    })
    .await;
}

#[tokio::test]
async fn paths_queries_and_methods_that_there_are_not_are_problems_too() {
    on_every_database(async |world| {
        with_persons(world, "").await;
        let secret = world.stage().client_secret("kasse").await.expect("a secret");
        let get = async |path: &str| Answer::of(of(world, Method::GET, path, &secret)).await;
        let kasse = format!("kassen/{KASSE}");
        for (path, says) in [
            (format!("{kasse}/closings/erster"), "Cannot parse"),
            (format!("{kasse}/closings/-1/report"), "Cannot parse"),
            (format!("{kasse}/postings/1.5"), "Cannot parse"),
            (format!("{kasse}/exceptions/%FF"), "UTF-8"),
            (format!("{kasse}/lists/keine"), "no such list"),
            ("kassen/%00/exceptions".to_owned(), "no such Kasse"),
            ("zauberei".to_owned(), "nothing is here"),
            (format!("{kasse}/closings/1/zauber"), "nothing is here"),
        ] {
            is_problem(&get(&path).await, 404, "not-found", says);
        }
        for list in [
            "exceptions",
            "payout-orders",
            "statements",
            "postings",
            "closings",
            "lists",
        ] {
            let list = format!("{kasse}/{list}");
            let page = get(&list).await;
            assert_eq!(
                (page.status, page.body.get("next")),
                (200, Some(&json!(null))),
                "{}",
                page.text
            );
            for (query, says) in [
                ("limit=0", "1 to 200"),
                ("limit=201", "1 to 200"),
                ("limit=viele", "limit: invalid digit"),
                ("sort=age", "unknown field `sort`"),
                ("limit=1&limit=2", "duplicate field"),
            ] {
                is_problem(
                    &get(&format!("{list}?{query}")).await,
                    400,
                    "invalid-request",
                    says,
                );
            }
        }
        is_problem(
            &get(&format!("{kasse}/lists?after=x")).await,
            400,
            "invalid-request",
            "page before",
        );
        is_problem(
            &get("statistics?from=2026-01").await,
            400,
            "invalid-request",
            "missing field `to`",
        );
        for (method, path, allowed) in [
            (Method::DELETE, format!("{kasse}/closings/1"), vec!["GET", "HEAD"]),
            (
                Method::PUT,
                format!("{kasse}/statements"),
                vec!["GET", "HEAD", "POST"],
            ),
            (
                Method::GET,
                format!("{kasse}/closings/1/signatures"),
                vec!["POST"],
            ),
        ] {
            let answer = Answer::of(of(world, method, &path, &secret)).await;
            is_problem(&answer, 405, "method-not-allowed", "not with this method");
            let mut told: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
            told.sort_unstable();
            assert_eq!(told, allowed, "{path}");
        }
    })
    .await;
}
