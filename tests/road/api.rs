//! `/api/v1` over HTTP: who sees what, and what an impatient or a hostile caller is told.

use epaybl_connector::sandbox::{Cents, StatementFormat};
use serde_json::{Value, json};

use crate::exceptions::with_persons;
use crate::kit::{World, with_each_provider};
use crate::providers::soap3;
use crate::requests::Answer;
use crate::statements::{KASSE, WEEKEND, iban, import};

async fn get(world: &World, person: &str, secret: &str, path: &str) -> Answer {
    let request = world.http.get(world.url(path));
    Answer::of(request.basic_auth(person, Some(secret))).await
}

async fn step(world: &World, person: (&str, &str), id: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/kassen/{KASSE}/exceptions/{id}/steps");
    let request = world.http.post(world.url(&path)).json(body);
    Answer::of(request.basic_auth(person.0, Some(person.1))).await
}

fn is_problem(answer: &Answer, status: u16, kind: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let expected = format!("urn:epaybl-connector:problem:{kind}");
    assert_eq!(answer.body["type"], expected.as_str());
    assert!(
        answer.body["detail"]
            .as_str()
            .is_some_and(|detail| detail.len() > 10)
    );
}

#[tokio::test]
async fn the_cash_office_sees_its_differences_and_resolves_them_and_nobody_else_does() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(4711), "Hundesteuer")
            .expect("a transfer");
        world.forward(WEEKEND);
        import(world, StatementFormat::Camt08).await;
        let mut secrets = std::collections::BTreeMap::new();
        for person in ["kasse", "anordner", "auditor"] {
            let secret = world.stage().client_secret(person).await.expect("a secret");
            secrets.insert(person, secret);
        }
        let list = format!("/api/v1/kassen/{KASSE}/exceptions");
        let seen = get(world, "kasse", &secrets["kasse"], &list).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        let first = &seen.body["exceptions"][0];
        assert_eq!(first["code"], "unbekannter_zahlungseingang");
        assert_eq!(
            (&first["amount"], &first["resolved"]),
            (&json!("47.11"), &json!(false))
        );
        assert!(
            first["german"]
                .as_str()
                .is_some_and(|text| text.contains("Verwahrung"))
        );
        let id = first["id"].as_str().expect("an id").to_owned();
        // What nobody knows is the Kasse's own, and not the authority's.
        let others = get(world, "anordner", &secrets["anordner"], &list).await;
        assert_eq!(others.body["exceptions"], json!([]));
        let note = json!({"how": "vermerk", "reason": "Hundesteuer der Stadt"});
        is_problem(
            &step(world, ("anordner", &secrets["anordner"]), &id, &note).await,
            404,
            "not-found",
        );
        is_problem(
            &step(world, ("auditor", &secrets["auditor"]), &id, &note).await,
            403,
            "forbidden",
        );
        let kasse = ("kasse", secrets["kasse"].as_str());
        for (body, status, kind) in [
            (json!({"how": "zaubern", "reason": "x"}), 400, "invalid-request"),
            (json!({"how": "vermerk", "reason": " "}), 400, "invalid-request"),
            (json!({"how": "vermerk"}), 400, "invalid-request"),
            (
                json!({"how": "vermerk", "reason": "x", "extra": 1}),
                400,
                "invalid-request",
            ),
            (json!({"how": "zuordnung", "reason": "x"}), 400, "invalid-request"),
            (
                json!({"how": "erstattung", "amount": "1.005", "reason": "x"}),
                400,
                "invalid-request",
            ),
            (json!({"how": "erstattung", "reason": "x"}), 403, "forbidden"),
        ] {
            is_problem(&step(world, kasse, &id, &body).await, status, kind);
        }
        is_problem(&step(world, kasse, "nonsense", &note).await, 404, "not-found");
        let done = step(world, kasse, &id, &note).await;
        assert_eq!(done.status, 201, "{}", done.text);
        assert_eq!(
            done.body,
            json!({"role": "kasse", "resolved": true, "missing": []})
        );
        is_problem(&step(world, kasse, &id, &note).await, 409, "conflict");
        let open = get(world, "kasse", &secrets["kasse"], &list).await;
        assert_eq!(open.body["exceptions"], json!([]));
        let all = get(
            world,
            "auditor",
            &secrets["auditor"],
            &format!("{list}?state=all&limit=1"),
        )
        .await;
        assert_eq!(all.body["exceptions"][0]["steps"][0]["person"], "kasse");
        assert!(!all.text.contains("Hundesteuer"), "reasons are personal");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_theirs_is_not_there_and_what_is_wrong_is_named() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "").await;
        let secret = world.stage().client_secret("kasse").await.expect("a secret");
        let path = |kasse: &str, rest: &str| format!("/api/v1/kassen/{kasse}/{rest}");
        for (kasse, rest) in [
            ("stadtkasse-bad-langensalza", "exceptions"),
            ("stadtkasse-bad-langensalza", "statements"),
            ("gibt-es-nicht", "exceptions"),
            ("..%2F..%2Fetc", "exceptions"),
        ] {
            is_problem(
                &get(world, "kasse", &secret, &path(kasse, rest)).await,
                404,
                "not-found",
            );
        }
        is_problem(
            &get(world, "kasse", "wrong", &path(KASSE, "exceptions")).await,
            401,
            "unauthorized",
        );
        let portal = world.secret.clone();
        is_problem(
            &get(world, "thavel", &portal, &path(KASSE, "exceptions")).await,
            404,
            "not-found",
        );
        for wrong in [
            "state=closed",
            "limit=0",
            "limit=1001",
            "limit=x",
            "after=-1",
            "sort=age",
        ] {
            let answer = get(
                world,
                "kasse",
                &secret,
                &path(KASSE, &format!("exceptions?{wrong}")),
            )
            .await;
            is_problem(&answer, 400, "invalid-request");
        }
        let statements = get(world, "kasse", &secret, &path(KASSE, "statements")).await;
        assert_eq!(statements.body, json!({"statements": []}));
        let document = Answer::of(world.http.get(world.url("/openapi.json"))).await;
        assert_eq!(
            document.body["paths"].as_object().map(serde_json::Map::len),
            Some(3)
        );
    })
    .await;
}
