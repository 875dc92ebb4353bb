//! What is asked of payouts, their lists and what lies in deposits; the same in both databases.

/// The newest list of each payout, with what the bank has shown of it: `$1` is the Kasse.
macro_rules! payouts {
    ($which:literal) => {
        concat!(
            "SELECT l.id, l.payout_id, l.posten_id, l.source, l.reference, l.revision, l.file, l.staged_at, \
                 l.line_count, l.payments, l.gross_cents, l.fee_cents, l.fee_lines_cents, l.others_count, \
                 l.others_payments, l.others_gross_cents, l.others_fee_cents, l.others_fee_lines_cents, l.done, \
                 CAST((CASE WHEN z.key IS NULL THEN 0 ELSE 1 END) AS BIGINT) AS is_nothing, m.statement_id, m.entry, m.detail, d.cents AS whole, s.account \
             FROM settlement_list AS l \
             LEFT JOIN bank_match AS m ON m.ledger_id = l.ledger_id AND m.subject = 'payout/' || l.payout_id \
                 AND m.position = (SELECT min(n.position) FROM bank_match AS n \
                     WHERE n.ledger_id = l.ledger_id AND n.subject = 'payout/' || l.payout_id) \
             LEFT JOIN statement_detail AS d ON d.statement_id = m.statement_id AND d.entry = m.entry AND d.n = m.detail \
             LEFT JOIN statement AS s ON s.id = m.statement_id \
             LEFT JOIN once_key AS z ON z.scope = 'payout/' || $1 AND z.key = l.payout_id || '/nothing' \
             WHERE l.ledger_id = $1 AND l.state = 'filed' AND NOT EXISTS (SELECT 1 FROM settlement_list AS newer \
                 WHERE newer.ledger_id = l.ledger_id AND newer.payout_id = l.payout_id AND newer.state = 'filed' \
                     AND newer.revision > l.revision) ",
            $which
        )
    };
}

pub(in crate::store) const PAYOUT: &str = payouts!("AND l.source = $2 AND l.reference = $3");
pub(in crate::store) const PAYOUT_BY_ID: &str = payouts!("AND l.payout_id = $2");
pub(in crate::store) const PAYOUTS: &str =
    payouts!("AND l.staged_at >= $2 AND l.payout_id > $3 ORDER BY l.payout_id LIMIT $4");

/// Lines of a payout with where they went: `$1` is the Kasse, `$2` the payout. `g` is there where a later list no longer
/// has the line.
macro_rules! lines {
    ($which:literal) => {
        concat!(
            "SELECT l.list_id, l.n, l.owner, l.kind, l.reference, l.transaction_id, l.gross_cents, l.fee_cents, \
                 l.net_cents, l.day, l.method, k.subject AS went \
             FROM settlement_list AS s JOIN list_line AS l ON l.list_id = s.id \
             LEFT JOIN (SELECT o.gone_list_id, o.gone_n FROM list_line_gone AS o \
                 JOIN settlement_list AS n ON n.id = o.list_id AND n.state = 'filed' \
                 WHERE n.ledger_id = $1 AND n.payout_id = $2) AS g ON g.gone_list_id = l.list_id AND g.gone_n = l.n \
             LEFT JOIN once_key AS k ON k.scope = 'payout/' || $1 AND k.key = l.list_id || '/' || l.n \
             LEFT JOIN once_key AS b ON b.scope = 'payout/' || $1 AND b.key = l.list_id || '/' || l.n || '/back' \
             WHERE s.ledger_id = $1 AND s.payout_id = $2 AND s.state = 'filed' ",
            $which,
            " ORDER BY s.revision, l.n"
        )
    };
}

pub(in crate::store) const LINES: &str = lines!("AND g.gone_n IS NULL");
pub(in crate::store) const WORK: &str = lines!(
    "AND l.owner IS NULL AND l.kind <> 'fee' \
         AND ((g.gone_n IS NULL AND k.subject IS NULL) \
             OR (g.gone_n IS NOT NULL AND k.subject IS NOT NULL AND b.subject IS NULL))"
);

