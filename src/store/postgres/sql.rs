//! The writer's statements: arrays in, so that one row and a thousand take the same number of round trips.
//! Each takes one JSON array of objects, read with `jsonb_to_recordset`; bytes travel as hexadecimal text.

use crate::app::ports::AuditQuery;
use crate::store::batch::Write;

/// The statement that writes one kind of row.
pub(super) const fn write(write: Write) -> &'static str {
    match write {
        Write::NewChangeLog => {
            "INSERT INTO change_log (change_id, committed_at) \
             SELECT r.change_id, r.committed_at \
             FROM jsonb_to_recordset($1::jsonb) AS r (change_id text, committed_at bigint)"
        }
        Write::NewTenantObject => {
            "INSERT INTO tenant_object (kind, id, version, ledger_id, body, closed, applied_at, change_id) \
             SELECT r.kind, r.id, r.version, r.ledger_id, r.body, r.closed, r.applied_at, r.change_id \
             FROM jsonb_to_recordset($1::jsonb) AS r (kind text, id text, version bigint, ledger_id text, body text, closed bigint, applied_at bigint, change_id text)"
        }
        Write::NewClientSecret => {
            "INSERT INTO client_secret (client_id, hash, issued_at, change_id) \
             SELECT r.client_id, decode(r.hash, 'hex'), r.issued_at, r.change_id \
             FROM jsonb_to_recordset($1::jsonb) AS r (client_id text, hash text, issued_at bigint, change_id text)"
        }
        Write::NewPersonalKey => {
            "INSERT INTO personal_key (subject_id, ledger_id, wrapped) \
             SELECT r.subject_id, r.ledger_id, decode(r.wrapped, 'hex') \
             FROM jsonb_to_recordset($1::jsonb) AS r (subject_id text, ledger_id text, wrapped text)"
        }
        Write::NewPersonal => {
            "INSERT INTO personal (id, ledger_id, subject_id, class, sealed) \
             SELECT r.id, r.ledger_id, r.subject_id, r.class, decode(r.sealed, 'hex') \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, ledger_id text, subject_id text, class text, sealed text)"
        }
        Write::NewCases => {
            "INSERT INTO cases (id, ledger_id, authority_id, case_key, rev, standing, status_seq, created_at) \
             SELECT r.id, r.ledger_id, r.authority_id, r.case_key, r.rev, r.standing, r.status_seq, r.created_at \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, ledger_id text, authority_id text, case_key text, rev bigint, standing text, status_seq bigint, created_at bigint)"
        }
        Write::NewPayment => {
            "INSERT INTO payment (id, ledger_id, case_id, originator_id, end_point_id, route_version, client_id, request_id, transaction_id, total_cents, due_day, answer, answered_at, method, reference, refusal, created_at, expires_at, token, fingerprint, personal_id, items) \
             SELECT r.id, r.ledger_id, r.case_id, r.originator_id, r.end_point_id, r.route_version, r.client_id, r.request_id, r.transaction_id, r.total_cents, r.due_day, r.answer, r.answered_at, r.method, r.reference, r.refusal, r.created_at, r.expires_at, r.token, decode(r.fingerprint, 'hex'), r.personal_id, r.items \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, ledger_id text, case_id text, originator_id text, end_point_id text, route_version bigint, client_id text, request_id text, transaction_id text, total_cents bigint, due_day text, answer text, answered_at bigint, method text, reference text, refusal text, created_at bigint, expires_at bigint, token text, fingerprint text, personal_id text, items text)"
        }
        Write::NewAttempt => {
            "INSERT INTO attempt (id, ledger_id, case_id, payment_id, n, provider_id, mandant, bewirtschafter, nummer, token, replaces, posten_id, standing, standing_at, sent, kassenzeichen, paypage, remote_id, transfer, heard, unproven, soll_cents, set_off_cents, credited_cents, deposited_cents, deposit_id, settled_cents, unsettled, refunded_cents, gone_cents) \
             SELECT r.id, r.ledger_id, r.case_id, r.payment_id, r.n, r.provider_id, r.mandant, r.bewirtschafter, r.nummer, r.token, r.replaces, r.posten_id, r.standing, r.standing_at, r.sent, r.kassenzeichen, r.paypage, r.remote_id, r.transfer, r.heard, r.unproven, r.soll_cents, r.set_off_cents, r.credited_cents, r.deposited_cents, r.deposit_id, r.settled_cents, r.unsettled, r.refunded_cents, r.gone_cents \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, ledger_id text, case_id text, payment_id text, n bigint, provider_id text, mandant text, bewirtschafter text, nummer text, token text, replaces text, posten_id text, standing text, standing_at bigint, sent bigint, kassenzeichen text, paypage text, remote_id text, transfer text, heard text, unproven bigint, soll_cents bigint, set_off_cents bigint, credited_cents bigint, deposited_cents bigint, deposit_id text, settled_cents bigint, unsettled bigint, refunded_cents bigint, gone_cents bigint)"
        }
        Write::NewPosten => {
            "INSERT INTO posten (id, ledger_id, case_id, attempt_id, subject, kind, haushaltsjahr, opened_at) \
             SELECT r.id, r.ledger_id, r.case_id, r.attempt_id, r.subject, r.kind, r.haushaltsjahr, r.opened_at \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, ledger_id text, case_id text, attempt_id text, subject text, kind text, haushaltsjahr bigint, opened_at bigint)"
        }
        Write::NewRecord => {
            "INSERT INTO record (ledger_id, position, kind, recorded_at, buchungstag, change_id, bytes) \
             SELECT r.ledger_id, r.position, r.kind, r.recorded_at, r.buchungstag, r.change_id, decode(r.bytes, 'hex') \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, position bigint, kind text, recorded_at bigint, buchungstag text, change_id text, bytes text)"
        }
        Write::NewBooking => {
            "INSERT INTO booking (ledger_id, position, kind, case_id, attempt_id, subject, reverses) \
             SELECT r.ledger_id, r.position, r.kind, r.case_id, r.attempt_id, r.subject, r.reverses \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, position bigint, kind text, case_id text, attempt_id text, subject text, reverses bigint)"
        }
        Write::NewBookingLine => {
            "INSERT INTO booking_line (ledger_id, position, n, debit_account, debit_posten, credit_account, credit_posten, cents, haushaltsjahr, haushaltsstelle, objektnummer, anordnung) \
             SELECT r.ledger_id, r.position, r.n, r.debit_account, r.debit_posten, r.credit_account, r.credit_posten, r.cents, r.haushaltsjahr, r.haushaltsstelle, r.objektnummer, r.anordnung \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, position bigint, n bigint, debit_account text, debit_posten text, credit_account text, credit_posten text, cents bigint, haushaltsjahr bigint, haushaltsstelle text, objektnummer text, anordnung text)"
        }
        Write::NewException => {
            "INSERT INTO exception (id, ledger_id, position, code, case_id, attempt_id, subject, cents) \
             SELECT r.id, r.ledger_id, r.position, r.code, r.case_id, r.attempt_id, r.subject, r.cents \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, ledger_id text, position bigint, code text, case_id text, attempt_id text, subject text, cents bigint)"
        }
        Write::NewEvent => {
            "INSERT INTO event (ledger_id, position, id, type, case_id, payment_id, status_seq, occurred_at, personal_id) \
             SELECT r.ledger_id, r.position, r.id, r.type, r.case_id, r.payment_id, r.status_seq, r.occurred_at, r.personal_id \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, position bigint, id text, type text, case_id text, payment_id text, status_seq bigint, occurred_at bigint, personal_id text)"
        }
        Write::NewDelivery => {
            "INSERT INTO delivery (id, ledger_id, event_id, case_id, target_id, status_seq, state, tries, due_at, lease_no, lease_until, tried_at, why) \
             SELECT r.id, r.ledger_id, r.event_id, r.case_id, r.target_id, r.status_seq, r.state, r.tries, r.due_at, r.lease_no, r.lease_until, r.tried_at, r.why \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, ledger_id text, event_id text, case_id text, target_id text, status_seq bigint, state text, tries bigint, due_at bigint, lease_no bigint, lease_until bigint, tried_at bigint, why text)"
        }
        Write::NewWatch => {
            "INSERT INTO watch (attempt_id, ledger_id, case_id, due_at, tries, lease_no, lease_until) \
             SELECT r.attempt_id, r.ledger_id, r.case_id, r.due_at, r.tries, r.lease_no, r.lease_until \
             FROM jsonb_to_recordset($1::jsonb) AS r (attempt_id text, ledger_id text, case_id text, due_at bigint, tries bigint, lease_no bigint, lease_until bigint)"
        }
        Write::FiledStatement => {
            "UPDATE statement SET state = 'filed', position = r.position, digest = decode(r.digest, 'hex') \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, position bigint, digest text) \
             WHERE statement.id = r.id"
        }
        Write::FiledList => {
            "UPDATE settlement_list SET state = 'filed', position = r.position \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, position bigint) \
             WHERE settlement_list.id = r.id"
        }
        Write::NewMatch => {
            "INSERT INTO bank_match (ledger_id, position, statement_id, entry, detail, case_id, attempt_id, subject, rule, evidence, cents) \
             SELECT r.ledger_id, r.position, r.statement_id, r.entry, r.detail, r.case_id, r.attempt_id, r.subject, r.rule, r.evidence, r.cents \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, position bigint, statement_id text, entry bigint, detail bigint, case_id text, attempt_id text, subject text, rule text, evidence text, cents bigint)"
        }
        Write::NewResolution => {
            "INSERT INTO resolution (ledger_id, position, exception_id, how, plan, role, person, state) \
             SELECT r.ledger_id, r.position, r.exception_id, r.how, r.plan, r.role, r.person, r.state \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, position bigint, exception_id text, how text, plan text, role text, person text, state text)"
        }
        Write::NewPayoutOrder => {
            "INSERT INTO payout_order (posten_id, ledger_id, number, exception_id, how, way, reference, cents) \
             SELECT r.posten_id, r.ledger_id, r.number, r.exception_id, r.how, r.way, r.reference, r.cents \
             FROM jsonb_to_recordset($1::jsonb) AS r (posten_id text, ledger_id text, number bigint, exception_id text, how text, way text, reference text, cents bigint)"
        }
        Write::ClaimedDetail => {
            "UPDATE statement_detail SET matched = r.position \
             FROM jsonb_to_recordset($1::jsonb) AS r (statement_id text, entry bigint, n bigint, position bigint) \
             WHERE statement_detail.statement_id = r.statement_id AND statement_detail.entry = r.entry \
                 AND statement_detail.n = r.n"
        }
        Write::NewClosing => {
            "INSERT INTO closing (ledger_id, number, from_day, to_day, open_day, cut_position, cut_at, size, root, state) \
             SELECT r.ledger_id, r.number, r.from_day, r.to_day, r.open_day, r.cut_position, r.cut_at, r.size, decode(r.root, 'hex'), 'cut' \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, number bigint, from_day text, to_day text, open_day text, cut_position bigint, cut_at bigint, size bigint, root text)"
        }
        Write::FiledClosing => {
            "UPDATE closing SET state = 'filed', filed_position = r.position, digest = decode(r.digest, 'hex'), body = r.body \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, number bigint, position bigint, digest text, body text) \
             WHERE closing.ledger_id = r.ledger_id AND closing.number = r.number"
        }
        Write::NewClosingSignature => {
            "INSERT INTO closing_signature (ledger_id, position, number, digest, person, role, signed_at) \
             SELECT r.ledger_id, r.position, r.number, decode(r.digest, 'hex'), r.person, r.role, r.signed_at \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, position bigint, number bigint, digest text, person text, role text, signed_at bigint)"
        }
        Write::NewPostingFile => {
            "INSERT INTO posting_file (ledger_id, number, position, from_position, to_position, postings, template, template_digest, name, media_type, lines, sum_cents, first_day, last_day, digest, size, lines_digest, person, created_at, content) \
             SELECT r.ledger_id, r.number, r.position, r.from_position, r.to_position, r.postings, r.template, decode(r.template_digest, 'hex'), r.name, r.media_type, r.lines, r.sum_cents, r.first_day, r.last_day, decode(r.digest, 'hex'), r.size, decode(r.lines_digest, 'hex'), r.person, r.created_at, decode(r.content, 'hex') \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, number bigint, position bigint, from_position bigint, to_position bigint, postings text, template text, template_digest text, name text, media_type text, lines bigint, sum_cents bigint, first_day text, last_day text, digest text, size bigint, lines_digest text, person text, created_at bigint, content text)"
        }
        Write::NewPostingLine => {
            "INSERT INTO posting_line (ledger_id, position, line, number) \
             SELECT r.ledger_id, r.position, r.line, r.number \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, position bigint, line bigint, number bigint)"
        }
        Write::NewPostingWithdrawal => {
            "INSERT INTO posting_withdrawal (ledger_id, position, number, lines, lines_digest, person) \
             SELECT r.ledger_id, r.position, r.number, r.lines, decode(r.lines_digest, 'hex'), r.person \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, position bigint, number bigint, lines bigint, lines_digest text, person text)"
        }
        Write::NewPostingWithdrawn => {
            "INSERT INTO posting_withdrawn (ledger_id, number, position, line, withdrawal) \
             SELECT r.ledger_id, r.number, r.position, r.line, r.withdrawal \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, number bigint, position bigint, line bigint, withdrawal bigint)"
        }
        Write::RowRev => {
            "UPDATE row_rev SET rev = r.rev \
             FROM jsonb_to_recordset($1::jsonb) AS r (name text, rev bigint) \
             WHERE row_rev.name = r.name"
        }
        // A fact, no guard: another connector may have heard it at the same time.
        Write::NewTargetStop => {
            "INSERT INTO target_stop (target_id, version, stopped_at) \
             SELECT r.target_id, r.version, r.stopped_at \
             FROM jsonb_to_recordset($1::jsonb) AS r (target_id text, version bigint, stopped_at bigint) \
             ON CONFLICT DO NOTHING"
        }
        Write::NewProviderCall => {
            "INSERT INTO provider_call (attempt_id, at, operation, code, reference) \
             SELECT r.attempt_id, r.at, r.operation, r.code, r.reference \
             FROM jsonb_to_recordset($1::jsonb) AS r (attempt_id text, at bigint, operation text, code text, reference text)"
        }
        Write::PoolRange => {
            "INSERT INTO pool_range (range, next) \
             SELECT r.range, r.next FROM jsonb_to_recordset($1::jsonb) AS r (range text, next bigint) \
             ON CONFLICT (range) DO UPDATE SET next = greatest(pool_range.next, excluded.next)"
        }
        Write::ChangedCases => {
            "UPDATE cases SET rev = r.rev, standing = r.standing, status_seq = r.status_seq \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, rev bigint, standing text, status_seq bigint) \
             WHERE cases.id = r.id"
        }
        Write::ChangedPayment => {
            "UPDATE payment SET answer = r.answer, answered_at = r.answered_at, method = r.method, reference = r.reference, refusal = r.refusal \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, answer text, answered_at bigint, method text, reference text, refusal text) \
             WHERE payment.id = r.id"
        }
        Write::ChangedAttempt => {
            "UPDATE attempt SET standing = r.standing, standing_at = r.standing_at, sent = r.sent, kassenzeichen = r.kassenzeichen, paypage = r.paypage, remote_id = r.remote_id, transfer = r.transfer, heard = r.heard, unproven = r.unproven, soll_cents = r.soll_cents, set_off_cents = r.set_off_cents, credited_cents = r.credited_cents, deposited_cents = r.deposited_cents, deposit_id = r.deposit_id, settled_cents = r.settled_cents, unsettled = r.unsettled, refunded_cents = r.refunded_cents, gone_cents = r.gone_cents \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, standing text, standing_at bigint, sent bigint, kassenzeichen text, paypage text, remote_id text, transfer text, heard text, unproven bigint, soll_cents bigint, set_off_cents bigint, credited_cents bigint, deposited_cents bigint, deposit_id text, settled_cents bigint, unsettled bigint, refunded_cents bigint, gone_cents bigint) \
             WHERE attempt.id = r.id"
        }
        Write::ChangedWatch => {
            "UPDATE watch SET due_at = r.due_at, tries = r.tries, lease_until = CASE WHEN r.release THEN 0 ELSE watch.lease_until END \
             FROM jsonb_to_recordset($1::jsonb) AS r (attempt_id text, due_at bigint, tries bigint, release boolean) \
             WHERE watch.attempt_id = r.attempt_id"
        }
        // Whoever holds it has asked before there was a reason: its result no longer counts.
        Write::WokenWatch => {
            "UPDATE watch SET due_at = r.due_at, tries = 0, lease_no = watch.lease_no + 1, lease_until = 0 \
             FROM jsonb_to_recordset($1::jsonb) AS r (attempt_id text, due_at bigint) \
             WHERE watch.attempt_id = r.attempt_id"
        }
        Write::NewReading => {
            "INSERT INTO reading (provider_id, mandant, n, batch, read_at, whole, confirmed_at) \
             SELECT r.provider_id, r.mandant, r.n, r.batch, r.read_at, 0, NULL \
             FROM jsonb_to_recordset($1::jsonb) AS r (provider_id text, mandant text, n bigint, batch text, read_at bigint)"
        }
        Write::NewReceipt => {
            "INSERT INTO receipt (provider_id, mandant, n, ordinal, kassenzeichen, cents, booked_at, read_at, attempt_id) \
             SELECT r.provider_id, r.mandant, r.n, r.ordinal, r.kassenzeichen, r.cents, r.booked_at, r.read_at, r.attempt_id \
             FROM jsonb_to_recordset($1::jsonb) AS r (provider_id text, mandant text, n bigint, ordinal bigint, kassenzeichen text, cents bigint, booked_at bigint, read_at bigint, attempt_id text)"
        }
        Write::WholeReading => {
            "UPDATE reading SET whole = 1 \
             FROM jsonb_to_recordset($1::jsonb) AS r (provider_id text, mandant text, n bigint) \
             WHERE reading.provider_id = r.provider_id AND reading.mandant = r.mandant AND reading.n = r.n"
        }
        Write::ConfirmedReadings => {
            "UPDATE reading SET confirmed_at = r.at \
             FROM jsonb_to_recordset($1::jsonb) AS r (provider_id text, mandant text, up_to bigint, at bigint) \
             WHERE reading.provider_id = r.provider_id AND reading.mandant = r.mandant \
                 AND reading.n <= r.up_to AND reading.confirmed_at IS NULL"
        }
        Write::ChangedDelivery => {
            "UPDATE delivery SET state = r.state, tries = r.tries, due_at = r.due_at, tried_at = r.tried_at, why = r.why, lease_until = CASE WHEN r.release THEN 0 ELSE delivery.lease_until END \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, state text, tries bigint, due_at bigint, tried_at bigint, why text, release boolean) \
             WHERE delivery.id = r.id"
        }
        // Whoever has the head of a lane locked is alone in it.
        Write::BlockedDelivery => {
            "UPDATE delivery SET due_at = r.due_at \
             FROM jsonb_to_recordset($1::jsonb) AS r (id text, due_at bigint) \
             JOIN delivery AS head ON head.id = r.id \
             WHERE delivery.case_id = head.case_id AND delivery.target_id = head.target_id \
                 AND delivery.status_seq > head.status_seq AND delivery.state = 'pending' \
                 AND delivery.due_at < r.due_at"
        }
        Write::ChangedLogHead => {
            "UPDATE log_head SET size = r.size, peaks = decode(r.peaks, 'hex'), root = decode(r.root, 'hex'), events = r.events, recorded_at = r.recorded_at, open_day = r.open_day \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, size bigint, peaks text, root text, events bigint, recorded_at bigint, open_day text) \
             WHERE log_head.ledger_id = r.ledger_id"
        }
        Write::Balance => {
            "INSERT INTO balance (ledger_id, posten_id, account, debit_cents, credit_cents) \
             SELECT r.ledger_id, r.posten_id, r.account, r.debit_cents, r.credit_cents \
             FROM jsonb_to_recordset($1::jsonb) AS r (ledger_id text, posten_id text, account text, debit_cents bigint, credit_cents bigint) \
             ON CONFLICT (ledger_id, posten_id, account) DO UPDATE SET \
                 debit_cents = balance.debit_cents + excluded.debit_cents, \
                 credit_cents = balance.credit_cents + excluded.credit_cents"
        }
        Write::ReleasedKeys => {
            "DELETE FROM once_key USING jsonb_to_recordset($1::jsonb) AS r (scope text, key text, subject text) \
             WHERE once_key.scope = r.scope AND once_key.key = r.key AND once_key.subject = r.subject"
        }
    }
}

