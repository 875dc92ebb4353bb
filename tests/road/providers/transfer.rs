//! Vorkasse and Rechnung: the payer transfers the money, and the portal waits until it is there.

use epaybl_connector::sandbox::Cents;

use super::{soap2, soap3};
use crate::kit::{CAR, World, with_each_provider};
use crate::requests::{car, home};

const DAY: i64 = 86_400;

async fn by_transfer(world: &World, flow: &str) {
    let flow = flow.to_owned();
    world
        .tenants(move |text| {
            text.replace("expires_after_minutes = 120", "expires_after_minutes = 43200")
                .replace(
                    "\nsoll = \"accepted\"",
                    &format!("\nsoll = \"accepted\"\nflow = \"{flow}\"\ndue_days = 14"),
                )
        })
        .await;
}

fn iban(world: &World) -> String {
    let account = world.sandbox().bank_account("TH000002", "BW200001");
    account.expect("an account").iban
}

#[tokio::test]
async fn the_payer_sees_account_amount_kassenzeichen_due_date_and_a_girocode() {
    for flow in ["vorkasse", "rechnung"] {
        with_each_provider(&[soap3(), soap2()], async |world| {
            by_transfer(world, flow).await;
            let pay_url = world.open(CAR, &car("t-1")).await;
            let page = world.browse(&pay_url).await;
            assert_eq!(page.status, 200, "{}", page.text);
            let kassenzeichen = world.newest().kassenzeichen;
            let grouped: Vec<String> = iban(world)
                .as_bytes()
                .chunks(4)
                .map(|group| String::from_utf8_lossy(group).into_owned())
                .collect();
            for shown in [
                kassenzeichen.as_str(),
                &grouped.join(" "),
                "Bitte überweisen Sie 30,60 €</h1>",
                "05.12.2026",
                "<svg",
                "https://portal.example/zurueck",
                "TEST",
            ] {
                assert!(page.text.contains(shown), "{shown} is not shown: {}", page.text);
            }
            assert_eq!(world.status(CAR, "t-1").await, "INITIAL");
        })
        .await;
    }
}

#[tokio::test]
async fn a_transfer_in_parts_is_followed_until_all_is_there() {
    with_each_provider(&[soap3(), soap2()], async |world| {
        by_transfer(world, "vorkasse").await;
        let pay_url = world.open(CAR, &car("t-2")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        let account = iban(world);
        let transfer = |cents: i64| {
            world
                .sandbox()
                .transfer(&account, Cents::new(cents), &kassenzeichen)
                .expect("a transfer");
        };
        transfer(1000);
        world.live(DAY, DAY / 4).await;
        assert_eq!(world.status(CAR, "t-2").await, "INITIAL");
        let page = world.browse(&pay_url).await.text;
        assert!(page.contains("10,00") && page.contains("20,60"), "{page}");
        transfer(2160);
        world.live(DAY, DAY / 4).await;
        assert_eq!(world.status(CAR, "t-2").await, "PAYED");
        assert_eq!(world.exceptions().await, ["ueberzahlung"], "a euro too much");
        assert_eq!(world.browse(&pay_url).await.location(), home("t-2"));
        assert_eq!(world.heard().await, ["payment.paid.v1", "case.paid.v1"]);
    })
    .await;
}

#[tokio::test]
async fn a_transfer_that_comes_too_late_lies_in_verwahrung() {
    with_each_provider(&[soap3()], async |world| {
        by_transfer(world, "rechnung").await;
        world.open(CAR, &car("t-3")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        world.live(31 * DAY, DAY).await;
        assert_eq!(world.status(CAR, "t-3").await, "FAILED");
        world
            .sandbox()
            .transfer(&iban(world), Cents::new(3060), &kassenzeichen)
            .expect("a transfer");
        world.live(2 * DAY, DAY).await;
        assert_eq!(world.exceptions().await, ["spaete_zahlung"]);
        assert_eq!(
            world.status(CAR, "t-3").await,
            "FAILED",
            "the portal's answer stays"
        );
    })
    .await;
}
