//! Settlement lists over HTTP: who may take them in, what is told of each, and whose lines are seen.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::kit::{World, on_every_database};
use crate::payouts::{csv, paid, paid_car, shown, with_lists_and};
use crate::requests::Answer;
use crate::statements::KASSE;

/// Persons of the cash office for one authority or the other, and an auditor and an anordner.
const PERSONS: &str = "
[[authority]]
id = \"zweckverband\"
kasse = \"kreiskasse-unstrut-hainich\"
name = \"Zweckverband\"
ars = \"160640004004\"
ags = \"16064004\"

[[client]]
id = \"kasse\"
name = \"kasse\"
roles = { unstrut-hainich-kreis = [\"kasse\"] }

[[client]]
id = \"andere\"
name = \"andere\"
roles = { zweckverband = [\"kasse\"] }

[[client]]
id = \"auditor\"
name = \"auditor\"
roles = { unstrut-hainich-kreis = [\"auditor\"] }

[[client]]
id = \"anordner\"
name = \"anordner\"
roles = { unstrut-hainich-kreis = [\"anordner\"] }
";

/// Whoever calls, with their secrets.
struct Office<'a> {
    world: &'a World,
    secrets: BTreeMap<&'static str, String>,
}

impl<'a> Office<'a> {
    async fn of(world: &'a World) -> Self {
        let mut secrets = BTreeMap::new();
        for person in ["kasse", "andere", "auditor", "anordner"] {
            let secret = world.stage().client_secret(person).await.expect("a secret");
            secrets.insert(person, secret);
        }
        Self { world, secrets }
    }

    async fn ask(&self, person: &str, path: &str, body: Option<String>) -> Answer {
        let world = self.world;
        let url = world.url(&format!("/api/v1/kassen/{KASSE}/lists{path}"));
        let request = match body {
            Some(body) => world.http.post(url).header("content-type", "text/csv").body(body),
            None => world.http.get(url),
        };
        Answer::of(request.basic_auth(person, Some(&self.secrets[person]))).await
    }

    async fn seen(&self, person: &str, path: &str) -> Value {
        let answer = self.ask(person, path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }

    async fn sent(&self, body: String) -> Value {
        let answer = self.ask("kasse", "/giro?name=november.csv", Some(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body
    }
}

#[tokio::test]
async fn a_list_is_taken_in_told_again_and_revised_over_http() {
    on_every_database(async |world| {
        with_lists_and(world, "exclusive", "", |text| text + PERSONS).await;
        let office = Office::of(world).await;
        let (first, second) = (paid_car(world, "l-1").await, paid_car(world, "l-2").await);
        world.forward(3 * 86_400);
        shown(world, 2 * (3060 - 35) + 500, "PO-2026-0001").await;
        let text = csv("PO-2026-0001", &[paid(&first)]);
        let told = office.sent(text.clone()).await;
        let one = &told["lists"][0];
        assert_eq!(
            (&one["reference"], &one["outcome"], &one["revision"]),
            (&json!("PO-2026-0001"), &json!("filed"), &json!(1))
        );
        assert_eq!(one["ours"], json!({"count": 1, "gross": "30.60", "fee": "0.35"}));
        assert!(told["matched"].is_object(), "{told}");
        // The same again, and a later revision that has both.
        let known = office.sent(text).await;
        assert_eq!(
            (&known["lists"][0]["outcome"], &known["matched"]),
            (&json!("known"), &Value::Null)
        );
        let foreign = ("Zahlung", "KINO", "77001", 500, 0);
        let more = office
            .sent(csv("PO-2026-0001", &[paid(&first), paid(&second), foreign]))
            .await;
        let two = &more["lists"][0];
        assert_eq!(
            (&two["outcome"], &two["revision"], &two["id"]),
            (&json!("filed"), &json!(2), &one["id"])
        );
        assert_eq!(
            (&two["others"]["count"], &more["matched"]["payouts"]),
            (&json!(1), &json!(1)),
            "{more}"
        );
        let lists = office.seen("auditor", "").await;
        let [list] = &lists["lists"].as_array().expect("lists")[..] else {
            panic!("{lists}")
        };
        assert_eq!(
            (&list["id"], &list["revision"], &list["file"]),
            (&one["id"], &json!(2), &json!("november.csv"))
        );
        assert_eq!(
            (&list["shown"], &list["booked"], &lists["next"]),
            (&json!("65.50"), &json!(true), &Value::Null)
        );
        // Its lines, page by page.
        let at = format!("/{}", one["id"].as_str().expect("an id"));
        let mut found = Vec::new();
        let mut after = String::new();
        loop {
            let page = office.seen("kasse", &format!("{at}?limit=1{after}")).await;
            let [line] = &page["lines"].as_array().expect("lines")[..] else {
                panic!("{page}")
            };
            let text = |of: &str| line[of].as_str().unwrap_or("-").to_owned();
            found.push((
                line["revision"].clone(),
                text("reference"),
                text("authority"),
                text("system"),
            ));
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let ours = "unstrut-hainich-kreis".to_owned();
        assert_eq!(
            found,
            [
                (json!(1), first, ours.clone(), "-".to_owned()),
                (json!(2), second, ours, "-".to_owned()),
                (json!(2), "77001".to_owned(), "-".to_owned(), "KINO".to_owned()),
            ]
        );
        // Who works for another authority of the Kasse sees the list, and not the lines of the first one's payments.
        let page = office.seen("andere", &at).await;
        assert_eq!(page["list"]["reference"], "PO-2026-0001");
        let lines: Vec<_> = page["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .map(|line| &line["reference"])
            .collect();
        assert_eq!(lines, [&json!("77001")]);
        world.everything_is_whole().await;
    })
    .await;
}

#[tokio::test]
async fn a_list_that_does_not_add_up_is_refused_whole_and_only_the_cash_office_sends_one() {
    on_every_database(async |world| {
        with_lists_and(world, "exclusive", "", |text| text + PERSONS).await;
        let office = Office::of(world).await;
        let kz = paid_car(world, "l-3").await;
        // The net sum of a line is not gross less fee.
        let text = csv("PO-2026-0002", &[paid(&kz)]).replace("30,25", "30,24");
        let told = office.sent(text).await;
        let one = &told["lists"][0];
        assert_eq!(
            (&one["outcome"], &one["reference"]),
            (&json!("refused"), &json!("")),
            "{told}"
        );
        assert!(
            one["why"].as_str().is_some_and(|why| why.len() > 10) && one["line"].is_number(),
            "{told}"
        );
        assert_eq!(
            (&told["matched"], &office.seen("kasse", "").await["lists"]),
            (&Value::Null, &json!([]))
        );
        let good = || Some(csv("PO-2026-0002", &[paid(&kz)]));
        for (person, path, body, status) in [
            ("auditor", "/giro?name=a.csv", good(), 403),
            ("anordner", "/giro?name=a.csv", good(), 403),
            ("anordner", "", None, 403),
            ("anordner", "/0197a5c0-0000-7000-8000-000000000000", None, 403),
            ("auditor", "/0197a5c0-0000-7000-8000-000000000000", None, 404),
            ("kasse", "/gibtsnicht?name=a.csv", good(), 404),
            ("kasse", "/giro", good(), 400),
            ("kasse", "/giro?name=", good(), 400),
            ("kasse", "/giro?name=a.csv", Some(String::new()), 400),
        ] {
            let answer = office.ask(person, path, body).await;
            assert_eq!(
                (answer.status, answer.header("content-type")),
                (status, "application/problem+json"),
                "{person} {path}"
            );
        }
        assert_eq!(world.number("SELECT count(*) FROM settlement_list").await, 0);
    })
    .await;
}