/// Cases and their revisions, locked in the order of their ids.
pub(super) const LOCK_CASES: &str = "SELECT id AS key, rev AS number FROM cases \
     WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb)) ORDER BY id FOR NO KEY UPDATE";
/// Watches and their lease numbers, locked in the order of their attempts.
pub(super) const LOCK_WATCHES: &str = "SELECT attempt_id AS key, lease_no AS number FROM watch \
     WHERE attempt_id IN (SELECT jsonb_array_elements_text($1::jsonb)) ORDER BY attempt_id FOR NO KEY UPDATE";
/// Deliveries that are not finished, and their lease numbers, locked in the order of their ids.
pub(super) const LOCK_DELIVERIES: &str = "SELECT id AS key, lease_no AS number FROM delivery \
     WHERE id IN (SELECT jsonb_array_elements_text($1::jsonb)) AND state = 'pending' ORDER BY id FOR NO KEY UPDATE";
/// Read cursors and their lease numbers, locked in their order.
pub(super) const LOCK_CURSORS: &str = "SELECT cursor AS key, lease_no AS number FROM receipt_cursor \
     WHERE cursor IN (SELECT jsonb_array_elements_text($1::jsonb)) ORDER BY cursor FOR NO KEY UPDATE";
/// What has no revision of its own, and how often it was changed; locked in their order.
pub(super) const LOCK_ROWS: &str = "SELECT name AS key, rev AS number FROM row_rev \
     WHERE name IN (SELECT jsonb_array_elements_text($1::jsonb)) ORDER BY name FOR NO KEY UPDATE";
