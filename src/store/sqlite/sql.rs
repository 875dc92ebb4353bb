//! The writer's statements: arrays in, so that one row and a thousand take the same number of round trips.
//! Each takes one JSON array of objects, read with `json_each`; bytes travel as hexadecimal text.

use crate::app::ports::AuditQuery;
use crate::store::batch::Write;

/// The statement that writes one kind of row.
pub(super) const fn write(write: Write) -> &'static str {
    match write {
        Write::NewChangeLog => {
            "INSERT INTO change_log (change_id, committed_at) \
             SELECT value ->> 'change_id', value ->> 'committed_at' \
             FROM json_each($1)"
        }
        Write::NewTenantObject => {
            "INSERT INTO tenant_object (kind, id, version, ledger_id, body, closed, applied_at, change_id) \
             SELECT value ->> 'kind', value ->> 'id', value ->> 'version', value ->> 'ledger_id', value ->> 'body', value ->> 'closed', value ->> 'applied_at', value ->> 'change_id' \
             FROM json_each($1)"
        }
        Write::NewClientSecret => {
            "INSERT INTO client_secret (client_id, hash, issued_at, change_id) \
             SELECT value ->> 'client_id', unhex(value ->> 'hash'), value ->> 'issued_at', value ->> 'change_id' \
             FROM json_each($1)"
        }
        Write::NewPersonalKey => {
            "INSERT INTO personal_key (subject_id, ledger_id, wrapped) \
             SELECT value ->> 'subject_id', value ->> 'ledger_id', unhex(value ->> 'wrapped') \
             FROM json_each($1)"
        }
        Write::NewPersonal => {
            "INSERT INTO personal (id, ledger_id, subject_id, class, sealed) \
             SELECT value ->> 'id', value ->> 'ledger_id', value ->> 'subject_id', value ->> 'class', unhex(value ->> 'sealed') \
             FROM json_each($1)"
        }
        Write::NewCases => {
            "INSERT INTO cases (id, ledger_id, authority_id, case_key, rev, standing, status_seq, created_at) \
             SELECT value ->> 'id', value ->> 'ledger_id', value ->> 'authority_id', value ->> 'case_key', value ->> 'rev', value ->> 'standing', value ->> 'status_seq', value ->> 'created_at' \
             FROM json_each($1)"
        }
        Write::NewPayment => {
            "INSERT INTO payment (id, ledger_id, case_id, originator_id, end_point_id, route_version, client_id, request_id, transaction_id, total_cents, due_day, answer, answered_at, method, reference, refusal, created_at, expires_at, token, fingerprint, personal_id, items) \
             SELECT value ->> 'id', value ->> 'ledger_id', value ->> 'case_id', value ->> 'originator_id', value ->> 'end_point_id', value ->> 'route_version', value ->> 'client_id', value ->> 'request_id', value ->> 'transaction_id', value ->> 'total_cents', value ->> 'due_day', value ->> 'answer', value ->> 'answered_at', value ->> 'method', value ->> 'reference', value ->> 'refusal', value ->> 'created_at', value ->> 'expires_at', value ->> 'token', unhex(value ->> 'fingerprint'), value ->> 'personal_id', value ->> 'items' \
             FROM json_each($1)"
        }
        Write::NewAttempt => {
            "INSERT INTO attempt (id, ledger_id, case_id, payment_id, n, provider_id, mandant, bewirtschafter, nummer, token, replaces, posten_id, standing, standing_at, sent, kassenzeichen, paypage, remote_id, transfer, heard, unproven, soll_cents, set_off_cents, credited_cents, deposited_cents, deposit_id, settled_cents, unsettled, refunded_cents, gone_cents) \
             SELECT value ->> 'id', value ->> 'ledger_id', value ->> 'case_id', value ->> 'payment_id', value ->> 'n', value ->> 'provider_id', value ->> 'mandant', value ->> 'bewirtschafter', value ->> 'nummer', value ->> 'token', value ->> 'replaces', value ->> 'posten_id', value ->> 'standing', value ->> 'standing_at', value ->> 'sent', value ->> 'kassenzeichen', value ->> 'paypage', value ->> 'remote_id', value ->> 'transfer', value ->> 'heard', value ->> 'unproven', value ->> 'soll_cents', value ->> 'set_off_cents', value ->> 'credited_cents', value ->> 'deposited_cents', value ->> 'deposit_id', value ->> 'settled_cents', value ->> 'unsettled', value ->> 'refunded_cents', value ->> 'gone_cents' \
             FROM json_each($1)"
        }
        Write::NewPosten => {
            "INSERT INTO posten (id, ledger_id, case_id, attempt_id, subject, kind, haushaltsjahr, opened_at) \
             SELECT value ->> 'id', value ->> 'ledger_id', value ->> 'case_id', value ->> 'attempt_id', value ->> 'subject', value ->> 'kind', value ->> 'haushaltsjahr', value ->> 'opened_at' \
             FROM json_each($1)"
        }
        Write::NewRecord => {
            "INSERT INTO record (ledger_id, position, kind, recorded_at, buchungstag, change_id, bytes) \
             SELECT value ->> 'ledger_id', value ->> 'position', value ->> 'kind', value ->> 'recorded_at', value ->> 'buchungstag', value ->> 'change_id', unhex(value ->> 'bytes') \
             FROM json_each($1)"
        }
        Write::NewBooking => {
            "INSERT INTO booking (ledger_id, position, kind, case_id, attempt_id, subject, reverses) \
             SELECT value ->> 'ledger_id', value ->> 'position', value ->> 'kind', value ->> 'case_id', value ->> 'attempt_id', value ->> 'subject', value ->> 'reverses' \
             FROM json_each($1)"
        }
        Write::NewBookingLine => {
            "INSERT INTO booking_line (ledger_id, position, n, debit_account, debit_posten, credit_account, credit_posten, cents, haushaltsjahr, haushaltsstelle, objektnummer, anordnung) \
             SELECT value ->> 'ledger_id', value ->> 'position', value ->> 'n', value ->> 'debit_account', value ->> 'debit_posten', value ->> 'credit_account', value ->> 'credit_posten', value ->> 'cents', value ->> 'haushaltsjahr', value ->> 'haushaltsstelle', value ->> 'objektnummer', value ->> 'anordnung' \
             FROM json_each($1)"
        }
        Write::NewException => {
            "INSERT INTO exception (id, ledger_id, position, code, case_id, attempt_id, subject, cents) \
             SELECT value ->> 'id', value ->> 'ledger_id', value ->> 'position', value ->> 'code', value ->> 'case_id', value ->> 'attempt_id', value ->> 'subject', value ->> 'cents' \
             FROM json_each($1)"
        }
        Write::NewEvent => {
            "INSERT INTO event (ledger_id, position, id, type, case_id, payment_id, status_seq, occurred_at, personal_id) \
             SELECT value ->> 'ledger_id', value ->> 'position', value ->> 'id', value ->> 'type', value ->> 'case_id', value ->> 'payment_id', value ->> 'status_seq', value ->> 'occurred_at', value ->> 'personal_id' \
             FROM json_each($1)"
        }
        Write::NewDelivery => {
            "INSERT INTO delivery (id, ledger_id, event_id, case_id, target_id, status_seq, state, tries, due_at, lease_no, lease_until, tried_at, why) \
             SELECT value ->> 'id', value ->> 'ledger_id', value ->> 'event_id', value ->> 'case_id', value ->> 'target_id', value ->> 'status_seq', value ->> 'state', value ->> 'tries', value ->> 'due_at', value ->> 'lease_no', value ->> 'lease_until', value ->> 'tried_at', value ->> 'why' \
             FROM json_each($1)"
        }
        Write::NewWatch => {
            "INSERT INTO watch (attempt_id, ledger_id, case_id, due_at, tries, lease_no, lease_until) \
             SELECT value ->> 'attempt_id', value ->> 'ledger_id', value ->> 'case_id', value ->> 'due_at', value ->> 'tries', value ->> 'lease_no', value ->> 'lease_until' \
             FROM json_each($1)"
        }
        Write::FiledStatement => {
            "UPDATE statement SET state = 'filed', position = r.value ->> 'position', digest = unhex(r.value ->> 'digest') \
             FROM json_each($1) AS r \
             WHERE statement.id = r.value ->> 'id'"
        }
        Write::FiledList => {
            "UPDATE settlement_list SET state = 'filed', position = r.value ->> 'position' \
             FROM json_each($1) AS r \
             WHERE settlement_list.id = r.value ->> 'id'"
        }
        Write::NewMatch => {
            "INSERT INTO bank_match (ledger_id, position, statement_id, entry, detail, case_id, attempt_id, subject, rule, evidence, cents) \
             SELECT value ->> 'ledger_id', value ->> 'position', value ->> 'statement_id', value ->> 'entry', value ->> 'detail', value ->> 'case_id', value ->> 'attempt_id', value ->> 'subject', value ->> 'rule', value ->> 'evidence', value ->> 'cents' \
             FROM json_each($1)"
        }
        Write::NewResolution => {
            "INSERT INTO resolution (ledger_id, position, exception_id, how, plan, role, person, state) \
             SELECT value ->> 'ledger_id', value ->> 'position', value ->> 'exception_id', value ->> 'how', value ->> 'plan', value ->> 'role', value ->> 'person', value ->> 'state' \
             FROM json_each($1)"
        }
        Write::NewPayoutOrder => {
            "INSERT INTO payout_order (posten_id, ledger_id, number, exception_id, how, way, reference, cents) \
             SELECT value ->> 'posten_id', value ->> 'ledger_id', value ->> 'number', value ->> 'exception_id', value ->> 'how', value ->> 'way', value ->> 'reference', value ->> 'cents' \
             FROM json_each($1)"
        }
        Write::ClaimedDetail => {
            "UPDATE statement_detail SET matched = r.value ->> 'position' \
             FROM json_each($1) AS r \
             WHERE statement_detail.statement_id = r.value ->> 'statement_id' AND statement_detail.entry = r.value ->> 'entry' \
                 AND statement_detail.n = r.value ->> 'n'"
        }
        Write::NewClosing => {
            "INSERT INTO closing (ledger_id, number, from_day, to_day, open_day, cut_position, cut_at, size, root, state) \
             SELECT value ->> 'ledger_id', value ->> 'number', value ->> 'from_day', value ->> 'to_day', value ->> 'open_day', value ->> 'cut_position', value ->> 'cut_at', value ->> 'size', unhex(value ->> 'root'), 'cut' \
             FROM json_each($1)"
        }
        Write::FiledClosing => {
            "UPDATE closing SET state = 'filed', filed_position = r.value ->> 'position', digest = unhex(r.value ->> 'digest'), body = r.value ->> 'body' \
             FROM json_each($1) AS r \
             WHERE closing.ledger_id = r.value ->> 'ledger_id' AND closing.number = r.value ->> 'number'"
        }
        Write::NewClosingSignature => {
            "INSERT INTO closing_signature (ledger_id, position, number, digest, person, role, signed_at) \
             SELECT value ->> 'ledger_id', value ->> 'position', value ->> 'number', unhex(value ->> 'digest'), value ->> 'person', value ->> 'role', value ->> 'signed_at' \
             FROM json_each($1)"
        }
        Write::NewPostingFile => {
            "INSERT INTO posting_file (ledger_id, number, position, from_position, to_position, postings, template, template_digest, name, media_type, lines, sum_cents, first_day, last_day, digest, size, lines_digest, person, created_at, content) \
             SELECT value ->> 'ledger_id', value ->> 'number', value ->> 'position', value ->> 'from_position', value ->> 'to_position', value ->> 'postings', value ->> 'template', unhex(value ->> 'template_digest'), value ->> 'name', value ->> 'media_type', value ->> 'lines', value ->> 'sum_cents', value ->> 'first_day', value ->> 'last_day', unhex(value ->> 'digest'), value ->> 'size', unhex(value ->> 'lines_digest'), value ->> 'person', value ->> 'created_at', unhex(value ->> 'content') \
             FROM json_each($1)"
        }
        Write::NewPostingLine => {
            "INSERT INTO posting_line (ledger_id, position, line, number) \
             SELECT value ->> 'ledger_id', value ->> 'position', value ->> 'line', value ->> 'number' \
             FROM json_each($1)"
        }
        Write::NewPostingWithdrawal => {
            "INSERT INTO posting_withdrawal (ledger_id, position, number, lines, lines_digest, person) \
             SELECT value ->> 'ledger_id', value ->> 'position', value ->> 'number', value ->> 'lines', unhex(value ->> 'lines_digest'), value ->> 'person' \
             FROM json_each($1)"
        }
        Write::NewPostingWithdrawn => {
            "INSERT INTO posting_withdrawn (ledger_id, number, position, line, withdrawal) \
             SELECT value ->> 'ledger_id', value ->> 'number', value ->> 'position', value ->> 'line', value ->> 'withdrawal' \
             FROM json_each($1)"
        }
        Write::RowRev => {
            "UPDATE row_rev SET rev = r.value ->> 'rev' \
             FROM json_each($1) AS r \
             WHERE row_rev.name = r.value ->> 'name'"
        }
        // A fact, no guard: another connector may have heard it at the same time.
        Write::NewTargetStop => {
            "INSERT INTO target_stop (target_id, version, stopped_at) \
             SELECT value ->> 'target_id', value ->> 'version', value ->> 'stopped_at' \
             FROM json_each($1) WHERE true ON CONFLICT DO NOTHING"
        }
        Write::NewProviderCall => {
            "INSERT INTO provider_call (attempt_id, at, operation, code, reference) \
             SELECT value ->> 'attempt_id', value ->> 'at', value ->> 'operation', value ->> 'code', value ->> 'reference' \
             FROM json_each($1)"
        }
        Write::PoolRange => {
            "INSERT INTO pool_range (range, next) \
             SELECT value ->> 'range', value ->> 'next' \
             FROM json_each($1) WHERE true \
             ON CONFLICT (range) DO UPDATE SET next = max(pool_range.next, excluded.next)"
        }
        Write::ChangedCases => {
            "UPDATE cases SET rev = r.value ->> 'rev', standing = r.value ->> 'standing', status_seq = r.value ->> 'status_seq' \
             FROM json_each($1) AS r \
             WHERE cases.id = r.value ->> 'id'"
        }
        Write::ChangedPayment => {
            "UPDATE payment SET answer = r.value ->> 'answer', answered_at = r.value ->> 'answered_at', method = r.value ->> 'method', reference = r.value ->> 'reference', refusal = r.value ->> 'refusal' \
             FROM json_each($1) AS r \
             WHERE payment.id = r.value ->> 'id'"
        }
        Write::ChangedAttempt => {
            "UPDATE attempt SET standing = r.value ->> 'standing', standing_at = r.value ->> 'standing_at', sent = r.value ->> 'sent', kassenzeichen = r.value ->> 'kassenzeichen', paypage = r.value ->> 'paypage', remote_id = r.value ->> 'remote_id', transfer = r.value ->> 'transfer', heard = r.value ->> 'heard', unproven = r.value ->> 'unproven', soll_cents = r.value ->> 'soll_cents', set_off_cents = r.value ->> 'set_off_cents', credited_cents = r.value ->> 'credited_cents', deposited_cents = r.value ->> 'deposited_cents', deposit_id = r.value ->> 'deposit_id', settled_cents = r.value ->> 'settled_cents', unsettled = r.value ->> 'unsettled', refunded_cents = r.value ->> 'refunded_cents', gone_cents = r.value ->> 'gone_cents' \
             FROM json_each($1) AS r \
             WHERE attempt.id = r.value ->> 'id'"
        }
        Write::ChangedWatch => {
            "UPDATE watch SET due_at = r.value ->> 'due_at', tries = r.value ->> 'tries', lease_until = CASE WHEN r.value ->> 'release' THEN 0 ELSE lease_until END \
             FROM json_each($1) AS r \
             WHERE watch.attempt_id = r.value ->> 'attempt_id'"
        }
        // Whoever holds it has asked before there was a reason: its result no longer counts.
        Write::WokenWatch => {
            "UPDATE watch SET due_at = r.value ->> 'due_at', tries = 0, lease_no = lease_no + 1, lease_until = 0 \
             FROM json_each($1) AS r \
             WHERE watch.attempt_id = r.value ->> 'attempt_id'"
        }
        Write::NewReading => {
            "INSERT INTO reading (provider_id, mandant, n, batch, read_at, whole, confirmed_at) \
             SELECT value ->> 'provider_id', value ->> 'mandant', value ->> 'n', value ->> 'batch', value ->> 'read_at', 0, NULL \
             FROM json_each($1)"
        }
        Write::NewReceipt => {
            "INSERT INTO receipt (provider_id, mandant, n, ordinal, kassenzeichen, cents, booked_at, read_at, attempt_id) \
             SELECT value ->> 'provider_id', value ->> 'mandant', value ->> 'n', value ->> 'ordinal', value ->> 'kassenzeichen', value ->> 'cents', value ->> 'booked_at', value ->> 'read_at', value ->> 'attempt_id' \
             FROM json_each($1)"
        }
        Write::WholeReading => {
            "UPDATE reading SET whole = 1 \
             FROM json_each($1) AS r \
             WHERE reading.provider_id = r.value ->> 'provider_id' AND reading.mandant = r.value ->> 'mandant' AND reading.n = r.value ->> 'n'"
        }
        Write::ConfirmedReadings => {
            "UPDATE reading SET confirmed_at = r.value ->> 'at' \
             FROM json_each($1) AS r \
             WHERE reading.provider_id = r.value ->> 'provider_id' AND reading.mandant = r.value ->> 'mandant' \
                 AND reading.n <= r.value ->> 'up_to' AND reading.confirmed_at IS NULL"
        }
        Write::ChangedDelivery => {
            "UPDATE delivery SET state = r.value ->> 'state', tries = r.value ->> 'tries', due_at = r.value ->> 'due_at', tried_at = r.value ->> 'tried_at', why = r.value ->> 'why', lease_until = CASE WHEN r.value ->> 'release' THEN 0 ELSE lease_until END \
             FROM json_each($1) AS r \
             WHERE delivery.id = r.value ->> 'id'"
        }
        Write::BlockedDelivery => {
            "UPDATE delivery SET due_at = r.due_at \
             FROM (SELECT value ->> 'due_at' AS due_at, head.case_id, head.target_id, head.status_seq \
                 FROM json_each($1) JOIN delivery AS head ON head.id = value ->> 'id') AS r \
             WHERE delivery.case_id = r.case_id AND delivery.target_id = r.target_id \
                 AND delivery.status_seq > r.status_seq AND delivery.state = 'pending' \
                 AND delivery.due_at < r.due_at"
        }
        Write::ChangedLogHead => {
            "UPDATE log_head SET size = r.value ->> 'size', peaks = unhex(r.value ->> 'peaks'), root = unhex(r.value ->> 'root'), events = r.value ->> 'events', recorded_at = r.value ->> 'recorded_at', open_day = r.value ->> 'open_day' \
             FROM json_each($1) AS r \
             WHERE log_head.ledger_id = r.value ->> 'ledger_id'"
        }
        Write::Balance => {
            "INSERT INTO balance (ledger_id, posten_id, account, debit_cents, credit_cents) \
             SELECT value ->> 'ledger_id', value ->> 'posten_id', value ->> 'account', value ->> 'debit_cents', value ->> 'credit_cents' \
             FROM json_each($1) WHERE true \
             ON CONFLICT (ledger_id, posten_id, account) DO UPDATE SET \
                 debit_cents = balance.debit_cents + excluded.debit_cents, \
                 credit_cents = balance.credit_cents + excluded.credit_cents"
        }
        Write::ReleasedKeys => {
            "DELETE FROM once_key WHERE (scope, key, subject) IN \
                 (SELECT value ->> 'scope', value ->> 'key', value ->> 'subject' FROM json_each($1))"
        }
    }
}

