-- The first tables. The same number and name exist for the other database; a test compares what results.
-- Times are milliseconds since 1970 (UTC), money is whole cents, ids are UUIDs as text.

-- Kinds of records.
CREATE TABLE record_kind (
    kind TEXT NOT NULL PRIMARY KEY
) STRICT;

-- Kinds of bookings.
CREATE TABLE booking_kind (
    kind TEXT NOT NULL PRIMARY KEY
) STRICT;

-- Codes of exceptions.
CREATE TABLE exception_code (
    code TEXT NOT NULL PRIMARY KEY
) STRICT;

-- Types of events.
CREATE TABLE event_type (
    type TEXT NOT NULL PRIMARY KEY
) STRICT;

-- One row a Change: after a lost COMMIT it is looked up, not repeated.
CREATE TABLE change_log (
    change_id TEXT NOT NULL PRIMARY KEY,
    committed_at INTEGER NOT NULL
) STRICT;

-- Keys that become true only once, and what they lead to.
CREATE TABLE once_key (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    subject TEXT NOT NULL,
    change_id TEXT NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT;

-- Kassen, authorities, routes, clients and targets: every version, closed by a further version.
CREATE TABLE tenant_object (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    ledger_id TEXT,
    body TEXT NOT NULL,
    closed INTEGER NOT NULL CHECK (closed IN (0, 1)),
    applied_at INTEGER NOT NULL,
    change_id TEXT NOT NULL,
    PRIMARY KEY (kind, id, version)
) STRICT;

-- Keyed hashes of issued secrets; the two newest of a client are valid.
CREATE TABLE client_secret (
    client_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    change_id TEXT NOT NULL,
    PRIMARY KEY (client_id, hash)
) STRICT;

-- The head of each ledger's log. Locked last, by ledger_id; no foreign key points here.
CREATE TABLE log_head (
    ledger_id TEXT NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    peaks BLOB NOT NULL,
    root BLOB NOT NULL,
    events INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    open_day TEXT
) STRICT;

-- The log: canonical bytes as they were hashed; the other columns are a projection of them.
CREATE TABLE record (
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL REFERENCES record_kind (kind),
    recorded_at INTEGER NOT NULL,
    buchungstag TEXT NOT NULL,
    change_id TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (ledger_id, position)
) STRICT;

-- The case: its revision guards everything below it.
CREATE TABLE cases (
    id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    authority_id TEXT NOT NULL,
    case_key TEXT NOT NULL,
    rev INTEGER NOT NULL,
    standing TEXT NOT NULL,
    status_seq INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (ledger_id, id)
) STRICT;

-- One request for money in one case.
CREATE TABLE payment (
    id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    originator_id TEXT NOT NULL,
    end_point_id TEXT NOT NULL,
    route_version INTEGER NOT NULL,
    client_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    total_cents INTEGER NOT NULL CHECK (total_cents > 0),
    due_day TEXT NOT NULL,
    answer TEXT NOT NULL,
    answered_at INTEGER,
    method TEXT,
    reference TEXT,
    refusal TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    token TEXT NOT NULL UNIQUE,
    fingerprint BLOB NOT NULL,
    personal_id TEXT NOT NULL,
    items TEXT NOT NULL,
    UNIQUE (ledger_id, case_id, id),
    FOREIGN KEY (ledger_id, case_id) REFERENCES cases (ledger_id, id)
) STRICT;

-- One try to open a payment at a provider.
CREATE TABLE attempt (
    id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    provider_id TEXT NOT NULL,
    mandant TEXT NOT NULL,
    bewirtschafter TEXT NOT NULL,
    nummer TEXT NOT NULL UNIQUE,
    token TEXT NOT NULL UNIQUE,
    replaces TEXT,
    posten_id TEXT NOT NULL,
    standing TEXT NOT NULL,
    standing_at INTEGER,
    sent INTEGER NOT NULL,
    kassenzeichen TEXT,
    paypage TEXT,
    heard TEXT NOT NULL,
    unproven INTEGER NOT NULL,
    soll_cents INTEGER NOT NULL,
    set_off_cents INTEGER NOT NULL,
    credited_cents INTEGER NOT NULL,
    deposited_cents INTEGER NOT NULL,
    deposit_id TEXT,
    UNIQUE (ledger_id, case_id, id),
    UNIQUE (payment_id, n),
    FOREIGN KEY (ledger_id, case_id, payment_id) REFERENCES payment (ledger_id, case_id, id)
) STRICT;

-- Open items.
CREATE TABLE posten (
    id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    attempt_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    haushaltsjahr INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    UNIQUE (ledger_id, id),
    FOREIGN KEY (ledger_id, case_id, attempt_id) REFERENCES attempt (ledger_id, case_id, id)
) STRICT;

-- Bookings; a projection of their records.
CREATE TABLE booking (
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL REFERENCES booking_kind (kind),
    case_id TEXT NOT NULL,
    attempt_id TEXT NOT NULL,
    reverses INTEGER,
    PRIMARY KEY (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position),
    UNIQUE (ledger_id, reverses)
) STRICT;

-- Lines: debit an credit, balanced by construction.
CREATE TABLE booking_line (
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    n INTEGER NOT NULL,
    debit_account TEXT NOT NULL,
    debit_posten TEXT NOT NULL,
    credit_account TEXT NOT NULL,
    credit_posten TEXT NOT NULL,
    cents INTEGER NOT NULL CHECK (cents > 0),
    haushaltsjahr INTEGER NOT NULL,
    haushaltsstelle TEXT,
    objektnummer TEXT,
    anordnung TEXT NOT NULL,
    PRIMARY KEY (ledger_id, position, n),
    FOREIGN KEY (ledger_id, position) REFERENCES booking (ledger_id, position),
    FOREIGN KEY (ledger_id, debit_posten) REFERENCES posten (ledger_id, id),
    FOREIGN KEY (ledger_id, credit_posten) REFERENCES posten (ledger_id, id)
) STRICT;

-- Sums per account and open item; a projection of the lines.
CREATE TABLE balance (
    ledger_id TEXT NOT NULL,
    posten_id TEXT NOT NULL,
    account TEXT NOT NULL,
    debit_cents INTEGER NOT NULL,
    credit_cents INTEGER NOT NULL,
    PRIMARY KEY (ledger_id, posten_id, account)
) STRICT;

-- Differences that a person resolves; a projection of their records.
CREATE TABLE exception (
    id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    code TEXT NOT NULL REFERENCES exception_code (code),
    case_id TEXT NOT NULL,
    attempt_id TEXT NOT NULL,
    cents INTEGER,
    UNIQUE (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position),
    FOREIGN KEY (ledger_id, case_id, attempt_id) REFERENCES attempt (ledger_id, case_id, id)
) STRICT;

-- What gateways are told; the body is in personal.
CREATE TABLE event (
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL REFERENCES event_type (type),
    case_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    status_seq INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    personal_id TEXT NOT NULL,
    PRIMARY KEY (ledger_id, position),
    UNIQUE (case_id, status_seq),
    FOREIGN KEY (ledger_id, case_id, payment_id) REFERENCES payment (ledger_id, case_id, id)
) STRICT;

-- The way of one event to one target, in order per case and target.
CREATE TABLE delivery (
    id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    event_id TEXT NOT NULL REFERENCES event (id),
    case_id TEXT NOT NULL,
    target_id TEXT NOT NULL,
    status_seq INTEGER NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    lease_no INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    tried_at INTEGER,
    why TEXT,
    UNIQUE (case_id, target_id, status_seq)
) STRICT;

-- Targets that answered 410 and get nothing more until their next version.
CREATE TABLE target_stop (
    target_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    stopped_at INTEGER NOT NULL,
    PRIMARY KEY (target_id, version)
) STRICT;

-- When an attempt is looked at next, and who does it now.
CREATE TABLE watch (
    attempt_id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    due_at INTEGER,
    tries INTEGER NOT NULL,
    lease_no INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT;

-- The wrapped key under which the personal data of a subject is encrypted; without it the data is gone.
CREATE TABLE personal_key (
    subject_id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    wrapped BLOB NOT NULL
) STRICT;

-- Personal data, encrypted. Nothing append-only points here.
CREATE TABLE personal (
    id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    class TEXT NOT NULL,
    sealed BLOB NOT NULL
) STRICT;

-- Callbacks that were not believed: capped, for operators. Ids begin with the time.
CREATE TABLE rejected_callback (
    id TEXT NOT NULL PRIMARY KEY,
    provider_id TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    why TEXT NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;

CREATE INDEX record_by_change ON record (change_id);
CREATE INDEX cases_by_ledger ON cases (ledger_id, created_at);
CREATE INDEX payment_by_case ON payment (case_id);
CREATE INDEX attempt_by_case ON attempt (case_id);
CREATE INDEX attempt_by_kassenzeichen ON attempt (kassenzeichen);
CREATE INDEX posten_by_attempt ON posten (attempt_id);
CREATE INDEX booking_by_case ON booking (ledger_id, case_id);
CREATE INDEX exception_by_case ON exception (case_id);
CREATE INDEX delivery_due ON delivery (due_at) WHERE state = 'pending';
CREATE INDEX watch_due ON watch (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX personal_by_subject ON personal (subject_id);
CREATE INDEX payment_open ON payment (expires_at) WHERE answer = 'INITIAL';
CREATE INDEX attempt_unclear ON attempt (id) WHERE standing IN ('calling', 'unclear');
CREATE INDEX delivery_dead ON delivery (target_id) WHERE state = 'dead';
CREATE INDEX client_secret_age ON client_secret (client_id, issued_at);

INSERT INTO record_kind (kind) VALUES
    ('booking'),
    ('exception'),
    ('callback'),
    ('configuration');

INSERT INTO booking_kind (kind) VALUES
    ('sollstellung'),
    ('absetzung'),
    ('zahlung'),
    ('teilzahlung'),
    ('ueberzahlung'),
    ('doppelzahlung'),
    ('spaete_zahlung'),
    ('ruecklastschrift'),
    ('storno');

INSERT INTO exception_code (code) VALUES
    ('ueberzahlung'),
    ('teilzahlung'),
    ('doppelzahlung'),
    ('spaete_zahlung'),
    ('ruecklastschrift'),
    ('inaktiv_ohne_nachweis'),
    ('erfolg_ohne_nachweis'),
    ('fremdes_kassenzeichen'),
    ('fremder_bewirtschafter'),
    ('beim_anbieter_unbekannt'),
    ('beim_anbieter_unklar'),
    ('kassenzeichen_nie_genannt'),
    ('verwaist');

INSERT INTO event_type (type) VALUES
    ('payment.paid.v1'),
    ('payment.failed.v1'),
    ('payment.canceled.v1'),
    ('payment.settled.v1'),
    ('payment.returned.v1'),
    ('payment.refunded.v1'),
    ('case.paid.v1'),
    ('case.reopened.v1');

-- The operator's own log: clients and secrets belong to no Kasse.
INSERT INTO log_head (ledger_id, size, peaks, root, events, recorded_at, open_day)
VALUES ('betrieb', 0, x'', x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 0, 0, NULL);

-- What is written stays written.
CREATE TRIGGER record_no_update BEFORE UPDATE ON record
BEGIN SELECT RAISE(ABORT, 'rows of record are never updated or deleted'); END;
CREATE TRIGGER record_no_delete BEFORE DELETE ON record
BEGIN SELECT RAISE(ABORT, 'rows of record are never updated or deleted'); END;
CREATE TRIGGER booking_no_update BEFORE UPDATE ON booking
BEGIN SELECT RAISE(ABORT, 'rows of booking are never updated or deleted'); END;
CREATE TRIGGER booking_no_delete BEFORE DELETE ON booking
BEGIN SELECT RAISE(ABORT, 'rows of booking are never updated or deleted'); END;
CREATE TRIGGER booking_line_no_update BEFORE UPDATE ON booking_line
BEGIN SELECT RAISE(ABORT, 'rows of booking_line are never updated or deleted'); END;
CREATE TRIGGER booking_line_no_delete BEFORE DELETE ON booking_line
BEGIN SELECT RAISE(ABORT, 'rows of booking_line are never updated or deleted'); END;
CREATE TRIGGER exception_no_update BEFORE UPDATE ON exception
BEGIN SELECT RAISE(ABORT, 'rows of exception are never updated or deleted'); END;
CREATE TRIGGER exception_no_delete BEFORE DELETE ON exception
BEGIN SELECT RAISE(ABORT, 'rows of exception are never updated or deleted'); END;
CREATE TRIGGER event_no_update BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'rows of event are never updated or deleted'); END;
CREATE TRIGGER event_no_delete BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'rows of event are never updated or deleted'); END;
CREATE TRIGGER tenant_object_no_update BEFORE UPDATE ON tenant_object
BEGIN SELECT RAISE(ABORT, 'rows of tenant_object are never updated or deleted'); END;
CREATE TRIGGER tenant_object_no_delete BEFORE DELETE ON tenant_object
BEGIN SELECT RAISE(ABORT, 'rows of tenant_object are never updated or deleted'); END;
CREATE TRIGGER client_secret_no_update BEFORE UPDATE ON client_secret
BEGIN SELECT RAISE(ABORT, 'rows of client_secret are never updated or deleted'); END;
CREATE TRIGGER client_secret_no_delete BEFORE DELETE ON client_secret
BEGIN SELECT RAISE(ABORT, 'rows of client_secret are never updated or deleted'); END;
CREATE TRIGGER change_log_no_update BEFORE UPDATE ON change_log
BEGIN SELECT RAISE(ABORT, 'rows of change_log are never updated or deleted'); END;
CREATE TRIGGER change_log_no_delete BEFORE DELETE ON change_log
BEGIN SELECT RAISE(ABORT, 'rows of change_log are never updated or deleted'); END;