/// Gives what was never changed its row, in their order.
pub(super) const NEW_ROWS: &str = "INSERT INTO row_rev (name, rev) \
     SELECT name, 0 FROM jsonb_array_elements_text($1::jsonb) AS r (name) ORDER BY name ON CONFLICT DO NOTHING";
/// Claims keys, in their order; returns those that were free.
pub(super) const CLAIM_KEYS: &str = "INSERT INTO once_key (scope, key, subject, change_id) \
     SELECT r.scope, r.key, r.subject, r.change_id \
     FROM jsonb_to_recordset($1::jsonb) AS r (scope text, key text, subject text, change_id text) \
     ORDER BY r.scope COLLATE \"C\", r.key COLLATE \"C\" ON CONFLICT DO NOTHING RETURNING scope, key";
/// Takes the claims of dropped Changes back.
pub(super) const DROP_CLAIMS: &str = "DELETE FROM once_key \
     USING jsonb_to_recordset($1::jsonb) AS r (scope text, key text, change_id text) \
     WHERE once_key.scope = r.scope AND once_key.key = r.key AND once_key.change_id = r.change_id";
/// Heads of new ledgers.
pub(super) const NEW_HEADS: &str = "INSERT INTO log_head (ledger_id, size, peaks, root, events, recorded_at, open_day) \
     SELECT r.id, 0, ''::bytea, $2, 0, 0, NULL FROM jsonb_array_elements_text($1::jsonb) AS r (id) \
     ON CONFLICT DO NOTHING";