/// Cases and their revisions. SQLite has one writer, so nothing needs to be locked.
pub(super) const LOCK_CASES: &str = "SELECT id AS key, rev AS number FROM cases \
     WHERE id IN (SELECT value FROM json_each($1))";
/// Watches and their lease numbers.
pub(super) const LOCK_WATCHES: &str = "SELECT attempt_id AS key, lease_no AS number FROM watch \
     WHERE attempt_id IN (SELECT value FROM json_each($1))";
/// Deliveries that are not finished, and their lease numbers.
pub(super) const LOCK_DELIVERIES: &str = "SELECT id AS key, lease_no AS number FROM delivery \
     WHERE id IN (SELECT value FROM json_each($1)) AND state = 'pending'";
/// Read cursors and their lease numbers.
pub(super) const LOCK_CURSORS: &str = "SELECT cursor AS key, lease_no AS number FROM receipt_cursor \
     WHERE cursor IN (SELECT value FROM json_each($1))";
/// What has no revision of its own, and how often it was changed.
pub(super) const LOCK_ROWS: &str = "SELECT name AS key, rev AS number FROM row_rev \
     WHERE name IN (SELECT value FROM json_each($1))";
/// Gives what was never changed its row.
pub(super) const NEW_ROWS: &str = "INSERT INTO row_rev (name, rev) \
     SELECT value, 0 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";
