//! Kassenzeichen of our own: taken from the Mandant's ranges, each once, and by whoever asks first.

use std::collections::BTreeSet;
use std::sync::Arc;

use epaybl_connector::sandbox::Fault;

use crate::kit::{CAR, CERTIFICATE, Provider, World, with_each_provider};
use crate::requests::{Answer, car, certificate};
use crate::second::Second;

/// ePayBL wants our Kassenzeichen for all accounts.
async fn on_every_database(story: impl AsyncFn(&mut World)) {
    let provider = Provider {
        name: "konnektor that wants our Kassenzeichen",
        at_sandbox: |account| account.kassenzeichen_by_client = true,
        ..Provider::default()
    };
    with_each_provider(&[provider], story).await;
}

/// One range of the first Mandant's Bewirtschafter: `42` and six digits from `first` to `last`.
fn range(first: i64, last: i64) -> String {
    entry("TH000001", "stadtkasse-bad-langensalza", "BW100001", first, last)
}

fn entry(mandant: &str, kasse: &str, bewirtschafter: &str, first: i64, last: i64) -> String {
    format!(
        "\n[[mandant]]\nprovider = \"epaybl-th\"\nnumber = \"{mandant}\"\nkasse = \"{kasse}\"\nname = \"{mandant}\"\n\n\
         [[mandant.pool]]\nbewirtschafter = \"{bewirtschafter}\"\nprefix = \"42\"\nfirst = {first}\nlast = {last}\n\
         digits = 6\nwarn_below = 3\n"
    )
}

fn used(world: &World) -> Vec<String> {
    let payments = world.sandbox().payments();
    payments
        .into_iter()
        .map(|payment| payment.kassenzeichen)
        .collect()
}

#[tokio::test]
async fn a_number_of_the_pool_is_given_to_epaybl_and_paid_under() {
    on_every_database(async |world| {
        world
            .tenants(|text| text + &range(7, 99).replace("warn_below = 3", "check_digit = \"hkr\""))
            .await;
        world
            .paid(CERTIFICATE, &certificate("first"), "KREDITKARTE")
            .await;
        // 42000007 and its check digit.
        assert_eq!(used(world), ["420000074"]);
        assert_eq!(world.status(CERTIFICATE, "first").await, "PAYED");
        let answer = world.get(CERTIFICATE, "first").await;
        assert_eq!(answer.said("transactionReference"), "420000074");
    })
    .await;
}

#[tokio::test]
async fn a_number_of_a_refused_payment_is_never_given_again() {
    on_every_database(async |world| {
        world.tenants(|text| text + &range(1, 99)).await;
        world.sandbox().fail_next(Fault::AutoRefuse("-0611".to_owned()));
        assert_eq!(world.post(CERTIFICATE, &certificate("again")).await.status, 503);
        world.open(CERTIFICATE, &certificate("again")).await;
        assert_eq!(used(world), ["42000002"]);
    })
    .await;
}

