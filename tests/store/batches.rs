//! Of several Changes that cannot all be true, one becomes true; the others are told, and leave nothing behind.

use std::sync::Arc;

use epaybl_connector::app::ports::{Clock as _, CommitError, Sealed, Store as _};
use epaybl_connector::domain::booking::BookingKind;
use epaybl_connector::domain::bookings::storno;
use epaybl_connector::domain::change::OnceKey;
use epaybl_connector::domain::decide::Outcome;
use epaybl_connector::domain::record::Body;
use epaybl_connector::domain::told::Word;
use epaybl_connector::store::engine::{Engine, Verdict};

use crate::cases::connect;
use crate::kit::town::{open, order, sealed};
use crate::kit::{Town, on_each};

const WINS: Verdict = Verdict::Committed;
const LOSES: Verdict = Verdict::Conflict;

async fn batch(engine: &Arc<dyn Engine>, town: &Town, changes: &[&Sealed]) -> Vec<Verdict> {
    let changes: Vec<Sealed> = changes.iter().copied().cloned().collect();
    engine
        .commit(&changes, town.now())
        .await
        .expect("the batch is committed")
}

/// A Change that does nothing but to claim and to release keys.
fn keys(town: &Town, claims: &[&str], releases: &[&str]) -> Sealed {
    let key = |key: &&str| OnceKey {
        scope: "probe".to_owned(),
        key: (*key).to_owned(),
        subject: "s".to_owned(),
    };
    let mut change = town.bare();
    change.guards.keys = claims.iter().map(key).collect();
    change.effects.released = releases.iter().map(key).collect();
    sealed(change)
}

#[tokio::test]
async fn of_two_changes_of_one_case_the_first_of_the_batch_wins() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "anfrage", &[500]);
        connector.becomes_true(&new.sealed).await;
        let read = connector.read(new.case.id).await;
        let (first, _) = town.opened(&read, new.attempt, &open(Some("KZ1")));
        let (second, _) = town.opened(&read, new.attempt, &open(Some("KZ2")));
        let engine = &connector.engine;
        assert_eq!(batch(engine, &town, &[&first, &second]).await, [WINS, LOSES]);
        // The second one's Kassenzeichen is free, and what it was decided on is gone.
        assert_eq!(
            db.number("SELECT count(*) FROM once_key WHERE key = 'KZ2'").await,
            0
        );
        assert_eq!(batch(engine, &town, &[&second]).await, [LOSES]);
    })
    .await;
}

#[tokio::test]
async fn a_change_that_comes_too_late_takes_nothing_from_one_that_does_not() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "anfrage", &[500]);
        connector.becomes_true(&new.sealed).await;
        let old = connector.read(new.case.id).await;
        connector
            .becomes_true(&town.opened(&old, new.attempt, &open(None)).0)
            .await;
        let read = connector.read(new.case.id).await;
        let late = town.heard(&old, new.attempt, Word::Failed, "KZ1");
        let good = town.heard(&read, new.attempt, Word::Success, "KZ1");
        assert_eq!(
            batch(&connector.engine, &town, &[&late, &good]).await,
            [LOSES, WINS]
        );
    })
    .await;
}

#[tokio::test]
async fn a_key_becomes_true_once() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let engine = &connector.engine;
        let twin = |name: &str| town.accept("stadt", name, &[500]).sealed;
        let (one, two, three) = (twin("anfrage"), twin("anfrage"), twin("anfrage"));
        assert_eq!(batch(engine, &town, &[&one, &two]).await, [WINS, LOSES]);
        assert_eq!(batch(engine, &town, &[&three]).await, [LOSES]);
        assert_eq!(db.number("SELECT count(*) FROM payment").await, 1);
        // What the losers brought is nowhere.
        assert_eq!(db.number("SELECT count(*) FROM personal").await, 1);
        assert_eq!(db.number("SELECT count(*) FROM personal_key").await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_a_loser_claimed_is_free_afterwards() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let engine = &connector.engine;
        assert_eq!(batch(engine, &town, &[&keys(&town, &["b"], &[])]).await, [WINS]);
        let loser = keys(&town, &["a", "b", "c"], &[]);
        let winner = keys(&town, &["d"], &[]);
        assert_eq!(batch(engine, &town, &[&loser, &winner]).await, [LOSES, WINS]);
        assert_eq!(
            batch(engine, &town, &[&keys(&town, &["a", "c"], &[])]).await,
            [WINS]
        );
        assert_eq!(db.number("SELECT count(*) FROM change_log").await, 4);
    })
    .await;
}

