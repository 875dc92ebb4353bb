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
            "limit=201",
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
        assert_eq!(statements.body, json!({"statements": [], "next": null}));
        let document = Answer::of(world.http.get(world.url("/openapi.json"))).await;
        for path in [
            "exceptions",
            "exceptions/{id}",
            "exceptions/{id}/steps",
            "statements",
        ] {
            let path = format!("/api/v1/kassen/{{kasse}}/{path}");
            assert!(document.body["paths"][&path].is_object(), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_decided_over_http_is_taken_back_over_http_and_orders_are_a_list() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(4711), "Hundesteuer")
            .expect("a transfer");
        world.forward(WEEKEND);
        import(world, StatementFormat::Camt08).await;
        let mut secrets = std::collections::BTreeMap::new();
        for person in ["kasse", "alles", "auditor", "feststeller"] {
            let secret = world.stage().client_secret(person).await.expect("a secret");
            secrets.insert(person, secret);
        }
        let post = async |person: &str, path: &str, body: &Value| {
            let path = format!("/api/v1/kassen/{KASSE}/{path}");
            let request = world.http.post(world.url(&path)).json(body);
            Answer::of(request.basic_auth(person, Some(&secrets[person]))).await
        };
        let kasse = ("kasse", secrets["kasse"].as_str());
        let list = format!("/api/v1/kassen/{KASSE}/exceptions");
        let seen = get(world, "kasse", kasse.1, &list).await;
        let id = seen.body["exceptions"][0]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        for (body, status, kind) in [
            (
                json!({"how": "aufteilung", "reason": "x"}),
                400,
                "invalid-request",
            ),
            (
                json!({"how": "aufteilung", "parts": ["47.10"], "reason": "x"}),
                409,
                "conflict",
            ),
            (
                json!({"how": "vermerk", "receipt": "Q1", "reason": "x"}),
                400,
                "invalid-request",
            ),
            (
                json!({"how": "erstattung", "way": "pony", "reason": "x"}),
                400,
                "invalid-request",
            ),
            (
                json!({"how": "umbuchung", "from": {"haushaltsstelle": "1"}, "reason": "x"}),
                400,
                "invalid-request",
            ),
        ] {
            is_problem(&step(world, kasse, &id, &body).await, status, kind);
        }
        let back = format!("exceptions/{id}/reversals");
        let why = json!({"reason": "Irrtum"});
        is_problem(&post("kasse", &back, &why).await, 400, "invalid-request");
        let parts = json!({"how": "aufteilung", "parts": ["40.00", "7.11"], "reason": "zwei Bescheide"});
        assert_eq!(step(world, kasse, &id, &parts).await.status, 201);
        is_problem(&post("auditor", &back, &why).await, 403, "forbidden");
        let done = post("kasse", &back, &why).await;
        assert_eq!(done.status, 201, "{}", done.text);
        assert_eq!(
            done.body,
            json!({"role": "kasse", "resolved": false, "missing": []})
        );
        let seen = get(world, "kasse", kasse.1, &list).await;
        assert_eq!(seen.body["exceptions"].as_array().map(Vec::len), Some(1));
        assert_eq!(seen.body["exceptions"][0]["id"], id.as_str());
        let unknown = json!({"attempt": "0197a5c0-0000-7000-8000-000000000000", "reason": "x"});
        is_problem(
            &post("kasse", "exceptions", &unknown).await,
            400,
            "invalid-request",
        );
        let orders = format!("/api/v1/kassen/{KASSE}/payout-orders");
        let none = get(world, "auditor", &secrets["auditor"], &orders).await;
        assert_eq!(none.body, json!({"orders": [], "next": null}));
        let paid = json!({"reference": "HKR-1", "reason": "x"});
        for nothing in ["1", "0", "x", "-9223372036854775808"] {
            let answer = post("kasse", &format!("payout-orders/{nothing}/payments"), &paid).await;
            is_problem(&answer, 404, "not-found");
        }
    })
    .await;
}
