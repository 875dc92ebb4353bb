-- Closings: the log is cut, then the sums over what lies before the cut are filed, then it is signed.

-- A closing: `cut`, or `filed` when `body` is there: the closing without signatures as JSON, over which `digest` is.
-- `cut_position` and `filed_position` are the places of the records.
CREATE TABLE closing (
    ledger_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    open_day TEXT NOT NULL,
    cut_position INTEGER NOT NULL,
    cut_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    state TEXT NOT NULL,
    filed_position INTEGER,
    digest BLOB,
    body TEXT,
    PRIMARY KEY (ledger_id, number),
    UNIQUE (ledger_id, cut_position),
    UNIQUE (ledger_id, filed_position),
    FOREIGN KEY (ledger_id, cut_position) REFERENCES record (ledger_id, position),
    FOREIGN KEY (ledger_id, filed_position) REFERENCES record (ledger_id, position)
) STRICT;

-- Who signed a closing; a projection of the records.
CREATE TABLE closing_signature (
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    number INTEGER NOT NULL,
    digest BLOB NOT NULL,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    signed_at INTEGER NOT NULL,
    PRIMARY KEY (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position),
    FOREIGN KEY (ledger_id, number) REFERENCES closing (ledger_id, number)
) STRICT;
CREATE INDEX closing_signature_by_number ON closing_signature (ledger_id, number);
CREATE TRIGGER closing_signature_no_update BEFORE UPDATE ON closing_signature
BEGIN SELECT RAISE(ABORT, 'rows of closing_signature are never updated or deleted'); END;
CREATE TRIGGER closing_signature_no_delete BEFORE DELETE ON closing_signature
BEGIN SELECT RAISE(ABORT, 'rows of closing_signature are never updated or deleted'); END;
-- What was filed stays as it was filed.
CREATE TRIGGER closing_no_update BEFORE UPDATE ON closing WHEN OLD.state = 'filed'
BEGIN SELECT RAISE(ABORT, 'a filed closing is never updated or deleted'); END;
CREATE TRIGGER closing_no_delete BEFORE DELETE ON closing WHEN OLD.state = 'filed'
BEGIN SELECT RAISE(ABORT, 'a filed closing is never updated or deleted'); END;

INSERT INTO record_kind (kind) VALUES
    ('closing_cut'),
    ('closing_filed'),
    ('closing_signed');
