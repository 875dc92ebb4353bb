//! Lists page by page: each page is full but the last, whoever asks and whatever is asked for.

use epaybl_connector::domain::money::Cents;
use serde_json::{Value, json};

use crate::bank::Line;
use crate::exceptions::with_persons_and;
use crate::kit::{World, with_each_provider};
use crate::providers::soap3;
use crate::requests::Answer;
use crate::statements::KASSE;
use crate::statements_disorder::{app, awaited, day, reconcile, statement, take};

const DAY: i64 = 86_400;

async fn get(world: &World, person: &str, secret: &str, path: &str) -> Value {
    let url = world.url(&format!("/api/v1/kassen/{KASSE}/{path}"));
    let answer = Answer::of(world.http.get(url).basic_auth(person, Some(secret))).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}

/// Goes through all pages: what a member of each row says, page by page.
async fn pages(
    world: &World,
    (person, secret): (&str, &str),
    list: &str,
    query: &str,
    of: &str,
) -> Vec<Vec<String>> {
    let rows = list.rsplit('/').next().unwrap_or_default();
    let mut pages = Vec::new();
    let mut after = String::new();
    loop {
        let page = get(world, person, secret, &format!("{list}?{query}{after}")).await;
        let told = page[rows].as_array().expect("rows").iter();
        pages.push(
            told.map(|row| row[of].as_str().unwrap_or_default().to_owned())
                .collect(),
        );
        match &page["next"] {
            Value::Null => return pages,
            next => after = format!("&after={next}"),
        }
    }
}

#[tokio::test]
async fn every_page_of_the_worklist_is_full_but_the_last_whatever_is_asked_for() {
    with_each_provider(&[soap3()], async |world| {
        let auditor =
            "\n[[client]]\nid = \"anderer\"\nname = \"anderer\"\nroles = { bad-langensalza = [\"kasse\"] }\n";
        with_persons_and(world, "holds = \"exclusive\"", auditor).await;
        let kz = awaited(world, "p-1").await;
        world.forward(3 * DAY);
        // What nobody knows, around two that differ in their amounts from what is awaited.
        let mut lines: Vec<Line> = (1..=4)
            .map(|n| Line::new(day(0), 1000 * n, "Hundesteuer"))
            .collect();
        lines.push(Line::new(day(1), 3000, &format!("Kfz {kz}")));
        lines.extend((5..=6).map(|n| Line::new(day(1), 1000 * n, "Hundesteuer")));
        lines.push(Line::new(day(2), 2900, &format!("Kfz {kz}")));
        take(app(world), &[statement(world, "S1", lines)]).await;
        reconcile(app(world)).await;
        let secret = world.stage().client_secret("kasse").await.expect("a secret");
        let kasse = ("kasse", secret.as_str());
        let amounts = async |query: &str| pages(world, kasse, "exceptions", query, "amount").await;
        let all = [
            "10.00", "20.00", "30.00", "40.00", "30.00", "50.00", "60.00", "29.00",
        ];
        assert_eq!(amounts("limit=3").await, [&all[..3], &all[3..6], &all[6..]]);
        assert_eq!(
            amounts("limit=4").await,
            [&all[..4], &all[4..]],
            "nothing follows the last page"
        );
        let differs = amounts("limit=1&code=betrag_weicht_ab").await;
        assert_eq!(differs, [["30.00"], ["29.00"]]);
        assert_eq!(
            amounts("limit=2&min_amount=30.00&max_amount=40.00").await,
            [vec!["30.00", "40.00"], vec!["30.00"]]
        );
        assert_eq!(amounts("code=mehrdeutig").await, [Vec::<String>::new()]);
        assert_eq!(
            amounts("authority=unstrut-hainich-kreis").await,
            [Vec::<String>::new()]
        );
        // Resolved ones are passed over by the database, with the steps of those that are left.
        let open = app(world)
            .worklist(&crate::payouts::ledger(), false, None, 100)
            .await
            .expect("the worklist");
        for listed in open
            .iter()
            .filter(|listed| listed.cents != Some(Cents::new(6000)))
        {
            let url = world.url(&format!("/api/v1/kassen/{KASSE}/exceptions/{}/steps", listed.id));
            let note = json!({"how": "vermerk", "reason": "geprüft"});
            let done = Answer::of(
                world
                    .http
                    .post(url)
                    .basic_auth("kasse", Some(&secret))
                    .json(&note),
            )
            .await;
            assert_eq!(done.status, 201, "{}", done.text);
        }
        assert_eq!(amounts("limit=1").await, [["60.00"]]);
        let page = get(world, "kasse", &secret, "exceptions?state=all&limit=8").await;
        let steps = page["exceptions"].as_array().expect("rows").iter();
        let steps: Vec<usize> = steps
            .map(|row| row["steps"].as_array().map_or(0, Vec::len))
            .collect();
        assert_eq!(steps, [1, 1, 1, 1, 1, 1, 0, 1]);
        // An authority's own person sees none of them, and no page pretends that some follow.
        let secret = world.stage().client_secret("anordner").await.expect("a secret");
        assert_eq!(
            pages(
                world,
                ("anordner", &secret),
                "exceptions",
                "limit=1&state=all",
                "amount"
            )
            .await,
            [Vec::<String>::new()]
        );
    })
    .await;
}

#[tokio::test]
async fn statements_come_in_pages_in_the_order_in_which_they_were_taken_in() {
    with_each_provider(&[soap3()], async |world| {
        with_persons_and(world, "holds = \"exclusive\"", "").await;
        world.forward(5 * DAY);
        // The later day first.
        for n in [2, 0, 1] {
            let line = Line::new(day(n), 100, "Hundesteuer");
            take(app(world), &[statement(world, &format!("S{n}"), vec![line])]).await;
        }
        let secret = world.stage().client_secret("auditor").await.expect("a secret");
        let days =
            async |query: &str| pages(world, ("auditor", &secret), "statements", query, "firstDay").await;
        let day = |n: i8| day(n).to_string();
        assert_eq!(days("limit=2").await, [vec![day(2), day(0)], vec![day(1)]]);
        assert_eq!(days("limit=3").await, [vec![day(2), day(0), day(1)]]);
    })
    .await;
}
