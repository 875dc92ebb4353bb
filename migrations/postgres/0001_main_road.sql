-- The first tables. The same number and name exist for the other database; a test compares what results.
-- Times are milliseconds since 1970 (UTC), money is whole cents, ids are UUIDs as text.

-- Kinds of records.
CREATE TABLE record_kind (
    kind TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

-- Kinds of bookings.
CREATE TABLE booking_kind (
    kind TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

-- Codes of exceptions.
CREATE TABLE exception_code (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

-- Types of events.
CREATE TABLE event_type (
    type TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

-- One row a Change: after a lost COMMIT it is looked up, not repeated.
CREATE TABLE change_log (
    change_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    committed_at BIGINT NOT NULL
);

-- Keys that become true only once, and what they lead to.
CREATE TABLE once_key (
    scope TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    change_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (scope, key)
);

-- Kassen, authorities, routes, clients and targets: every version, closed by a further version.
CREATE TABLE tenant_object (
    kind TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    ledger_id TEXT COLLATE "C",
    body TEXT COLLATE "C" NOT NULL,
    closed BIGINT NOT NULL CHECK (closed IN (0, 1)),
    applied_at BIGINT NOT NULL,
    change_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, id, version)
);

-- Keyed hashes of issued secrets; the two newest of a client are valid.
CREATE TABLE client_secret (
    client_id TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    issued_at BIGINT NOT NULL,
    change_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (client_id, hash)
);

-- The head of each ledger's log. Locked last, by ledger_id; no foreign key points here.
CREATE TABLE log_head (
    ledger_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    peaks BYTEA NOT NULL,
    root BYTEA NOT NULL,
    events BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    open_day TEXT COLLATE "C"
);

-- The log: canonical bytes as they were hashed; the other columns are a projection of them.
CREATE TABLE record (
    ledger_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL REFERENCES record_kind (kind),
    recorded_at BIGINT NOT NULL,
    buchungstag TEXT COLLATE "C" NOT NULL,
    change_id TEXT COLLATE "C" NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (ledger_id, position)
);

-- The case: its revision guards everything below it.
CREATE TABLE cases (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    authority_id TEXT COLLATE "C" NOT NULL,
    case_key TEXT COLLATE "C" NOT NULL,
    rev BIGINT NOT NULL,
    standing TEXT COLLATE "C" NOT NULL,
    status_seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (ledger_id, id)
);

-- One request for money in one case.
CREATE TABLE payment (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    originator_id TEXT COLLATE "C" NOT NULL,
    end_point_id TEXT COLLATE "C" NOT NULL,
    route_version BIGINT NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    transaction_id TEXT COLLATE "C" NOT NULL,
    total_cents BIGINT NOT NULL CHECK (total_cents > 0),
    due_day TEXT COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    answered_at BIGINT,
    method TEXT COLLATE "C",
    reference TEXT COLLATE "C",
    refusal TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    token TEXT COLLATE "C" NOT NULL UNIQUE,
    fingerprint BYTEA NOT NULL,
    personal_id TEXT COLLATE "C" NOT NULL,
    items TEXT COLLATE "C" NOT NULL,
    UNIQUE (ledger_id, case_id, id),
    FOREIGN KEY (ledger_id, case_id) REFERENCES cases (ledger_id, id)
);

-- One try to open a payment at a provider.
CREATE TABLE attempt (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    payment_id TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    provider_id TEXT COLLATE "C" NOT NULL,
    mandant TEXT COLLATE "C" NOT NULL,
    bewirtschafter TEXT COLLATE "C" NOT NULL,
    nummer TEXT COLLATE "C" NOT NULL UNIQUE,
    token TEXT COLLATE "C" NOT NULL UNIQUE,
    replaces TEXT COLLATE "C",
    posten_id TEXT COLLATE "C" NOT NULL,
    standing TEXT COLLATE "C" NOT NULL,
    standing_at BIGINT,
    sent BIGINT NOT NULL,
    kassenzeichen TEXT COLLATE "C",
    paypage TEXT COLLATE "C",
    heard TEXT COLLATE "C" NOT NULL,
    unproven BIGINT NOT NULL,
    soll_cents BIGINT NOT NULL,
    set_off_cents BIGINT NOT NULL,
    credited_cents BIGINT NOT NULL,
    deposited_cents BIGINT NOT NULL,
    deposit_id TEXT COLLATE "C",
    UNIQUE (ledger_id, case_id, id),
    UNIQUE (payment_id, n),
    FOREIGN KEY (ledger_id, case_id, payment_id) REFERENCES payment (ledger_id, case_id, id)
);

-- Open items.
CREATE TABLE posten (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    attempt_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    haushaltsjahr BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    UNIQUE (ledger_id, id),
    FOREIGN KEY (ledger_id, case_id, attempt_id) REFERENCES attempt (ledger_id, case_id, id)
);

-- Bookings; a projection of their records.
CREATE TABLE booking (
    ledger_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL REFERENCES booking_kind (kind),
    case_id TEXT COLLATE "C" NOT NULL,
    attempt_id TEXT COLLATE "C" NOT NULL,
    reverses BIGINT,
    PRIMARY KEY (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position),
    UNIQUE (ledger_id, reverses)
);

-- Lines: debit an credit, balanced by construction.
CREATE TABLE booking_line (
    ledger_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    n BIGINT NOT NULL,
    debit_account TEXT COLLATE "C" NOT NULL,
    debit_posten TEXT COLLATE "C" NOT NULL,
    credit_account TEXT COLLATE "C" NOT NULL,
    credit_posten TEXT COLLATE "C" NOT NULL,
    cents BIGINT NOT NULL CHECK (cents > 0),
    haushaltsjahr BIGINT NOT NULL,
    haushaltsstelle TEXT COLLATE "C",
    objektnummer TEXT COLLATE "C",
    anordnung TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger_id, position, n),
    FOREIGN KEY (ledger_id, position) REFERENCES booking (ledger_id, position),
    FOREIGN KEY (ledger_id, debit_posten) REFERENCES posten (ledger_id, id),
    FOREIGN KEY (ledger_id, credit_posten) REFERENCES posten (ledger_id, id)
);

-- Sums per account and open item; a projection of the lines.
CREATE TABLE balance (
    ledger_id TEXT COLLATE "C" NOT NULL,
    posten_id TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    debit_cents BIGINT NOT NULL,
    credit_cents BIGINT NOT NULL,
    PRIMARY KEY (ledger_id, posten_id, account)
);

-- Differences that a person resolves; a projection of their records.
CREATE TABLE exception (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL REFERENCES exception_code (code),
    case_id TEXT COLLATE "C" NOT NULL,
    attempt_id TEXT COLLATE "C" NOT NULL,
    cents BIGINT,
    UNIQUE (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position),
    FOREIGN KEY (ledger_id, case_id, attempt_id) REFERENCES attempt (ledger_id, case_id, id)
);

-- What gateways are told; the body is in personal.
CREATE TABLE event (
    ledger_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    type TEXT COLLATE "C" NOT NULL REFERENCES event_type (type),
    case_id TEXT COLLATE "C" NOT NULL,
    payment_id TEXT COLLATE "C" NOT NULL,
    status_seq BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    personal_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger_id, position),
    UNIQUE (case_id, status_seq),
    FOREIGN KEY (ledger_id, case_id, payment_id) REFERENCES payment (ledger_id, case_id, id)
);

-- The way of one event to one target, in order per case and target.
CREATE TABLE delivery (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    event_id TEXT COLLATE "C" NOT NULL REFERENCES event (id),
    case_id TEXT COLLATE "C" NOT NULL,
    target_id TEXT COLLATE "C" NOT NULL,
    status_seq BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    tries BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    lease_no BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    tried_at BIGINT,
    why TEXT COLLATE "C",
    UNIQUE (case_id, target_id, status_seq)
);

-- Targets that answered 410 and get nothing more until their next version.
CREATE TABLE target_stop (
    target_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    stopped_at BIGINT NOT NULL,
    PRIMARY KEY (target_id, version)
);

-- When an attempt is looked at next, and who does it now.
CREATE TABLE watch (
    attempt_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    due_at BIGINT,
    tries BIGINT NOT NULL,
    lease_no BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);

-- The wrapped key under which the personal data of a subject is encrypted; without it the data is gone.
CREATE TABLE personal_key (
    subject_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    wrapped BYTEA NOT NULL
);

-- Personal data, encrypted. Nothing append-only points here.
CREATE TABLE personal (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    subject_id TEXT COLLATE "C" NOT NULL,
    class TEXT COLLATE "C" NOT NULL,
    sealed BYTEA NOT NULL
);

-- Callbacks that were not believed: capped, for operators. Ids begin with the time.
CREATE TABLE rejected_callback (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    provider_id TEXT COLLATE "C" NOT NULL,
    received_at BIGINT NOT NULL,
    why TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL
);

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
VALUES ('betrieb', 0, '\x', '\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 0, 0, NULL);

-- What is written stays written.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never updated or deleted', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER record_no_change BEFORE UPDATE OR DELETE ON record
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER record_no_truncate BEFORE TRUNCATE ON record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER booking_no_change BEFORE UPDATE OR DELETE ON booking
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER booking_no_truncate BEFORE TRUNCATE ON booking
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER booking_line_no_change BEFORE UPDATE OR DELETE ON booking_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER booking_line_no_truncate BEFORE TRUNCATE ON booking_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exception_no_change BEFORE UPDATE OR DELETE ON exception
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exception_no_truncate BEFORE TRUNCATE ON exception
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_no_change BEFORE UPDATE OR DELETE ON event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_no_truncate BEFORE TRUNCATE ON event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tenant_object_no_change BEFORE UPDATE OR DELETE ON tenant_object
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tenant_object_no_truncate BEFORE TRUNCATE ON tenant_object
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER client_secret_no_change BEFORE UPDATE OR DELETE ON client_secret
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER client_secret_no_truncate BEFORE TRUNCATE ON client_secret
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER change_log_no_change BEFORE UPDATE OR DELETE ON change_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER change_log_no_truncate BEFORE TRUNCATE ON change_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