/// Claims keys; returns those that were free.
pub(super) const CLAIM_KEYS: &str = "INSERT INTO once_key (scope, key, subject, change_id) \
     SELECT value ->> 'scope', value ->> 'key', value ->> 'subject', value ->> 'change_id' \
     FROM json_each($1) WHERE true ON CONFLICT DO NOTHING RETURNING scope, key";
/// Takes the claims of dropped Changes back.
pub(super) const DROP_CLAIMS: &str = "DELETE FROM once_key \
     WHERE (scope, key) IN (SELECT value ->> 'scope', value ->> 'key' FROM json_each($1)) \
     AND change_id IN (SELECT value ->> 'change_id' FROM json_each($1))";
/// Heads of new ledgers.
pub(super) const NEW_HEADS: &str = "INSERT INTO log_head (ledger_id, size, peaks, root, events, recorded_at, open_day) \
     SELECT value, 0, x'', $2, 0, 0, NULL FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";
/// The heads, last of all.
pub(super) const LOCK_HEADS: &str = "SELECT ledger_id, size, peaks, root, events, recorded_at, open_day FROM log_head \
     WHERE ledger_id IN (SELECT value FROM json_each($1)) ORDER BY ledger_id";
/// Takes attempts that are due, under a new lease.
pub(super) const CLAIM_WATCHES: &str = "UPDATE watch SET lease_no = lease_no + 1, lease_until = $2 \
     WHERE attempt_id IN (SELECT attempt_id FROM watch WHERE due_at IS NOT NULL AND due_at <= $1 \
         AND lease_until < $1 ORDER BY due_at LIMIT $3) \
     RETURNING attempt_id, case_id, lease_no, tries";