#[tokio::test]
async fn released_keys_are_free_again() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let engine = &connector.engine;
        assert_eq!(
            batch(engine, &town, &[&keys(&town, &["a", "b"], &[])]).await,
            [WINS]
        );
        // Released in a batch, it is free in the next one.
        let (release, claim) = (keys(&town, &[], &["a"]), keys(&town, &["a"], &[]));
        assert_eq!(batch(engine, &town, &[&release, &claim]).await, [WINS, LOSES]);
        assert_eq!(batch(engine, &town, &[&claim]).await, [WINS]);

        // As it is after a refusal: the portal may use its requestId again.
        let refused = town.accept("stadt", "anfrage", &[500]);
        connector.becomes_true(&refused.sealed).await;
        let read = connector.read(refused.case.id).await;
        let code = Outcome::Refused {
            code: "-0611".to_owned(),
        };
        connector
            .becomes_true(&town.opened(&read, refused.attempt, &code).0)
            .await;
        let read = connector.read(refused.case.id).await;
        let again = town.accept_into(Some(&read), "stadt", &order("anfrage", &[500]));
        connector.becomes_true(&again.sealed).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twins_at_two_connectors_one_wins() {
    on_each(async |db| {
        let town = Town::new();
        let here = connect(db, &town).await;
        let there = db.connector(town.clone()).await;
        let mut twins = Vec::new();
        for round in 0..20 {
            for connector in [&here, &there] {
                let store = Arc::clone(&connector.store);
                let change = town.accept("stadt", &format!("anfrage-{round}"), &[500]).sealed;
                twins.push(tokio::spawn(async move {
                    store
                        .commit(change, epaybl_connector::app::ports::Urgency::Interactive)
                        .await
                }));
            }
        }
        let mut won = 0;
        for twin in twins {
            match twin.await.expect("no panic") {
                Ok(()) => won += 1,
                Err(error) => assert_eq!(error, CommitError::Conflict),
            }
        }
        assert_eq!(won, 20);
        assert_eq!(db.number("SELECT count(*) FROM payment").await, 20);
        here.end().await;
        there.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_booking_is_reversed_by_one_storno_and_by_no_second() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "anfrage", &[500]);
        connector.becomes_true(&new.sealed).await;
        let read = connector.read(new.case.id).await;
        connector
            .becomes_true(&town.opened(&read, new.attempt, &open(Some("KZ1"))).0)
            .await;
        let read = connector.read(new.case.id).await;
        let paid = town.told(&read, new.attempt, Some("PAYPAL"), Some(0));
        connector.becomes_true(&paid).await;
        let zahlung = db
            .number("SELECT position FROM booking WHERE kind = 'zahlung'")
            .await;
        let booking = paid
            .change
            .effects
            .records
            .iter()
            .find_map(|(body, _)| match body {
                Body::Booking(booking) if booking.kind == BookingKind::Zahlung => Some(booking.clone()),
                _ => None,
            });
        let position = u64::try_from(zahlung).expect("a position");
        let mirror = storno(position, &booking.expect("a Zahlung")).expect("a Zahlung is reversed");
        let reversal = || {
            let mut change = town.bare();
            change.ledger = Some(mirror.ledger.clone());
            change
                .effects
                .records
                .push((Body::Booking(mirror.clone()), Vec::new()));
            sealed(change)
        };
        connector.becomes_true(&reversal()).await;
        // Both sides of every account of the payment are equal again.
        let open =
            "SELECT count(*) FROM balance WHERE account LIKE 'verrechnung/%' AND debit_cents <> credit_cents";
        assert_eq!(db.number(open).await, 0);
        assert!(matches!(
            connector.commit(&reversal()).await,
            Err(CommitError::Refused(_))
        ));
        assert_eq!(
            db.number("SELECT count(*) FROM booking WHERE kind = 'storno'")
                .await,
            1
        );
    })
    .await;
}
