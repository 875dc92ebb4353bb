//! The log: gapless positions, roots that can be recomputed, times that never go back.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use epaybl_connector::app::ports::{
    AuditQuery, AuditStore as _, Clock as _, CommitError, Sealed, Store as _, Urgency,
};
use epaybl_connector::domain::merkle::{CompactRange, leaf_hash};
use epaybl_connector::domain::record::Record;
use epaybl_connector::domain::told::Word;
use epaybl_connector::store::SqlStore;

use crate::cases::connect;
use crate::kit::db::Connector;
use crate::kit::town::{ledger, open};
use crate::kit::{Town, on_each};

/// Every record of a ledger, after its positions, bytes, columns and root were compared.
async fn verified(connector: &Connector, name: &str) -> Vec<Record> {
    let heads = connector.store.heads().await.expect("the heads");
    let head = heads
        .into_iter()
        .find(|head| head.ledger.as_str() == name)
        .expect("the head");
    let rows = connector
        .store
        .audit_rows(AuditQuery::Records, &head.ledger, 0, 1_000_000)
        .await;
    let mut tree = CompactRange::default();
    let mut records = Vec::new();
    for (position, row) in rows.expect("the rows").iter().enumerate() {
        let bytes = HEXLOWER
            .decode(row["bytes"].as_str().expect("a text").as_bytes())
            .expect("hex");
        let record = Record::decode(&bytes).expect("a record");
        assert_eq!(u64::try_from(position), Ok(record.position));
        assert_eq!(row["recorded_at"], record.recorded_at.millis());
        assert_eq!(row["buchungstag"], record.buchungstag.to_string());
        tree.push(leaf_hash(&bytes));
        records.push(record);
    }
    assert_eq!((tree.size(), tree.root()), (head.tree.size(), head.tree.root()));
    records
}

/// One payment from its request to its end, deciding again whenever somebody else was faster.
async fn one_life(town: Arc<Town>, store: Arc<SqlStore>, name: &'static str, request: String) {
    let new = town.accept(name, &request, &[500]);
    commit(&store, new.sealed)
        .await
        .expect("nobody else has this request");
    let scope = epaybl_connector::app::ports::Scope::Program;
    for step in 0..3 {
        loop {
            let read = store
                .case(&scope, new.case.id)
                .await
                .expect("a read")
                .expect("the case");
            let change = match step {
                0 => town.opened(&read, new.attempt, &open(Some(&request))).0,
                1 => town.heard(&read, new.attempt, Word::Success, &request),
                _ => town.told(&read, new.attempt, Some("PAYPAL"), Some(0)),
            };
            match commit(&store, change).await {
                Ok(()) => break,
                Err(error) => assert_eq!(error, CommitError::Conflict),
            }
        }
    }
}

