//! Figures for the region's dashboard: out of the store, of whom the caller may ask, and nothing that is too small.

use epaybl_connector::app::statistics::StatisticsError;
use epaybl_connector::domain::ids::LedgerId;
use epaybl_connector::domain::statistics::{By, Month, THRESHOLD};
use serde_json::{Value, json};

use crate::kit::{CAR, CERTIFICATE, World, with_each_provider};
use crate::postings::{REAL, ROUTE, ledger, with_real_money};
use crate::providers::soap3;
use crate::requests::{Answer, car, certificate};

const HKR: &str = "postings = \"provider\"\ntemplate = \"neutral-csv\"";
const MINUTE: i64 = 60;

async fn paid_after(world: &World, route: &str, body: &Value, minutes: i64) {
    let page = world.open(route, body).await;
    world.forward(minutes * MINUTE);
    world.pay(&page, "KREDITKARTE").await;
    world.live(10 * MINUTE, MINUTE).await;
}

/// A car of somebody else's: each is a case of its own.
fn own_car(id: &str) -> Value {
    let mut body = car(id);
    body["items"][0]["reference"] = json!(format!("UH-{id}"));
    body
}

fn month(text: &str) -> Month {
    Month::parse(text).expect("a month")
}

#[tokio::test]
async fn a_dashboard_sees_counts_sums_and_medians_and_no_small_numbers() {
    with_each_provider(&[soap3()], async |world| {
        with_real_money(world, HKR, "", "").await;
        // Six cars of real money, of which five are paid; a test car and two test certificates.
        for (number, minutes) in [3, 1, 2, 5, 4].into_iter().enumerate() {
            paid_after(world, ROUTE, &own_car(&format!("s-{number}")), minutes).await;
        }
        world.open(ROUTE, &own_car("s-9")).await;
        paid_after(world, CAR, &car("t-1"), 1).await;
        for number in 0..2 {
            paid_after(world, CERTIFICATE, &certificate(&format!("t-c{number}")), 1).await;
        }
        let app = &world.stage().connector.app;
        let (from, to) = (month("2026-11"), month("2026-11"));
        let real = app
            .statistics(&[(ledger(), None)], from, to)
            .await
            .expect("figures");
        let table = real.table(THRESHOLD);
        let [line] = &table.lines[..] else {
            panic!("{table:?}")
        };
        assert_eq!(
            (line.authority.as_str(), line.leika.as_deref()),
            ("echtstadt", Some("99036008016000"))
        );
        let figures = line.figures.expect("they are many enough");
        assert_eq!(
            (figures.cases, figures.paid, figures.cents.get()),
            (6, 5, 5 * 3060)
        );
        assert_eq!(figures.without_manual_permille, Some(1000));
        // Somebody waits for the sweeper after the payment, so a minute more is possible.
        assert!(
            (3..=4).contains(&figures.median_minutes.expect("a median")),
            "{figures:?}"
        );
        assert_eq!(
            real.groups(THRESHOLD, By::Month).groups[0].key.as_deref(),
            Some("2026-11")
        );
        let none = app
            .statistics(&[(ledger(), None)], month("2026-12"), month("2027-01"))
            .await;
        assert_eq!(none.expect("figures").table(THRESHOLD).lines, []);
        // Test Kassen, by themselves: too few to tell anything.
        let test = LedgerId::parse("kreiskasse-unstrut-hainich").expect("an id");
        let other = LedgerId::parse("stadtkasse-bad-langensalza").expect("an id");
        let few = app
            .statistics(&[(test.clone(), None), (other, None)], from, to)
            .await;
        let few = few.expect("figures").table(THRESHOLD);
        assert_eq!((few.lines.len(), few.total.cases), (2, 0));
        let mixed = app.statistics(&[(test, None), (ledger(), None)], from, to).await;
        assert!(matches!(mixed, Err(StatisticsError::Mixed(..))), "{mixed:?}");
        let backwards = app.statistics(&[(ledger(), None)], month("2026-12"), from).await;
        assert!(
            matches!(backwards, Err(StatisticsError::Time(..))),
            "{backwards:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn who_has_a_role_for_an_authority_sees_its_figures_and_nobody_else_does() {
    with_each_provider(&[soap3()], async |world| {
        with_real_money(world, HKR, "", "").await;
        for number in 0..5 {
            world.open(ROUTE, &own_car(&format!("s-{number}"))).await;
        }
        let secret = world.stage().client_secret("anordner").await.expect("a secret");
        let get = async |person: &str, secret: &str, query: &str| {
            let request = world.http.get(world.url(&format!("/api/v1/statistics?{query}")));
            Answer::of(request.basic_auth(person, Some(secret))).await
        };
        let time = "from=2026-11&to=2026-11";
        let seen = get("anordner", &secret, time).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        assert_eq!(seen.body["format"], "epaybl-statistics/1");
        assert_eq!(seen.body["environment"], "production");
        assert_eq!(seen.body["total"]["cases"], json!(5));
        let by = get("anordner", &secret, &format!("{time}&by=authority&kasse={REAL}")).await;
        assert_eq!(by.body["groups"][0]["key"], "echtstadt", "{}", by.text);
        let other = format!("{time}&kasse=stadtkasse-bad-langensalza");
        assert_eq!(get("anordner", &secret, &other).await.status, 404);
        assert_eq!(get("thavel", &world.secret, time).await.status, 404);
        assert_eq!(get("anordner", "wrong", time).await.status, 401);
        for wrong in [
            "from=2026-11",
            "from=2026-13&to=2026-12",
            "from=2026-12&to=2026-11",
            "from=x&to=y",
        ] {
            assert_eq!(get("anordner", &secret, wrong).await.status, 400, "{wrong}");
        }
        for wrong in ["by=person", "sort=cases"] {
            assert_eq!(
                get("anordner", &secret, &format!("{time}&{wrong}")).await.status,
                400,
                "{wrong}"
            );
        }
    })
    .await;
}