/// The heads, last of all, locked in the order of their ledgers.
pub(super) const LOCK_HEADS: &str = "SELECT ledger_id, size, peaks, root, events, recorded_at, open_day FROM log_head \
     WHERE ledger_id IN (SELECT jsonb_array_elements_text($1::jsonb)) ORDER BY ledger_id FOR NO KEY UPDATE";
/// Takes attempts that are due, under a new lease; another connector's are passed over. They are looked up as an array:
/// of a join with an unknown limit the planner believes that it concerns a tenth of the table, and reads all of it.
pub(super) const CLAIM_WATCHES: &str = "UPDATE watch SET lease_no = lease_no + 1, lease_until = $2 \
     WHERE attempt_id = ANY (ARRAY(SELECT attempt_id FROM watch WHERE due_at IS NOT NULL \
         AND due_at <= $1 AND lease_until < $1 ORDER BY due_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED)) \
     RETURNING attempt_id, case_id, lease_no, tries";
/// Takes deliveries that are due and first in their lanes, under a new lease; another connector's are passed over.
pub(super) const CLAIM_DELIVERIES: &str = "UPDATE delivery SET lease_no = lease_no + 1, lease_until = $2 \
     WHERE id = ANY (ARRAY(SELECT d.id FROM delivery AS d WHERE d.state = 'pending' \
         AND d.due_at <= $1 AND d.lease_until < $1 \
         AND NOT EXISTS (SELECT 1 FROM delivery AS before WHERE before.case_id = d.case_id \
             AND before.target_id = d.target_id AND before.status_seq < d.status_seq AND before.state = 'pending') \
         AND NOT EXISTS (SELECT 1 FROM target_stop AS stop WHERE stop.target_id = d.target_id AND stop.version = \
             (SELECT max(t.version) FROM tenant_object AS t WHERE t.kind = 'target' AND t.id = d.target_id)) \
         ORDER BY d.due_at LIMIT $3 FOR NO KEY UPDATE OF d SKIP LOCKED)) \
     RETURNING id, event_id, case_id, target_id, lease_no, tries, \
         (SELECT event.personal_id FROM event WHERE event.id = delivery.event_id) AS personal_id";