/// Lines that counted when the list `$1` was filed: its own, and those of earlier ones that none had taken out by then.
pub(in crate::store) const FILED: &str = "SELECT l.list_id, l.n, l.owner, l.kind, l.reference, l.transaction_id, \
         l.gross_cents, l.fee_cents, l.net_cents, l.day, l.method, CAST(NULL AS TEXT) AS went \
     FROM settlement_list AS f JOIN settlement_list AS s ON s.ledger_id = f.ledger_id \
         AND s.payout_id = f.payout_id AND s.state = 'filed' AND s.revision <= f.revision \
     JOIN list_line AS l ON l.list_id = s.id \
     WHERE f.id = $1 AND f.state = 'filed' AND NOT EXISTS (SELECT 1 FROM list_line_gone AS g \
         JOIN settlement_list AS n ON n.id = g.list_id AND n.state = 'filed' AND n.revision <= f.revision \
         WHERE g.gone_list_id = l.list_id AND g.gone_n = l.n) \
     ORDER BY s.revision, l.n";

/// Payments on statements that lie in deposits, or stand as advances, whole, and that no person has touched.
pub(in crate::store) const DEPOSITED_DETAILS: &str = "SELECT x.position, x.id AS exception_id, o.id AS posten_id, \
         d.statement_id, d.entry, d.n, d.cents, s.account, e.booked_on, s.staged_at, d.personal_id, p.sealed, \
         k.wrapped \
     FROM exception AS x \
     JOIN bank_match AS m ON m.ledger_id = x.ledger_id AND m.subject = x.subject \
     JOIN statement_detail AS d ON d.statement_id = m.statement_id AND d.entry = m.entry AND d.n = m.detail \
     JOIN statement_entry AS e ON e.statement_id = d.statement_id AND e.n = d.entry \
     JOIN statement AS s ON s.id = d.statement_id \
     JOIN posten AS o ON o.subject = x.subject AND o.ledger_id = x.ledger_id \
         AND o.kind IN ('verwahrung', 'vorschuss') \
     JOIN balance AS b ON b.ledger_id = o.ledger_id AND b.posten_id = o.id AND b.account = o.kind \
     LEFT JOIN personal AS p ON p.id = d.personal_id \
     LEFT JOIN personal_key AS k ON k.subject_id = p.subject_id \
     WHERE x.ledger_id = $1 AND x.position > $2 AND x.subject LIKE 'detail/%' \
         AND x.code IN ('unbekannter_zahlungseingang', 'betrag_weicht_ab', 'gebuehr_ungeklaert', \
             'liste_geht_nicht_auf', 'mehrdeutig', 'unbekannte_abbuchung', 'rueckgabe_unklar') \
         AND b.credit_cents - b.debit_cents = d.cents \
         AND NOT EXISTS (SELECT 1 FROM resolution AS r WHERE r.exception_id = x.id) \
     ORDER BY x.position LIMIT $3";

/// Assignments out of a deposit (`$3`), by the resolutions of the exception that named it (`$2` is its subject).
pub(in crate::store) const ASSIGNED_FROM: &str = "SELECT b.case_id, b.attempt_id, CAST(sum(l.cents) AS BIGINT) \
     FROM exception AS x JOIN resolution AS s ON s.exception_id = x.id AND s.state = 'done' \
     JOIN record AS d ON d.ledger_id = s.ledger_id AND d.position = s.position \
     JOIN record AS r ON r.change_id = d.change_id AND r.ledger_id = d.ledger_id \
     JOIN booking AS b ON b.ledger_id = r.ledger_id AND b.position = r.position \
         AND b.kind = 'zuordnung' AND b.attempt_id IS NOT NULL \
     JOIN booking_line AS l ON l.ledger_id = b.ledger_id AND l.position = b.position \
         AND l.debit_account = 'verwahrung' AND l.debit_posten = $3 \
     WHERE x.ledger_id = $1 AND x.subject = $2 AND NOT EXISTS (SELECT 1 FROM booking AS z \
         WHERE z.ledger_id = b.ledger_id AND z.reverses = b.position) \
     GROUP BY b.case_id, b.attempt_id ORDER BY b.case_id, b.attempt_id";
