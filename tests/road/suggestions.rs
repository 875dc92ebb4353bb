//! What a person is shown of a difference: payments that may be meant, and a decision that is ready to be taken.

use serde_json::{Value, json};

use crate::bank::Line;
use crate::exceptions::with_persons;
use crate::kit::{CAR, World, with_each_provider};
use crate::providers::soap3;
use crate::requests::Answer;
use crate::statements::KASSE;
use crate::statements_disorder::{app, awaited, day, reconcile, statement, take};

const DAY: i64 = 86_400;

async fn get(world: &World, secret: &str, path: &str) -> Value {
    let url = world.url(&format!("/api/v1/kassen/{KASSE}/exceptions{path}"));
    let answer = Answer::of(world.http.get(url).basic_auth("kasse", Some(secret))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// The Kassenzeichen with a slip of the pen in its last place.
fn slip(kz: &str) -> String {
    let (head, last) = kz.split_at(kz.len() - 1);
    format!("{head}{}", if last == "7" { "4" } else { "7" })
}

#[tokio::test]
async fn a_slip_of_the_pen_is_suggested_and_the_ready_decision_resolves_it() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        let kz = awaited(world, "v-1").await;
        world.forward(3 * DAY);
        let lines = vec![
            Line::new(day(0), 3060, &format!("Kfz {}", slip(&kz))),
            Line::new(day(0), 999, "Hundesteuer"),
        ];
        take(app(world), &[statement(world, "S1", lines)]).await;
        reconcile(app(world)).await;
        world.forward(2 * DAY);
        let secret = world.stage().client_secret("kasse").await.expect("a secret");
        // By amount, by age, by code, and page by page.
        let list = get(world, &secret, "?min_amount=30.00&min_age_days=2").await;
        let found = list["exceptions"].as_array().expect("a list");
        assert_eq!(found.len(), 1, "{list}");
        assert_eq!(
            (&found[0]["amount"], &found[0]["ageDays"]),
            (&json!("30.60"), &json!(2))
        );
        assert_eq!(found[0]["proposal"], "erstattung");
        for nothing in [
            "?min_age_days=3",
            "?code=mehrdeutig",
            "?max_amount=9.98",
            "?authority=unstrut-hainich-kreis",
        ] {
            assert_eq!(
                get(world, &secret, nothing).await["exceptions"],
                json!([]),
                "{nothing}"
            );
        }
        let first = get(world, &secret, "?limit=1").await;
        let rest = get(world, &secret, &format!("?limit=1&after={}", first["next"])).await;
        assert_ne!(first["exceptions"][0]["id"], rest["exceptions"][0]["id"]);
        // What may be meant, and what to do.
        let id = found[0]["id"].as_str().expect("an id");
        let shown = get(world, &secret, &format!("/{id}")).await;
        let suggested = &shown["suggestions"][0];
        assert_eq!(suggested["hint"], "aehnliche_referenz", "{shown}");
        assert_eq!(suggested["candidates"][0]["kassenzeichen"], kz.as_str());
        assert_eq!(suggested["candidates"][0]["amount"], "30.60");
        assert_eq!(shown["decision"]["how"], "zuordnung");
        let step = json!({"how": shown["decision"]["how"], "attempt": shown["decision"]["attempt"],
            "reason": "Zahlendreher im Kassenzeichen"});
        let url = world.url(&format!("/api/v1/kassen/{KASSE}/exceptions/{id}/steps"));
        let done = Answer::of(
            world
                .http
                .post(url)
                .basic_auth("kasse", Some(&secret))
                .json(&step),
        )
        .await;
        assert_eq!(
            (done.status, &done.body["resolved"]),
            (201, &json!(true)),
            "{}",
            done.text
        );
        assert_eq!(world.status(CAR, "v-1").await, "PAYED");
        let shown = get(world, &secret, &format!("/{id}")).await;
        assert_eq!(
            (&shown["suggestions"], &shown["decision"]),
            (&json!([]), &Value::Null)
        );
        // Money that may be nobody's is to be refunded.
        let other = get(world, &secret, "?max_amount=9.99").await;
        let id = other["exceptions"][0]["id"].as_str().expect("an id");
        let shown = get(world, &secret, &format!("/{id}")).await;
        assert_eq!(
            (&shown["suggestions"], &shown["decision"]["how"]),
            (&json!([]), &json!("erstattung"))
        );
    })
    .await;
}

#[tokio::test]
async fn of_many_payments_those_are_suggested_that_the_text_may_name_or_that_have_the_amount_in_time() {
    with_each_provider(&[soap3()], async |world| {
        with_persons(world, "holds = \"exclusive\"").await;
        // Half a year ago, and never paid.
        let old = awaited(world, "old-1").await;
        world.forward(180 * DAY);
        let newer = awaited(world, "new-1").await;
        world.forward(3 * DAY);
        let today = world.now().berlin_day();
        let lines = vec![
            Line::new(today, 3060, "Kfz Zulassung"),
            Line::new(today, 4711, &format!("fuer {}", old.replace('0', "O"))),
            Line::new(today, -3060, "Abbuchung"),
        ];
        take(app(world), &[statement(world, "S1", lines)]).await;
        reconcile(app(world)).await;
        let secret = world.stage().client_secret("kasse").await.expect("a secret");
        let all = get(world, &secret, "").await;
        let mut found = Vec::new();
        for one in all["exceptions"].as_array().expect("a list") {
            let shown = get(
                world,
                &secret,
                &format!("/{}", one["id"].as_str().expect("an id")),
            )
            .await;
            let mut hints = Vec::new();
            for hint in shown["suggestions"].as_array().expect("suggestions") {
                let kassenzeichen = hint["candidates"][0]["kassenzeichen"].clone();
                hints.push((hint["hint"].as_str().expect("a hint").to_owned(), kassenzeichen));
            }
            found.push((one["amount"].as_str().expect("an amount").to_owned(), hints));
        }
        let hint = |hint: &str, kz: &str| vec![(hint.to_owned(), json!(kz))];
        assert_eq!(
            found,
            [
                ("30.60".to_owned(), hint("betrag_und_zeit", &newer)),
                (
                    "47.11".to_owned(),
                    hint("aehnliche_referenz_anderer_betrag", &old)
                ),
                ("30.60".to_owned(), Vec::new()),
            ]
        );
    })
    .await;
}
