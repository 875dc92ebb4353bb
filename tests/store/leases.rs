//! Watches are taken under leases: by one at a time, and results count only with the lease's number.

use std::collections::BTreeSet;
use std::sync::Arc;

use epaybl_connector::app::ports::{ClaimedWatch, Clock as _, CommitError, Sealed, Store as _};
use epaybl_connector::domain::change::Lease;
use epaybl_connector::domain::told::Word;

use crate::cases::connect;
use crate::kit::db::Connector;
use crate::kit::{Town, on_each};

async fn claim(connector: &Connector, town: &Town, limit: u32) -> Vec<ClaimedWatch> {
    let now = town.now();
    let claimed = connector
        .store
        .claim_watches(now, now.plus_seconds(60), limit)
        .await;
    claimed.expect("watches can be claimed")
}

fn under(mut sealed: Sealed, watch: &ClaimedWatch) -> Sealed {
    sealed.change.guards.lease = Some(Lease::Watch {
        attempt: watch.attempt,
        number: watch.lease,
    });
    sealed
}

#[tokio::test]
async fn a_watch_is_claimed_again_only_after_its_lease_and_under_a_higher_number() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "anfrage", &[500]);
        connector.becomes_true(&new.sealed).await;
        assert!(claim(&connector, &town, 50).await.is_empty(), "it is not due yet");
        town.pass(30);
        let first = claim(&connector, &town, 50).await;
        assert_eq!(
            first
                .iter()
                .map(|watch| (watch.attempt, watch.case, watch.lease))
                .collect::<Vec<_>>(),
            [(new.attempt, new.case.id, 1)]
        );
        town.pass(60);
        assert!(
            claim(&connector, &town, 50).await.is_empty(),
            "its lease still runs"
        );
        town.pass(1);
        let second = claim(&connector, &town, 50).await;
        assert_eq!(second[0].lease, 2);

        // Who held the first lease has been overtaken; who holds the second has not.
        let read = connector.read(new.case.id).await;
        let late = under(town.wait(&read, new.attempt, 10), &first[0]);
        assert_eq!(connector.commit(&late).await, Err(CommitError::Conflict));
        let good = under(town.wait(&read, new.attempt, 10), &second[0]);
        connector.becomes_true(&good).await;
        // The result gives the lease back: it is claimed as soon as it is due.
        town.pass(10);
        assert_eq!(claim(&connector, &town, 50).await[0].lease, 3);
    })
    .await;
}

#[tokio::test]
async fn a_callback_that_wakes_a_watch_leaves_it_to_whoever_holds_it() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "anfrage", &[500]);
        connector.becomes_true(&new.sealed).await;
        town.pass(30);
        let held = claim(&connector, &town, 50).await;
        let read = connector.read(new.case.id).await;
        connector
            .becomes_true(&town.heard(&read, new.attempt, Word::Success, "KZ1"))
            .await;
        assert!(claim(&connector, &town, 50).await.is_empty());
        // What was decided before the callback is stale, though the lease holds.
        let stale = under(town.wait(&read, new.attempt, 999), &held[0]);
        assert_eq!(connector.commit(&stale).await, Err(CommitError::Conflict));
        town.pass(61);
        assert_eq!(claim(&connector, &town, 50).await[0].lease, 2);
    })
    .await;
}

#[tokio::test]
async fn two_results_under_one_lease_in_one_batch_are_one() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "anfrage", &[500]);
        connector.becomes_true(&new.sealed).await;
        town.pass(30);
        let held = claim(&connector, &town, 50).await;
        let read = connector.read(new.case.id).await;
        let mut results = [
            town.wait(&read, new.attempt, 10),
            town.wait(&read, new.attempt, 20),
        ]
        .map(|sealed| under(sealed, &held[0]));
        for result in &mut results {
            result.change.guards.case = None;
        }
        let results = tokio::join!(connector.commit(&results[0]), connector.commit(&results[1]));
        assert_eq!(results, (Ok(()), Err(CommitError::Conflict)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connectors_that_claim_at_once_never_get_the_same() {
    on_each(async |db| {
        let town = Town::new();
        let here = Arc::new(connect(db, &town).await);
        let there = Arc::new(db.connector(town.clone()).await);
        for n in 0..200 {
            here.becomes_true(&town.accept("stadt", &format!("anfrage-{n}"), &[500]).sealed)
                .await;
        }
        town.pass(30);
        let mut claims = Vec::new();
        for connector in [&here, &there, &here, &there] {
            let (connector, town) = (Arc::clone(connector), town.clone());
            claims.push(tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let more = claim(&connector, &town, 7).await;
                    if more.is_empty() {
                        return mine;
                    }
                    mine.extend(more);
                }
            }));
        }
        let mut all = Vec::new();
        for claim in claims {
            all.extend(claim.await.expect("no panic"));
        }
        // One that passed over what the other had locked may have stopped early; nothing is lost.
        all.extend(claim(&here, &town, 200).await);
        let different: BTreeSet<_> = all.iter().map(|watch| watch.attempt).collect();
        assert_eq!((all.len(), different.len()), (200, 200));
        assert!(all.iter().all(|watch| watch.lease == 1));
    })
    .await;
}

#[tokio::test]
async fn the_last_of_several_schedules_of_one_change_counts() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "anfrage", &[500]);
        connector.becomes_true(&new.sealed).await;
        let read = connector.read(new.case.id).await;
        let mut twice = town.wait(&read, new.attempt, 10);
        let mut later = twice.change.effects.watches[0];
        later.due_at = Some(town.now().plus_seconds(20));
        twice.change.effects.watches.push(later);
        connector.becomes_true(&twice).await;
        let due = db.number("SELECT due_at FROM watch").await;
        assert_eq!(due, town.now().plus_seconds(20).millis());
    })
    .await;
}
