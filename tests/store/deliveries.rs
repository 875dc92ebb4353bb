//! Deliveries: in order per case and target; a dead one frees its lane; a target that wants no more gets no more. And
//! the small table of callbacks that were not believed.

use epaybl_connector::app::ports::{
    ClaimedDelivery, Clock as _, CommitError, Ids as _, RejectedCallback, Sealed, Store as _,
};
use epaybl_connector::domain::change::{DeliveryOutcome, DeliveryTried, Lease};
use epaybl_connector::domain::ids::ProviderId;
use epaybl_connector::system::SystemIds;

use crate::cases::connect;
use crate::kit::db::Connector;
use crate::kit::town::{open, sealed};
use crate::kit::{Town, on_each};

/// A payment that is paid: two events, to two targets each.
async fn paid(connector: &Connector, town: &Town, request: &str) {
    let new = town.accept("stadt", request, &[500]);
    connector.becomes_true(&new.sealed).await;
    let read = connector.read(new.case.id).await;
    connector
        .becomes_true(&town.opened(&read, new.attempt, &open(Some(request))).0)
        .await;
    let read = connector.read(new.case.id).await;
    connector
        .becomes_true(&town.told(&read, new.attempt, Some("PAYPAL"), Some(0)))
        .await;
}

async fn claim(connector: &Connector, town: &Town) -> Vec<ClaimedDelivery> {
    let now = town.now();
    let claimed = connector
        .store
        .claim_deliveries(now, now.plus_seconds(60), 50)
        .await;
    let mut claimed = claimed.expect("deliveries can be claimed");
    claimed.sort_by(|a, b| (&a.target, a.case).cmp(&(&b.target, b.case)));
    claimed
}

fn tried(town: &Town, delivery: &ClaimedDelivery, outcome: DeliveryOutcome) -> Sealed {
    let mut change = town.bare();
    change.guards.lease = Some(Lease::Delivery {
        delivery: delivery.id,
        number: delivery.lease,
    });
    change.effects.tried.push(DeliveryTried {
        id: delivery.id,
        tries: delivery.tries + 1,
        outcome,
        at: town.now(),
    });
    sealed(change)
}

fn targets(claimed: &[ClaimedDelivery]) -> Vec<&str> {
    claimed.iter().map(|delivery| delivery.target.as_str()).collect()
}

#[tokio::test]
async fn each_lane_is_delivered_in_order_and_a_dead_one_frees_it() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        paid(&connector, &town, "KZ1").await;
        let first = claim(&connector, &town).await;
        assert_eq!(targets(&first), ["civento-stadt", "dms-stadt"]);
        assert_eq!(first[0].event, first[1].event);
        assert!(
            claim(&connector, &town).await.is_empty(),
            "the next waits for the first"
        );

        // One is delivered, the other is tried again: only the first lane goes on.
        let again = DeliveryOutcome::Again {
            at: town.now().plus_seconds(5),
            why: "503".to_owned(),
        };
        connector
            .becomes_true(&tried(&town, &first[0], DeliveryOutcome::Done))
            .await;
        connector.becomes_true(&tried(&town, &first[1], again)).await;
        // What waits behind a failed one is due with it, so that nobody looks at it before.
        let due = format!(
            "SELECT count(*) FROM delivery WHERE due_at = {}",
            town.now().plus_seconds(5).millis()
        );
        assert_eq!(db.number(&due).await, 2);
        let second = claim(&connector, &town).await;
        assert_eq!(targets(&second), ["civento-stadt"]);
        assert_ne!(second[0].event, first[0].event);

        town.pass(5);
        let retried = claim(&connector, &town).await;
        assert_eq!(
            (retried[0].id, retried[0].lease, retried[0].tries),
            (first[1].id, 2, 1)
        );
        let dead = DeliveryOutcome::Dead {
            why: "404".to_owned(),
        };
        connector.becomes_true(&tried(&town, &retried[0], dead)).await;
        let freed = claim(&connector, &town).await;
        assert_eq!(
            (targets(&freed), freed[0].event),
            (vec!["dms-stadt"], second[0].event)
        );
    })
    .await;
}