/// Begins to stage a statement, unless the same one is being staged.
pub(super) const NEW_STATEMENT: &str = "INSERT INTO statement (id, ledger_id, account, format, bank_id, number, page, head_key, state, staged_at, file, opening_cents, entries) \
     SELECT r.id, r.ledger_id, r.account, r.format, r.bank_id, r.number, r.page, decode(r.head_key, 'hex'), 'staging', r.staged_at, r.file, r.opening_cents, 0 \
     FROM jsonb_to_recordset($1::jsonb) AS r (id text, ledger_id text, account text, format text, bank_id text, number bigint, page bigint, head_key text, staged_at bigint, file text, opening_cents bigint) \
     ON CONFLICT DO NOTHING";
/// Entries on their way into staging.
pub(super) const NEW_ENTRIES: &str = "INSERT INTO statement_entry (statement_id, n, cents, booked_on, valued_on, fingerprint, occurrence, fresh) \
     SELECT r.statement_id, r.n, r.cents, r.booked_on, r.valued_on, decode(r.fingerprint, 'hex'), 0, 1 \
     FROM jsonb_to_recordset($1::jsonb) AS r (statement_id text, n bigint, cents bigint, booked_on text, valued_on text, fingerprint text)";
/// The payments in them.
pub(super) const NEW_DETAILS: &str = "INSERT INTO statement_detail (statement_id, entry, n, cents, personal_id, matched) \
     SELECT r.statement_id, r.entry, r.n, r.cents, r.personal_id, NULL \
     FROM jsonb_to_recordset($1::jsonb) AS r (statement_id text, entry bigint, n bigint, cents bigint, personal_id text)";
