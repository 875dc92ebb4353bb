-- Statements of accounts: read in pieces into staging, which nobody counts on, and filed by one Change. Their payments
-- are claimed one by one.

-- Of what was paid, what a statement has shown on our account; a projection of the lines, as its neighbours.
ALTER TABLE attempt ADD COLUMN settled_cents BIGINT NOT NULL DEFAULT 0;
-- Whether what was told and what statements have shown differ, on any account.
ALTER TABLE attempt ADD COLUMN unsettled BIGINT NOT NULL DEFAULT 0;
UPDATE attempt SET unsettled = 1 WHERE credited_cents + deposited_cents <> 0;

-- How often what has no revision of its own was changed, by its name: an account, a deposit.
CREATE TABLE row_rev (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    rev BIGINT NOT NULL
);

-- A statement: `staging`, `preview` or `filed`. `head_key` tells the same one again while it is read, `digest` afterwards.
CREATE TABLE statement (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    format TEXT COLLATE "C" NOT NULL,
    bank_id TEXT COLLATE "C" NOT NULL,
    number BIGINT,
    page BIGINT,
    head_key BYTEA NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    staged_at BIGINT NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    first_day TEXT COLLATE "C",
    last_day TEXT COLLATE "C",
    opening_cents BIGINT,
    closing_cents BIGINT,
    entries BIGINT NOT NULL,
    digest BYTEA,
    header TEXT COLLATE "C",
    guards TEXT COLLATE "C",
    position BIGINT,
    UNIQUE (ledger_id, position)
);
CREATE UNIQUE INDEX statement_staging ON statement (ledger_id, head_key) WHERE state = 'staging';
CREATE UNIQUE INDEX statement_known ON statement (ledger_id, digest) WHERE state = 'filed';
CREATE INDEX statement_by_account ON statement (ledger_id, account, last_day);

-- A booked line of it. `occurrence` numbers lines that are alike on the account; `fresh` is 0 where an earlier
-- statement has the same line.
CREATE TABLE statement_entry (
    statement_id TEXT COLLATE "C" NOT NULL REFERENCES statement (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    cents BIGINT NOT NULL,
    booked_on TEXT COLLATE "C" NOT NULL,
    valued_on TEXT COLLATE "C",
    fingerprint BYTEA NOT NULL,
    occurrence BIGINT NOT NULL,
    fresh BIGINT NOT NULL CHECK (fresh IN (0, 1)),
    PRIMARY KEY (statement_id, n)
);
CREATE INDEX statement_entry_alike ON statement_entry (fingerprint, occurrence);

-- A payment inside a line. What the bank wrote of it is personal. `matched` is the place of the record that claims it.
CREATE TABLE statement_detail (
    statement_id TEXT COLLATE "C" NOT NULL,
    entry BIGINT NOT NULL,
    n BIGINT NOT NULL,
    cents BIGINT NOT NULL,
    personal_id TEXT COLLATE "C" NOT NULL,
    matched BIGINT,
    PRIMARY KEY (statement_id, entry, n),
    FOREIGN KEY (statement_id, entry) REFERENCES statement_entry (statement_id, n) ON DELETE CASCADE
);
CREATE INDEX statement_detail_open ON statement_detail (statement_id, entry, n) WHERE matched IS NULL;

-- Claims of payments on statements; a projection of their records.
CREATE TABLE bank_match (
    ledger_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    statement_id TEXT COLLATE "C" NOT NULL,
    entry BIGINT NOT NULL,
    detail BIGINT NOT NULL,
    case_id TEXT COLLATE "C",
    attempt_id TEXT COLLATE "C",
    subject TEXT COLLATE "C",
    rule TEXT COLLATE "C" NOT NULL,
    evidence TEXT COLLATE "C" NOT NULL,
    cents BIGINT NOT NULL,
    PRIMARY KEY (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position)
);
CREATE INDEX bank_match_by_detail ON bank_match (statement_id, entry, detail);
CREATE INDEX bank_match_by_case ON bank_match (case_id) WHERE case_id IS NOT NULL;
CREATE TRIGGER bank_match_no_change BEFORE UPDATE OR DELETE ON bank_match
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_match_no_truncate BEFORE TRUNCATE ON bank_match
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What statements may show: what was told, what is waited for, and what may go back.
CREATE INDEX attempt_expected ON attempt (ledger_id, id)
    WHERE unsettled = 1 OR transfer IS NOT NULL OR settled_cents <> 0;

INSERT INTO record_kind (kind) VALUES
    ('statement'),
    ('match');

INSERT INTO booking_kind (kind) VALUES
    ('gutschrift'),
    ('rueckgabe'),
    ('klaerung'),
    ('vorschuss'),
    ('zuordnung');

INSERT INTO exception_code (code) VALUES
    ('unbekannter_zahlungseingang'),
    ('unbekannte_abbuchung'),
    ('betrag_weicht_ab'),
    ('mehrdeutig'),
    ('anderes_konto'),
    ('rueckgabe_unklar'),
    ('gegenbewegung');
