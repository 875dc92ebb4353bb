//! The writer when things go wrong around it: lost answers, deadlocks, a full queue, the end.

use std::sync::Arc;

use epaybl_connector::app::ports::{CommitError, Sealed, Store as _, Urgency};
use tokio::task::JoinHandle;

use crate::cases::connect;
use crate::kit::db::{Connector, Db};
use crate::kit::{Fault, Faulty, Town, on_each};

type Outcome = Result<(), CommitError>;

/// Queues Changes.
async fn queue(connector: &Connector, changes: Vec<Sealed>, urgency: Urgency) -> Vec<JoinHandle<Outcome>> {
    let waiting = changes.into_iter().map(|change| {
        let store = Arc::clone(&connector.store);
        tokio::spawn(async move { store.commit(change, urgency).await })
    });
    let waiting: Vec<_> = waiting.collect();
    // On one thread, at least one of the tasks that are ready runs each time.
    for _ in 0..=waiting.len() {
        tokio::task::yield_now().await;
    }
    waiting
}

/// Queues Changes while the gate is closed, so that they go together, then opens it.
pub async fn all_at_once(connector: &Connector, faulty: &Faulty, changes: Vec<Sealed>) -> Vec<Outcome> {
    let waiting = queue(connector, changes, Urgency::Interactive).await;
    faulty.open();
    let mut results = Vec::new();
    for waiting in waiting {
        results.push(waiting.await.expect("no panic"));
    }
    results
}

fn payments(town: &Town, name: &str, count: usize) -> Vec<Sealed> {
    let new = |n| town.accept("stadt", &format!("{name}-{n}"), &[500]).sealed;
    (0..count).map(new).collect()
}

/// A connector over an engine with faults, in a town with its tenants.
async fn faulty(db: &Db, town: &Arc<Town>, faults: &[Fault]) -> (Arc<Faulty>, Connector) {
    connect(db, town).await.end().await;
    let faulty = Faulty::with(db.engine().await, faults);
    (Arc::clone(&faulty), Db::over(faulty, town.clone()))
}

/// The same Changes, whatever happened to their COMMIT: each became true once, and each was told so.
#[tokio::test]
async fn a_lost_commit_is_looked_up_and_not_repeated() {
    for fault in [
        Fault::LostButTrue,
        Fault::LostAndGone,
        Fault::LostAndLate,
        Fault::Again,
    ] {
        on_each(async |db| {
            let town = Town::new();
            let (engine, connector) = faulty(db, &town, &[fault]).await;
            let change = payments(&town, "anfrage", 1).remove(0);
            assert_eq!(connector.commit(&change).await, Ok(()), "{fault:?}");
            assert_eq!(db.number("SELECT count(*) FROM payment").await, 1);
            let runs = if fault == Fault::LostButTrue { 1 } else { 2 };
            assert_eq!(engine.sizes().len(), runs, "{fault:?}");
        })
        .await;
    }
}

/// A Change without any guard would be written twice if its id did not stop it.
#[tokio::test]
async fn a_lost_commit_that_comes_late_is_recognised_by_the_id_of_its_changes() {
    on_each(async |db| {
        let town = Town::new();
        let (_, connector) = faulty(db, &town, &[Fault::LostAndLate]).await;
        let unguarded = crate::kit::town::sealed(town.bare());
        assert_eq!(connector.commit(&unguarded).await, Ok(()));
        let mut log = town.tenants("stadt", 2);
        log.change.guards.keys.clear();
        let (_, connector) = faulty_again(db, &town, &[Fault::LostAndLate]).await;
        assert_eq!(connector.commit(&log).await, Ok(()));
        assert_eq!(
            db.number("SELECT count(*) FROM tenant_object WHERE version = 2")
                .await,
            5
        );
    })
    .await;
}

async fn faulty_again(db: &Db, town: &Arc<Town>, faults: &[Fault]) -> (Arc<Faulty>, Connector) {
    let faulty = Faulty::with(db.engine().await, faults);
    (Arc::clone(&faulty), Db::over(faulty, town.clone()))
}