/// Known entries with these fingerprints: of filed statements of the same account, and of this one what comes before.
pub(super) const ALIKE: &str = "SELECT e.fingerprint, e.occurrence, e.statement_id FROM statement_entry AS e \
     JOIN statement AS s ON s.id = e.statement_id JOIN statement AS new ON new.id = $1 \
     WHERE e.fingerprint IN (SELECT decode(jsonb_array_elements_text($3::jsonb), 'hex')) \
         AND s.ledger_id = new.ledger_id AND s.account = new.account \
         AND (s.format = 'camt054') = (new.format = 'camt054') \
         AND ((s.state = 'filed' AND s.id <> $1) OR (s.id = $1 AND e.n < $2))";
/// Places staged entries.
pub(super) const PLACE_ENTRIES: &str = "UPDATE statement_entry SET occurrence = r.occurrence, fresh = r.fresh \
     FROM jsonb_to_recordset($1::jsonb) AS r (statement_id text, n bigint, occurrence bigint, fresh bigint) \
     WHERE statement_entry.statement_id = r.statement_id AND statement_entry.n = r.n";

/// Begins to stage lists.
pub(super) const NEW_LIST: &str = "INSERT INTO settlement_list (id, ledger_id, payout_id, posten_id, source, reference, revision, supersedes, staged_at, file, line_count, payments, gross_cents, fee_cents, fee_lines_cents, others_count, others_payments, others_gross_cents, others_fee_cents, others_fee_lines_cents, digest, state, done) \
     SELECT r.id, r.ledger_id, r.payout_id, r.posten_id, r.source, r.reference, r.revision, r.supersedes, r.staged_at, r.file, r.line_count, r.payments, r.gross_cents, r.fee_cents, r.fee_lines_cents, r.others_count, r.others_payments, r.others_gross_cents, r.others_fee_cents, r.others_fee_lines_cents, decode(r.digest, 'hex'), 'staging', 0 \
     FROM jsonb_to_recordset($1::jsonb) AS r (id text, ledger_id text, payout_id text, posten_id text, source text, reference text, revision bigint, supersedes text, staged_at bigint, file text, line_count bigint, payments bigint, gross_cents bigint, fee_cents bigint, fee_lines_cents bigint, others_count bigint, others_payments bigint, others_gross_cents bigint, others_fee_cents bigint, others_fee_lines_cents bigint, digest text)";