#[tokio::test]
async fn a_dry_pool_refuses_the_payment_and_another_range_lets_it_in() {
    on_every_database(async |world| {
        world.tenants(|text| text + &range(1, 2)).await;
        world.open(CERTIFICATE, &certificate("one")).await;
        world.open(CERTIFICATE, &certificate("two")).await;
        for _ in 0..2 {
            assert_eq!(world.post(CERTIFICATE, &certificate("three")).await.status, 503);
        }
        world.tenants(|text| text + &range(1, 3)).await;
        world.open(CERTIFICATE, &certificate("three")).await;
        assert_eq!(used(world), ["42000001", "42000002", "42000003"]);
        let levels = {
            let app = &world.stage().connector.app;
            let mandanten = app.mandanten().await.expect("the tenants");
            app.pool_levels(&mandanten).await.expect("levels")
        };
        assert_eq!((levels[0].left, levels[0].all, levels[0].is_low()), (0, 3, true));
        let metrics = Answer::of(world.http.get(world.url("/metrics"))).await.text;
        let gauge = metrics
            .lines()
            .find(|line| line.starts_with("epaybl_kassenzeichen_pool_remaining{"));
        let gauge = gauge.unwrap_or_else(|| panic!("{metrics}"));
        assert!(
            gauge.contains("bewirtschafter=\"BW100001\"") && gauge.ends_with(" 0"),
            "{gauge}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_attempt_that_takes_an_orphans_place_has_a_number_of_its_own() {
    on_every_database(async |world| {
        world.tenants(|text| text + &range(1, 99)).await;
        world.sandbox().fail_next(Fault::DropAfterCreate);
        let pay_url = world.open(CERTIFICATE, &certificate("orphan")).await;
        world.live(60, 20).await;
        assert_eq!(used(world), ["42000001", "42000002"]);
        let back = world.pay(&pay_url, "KREDITKARTE").await;
        world.browse(&back).await.location();
        assert_eq!(world.status(CERTIFICATE, "orphan").await, "PAYED");
        world.open(CERTIFICATE, &certificate("next")).await;
        assert_eq!(used(world).last().map(String::as_str), Some("42000003"));
    })
    .await;
}

#[tokio::test]
async fn an_orphan_that_no_number_is_left_for_ends_the_payment() {
    on_every_database(async |world| {
        world.tenants(|text| text + &range(1, 1)).await;
        world.sandbox().fail_next(Fault::DropAfterCreate);
        world.open(CERTIFICATE, &certificate("orphan")).await;
        world.live(60, 20).await;
        assert_eq!(world.get(CERTIFICATE, "orphan").await.status, 404);
        assert_eq!(used(world), ["42000001"]);
    })
    .await;
}

#[tokio::test]
async fn a_range_that_moves_to_another_mandant_uses_no_number_twice() {
    on_every_database(async |world| {
        world.tenants(|text| text + &range(1, 99)).await;
        for n in 0..3 {
            world.open(CERTIFICATE, &certificate(&format!("here-{n}"))).await;
        }
        let other = entry("TH000002", "kreiskasse-unstrut-hainich", "BW200001", 1, 99);
        let both = world.stage().tenants() + &other;
        let refused = world.stage().apply_tenants(&both).await;
        let refused = refused.expect_err("the numbers belong to another");
        assert!(refused.to_string().contains("spells 42000001"), "{refused}");
        world.tenants(|text| text + &other + &range(500, 500)).await;
        world.open(CAR, &car("there")).await;
        assert_eq!(used(world).last().map(String::as_str), Some("42000004"));
    })
    .await;
}

#[tokio::test]
async fn after_a_restart_the_next_number_is_the_next() {
    on_every_database(async |world| {
        world.tenants(|text| text + &range(1, 99)).await;
        world.open(CERTIFICATE, &certificate("one")).await;
        world.restart().await;
        world.open(CERTIFICATE, &certificate("two")).await;
        assert_eq!(used(world), ["42000001", "42000002"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_connectors_under_two_hundred_requests_use_each_number_once_and_lose_none() {
    on_every_database(async |world| {
        world.tenants(|text| text + &range(1, 999_999)).await;
        let second = Second::start(world).await;
        let mut portals = Vec::new();
        for n in 0..200 {
            let path = format!("/xbezahldienste/paymenttransaction/{CERTIFICATE}");
            let address = if n % 2 == 0 {
                world.url(&path)
            } else {
                second.url(&path)
            };
            let request = world.http.post(address).basic_auth("thavel", Some(&world.secret));
            portals.push(tokio::spawn(Answer::of(
                request.json(&certificate(&format!("p{n}"))),
            )));
        }
        for portal in portals {
            let answer = portal.await.expect("a portal");
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        let app = Arc::clone(&second.app);
        let finished = second.does(async move {
            app.tasks.close();
            app.tasks.wait().await;
        });
        finished.await.expect("the second connector ends its work");
        world.idle().await;
        second.kill();
        let numbers = used(world);
        let different: BTreeSet<_> = numbers.iter().cloned().collect();
        assert_eq!(
            (numbers.len(), different.len()),
            (200, 200),
            "no number is used twice"
        );
        assert_eq!(
            different.last().map(String::as_str),
            Some("42000200"),
            "and none is lost"
        );
    })
    .await;
}
