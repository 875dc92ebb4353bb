//! The read cursor and Kassenzeichen of our own, through ePayBL's SOAP service.

use std::sync::Arc;

use epaybl_connector::sandbox::{Cents, Fault};

use super::{soap_plain, soap2, soap3};
use crate::kit::{CAR, Provider, World, with_each_provider};
use crate::requests::car;

const DAY: i64 = 86_400;

/// The Mandant of the cars, with these lines more.
fn mandant(lines: &str) -> String {
    format!(
        "\n[[mandant]]\nprovider = \"epaybl-th\"\nnumber = \"TH000002\"\nkasse = \"kreiskasse-unstrut-hainich\"\n\
         name = \"Landratsamt\"\n{lines}\n"
    )
}

fn by_transfer(text: String) -> String {
    text.replace("expires_after_minutes = 120", "expires_after_minutes = 43200")
        .replace(
            "\nsoll = \"accepted\"",
            "\nsoll = \"accepted\"\nflow = \"vorkasse\"\ndue_days = 14",
        )
}

fn transfers(world: &World, cents: i64, kassenzeichen: &str) {
    let account = world.sandbox().bank_account("TH000002", "BW200001");
    let iban = account.expect("an account").iban;
    let sandbox = world.sandbox();
    sandbox
        .transfer(&iban, Cents::new(cents), kassenzeichen)
        .expect("a transfer");
}

async fn reads(world: &World) -> (usize, usize, usize) {
    let app = Arc::clone(&world.stage().connector.app);
    let read = app.read_receipts().await.expect("the tenants can be read");
    (read.ours, read.foreign, read.confirmed)
}

#[tokio::test]
async fn a_listed_receipt_is_a_reason_to_ask_and_what_is_not_ours_is_kept() {
    with_each_provider(&[soap3(), soap2()], async |world| {
        world
            .tenants(|text| by_transfer(text) + &mandant("exclusive_cursor = true"))
            .await;
        world.open(CAR, &car("cursor")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        transfers(world, 3060, &kassenzeichen);
        let account = world.sandbox().bank_account("TH000002", "BW200001");
        world
            .sandbox()
            .foreign_receipt(
                &account.expect("an account").iban,
                Cents::new(999),
                "9900000000017",
            )
            .expect("somebody else's money");
        world.sweep().await;
        assert_eq!(world.status(CAR, "cursor").await, "INITIAL", "not due for hours");
        assert_eq!(reads(world).await, (1, 1, 1), "{}", world.provider);
        world.sweep().await;
        assert_eq!(world.status(CAR, "cursor").await, "PAYED");
        assert_eq!(reads(world).await, (0, 0, 0), "nothing is told twice");
        assert_eq!(world.number("SELECT count(*) FROM receipt").await, 2);
        assert_eq!(world.booked().await.len(), 2, "the Soll and one payment");
    })
    .await;
}

#[tokio::test]
async fn without_the_tenants_word_the_cursor_is_never_touched() {
    with_each_provider(&[soap3()], async |world| {
        world.tenants(|text| by_transfer(text) + &mandant("")).await;
        world.open(CAR, &car("shared")).await;
        let kassenzeichen = world.newest().kassenzeichen;
        transfers(world, 3060, &kassenzeichen);
        assert_eq!(reads(world).await, (0, 0, 0));
        world.live(DAY, DAY / 4).await;
        assert_eq!(world.status(CAR, "shared").await, "PAYED", "found by asking");
        let calls = world.sandbox().counts().soap;
        assert!(
            !calls.contains_key("listeUngeleseneZahlungseingaenge"),
            "{calls:?}"
        );
    })
    .await;
}

/// A server that cannot be asked for numbers, but wants our Kassenzeichen.
fn own() -> Provider {
    Provider {
        name: "soap, own Kassenzeichen",
        at_sandbox: |account| {
            account.kassenzeichen_by_client = true;
            account.check_digit = true;
        },
        ..soap_plain()
    }
}

#[tokio::test]
async fn with_a_kassenzeichen_of_our_own_a_lost_answer_is_found_even_where_numbers_cannot_be_asked() {
    for fault in [Fault::DropAfterCreate, Fault::Http500] {
        with_each_provider(&[own()], async |world| {
            let pool = "[[mandant.pool]]\nbewirtschafter = \"BW200001\"\nprefix = \"42\"\nfirst = 1\nlast = 999\n\
                        digits = 6\ncheck_digit = \"hkr\"";
            world.tenants(|text| text + &mandant(pool)).await;
            world.sandbox().fail_next(fault.clone());
            let pay_url = world.open(CAR, &car("own")).await;
            world.live(60, 20).await;
            world.pay(&pay_url, "KREDITKARTE").await;
            world.live(120, 20).await;
            assert_eq!(world.status(CAR, "own").await, "PAYED", "{fault}");
            assert_eq!(world.sandbox().payments().len(), 1, "{fault}");
            assert!(world.exceptions().await.is_empty(), "{fault}");
        })
        .await;
    }
}