async fn commit(store: &SqlStore, change: Sealed) -> Result<(), CommitError> {
    store.commit(change, Urgency::Interactive).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_writers_over_several_ledgers_leave_logs_without_gaps() {
    on_each(async |db| {
        let town = Town::new();
        let here = connect(db, &town).await;
        let there = db.connector(town.clone()).await;
        here.becomes_true(&town.tenants("kreis", 1)).await;
        there.becomes_true(&town.tenants("land", 1)).await;
        let names = ["stadt", "kreis", "land"];
        let mut lives = Vec::new();
        for n in 0..60 {
            let store = Arc::clone(if n % 2 == 0 { &here.store } else { &there.store });
            let life = one_life(town.clone(), store, names[n % 3], format!("KZ{n}"));
            lives.push(tokio::spawn(life));
        }
        for life in lives {
            life.await.expect("a payment lives to its end");
        }
        for name in names {
            // Four tenant objects and a second gateway; then Soll, callback and Zahlung of twenty payments.
            assert_eq!(verified(&there, name).await.len(), 5 + 20 * 3, "{name}");
            let events = "SELECT count(*) FROM event WHERE ledger_id = ";
            let gapless = "SELECT max(position) + 1 FROM event WHERE ledger_id = ";
            assert_eq!(db.number(&format!("{events}'{name}'")).await, 40);
            assert_eq!(db.number(&format!("{gapless}'{name}'")).await, 40);
        }
        // The balances are what the lines say.
        assert_eq!(balances(db).await, lines(db).await);
        here.end().await;
        there.end().await;
    })
    .await;
}

async fn balances(db: &crate::kit::Db) -> BTreeMap<String, String> {
    sums(
        db,
        "SELECT posten_id || ' ' || account || '=' || debit_cents || '/' || credit_cents FROM balance",
    )
    .await
}

async fn lines(db: &crate::kit::Db) -> BTreeMap<String, String> {
    let sql = "SELECT posten || ' ' || account || '=' || sum(debit) || '/' || sum(credit) FROM \
        (SELECT debit_posten AS posten, debit_account AS account, cents AS debit, 0 AS credit FROM booking_line \
         UNION ALL SELECT credit_posten, credit_account, 0, cents FROM booking_line) AS sides \
        GROUP BY posten, account";
    sums(db, sql).await
}

async fn sums(db: &crate::kit::Db, sql: &str) -> BTreeMap<String, String> {
    let rows = db.texts(sql).await;
    let split = |row: &String| {
        row.split_once('=')
            .map(|(key, sums)| (key.to_owned(), sums.to_owned()))
    };
    rows.iter().filter_map(split).collect()
}

#[tokio::test]
async fn the_time_of_records_never_goes_back() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        town.pass(60);
        connector.becomes_true(&town.tenants("stadt", 2)).await;
        town.pass(-3600);
        connector.becomes_true(&town.tenants("stadt", 3)).await;
        town.pass(3600 + 60);
        connector.becomes_true(&town.tenants("stadt", 4)).await;
        let times: Vec<i64> = verified(&connector, "stadt")
            .await
            .iter()
            .map(|record| record.recorded_at.millis())
            .collect();
        assert!(times.is_sorted(), "{times:?}");
        assert_eq!(times[5], times[14]);
        assert_eq!(times[15], town.now().millis());
    })
    .await;
}

#[tokio::test]
async fn the_buchungstag_is_the_day_in_berlin_or_the_open_day_if_that_is_later() {
    on_each(async |db| {
        let town = Town::new();
        town.set("2026-12-31T22:30:00Z");
        let connector = connect(db, &town).await;
        // Half an hour later it is the next year in Berlin.
        town.pass(1800);
        connector.becomes_true(&town.tenants("stadt", 2)).await;
        let closed = "UPDATE log_head SET open_day = '2027-01-04' WHERE ledger_id = 'stadt'";
        assert_eq!(db.execute(closed).await, Ok(1));
        connector.becomes_true(&town.tenants("stadt", 3)).await;
        town.set("2027-01-05T00:00:00Z");
        connector.becomes_true(&town.tenants("stadt", 4)).await;
        let days: Vec<String> = verified(&connector, "stadt")
            .await
            .iter()
            .step_by(5)
            .map(|record| record.buchungstag.to_string())
            .collect();
        assert_eq!(days, ["2026-12-31", "2027-01-01", "2027-01-04", "2027-01-05"]);
    })
    .await;
}

#[tokio::test]
async fn a_head_that_was_tampered_with_stops_its_ledger_and_no_other() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        connector.becomes_true(&town.tenants("kreis", 1)).await;
        let tampered = "UPDATE log_head SET root = peaks WHERE ledger_id = 'stadt'";
        assert_eq!(db.execute(tampered).await, Ok(1));
        let (stadt, kreis) = (town.tenants("stadt", 2), town.tenants("kreis", 2));
        let results = tokio::join!(connector.commit(&stadt), connector.commit(&kreis));
        assert!(
            matches!(&results.0, Err(CommitError::Refused(why)) if why.contains("log_head.root of stadt")),
            "{results:?}"
        );
        assert_eq!(results.1, Ok(()));
        assert!(connector.store.heads().await.is_err());
        assert_eq!(ledger("stadt").as_str(), "stadt");
    })
    .await;
}