#[tokio::test]
async fn who_lost_its_guards_before_a_lost_commit_is_told_so() {
    on_each(async |db| {
        let town = Town::new();
        connect(db, &town).await.end().await;
        let (_, connector) = faulty_again(db, &town, &[Fault::LostButTrue]).await;
        let twins = [payments(&town, "anfrage", 1), payments(&town, "anfrage", 1)].concat();
        let results = tokio::join!(connector.commit(&twins[0]), connector.commit(&twins[1]));
        assert_eq!(results, (Ok(()), Err(CommitError::Conflict)));
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_to_everybody_and_nothing_is_half_true() {
    on_each(async |db| {
        let town = Town::new();
        let (engine, connector) = faulty(db, &town, &[Fault::Unavailable]).await;
        let changes = payments(&town, "anfrage", 3);
        let results = tokio::join!(
            connector.commit(&changes[0]),
            connector.commit(&changes[1]),
            connector.commit(&changes[2])
        );
        for result in [results.0, results.1, results.2] {
            assert!(matches!(result, Err(CommitError::Unavailable(_))), "{result:?}");
        }
        assert_eq!(engine.sizes(), [3]);
        assert_eq!(db.number("SELECT count(*) FROM payment").await, 0);
        // It is back, and so is the writer.
        assert_eq!(connector.commit(&changes[0]).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn a_deadlock_without_end_is_given_up() {
    on_each(async |db| {
        let town = Town::new();
        let (engine, connector) = faulty(db, &town, &[Fault::Again; 5]).await;
        let change = payments(&town, "anfrage", 1).remove(0);
        assert!(matches!(
            connector.commit(&change).await,
            Err(CommitError::Unavailable(_))
        ));
        assert_eq!(engine.sizes().len(), 5);
        assert_eq!(connector.commit(&change).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn a_full_queue_is_busy_and_callbacks_still_get_in() {
    on_each(async |db| {
        let town = Town::new();
        connect(db, &town).await.end().await;
        let held = Faulty::held(db.engine().await);
        let connector = Db::over(held.clone(), town.clone());
        let first = queue(&connector, payments(&town, "erste", 1), Urgency::Interactive).await;
        while held.sizes().is_empty() {
            tokio::task::yield_now().await;
        }
        let full = queue(&connector, payments(&town, "volle", 1024), Urgency::Interactive).await;
        let over = payments(&town, "zu-viel", 1).remove(0);
        assert_eq!(connector.commit(&over).await, Err(CommitError::Busy));
        let callback = queue(&connector, payments(&town, "rueckruf", 1), Urgency::Callback).await;
        let bulk = queue(&connector, payments(&town, "masse", 1), Urgency::Bulk).await;
        held.open();
        for waiting in [first, full, callback, bulk].into_iter().flatten() {
            assert_eq!(waiting.await.expect("no panic"), Ok(()));
        }
        // What waited went together, in batches of the largest size; 1 + 1024 + 1 + 1 in all.
        assert_eq!(held.sizes(), [1, 256, 256, 256, 256, 2]);
        assert_eq!(db.number("SELECT count(*) FROM payment").await, 1027);
    })
    .await;
}

#[tokio::test]
async fn the_writer_commits_what_waits_before_it_ends() {
    on_each(async |db| {
        let town = Town::new();
        connect(db, &town).await.end().await;
        let held = Faulty::held(db.engine().await);
        let connector = Db::over(held.clone(), town.clone());
        // Nobody waits for the answers any more.
        for waiting in queue(&connector, payments(&town, "anfrage", 10), Urgency::Interactive).await {
            waiting.abort();
        }
        held.open();
        connector.end().await;
        assert_eq!(db.number("SELECT count(*) FROM payment").await, 10);
    })
    .await;
}

#[tokio::test]
async fn changes_of_many_megabytes_do_not_go_together() {
    on_each(async |db| {
        let town = Town::new();
        connect(db, &town).await.end().await;
        let held = Faulty::held(db.engine().await);
        let connector = Db::over(held.clone(), town.clone());
        let mut changes = payments(&town, "anfrage", 4);
        for change in &mut changes[1..3] {
            change.personal[0].sealed = vec![7; 3 << 20];
        }
        let results = all_at_once(&connector, &held, changes).await;
        assert_eq!(results, [Ok(()), Ok(()), Ok(()), Ok(())]);
        // A batch is full when it has too many bytes, so the large ones do not go together.
        assert_eq!(held.sizes(), [2, 1, 1]);
        assert_eq!(
            db.number("SELECT max(length(sealed)) FROM personal").await,
            3 << 20
        );
    })
    .await;
}