/// Takes deliveries that are due and first in their lanes, under a new lease.
pub(super) const CLAIM_DELIVERIES: &str = "UPDATE delivery SET lease_no = lease_no + 1, lease_until = $2 \
     WHERE id IN (SELECT d.id FROM delivery AS d WHERE d.state = 'pending' AND d.due_at <= $1 AND d.lease_until < $1 \
         AND NOT EXISTS (SELECT 1 FROM delivery AS before WHERE before.case_id = d.case_id \
             AND before.target_id = d.target_id AND before.status_seq < d.status_seq AND before.state = 'pending') \
         AND NOT EXISTS (SELECT 1 FROM target_stop AS stop WHERE stop.target_id = d.target_id AND stop.version = \
             (SELECT max(t.version) FROM tenant_object AS t WHERE t.kind = 'target' AND t.id = d.target_id)) \
         ORDER BY d.due_at LIMIT $3) \
     RETURNING id, event_id, case_id, target_id, lease_no, tries, \
         (SELECT event.personal_id FROM event WHERE event.id = delivery.event_id) AS personal_id";

/// Begins to stage a statement, unless the same one is being staged.
pub(super) const NEW_STATEMENT: &str = "INSERT INTO statement (id, ledger_id, account, format, bank_id, number, page, head_key, state, staged_at, file, opening_cents, entries) \
     SELECT value ->> 'id', value ->> 'ledger_id', value ->> 'account', value ->> 'format', value ->> 'bank_id', value ->> 'number', value ->> 'page', unhex(value ->> 'head_key'), 'staging', value ->> 'staged_at', value ->> 'file', value ->> 'opening_cents', 0 \
     FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";