/// Lines on their way into staging.
pub(super) const NEW_LIST_LINES: &str = "INSERT INTO list_line (list_id, n, owner, kind, reference, transaction_id, gross_cents, fee_cents, net_cents, day, method) \
     SELECT r.list_id, r.n, r.owner, r.kind, r.reference, r.transaction_id, r.gross_cents, r.fee_cents, r.net_cents, r.day, r.method \
     FROM jsonb_to_recordset($1::jsonb) AS r (list_id text, n bigint, owner text, kind text, reference text, transaction_id text, gross_cents bigint, fee_cents bigint, net_cents bigint, day text, method text)";
/// Lines of earlier revisions that a staged list no longer has.
pub(super) const NEW_LINES_GONE: &str = "INSERT INTO list_line_gone (list_id, gone_list_id, gone_n) \
     SELECT r.list_id, r.gone_list_id, r.gone_n \
     FROM jsonb_to_recordset($1::jsonb) AS r (list_id text, gone_list_id text, gone_n bigint)";
/// Attempts that lists name by Kassenzeichen or number.
pub(super) const LISTED_ATTEMPTS: &str = "SELECT a.kassenzeichen, a.case_id, a.id FROM attempt AS a \
         WHERE a.ledger_id = $1 AND a.kassenzeichen = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) \
     UNION SELECT a.nummer, a.case_id, a.id FROM attempt AS a \
         WHERE a.ledger_id = $1 AND a.nummer = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb))) ORDER BY 3";

/// Pages of the worklist, and of one code.
pub(super) const WORKLIST: &str = crate::store::exceptions::rows::worklist!(
    "= ANY (ARRAY(SELECT jsonb_array_elements_text($5::jsonb)))",
    ""
);
pub(super) const WORKLIST_OF_CODE: &str = crate::store::exceptions::rows::worklist!(
    "= ANY (ARRAY(SELECT jsonb_array_elements_text($5::jsonb)))",
    " AND e.code = $11"
);
/// The steps of exceptions.
pub(super) const STEPS: &str = "SELECT exception_id, position, how, plan, role, person, state FROM resolution \
     WHERE exception_id = ANY (ARRAY(SELECT jsonb_array_elements_text($1::jsonb))) ORDER BY exception_id, position";
/// Orders to pay money out.
pub(super) const PAYOUT_ORDERS: &str = crate::store::exceptions::rows::payout_orders!(
    "= ANY (ARRAY(SELECT jsonb_array_elements_text($4::jsonb)))"
);
/// Cases that are counted.
pub(super) const COUNTED: &str =
    crate::store::postings::rows::counted!("= ANY (ARRAY(SELECT jsonb_array_elements_text($9::jsonb)))");
/// Lines of a list, of whose payments somebody sees.
pub(super) const SEEN_LINES: &str =
    crate::store::lists::seen::seen_lines!("= ANY (ARRAY(SELECT jsonb_array_elements_text($6::jsonb)))");

/// Attempts that one payment on a statement may name.
pub(super) const EXPECTED_NAMED: &str =
    crate::store::statements::near::named!(" = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))");

/// The attempts of a Mandant that have one of these Kassenzeichen.
pub(super) const NAMED_ATTEMPTS: &str = "SELECT kassenzeichen, id FROM attempt \
     WHERE kassenzeichen = ANY (ARRAY(SELECT jsonb_array_elements_text($3::jsonb))) AND provider_id = $1 AND mandant = $2";

/// Keeps rejected callbacks.
pub(super) const NEW_REJECTED: &str = "INSERT INTO rejected_callback (id, provider_id, received_at, why, bytes) \
     SELECT r.id, r.provider_id, r.received_at, r.why, r.bytes \
     FROM jsonb_to_recordset($1::jsonb) AS r (id text, provider_id text, received_at bigint, why text, bytes bigint)";

