//! The books: what is written stays written, and who changes it is found.

use crate::kit::{CAR, CERTIFICATE, World, on_every_database};
use crate::requests::{car, certificate};

const KASSE: &str = "stadtkasse-bad-langensalza";

/// The tables in which nothing is ever changed.
const WRITTEN: [&str; 8] = [
    "record",
    "booking",
    "booking_line",
    "exception",
    "event",
    "tenant_object",
    "client_secret",
    "change_log",
];

/// A case with a booking of each sort and an exception, in the city's books.
async fn a_case(world: &World) {
    world
        .sandbox()
        .fail_next("overpaid:100".parse().expect("a fault"));
    world.paid(CERTIFICATE, &certificate("case"), "KREDITKARTE").await;
    world.deliver().await;
}

/// What the audit finds.
async fn finding(world: &World) -> String {
    let found = world.stage().connector.app.verify_audit().await;
    found
        .err()
        .map_or_else(|| "nothing".to_owned(), |error| error.to_string())
}

/// Somebody with all rights takes the locks off.
async fn without_triggers(world: &World) {
    for table in WRITTEN {
        let triggers = if world.is_postgres() {
            vec![format!("no_change ON {table}")]
        } else {
            vec!["no_update".to_owned(), "no_delete".to_owned()]
        };
        for trigger in triggers {
            world
                .sql(&format!("DROP TRIGGER {table}_{trigger}"))
                .await
                .expect("the trigger is there");
        }
    }
}

#[tokio::test]
async fn under_soll_paid_the_claim_is_booked_with_the_payment_and_under_accepted_before() {
    on_every_database(async |world| {
        let city = world.open(CERTIFICATE, &certificate("paid")).await;
        let county = world.open(CAR, &car("accepted")).await;
        let soll = "sollstellung: forderung an erloes/1220.4311 30.60".to_owned();
        assert_eq!(world.bookings().await, std::slice::from_ref(&soll));
        world.pay(&city, "PAYPAL").await;
        world.idle().await;
        world.pay(&county, "SEPASDD").await;
        world.idle().await;
        let paypal = "verrechnung/SANDBOX-ZVP/PAYPAL an forderung";
        let bookings = world.bookings().await;
        let city = [
            "sollstellung: forderung an erloes/0500.1000/0000000001 15.00, forderung an erloes/0500.1001/0000000001 7.50"
                .to_owned(),
            format!("zahlung: {paypal} 15.00, {paypal} 7.50"),
        ];
        assert_eq!(bookings[..1], [soll]);
        assert!(bookings[1].starts_with("zahlung: verrechnung/") && bookings[1].ends_with("/SEPASDD an forderung 30.60"));
        assert_eq!(bookings[2..], city, "each Kasse has its own books");
    })
    .await;
}