/// Entries on their way into staging.
pub(super) const NEW_ENTRIES: &str = "INSERT INTO statement_entry (statement_id, n, cents, booked_on, valued_on, fingerprint, occurrence, fresh) \
     SELECT value ->> 'statement_id', value ->> 'n', value ->> 'cents', value ->> 'booked_on', value ->> 'valued_on', unhex(value ->> 'fingerprint'), 0, 1 \
     FROM json_each($1)";
/// The payments in them.
pub(super) const NEW_DETAILS: &str = "INSERT INTO statement_detail (statement_id, entry, n, cents, personal_id, matched) \
     SELECT value ->> 'statement_id', value ->> 'entry', value ->> 'n', value ->> 'cents', value ->> 'personal_id', NULL \
     FROM json_each($1)";
/// Known entries with these fingerprints: of filed statements of the same account, and of this one what comes before.
pub(super) const ALIKE: &str = "SELECT e.fingerprint, e.occurrence, e.statement_id FROM statement_entry AS e \
     JOIN statement AS s ON s.id = e.statement_id JOIN statement AS new ON new.id = $1 \
     WHERE e.fingerprint IN (SELECT unhex(value) FROM json_each($3)) \
         AND s.ledger_id = new.ledger_id AND s.account = new.account \
         AND (s.format = 'camt054') = (new.format = 'camt054') \
         AND ((s.state = 'filed' AND s.id <> $1) OR (s.id = $1 AND e.n < $2))";
