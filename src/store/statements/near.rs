//! Attempts whose money statements may show: all of them for a run of matching, or the few that one payment may be.
//!
//! What one payment may be is told by three small readings, each with an index of its own and a bound: the attempts that
//! its texts may name, those of payments of just its amount, and the latest that wait. So a look at one difference costs
//! the same in a small Kasse and in one with millions of payments.

/// The columns of an attempt whose money may be shown, `a` with its payment `p`.
macro_rules! expected {
    ($($rest:expr),+ $(,)?) => {
        concat!(
            "SELECT a.id, a.case_id, a.kassenzeichen, a.nummer, a.heard, a.settled_cents, p.total_cents, p.answer, \
                 CASE WHEN a.transfer IS NULL THEN CAST(0 AS BIGINT) ELSE 1 END AS by_transfer, p.created_at ",
            $($rest),+
        )
    };
}

/// A reference as the indexes of migration 13 write it; see `domain/reconcile/names`.
macro_rules! name {
    ($column:literal) => {
        concat!(
            "ltrim(replace(replace(replace(replace(replace(replace(replace(replace(upper(",
            $column,
            "), '-', ''), '_', ''), 'O', '0'), 'I', '1'), 'L', '1'), 'Z', '2'), 'S', '5'), 'B', '8'), '0')"
        )
    };
}

/// Attempts with one of these names: `$1` is the Kasse, the argument tells how a database reads the array `$2`. Each half
/// reads its own index: joined by id, PostgreSQL would read every attempt, and without the CASE, SQLite all that are
/// expected.
macro_rules! named {
    ($among:literal) => {
        concat!(
            $crate::store::statements::near::named_by!(
                "a.kassenzeichen",
                $among,
                "a.kassenzeichen IS NOT NULL AND "
            ),
            " UNION ",
            $crate::store::statements::near::named_by!("a.nummer", $among, ""),
            " ORDER BY 1 DESC LIMIT 1000"
        )
    };
}

macro_rules! named_by {
    ($column:literal, $among:literal, $more:literal) => {
        $crate::store::statements::near::expected!(
            "FROM attempt AS a JOIN payment AS p ON p.id = a.payment_id WHERE a.ledger_id = $1 AND ",
            $more,
            $crate::store::statements::near::name!($column),
            $among,
            " AND CASE WHEN a.unsettled = 1 OR a.transfer IS NOT NULL OR a.settled_cents <> 0 THEN 1 ELSE 0 END = 1"
        )
    };
}

pub(in crate::store) use {expected, name, named, named_by};

/// All of a Kasse behind an id.
pub(in crate::store) const ALL: &str = expected!(
    "FROM attempt AS a JOIN payment AS p ON p.id = a.payment_id \
     WHERE a.ledger_id = $1 AND a.id > $2 \
         AND (a.unsettled = 1 OR a.transfer IS NOT NULL OR a.settled_cents <> 0) \
     ORDER BY a.id LIMIT $3"
);

/// Of the latest payments of an amount. What was told in parts is found by its reference, or among those that wait.
pub(in crate::store) const OF_AMOUNT: &str = expected!(
    "FROM (SELECT w.id FROM payment AS w WHERE w.ledger_id = $1 AND w.total_cents = $2 \
             AND w.created_at >= $3 AND w.created_at < $4 ORDER BY w.created_at DESC LIMIT 4000) AS f \
     JOIN payment AS p ON p.id = f.id JOIN attempt AS a ON a.payment_id = p.id \
     WHERE a.unsettled = 1 OR a.transfer IS NOT NULL ORDER BY p.created_at DESC LIMIT 400"
);

/// The latest that wait: told and not shown, or a transfer that the portal does not know to be paid. They are bounded
/// before their payments are looked at, so that PostgreSQL does not read those of the whole time.
pub(in crate::store) const IN_TIME: &str = expected!(
    "FROM (SELECT w.* FROM attempt AS w WHERE w.ledger_id = $1 AND (w.unsettled = 1 OR w.transfer IS NOT NULL) \
             AND w.id >= $4 AND w.id < $5 ORDER BY w.id DESC LIMIT 500) AS a \
     JOIN payment AS p ON p.id = a.payment_id \
     WHERE p.created_at >= $2 AND p.created_at < $3 \
         AND (a.unsettled = 1 OR p.answer IN ('INITIAL', 'FAILED', 'CANCELED')) \
     ORDER BY a.id DESC LIMIT 100"
);

/// An attempt begins with its payment, or at most so long after it.
const LATER: i64 = 60 * 24 * 60 * 60 * 1000;
const HOUR: i64 = 60 * 60 * 1000;

/// Between which ids attempts of payments that began in a time lie: ids begin with the millisecond of their making.
pub(super) fn ids((from, until): (i64, i64)) -> (String, String) {
    let id = |millis: i64| {
        let hex = format!("{:012x}", millis.max(0));
        format!("{}-{}", &hex[..8], &hex[8..12])
    };
    (id(from - HOUR), id(until + LATER))
}