#[tokio::test]
async fn the_database_refuses_to_change_or_delete_what_is_written() {
    on_every_database(async |world| {
        a_case(world).await;
        for table in WRITTEN {
            assert!(
                world.number(&format!("SELECT COUNT(*) FROM {table}")).await > 0,
                "{table} has rows"
            );
            let column = match table {
                "exception" => "code = code",
                "client_secret" | "change_log" | "tenant_object" => "change_id = change_id",
                _ => "position = position",
            };
            for statement in [
                format!("UPDATE {table} SET {column}"),
                format!("DELETE FROM {table}"),
            ] {
                let refused = world.sql(&statement).await.expect_err(&statement).to_string();
                assert!(
                    refused.contains("never updated or deleted"),
                    "{statement}: {refused}"
                );
            }
        }
        if world.is_postgres() {
            let refused = world
                .sql("TRUNCATE record CASCADE")
                .await
                .expect_err("TRUNCATE goes round row triggers");
            assert!(
                refused.to_string().contains("never updated or deleted"),
                "{refused}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_audit_names_the_first_row_that_somebody_changed() {
    on_every_database(async |world| {
        a_case(world).await;
        without_triggers(world).await;
        world
            .sql("CREATE TABLE kept AS SELECT * FROM record")
            .await
            .expect("a copy");
        let of = format!("ledger_id = '{KASSE}'");
        let first = world
            .number(&format!("SELECT MIN(position) FROM booking WHERE {of}"))
            .await;
        let row = format!("{of} AND position = {first}");
        let bytes = format!("(SELECT bytes FROM kept WHERE {of} AND position = ");
        let exception = world
            .number(&format!("SELECT MIN(position) FROM exception WHERE {of}"))
            .await;
        let cases = [
            (
                format!("UPDATE record SET bytes = {bytes}{first} + 1) WHERE {row}"),
                format!("UPDATE record SET bytes = {bytes}{first}) WHERE {row}"),
                format!("record {KASSE}/{first}"),
            ),
            (
                format!("UPDATE record SET recorded_at = recorded_at + 1 WHERE {row}"),
                format!("UPDATE record SET recorded_at = recorded_at - 1 WHERE {row}"),
                format!("record {KASSE}/{first}: column recorded_at"),
            ),
            (
                format!("UPDATE record SET kind = 'callback' WHERE {row}"),
                format!("UPDATE record SET kind = 'booking' WHERE {row}"),
                format!("record {KASSE}/{first}: column kind"),
            ),
            (
                format!("UPDATE booking_line SET cents = cents + 1 WHERE {row} AND n = 0"),
                format!("UPDATE booking_line SET cents = cents - 1 WHERE {row} AND n = 0"),
                format!("booking {KASSE}/{first}: column lines"),
            ),
            (
                format!("UPDATE booking SET kind = 'storno' WHERE {row}"),
                format!("UPDATE booking SET kind = 'sollstellung' WHERE {row}"),
                format!("booking {KASSE}/{first}: column kind"),
            ),
            (
                format!("UPDATE exception SET cents = 1 WHERE {of} AND position = {exception}"),
                format!("UPDATE exception SET cents = 100 WHERE {of} AND position = {exception}"),
                format!("exception {KASSE}/{exception}: column cents"),
            ),
            (
                format!(
                    "UPDATE balance SET debit_cents = debit_cents + 1 WHERE {of} AND account = 'forderung'"
                ),
                format!(
                    "UPDATE balance SET debit_cents = debit_cents - 1 WHERE {of} AND account = 'forderung'"
                ),
                format!("balance {KASSE}/"),
            ),
            (
                "UPDATE attempt SET credited_cents = credited_cents - 1".to_owned(),
                "UPDATE attempt SET credited_cents = credited_cents + 1".to_owned(),
                "attempt ".to_owned(),
            ),
            (
                format!("UPDATE log_head SET size = size - 1 WHERE {of}"),
                format!("UPDATE log_head SET size = size + 1 WHERE {of}"),
                // Either the head contradicts itself or the log.
                String::new(),
            ),
        ];
        for (tamper, mend, found) in cases {
            world.sql(&tamper).await.expect(&tamper);
            let told = finding(world).await;
            assert!(told != "nothing" && told.starts_with(&found), "{tamper}: {told}");
            world.sql(&mend).await.expect(&mend);
            assert_eq!(finding(world).await, "nothing", "after {mend}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_audit_finds_what_was_cut_off_the_end_and_what_was_taken_out() {
    on_every_database(async |world| {
        a_case(world).await;
        without_triggers(world).await;
        let of = format!("ledger_id = '{KASSE}'");
        let last = world
            .number(&format!("SELECT MAX(position) FROM exception WHERE {of}"))
            .await;
        let kept = ["record", "exception"];
        for table in kept {
            world
                .sql(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"))
                .await
                .expect("a copy");
        }
        world
            .sql(&format!("DELETE FROM exception WHERE {of} AND position = {last}"))
            .await
            .expect("deleted");
        assert!(
            finding(world)
                .await
                .starts_with(&format!("exception {KASSE}/{last}: is not there"))
        );
        world
            .sql(&format!("DELETE FROM record WHERE {of} AND position = {last}"))
            .await
            .expect("deleted");
        let told = finding(world).await;
        assert!(told.contains(KASSE), "{told}");
        for table in kept {
            let back =
                format!("INSERT INTO {table} SELECT * FROM kept_{table} WHERE {of} AND position = {last}");
            world.sql(&back).await.expect(&back);
        }
        assert_eq!(finding(world).await, "nothing");
    })
    .await;
}

#[tokio::test]
async fn the_audit_is_right_while_payments_are_made() {
    on_every_database(async |world| {
        let pay = async {
            for n in 0..12 {
                world
                    .paid(CERTIFICATE, &certificate(&format!("busy-{n}")), "KREDITKARTE")
                    .await;
            }
        };
        let verify = async {
            for _ in 0..12 {
                assert_eq!(finding(world).await, "nothing");
            }
        };
        tokio::join!(pay, verify);
        assert_eq!(finding(world).await, "nothing");
    })
    .await;
}
