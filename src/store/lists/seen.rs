//! Lines of lists as somebody sees them who does not see every authority.

/// Lines that count behind one, as somebody sees them who does not see every authority: a line that names a payment of
/// another is not there. The argument tells how a database reads the array `$6`.
macro_rules! seen_lines {
    ($among:literal) => {
        concat!(
            "SELECT s.revision, l.list_id, l.n, l.owner, l.kind, l.reference, l.transaction_id, l.gross_cents, \
                 l.fee_cents, l.net_cents, l.day, l.method, CAST(NULL AS TEXT) AS went, \
                 coalesce((SELECT min(c.authority_id) FROM attempt AS a JOIN cases AS c ON c.id = a.case_id \
                     WHERE a.ledger_id = $1 AND a.kassenzeichen = l.reference), \
                     (SELECT min(c.authority_id) FROM attempt AS a JOIN cases AS c ON c.id = a.case_id \
                     WHERE a.ledger_id = $1 AND a.nummer = l.reference)) AS authority_id \
             FROM settlement_list AS s JOIN list_line AS l ON l.list_id = s.id \
             WHERE s.ledger_id = $1 AND s.payout_id = $2 AND s.state = 'filed' \
                 AND (s.revision > $3 OR (s.revision = $3 AND l.n > $4)) \
                 AND NOT EXISTS (SELECT 1 FROM list_line_gone AS o \
                     JOIN settlement_list AS n ON n.id = o.list_id AND n.state = 'filed' \
                     WHERE o.gone_list_id = l.list_id AND o.gone_n = l.n) \
                 AND NOT EXISTS (SELECT 1 FROM attempt AS a JOIN cases AS c ON c.id = a.case_id \
                     WHERE a.ledger_id = $1 AND a.kassenzeichen = l.reference AND NOT (c.authority_id ",
            $among,
            ")) AND NOT EXISTS (SELECT 1 FROM attempt AS a JOIN cases AS c ON c.id = a.case_id \
                     WHERE a.ledger_id = $1 AND a.nummer = l.reference AND NOT (c.authority_id ",
            $among,
            ")) ORDER BY s.revision, l.n LIMIT $5"
        )
    };
}

pub(in crate::store) use seen_lines;