#[tokio::test]
async fn a_result_counts_once_and_only_under_its_lease() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        paid(&connector, &town, "KZ1").await;
        let first = claim(&connector, &town).await.remove(0);
        town.pass(61);
        let second = claim(&connector, &town).await.remove(0);
        assert_eq!((second.id, second.lease), (first.id, 2));
        let done = |delivery| tried(&town, delivery, DeliveryOutcome::Done);
        assert_eq!(connector.commit(&done(&first)).await, Err(CommitError::Conflict));
        connector.becomes_true(&done(&second)).await;
        // A second result of the same lease does not bring a finished delivery back.
        let again = DeliveryOutcome::Again {
            at: town.now(),
            why: "late".to_owned(),
        };
        assert_eq!(
            connector.commit(&tried(&town, &second, again)).await,
            Err(CommitError::Conflict)
        );
        assert_eq!(
            db.number("SELECT count(*) FROM delivery WHERE state = 'done'")
                .await,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_target_that_answered_410_gets_nothing_more_until_its_next_version() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        for request in ["KZ1", "KZ2", "KZ3"] {
            paid(&connector, &town, request).await;
        }
        let claimed = claim(&connector, &town).await;
        assert_eq!(claimed.len(), 6);
        // All three cases hear it, at the same time, and none is refused for it.
        let gone = |delivery: &ClaimedDelivery| {
            let outcome = DeliveryOutcome::Gone {
                target: delivery.target.clone(),
                version: 1,
            };
            tried(&town, delivery, outcome)
        };
        let civento: Vec<Sealed> = claimed[..3].iter().map(gone).collect();
        let results = tokio::join!(connector.commit(&civento[0]), connector.commit(&civento[1]));
        assert_eq!(results, (Ok(()), Ok(())));
        connector.becomes_true(&civento[2]).await;
        for delivery in &claimed[3..] {
            connector
                .becomes_true(&tried(&town, delivery, DeliveryOutcome::Done))
                .await;
        }
        town.pass(3600);
        assert_eq!(targets(&claim(&connector, &town).await), ["dms-stadt"; 3]);

        connector.becomes_true(&town.tenants("stadt", 2)).await;
        let resumed = claim(&connector, &town).await;
        assert_eq!(targets(&resumed), ["civento-stadt"; 3]);
        assert_eq!(resumed[0].tries, 1);
    })
    .await;
}

#[tokio::test]
async fn of_rejected_callbacks_the_newest_thousand_are_kept() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let rejected = |n: usize| {
            let at = town.now().plus_millis(i64::try_from(n).expect("a small number"));
            RejectedCallback {
                id: SystemIds.uuid(at),
                provider: ProviderId::parse("epaybl").expect("an id"),
                at,
                why: format!("no «mac\0» {n}"),
                bytes: n,
            }
        };
        // They come one by one, and many at once.
        for n in 0..3 {
            connector
                .store
                .reject_callback(rejected(n))
                .await
                .expect("it is kept");
            town.pass(1);
        }
        let mut flood = Vec::new();
        for n in 3..1203 {
            let (store, callback) = (std::sync::Arc::clone(&connector.store), rejected(n));
            flood.push(tokio::spawn(async move { store.reject_callback(callback).await }));
        }
        for one in flood {
            assert_eq!(one.await.expect("no panic"), Ok(()));
        }
        town.pass(1);
        connector
            .store
            .reject_callback(rejected(1203))
            .await
            .expect("it is kept");
        assert_eq!(db.number("SELECT count(*) FROM rejected_callback").await, 1000);
        assert_eq!(db.number("SELECT max(bytes) FROM rejected_callback").await, 1203);
        assert_eq!(db.number("SELECT min(bytes) FROM rejected_callback").await, 204);
    })
    .await;
}
