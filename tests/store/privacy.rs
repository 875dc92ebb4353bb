//! Personal data lies in `personal`, encrypted, and nowhere else.

use epaybl_connector::app::ports::Store as _;
use epaybl_connector::domain::told::Word;

use crate::cases::connect;
use crate::kit::db::{Db, Kind};
use crate::kit::town::{PAYER, PURPOSE, open};
use crate::kit::{Town, on_each};

/// Every column of every table, as `table.column`.
async fn columns(db: &Db) -> Vec<String> {
    let sql = match db.kind {
        Kind::Sqlite => {
            "SELECT t.name || '.' || c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
             WHERE t.type = 'table'"
        }
        Kind::Postgres => {
            "SELECT table_name || '.' || column_name FROM information_schema.columns \
             WHERE table_schema = current_schema()"
        }
    };
    db.texts(sql).await
}

async fn found(db: &Db, column: &str, needle: &str) -> i64 {
    let (table, name) = column.split_once('.').expect("table.column");
    let hex = data_encoding::HEXLOWER.encode(needle.as_bytes());
    let sql = match db.kind {
        Kind::Sqlite => format!(
            "SELECT count(*) FROM \"{table}\" WHERE instr(hex(\"{name}\"), upper('{hex}')) > 0 \
             OR instr(CAST(\"{name}\" AS TEXT), '{needle}') > 0"
        ),
        Kind::Postgres => format!(
            "SELECT count(*) FROM \"{table}\" WHERE \"{name}\"::text LIKE '%{needle}%' OR \"{name}\"::text LIKE '%{hex}%'"
        ),
    };
    db.number(&sql).await
}

#[tokio::test]
async fn neither_name_nor_purpose_is_in_any_column() {
    on_each(async |db| {
        let town = Town::new();
        let connector = connect(db, &town).await;
        let new = town.accept("stadt", "KZ1", &[500]);
        connector.becomes_true(&new.sealed).await;
        let read = connector.read(new.case.id).await;
        connector
            .becomes_true(&town.opened(&read, new.attempt, &open(None)).0)
            .await;
        let read = connector.read(new.case.id).await;
        connector
            .becomes_true(&town.heard(&read, new.attempt, Word::Success, "KZ1"))
            .await;
        let read = connector.read(new.case.id).await;
        connector
            .becomes_true(&town.told(&read, new.attempt, Some("PAYPAL"), Some(0)))
            .await;
        // A payment's texts, a callback, two events.
        assert_eq!(db.number("SELECT count(*) FROM personal").await, 4);
        let columns = columns(db).await;
        assert!(columns.len() > 100);
        for column in &columns {
            for needle in [PAYER, PURPOSE] {
                assert_eq!(found(db, column, needle).await, 0, "«{needle}» in {column}");
            }
        }
        // The search finds what is there.
        assert!(found(db, "record.bytes", "Kasse stadt").await > 0);
        assert!(found(db, "payment.request_id", "KZ1").await > 0);

        let id = new.case.payments[0].personal;
        assert!(connector.store.personal(id).await.expect("a read").is_some());
        // Without its key it is gone.
        assert_eq!(db.execute("DELETE FROM personal_key").await, Ok(1));
        assert_eq!(connector.store.personal(id).await, Ok(None));
    })
    .await;
}