/// The rows that the audit compares, as JSON objects.
pub(super) const fn audit(query: AuditQuery) -> &'static str {
    match query {
        AuditQuery::Records => {
            "SELECT jsonb_build_object('position', position, 'kind', kind, 'recorded_at', recorded_at, 'buchungstag', buchungstag, 'change_id', change_id, 'bytes', encode(bytes, 'hex'))::text \
             FROM record WHERE ledger_id = $1 AND position >= $2 ORDER BY position LIMIT $3"
        }
        AuditQuery::Bookings => {
            "SELECT jsonb_build_object('position', b.position, 'kind', b.kind, 'case_id', b.case_id, 'attempt_id', b.attempt_id, 'subject', b.subject, 'reverses', b.reverses, 'lines', (SELECT jsonb_agg(jsonb_build_object('n', l.n, 'debit_account', l.debit_account, 'debit_posten', l.debit_posten, 'credit_account', l.credit_account, 'credit_posten', l.credit_posten, 'cents', l.cents, 'haushaltsjahr', l.haushaltsjahr, 'haushaltsstelle', l.haushaltsstelle, 'objektnummer', l.objektnummer, 'anordnung', l.anordnung) ORDER BY l.n) \
             FROM booking_line AS l WHERE l.ledger_id = b.ledger_id AND l.position = b.position))::text FROM booking AS b WHERE b.ledger_id = $1 AND b.position >= $2 AND b.position < $2 + $3 ORDER BY b.position"
        }
        AuditQuery::Exceptions => {
            "SELECT jsonb_build_object('position', position, 'id', id, 'code', code, 'case_id', case_id, 'attempt_id', attempt_id, 'subject', subject, 'cents', cents)::text \
             FROM exception WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 ORDER BY position"
        }
        AuditQuery::Lists => {
            "SELECT jsonb_build_object('position', position, 'id', id, 'payout_id', payout_id, 'posten_id', posten_id, 'source', source, 'reference', reference, 'revision', revision, 'supersedes', supersedes, 'line_count', line_count, 'payments', payments, 'gross_cents', gross_cents, 'fee_cents', fee_cents, 'fee_lines_cents', fee_lines_cents, 'others_count', others_count, 'others_payments', others_payments, 'others_gross_cents', others_gross_cents, 'others_fee_cents', others_fee_cents, 'others_fee_lines_cents', others_fee_lines_cents, 'digest', encode(digest, 'hex'))::text \
             FROM settlement_list WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 ORDER BY position"
        }
        AuditQuery::Matches => {
            "SELECT jsonb_build_object('position', position, 'statement_id', statement_id, 'entry', entry, 'detail', detail, 'case_id', case_id, 'attempt_id', attempt_id, 'subject', subject, 'rule', rule, 'evidence', evidence, 'cents', cents)::text \
             FROM bank_match WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 ORDER BY position"
        }
        AuditQuery::Closings => {
            "SELECT row FROM ( \
                 SELECT cut_position AS position, jsonb_build_object('position', cut_position, 'number', number, 'from_day', from_day, 'to_day', to_day, 'open_day', open_day, 'cut_at', cut_at, 'size', size, 'root', encode(root, 'hex'))::text AS row \
                 FROM closing WHERE ledger_id = $1 AND cut_position >= $2 AND cut_position < $2 + $3 \
                 UNION ALL SELECT filed_position, jsonb_build_object('position', filed_position, 'number', number, 'size', size, 'root', encode(root, 'hex'), 'digest', encode(digest, 'hex'), 'state', state, 'body', body)::text \
                 FROM closing WHERE ledger_id = $1 AND filed_position >= $2 AND filed_position < $2 + $3 \
                 UNION ALL SELECT position, jsonb_build_object('position', position, 'number', number, 'digest', encode(digest, 'hex'), 'person', person, 'role', role, 'signed_at', signed_at)::text \
                 FROM closing_signature WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 \
                 UNION ALL SELECT position, jsonb_build_object('position', position, 'number', number, 'from_position', from_position, 'to_position', to_position, 'postings', postings, 'template', template, 'template_digest', encode(template_digest, 'hex'), 'name', name, 'media_type', media_type, 'lines', lines, 'sum_cents', sum_cents, 'first_day', first_day, 'last_day', last_day, 'digest', encode(digest, 'hex'), 'size', size, 'lines_digest', encode(lines_digest, 'hex'), 'person', person, 'created_at', created_at)::text \
                 FROM posting_file WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 \
                 UNION ALL SELECT position, jsonb_build_object('position', position, 'number', number, 'lines', lines, 'lines_digest', encode(lines_digest, 'hex'), 'person', person)::text \
                 FROM posting_withdrawal WHERE ledger_id = $1 AND position >= $2 AND position < $2 + $3 \
             ) AS closings ORDER BY position"
        }
        AuditQuery::Orders => {
            "SELECT jsonb_build_object('posten_id', posten_id, 'number', number, 'exception_id', exception_id, 'how', how, 'way', way, 'reference', reference, 'cents', cents)::text \
             FROM payout_order WHERE ledger_id = $1 ORDER BY number LIMIT $3 OFFSET $2"
        }
        AuditQuery::Balances => {
            "SELECT jsonb_build_object('posten_id', posten_id, 'account', account, 'debit_cents', debit_cents, 'credit_cents', credit_cents)::text \
             FROM balance WHERE ledger_id = $1 ORDER BY posten_id, account LIMIT $3 OFFSET $2"
        }
        AuditQuery::Attempts => {
            "SELECT jsonb_build_object('id', id, 'posten_id', posten_id, 'soll_cents', soll_cents, 'set_off_cents', set_off_cents, 'credited_cents', credited_cents, 'deposited_cents', deposited_cents, 'deposit_id', deposit_id, 'settled_cents', settled_cents, 'refunded_cents', refunded_cents, 'gone_cents', gone_cents)::text \
             FROM attempt WHERE ledger_id = $1 ORDER BY id LIMIT $3 OFFSET $2"
        }
    }
}