/// Places staged entries.
pub(super) const PLACE_ENTRIES: &str = "UPDATE statement_entry SET occurrence = r.value ->> 'occurrence', fresh = r.value ->> 'fresh' \
     FROM json_each($1) AS r \
     WHERE statement_entry.statement_id = r.value ->> 'statement_id' AND statement_entry.n = r.value ->> 'n'";

/// Begins to stage lists.
pub(super) const NEW_LIST: &str = "INSERT INTO settlement_list (id, ledger_id, payout_id, posten_id, source, reference, revision, supersedes, staged_at, file, line_count, payments, gross_cents, fee_cents, fee_lines_cents, others_count, others_payments, others_gross_cents, others_fee_cents, others_fee_lines_cents, digest, state, done) \
     SELECT value ->> 'id', value ->> 'ledger_id', value ->> 'payout_id', value ->> 'posten_id', value ->> 'source', value ->> 'reference', value ->> 'revision', value ->> 'supersedes', value ->> 'staged_at', value ->> 'file', value ->> 'line_count', value ->> 'payments', value ->> 'gross_cents', value ->> 'fee_cents', value ->> 'fee_lines_cents', value ->> 'others_count', value ->> 'others_payments', value ->> 'others_gross_cents', value ->> 'others_fee_cents', value ->> 'others_fee_lines_cents', unhex(value ->> 'digest'), 'staging', 0 \
     FROM json_each($1)";
