-- Statements of accounts: read in pieces into staging, which nobody counts on, and filed by one Change. Their payments
-- are claimed one by one.

-- Of what was paid, what a statement has shown on our account; a projection of the lines, as its neighbours.
ALTER TABLE attempt ADD COLUMN settled_cents INTEGER NOT NULL DEFAULT 0;
-- Whether what was told and what statements have shown differ, on any account.
ALTER TABLE attempt ADD COLUMN unsettled INTEGER NOT NULL DEFAULT 0;
UPDATE attempt SET unsettled = 1 WHERE credited_cents + deposited_cents <> 0;

-- How often what has no revision of its own was changed, by its name: an account, a deposit.
CREATE TABLE row_rev (
    name TEXT NOT NULL PRIMARY KEY,
    rev INTEGER NOT NULL
) STRICT;

-- A statement: `staging`, `preview` or `filed`. `head_key` tells the same one again while it is read, `digest` afterwards.
CREATE TABLE statement (
    id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    account TEXT NOT NULL,
    format TEXT NOT NULL,
    bank_id TEXT NOT NULL,
    number INTEGER,
    page INTEGER,
    head_key BLOB NOT NULL,
    state TEXT NOT NULL,
    staged_at INTEGER NOT NULL,
    file TEXT NOT NULL,
    first_day TEXT,
    last_day TEXT,
    opening_cents INTEGER,
    closing_cents INTEGER,
    entries INTEGER NOT NULL,
    digest BLOB,
    header TEXT,
    guards TEXT,
    position INTEGER,
    UNIQUE (ledger_id, position)
) STRICT;
CREATE UNIQUE INDEX statement_staging ON statement (ledger_id, head_key) WHERE state = 'staging';
CREATE UNIQUE INDEX statement_known ON statement (ledger_id, digest) WHERE state = 'filed';
CREATE INDEX statement_by_account ON statement (ledger_id, account, last_day);

-- A booked line of it. `occurrence` numbers lines that are alike on the account; `fresh` is 0 where an earlier
-- statement has the same line.
CREATE TABLE statement_entry (
    statement_id TEXT NOT NULL REFERENCES statement (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    cents INTEGER NOT NULL,
    booked_on TEXT NOT NULL,
    valued_on TEXT,
    fingerprint BLOB NOT NULL,
    occurrence INTEGER NOT NULL,
    fresh INTEGER NOT NULL CHECK (fresh IN (0, 1)),
    PRIMARY KEY (statement_id, n)
) STRICT;
CREATE INDEX statement_entry_alike ON statement_entry (fingerprint, occurrence);

-- A payment inside a line. What the bank wrote of it is personal. `matched` is the place of the record that claims it.
CREATE TABLE statement_detail (
    statement_id TEXT NOT NULL,
    entry INTEGER NOT NULL,
    n INTEGER NOT NULL,
    cents INTEGER NOT NULL,
    personal_id TEXT NOT NULL,
    matched INTEGER,
    PRIMARY KEY (statement_id, entry, n),
    FOREIGN KEY (statement_id, entry) REFERENCES statement_entry (statement_id, n) ON DELETE CASCADE
) STRICT;
CREATE INDEX statement_detail_open ON statement_detail (statement_id, entry, n) WHERE matched IS NULL;

-- Claims of payments on statements; a projection of their records.
CREATE TABLE bank_match (
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    statement_id TEXT NOT NULL,
    entry INTEGER NOT NULL,
    detail INTEGER NOT NULL,
    case_id TEXT,
    attempt_id TEXT,
    subject TEXT,
    rule TEXT NOT NULL,
    evidence TEXT NOT NULL,
    cents INTEGER NOT NULL,
    PRIMARY KEY (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position)
) STRICT;
CREATE INDEX bank_match_by_detail ON bank_match (statement_id, entry, detail);
CREATE INDEX bank_match_by_case ON bank_match (case_id) WHERE case_id IS NOT NULL;
CREATE TRIGGER bank_match_no_update BEFORE UPDATE ON bank_match
BEGIN SELECT RAISE(ABORT, 'rows of bank_match are never updated or deleted'); END;
CREATE TRIGGER bank_match_no_delete BEFORE DELETE ON bank_match
BEGIN SELECT RAISE(ABORT, 'rows of bank_match are never updated or deleted'); END;

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
