//! How SQLite runs the statements of the hot path: never by looking at every row of a table. The planner decides by the
//! indexes alone, since nobody runs ANALYZE.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Row as _};

use super::{MIGRATOR, sql};
use crate::store::batch::Write;
use crate::store::exceptions;
use crate::store::statements::near;

#[allow(
    clippy::disallowed_types,
    reason = "EXPLAIN goes before statements that are static text"
)]
async fn plan(connection: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows = sqlx::query(explain).fetch_all(connection).await;
    let rows = rows.unwrap_or_else(|error| panic!("{statement}: {error}"));
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

/// Whether a step reads every row of a table. The array that a statement gets is read whole, of course, and so is a
/// partial index that holds only what is wanted.
fn reads_everything(step: &str) -> bool {
    let array = step.contains("VIRTUAL TABLE") || step.contains("json_each");
    step.starts_with("SCAN") && !array && !step.contains("USING INDEX") && !step.contains("CONSTANT ROW")
}

/// A database with all tables, and without rows.
async fn tables() -> SqliteConnection {
    // With foreign keys, plans also show how children would be looked for, which happens only after a violation.
    let mut connection = SqliteConnectOptions::new()
        .filename(":memory:")
        .foreign_keys(false)
        .connect()
        .await
        .expect("a database");
    MIGRATOR.run(&mut connection).await.expect("the tables");
    // A migration that makes tables anew has switched them on.
    let off = sqlx::query("PRAGMA foreign_keys = OFF")
        .execute(&mut connection)
        .await;
    off.expect("a setting");
    connection
}

#[tokio::test]
async fn no_statement_of_the_hot_path_reads_a_whole_table() {
    let mut connection = tables().await;
    let writes = Write::ALL.iter().map(|write| sql::write(*write));
    let others = [
        sql::LOCK_CASES,
        sql::LOCK_WATCHES,
        sql::LOCK_DELIVERIES,
        sql::LOCK_CURSORS,
        sql::LOCK_ROWS,
        sql::NAMED_ATTEMPTS,
        sql::CLAIM_KEYS,
        sql::DROP_CLAIMS,
        sql::NEW_HEADS,
        sql::LOCK_HEADS,
        sql::CLAIM_WATCHES,
        sql::CLAIM_DELIVERIES,
        super::COMMITTED,
        "SELECT * FROM payment WHERE case_id = $1 ORDER BY created_at, id",
        crate::store::support::OPEN_EXCEPTIONS,
        "SELECT case_id, id FROM payment WHERE token = $1",
        "SELECT case_id, id FROM attempt WHERE token = $1",
    ];
    for statement in writes.chain(others) {
        let steps = plan(&mut connection, statement).await;
        let whole: Vec<_> = steps.iter().filter(|step| reads_everything(step)).collect();
        assert!(whole.is_empty(), "{statement}: {whole:?}");
    }
}

#[tokio::test]
async fn what_the_api_reads_is_found_by_an_index() {
    let mut connection = tables().await;
    for (statement, steps) in [
        (
            sql::EXPECTED_NAMED,
            &[
                "attempt_by_name (ledger_id=? AND <expr>=?)",
                "attempt_by_nummer (ledger_id=? AND <expr>=?)",
            ][..],
        ),
        (
            near::OF_AMOUNT,
            &["payment_by_amount (ledger_id=? AND total_cents=? AND created_at>? AND created_at<?)"],
        ),
        (
            near::IN_TIME,
            &["attempt_waiting (ledger_id=? AND id>? AND id<?)"],
        ),
        (sql::WORKLIST, &["SEARCH e USING", "(ledger_id=? AND position>?)"]),
        (
            sql::WORKLIST_OF_CODE,
            &["exception_by_code (ledger_id=? AND code=? AND position>?)"],
        ),
        (exceptions::rows::EXCEPTION, &["SEARCH e USING", "(id=?)"]),
        (
            sql::STEPS,
            &["SEARCH resolution USING INDEX resolution_by_exception (exception_id=?)"],
        ),
        (
            sql::PAYOUT_ORDERS,
            &["SEARCH o USING", "(ledger_id=? AND number>?)"],
        ),
        (
            sql::COUNTED,
            &["cases_by_opening (ledger_id=? AND created_at>? AND created_at<?)"],
        ),
        (
            sql::SEEN_LINES,
            &["settlement_list_by_payout (ledger_id=? AND payout_id=?"],
        ),
    ] {
        let plan = plan(&mut connection, statement).await;
        // What a bounded query inside has told is read as a whole.
        let bounded = |step: &str| {
            let name = step.strip_prefix("SCAN ").unwrap_or_default();
            let told = |told: &String| {
                *told == format!("CO-ROUTINE {name}") || *told == format!("MATERIALIZE {name}")
            };
            plan.iter().any(told)
        };
        let whole: Vec<_> = plan
            .iter()
            .filter(|step| reads_everything(step) && !bounded(step))
            .collect();
        assert!(whole.is_empty(), "{statement}: {plan:?}");
        for step in steps {
            assert!(plan.iter().any(|told| told.contains(step)), "{step}: {plan:?}");
        }
    }
}