/// Lines on their way into staging.
pub(super) const NEW_LIST_LINES: &str = "INSERT INTO list_line (list_id, n, owner, kind, reference, transaction_id, gross_cents, fee_cents, net_cents, day, method) \
     SELECT value ->> 'list_id', value ->> 'n', value ->> 'owner', value ->> 'kind', value ->> 'reference', value ->> 'transaction_id', value ->> 'gross_cents', value ->> 'fee_cents', value ->> 'net_cents', value ->> 'day', value ->> 'method' \
     FROM json_each($1)";
/// Lines of earlier revisions that a staged list no longer has.
pub(super) const NEW_LINES_GONE: &str = "INSERT INTO list_line_gone (list_id, gone_list_id, gone_n) \
     SELECT value ->> 'list_id', value ->> 'gone_list_id', value ->> 'gone_n' \
     FROM json_each($1)";
/// Attempts that lists name by Kassenzeichen or number.
pub(super) const LISTED_ATTEMPTS: &str = "SELECT a.kassenzeichen, a.case_id, a.id FROM attempt AS a \
         WHERE a.ledger_id = $1 AND a.kassenzeichen IN (SELECT value FROM json_each($2)) \
     UNION SELECT a.nummer, a.case_id, a.id FROM attempt AS a \
         WHERE a.ledger_id = $1 AND a.nummer IN (SELECT value FROM json_each($2)) ORDER BY 3";

/// Pages of the worklist, and of one code.
pub(super) const WORKLIST: &str =
    crate::store::exceptions::rows::worklist!("IN (SELECT value FROM json_each($5))", "");
pub(super) const WORKLIST_OF_CODE: &str =
    crate::store::exceptions::rows::worklist!("IN (SELECT value FROM json_each($5))", " AND e.code = $11");
/// The steps of exceptions.
pub(super) const STEPS: &str = "SELECT exception_id, position, how, plan, role, person, state FROM resolution \
     WHERE exception_id IN (SELECT value FROM json_each($1)) ORDER BY exception_id, position";
/// Orders to pay money out.
pub(super) const PAYOUT_ORDERS: &str =
    crate::store::exceptions::rows::payout_orders!("IN (SELECT value FROM json_each($4))");
/// Cases that are counted.
pub(super) const COUNTED: &str =
    crate::store::postings::rows::counted!("IN (SELECT value FROM json_each($9))");
/// Lines of a list, of whose payments somebody sees.
pub(super) const SEEN_LINES: &str =
    crate::store::lists::seen::seen_lines!("IN (SELECT value FROM json_each($6))");

/// Attempts that one payment on a statement may name.
pub(super) const EXPECTED_NAMED: &str =
    crate::store::statements::near::named!(" IN (SELECT value FROM json_each($2))");

/// The attempts of a Mandant that have one of these Kassenzeichen.
pub(super) const NAMED_ATTEMPTS: &str = "SELECT kassenzeichen, id FROM attempt \
     WHERE kassenzeichen IN (SELECT value FROM json_each($3)) AND provider_id = $1 AND mandant = $2";

/// Keeps rejected callbacks.
pub(super) const NEW_REJECTED: &str = "INSERT INTO rejected_callback (id, provider_id, received_at, why, bytes) \
     SELECT value ->> 'id', value ->> 'provider_id', value ->> 'received_at', value ->> 'why', value ->> 'bytes' \
     FROM json_each($1)";

