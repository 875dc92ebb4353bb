//! The books as an auditor with a database client sees them: plain SQL, nothing of the program.

use std::collections::BTreeMap;

use sqlx::{Connection, PgConnection, Row, SqliteConnection};

/// Rows of text; every column is cast, so that one statement serves both databases.
pub(crate) async fn rows(url: &str, sql: &'static str) -> Vec<Vec<String>> {
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("the database");
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.expect("rows");
        rows.iter()
            .map(|row| (0..row.len()).map(|n| row.get::<String, _>(n)).collect())
            .collect()
    } else {
        let mut connection = PgConnection::connect(url).await.expect("the database");
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.expect("rows");
        rows.iter()
            .map(|row| (0..row.len()).map(|n| row.get::<String, _>(n)).collect())
            .collect()
    }
}

/// What the payments of a Kassenzeichen booked: how often, and how much.
pub(crate) async fn payments(url: &str) -> BTreeMap<String, (usize, i64)> {
    let sql = "SELECT a.kassenzeichen, CAST(COUNT(DISTINCT b.position) AS TEXT), CAST(SUM(l.cents) AS TEXT) \
               FROM booking AS b JOIN attempt AS a ON a.id = b.attempt_id \
               JOIN booking_line AS l ON l.ledger_id = b.ledger_id AND l.position = b.position \
               WHERE b.kind = 'zahlung' GROUP BY a.kassenzeichen";
    let rows = rows(url, sql).await;
    let number = |text: &str| text.parse::<i64>().expect("a number");
    rows.iter()
        .map(|row| {
            (
                row[0].clone(),
                (
                    usize::try_from(number(&row[1])).expect("a count"),
                    number(&row[2]),
                ),
            )
        })
        .collect()
}

/// Exceptions by code.
pub(crate) async fn exceptions(url: &str) -> BTreeMap<String, String> {
    let sql = "SELECT code, CAST(COUNT(*) AS TEXT) FROM exception GROUP BY code";
    pairs(rows(url, sql).await)
}

fn pairs(rows: Vec<Vec<String>>) -> BTreeMap<String, String> {
    rows.into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect()
}