/// The rows that the audit compares, as JSON objects.
pub(super) const fn audit(query: AuditQuery) -> &'static str {
    match query {
        AuditQuery::Records => {
            "SELECT json_object('position', position, 'kind', kind, 'recorded_at', recorded_at, 'buchungstag', buchungstag, 'change_id', change_id, 'bytes', lower(hex(bytes))) \
             FROM record WHERE ledger_id = $1 AND position >= $2 ORDER BY position LIMIT $3"
        }
        AuditQuery::Bookings => {
            "SELECT json_object('position', b.position, 'kind', b.kind, 'case_id', b.case_id, 'attempt_id', b.attempt_id, 'subject', b.subject, 'reverses', b.reverses, 'lines', (SELECT json_group_array(json_object('n', l.n, 'debit_account', l.debit_account, 'debit_posten', l.debit_posten, 'credit_account', l.credit_account, 'credit_posten', l.credit_posten, 'cents', l.cents, 'haushaltsjahr', l.haushaltsjahr, 'haushaltsstelle', l.haushaltsstelle, 'objektnummer', l.objektnummer, 'anordnung', l.anordnung) ORDER BY l.n) \
             FROM booking_line AS l WHERE l.ledger_id = b.ledger_id AND l.position = b.position)) FROM booking AS b WHERE b.ledger_id = $1 AND b.position >= $2 AND b.position < $2 + $3 ORDER BY b.position"
        }
        AuditQuery::Exceptions => {
            "SELECT json_object('position', position, 'id', id, 'code', code, 'case_id', case_id, 'attempt_id', attempt_id, 'subject', subject, 'cents', cents) \
             FROM exception WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 ORDER BY position"
        }
        AuditQuery::Lists => {
            "SELECT json_object('position', position, 'id', id, 'payout_id', payout_id, 'posten_id', posten_id, 'source', source, 'reference', reference, 'revision', revision, 'supersedes', supersedes, 'line_count', line_count, 'payments', payments, 'gross_cents', gross_cents, 'fee_cents', fee_cents, 'fee_lines_cents', fee_lines_cents, 'others_count', others_count, 'others_payments', others_payments, 'others_gross_cents', others_gross_cents, 'others_fee_cents', others_fee_cents, 'others_fee_lines_cents', others_fee_lines_cents, 'digest', lower(hex(digest))) \
             FROM settlement_list WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 ORDER BY position"
        }
        AuditQuery::Matches => {
            "SELECT json_object('position', position, 'statement_id', statement_id, 'entry', entry, 'detail', detail, 'case_id', case_id, 'attempt_id', attempt_id, 'subject', subject, 'rule', rule, 'evidence', evidence, 'cents', cents) \
             FROM bank_match WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 ORDER BY position"
        }
        AuditQuery::Closings => {
            "SELECT row FROM ( \
                 SELECT cut_position AS position, json_object('position', cut_position, 'number', number, 'from_day', from_day, 'to_day', to_day, 'open_day', open_day, 'cut_at', cut_at, 'size', size, 'root', lower(hex(root))) AS row \
                 FROM closing WHERE ledger_id = $1 AND cut_position >= $2 AND cut_position < $2 + $3 \
                 UNION ALL SELECT filed_position, json_object('position', filed_position, 'number', number, 'size', size, 'root', lower(hex(root)), 'digest', lower(hex(digest)), 'state', state, 'body', body) \
                 FROM closing WHERE ledger_id = $1 AND filed_position >= $2 AND filed_position < $2 + $3 \
                 UNION ALL SELECT position, json_object('position', position, 'number', number, 'digest', lower(hex(digest)), 'person', person, 'role', role, 'signed_at', signed_at) \
                 FROM closing_signature WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 \
                 UNION ALL SELECT position, json_object('position', position, 'number', number, 'from_position', from_position, 'to_position', to_position, 'postings', postings, 'template', template, 'template_digest', lower(hex(template_digest)), 'name', name, 'media_type', media_type, 'lines', lines, 'sum_cents', sum_cents, 'first_day', first_day, 'last_day', last_day, 'digest', lower(hex(digest)), 'size', size, 'lines_digest', lower(hex(lines_digest)), 'person', person, 'created_at', created_at) \
                 FROM posting_file WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 \
                 UNION ALL SELECT position, json_object('position', position, 'number', number, 'lines', lines, 'lines_digest', lower(hex(lines_digest)), 'person', person) \
                 FROM posting_withdrawal WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 \
             ) AS closings ORDER BY position"
        }
        AuditQuery::Orders => {
            "SELECT json_object('posten_id', posten_id, 'number', number, 'exception_id', exception_id, 'how', how, 'way', way, 'reference', reference, 'cents', cents) \
             FROM payout_order WHERE ledger_id = $1 ORDER BY number LIMIT $3 OFFSET $2"
        }
        AuditQuery::Balances => {
            "SELECT json_object('posten_id', posten_id, 'account', account, 'debit_cents', debit_cents, 'credit_cents', credit_cents) \
             FROM balance WHERE ledger_id = $1 ORDER BY posten_id, account LIMIT $3 OFFSET $2"
        }
        AuditQuery::Attempts => {
            "SELECT json_object('id', id, 'posten_id', posten_id, 'soll_cents', soll_cents, 'set_off_cents', set_off_cents, 'credited_cents', credited_cents, 'deposited_cents', deposited_cents, 'deposit_id', deposit_id, 'settled_cents', settled_cents, 'refunded_cents', refunded_cents, 'gone_cents', gone_cents) \
             FROM attempt WHERE ledger_id = $1 ORDER BY id LIMIT $3 OFFSET $2"
        }
    }
}
