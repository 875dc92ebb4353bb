-- Files of bookings for the cash system: each line of a booking counts in one of them.

-- A file as it was sent; a projection of its record, with its bytes.
CREATE TABLE posting_file (
    ledger_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    from_position INTEGER NOT NULL,
    to_position INTEGER NOT NULL,
    postings TEXT NOT NULL,
    template TEXT NOT NULL,
    template_digest BLOB NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    lines INTEGER NOT NULL,
    sum_cents INTEGER NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    digest BLOB NOT NULL,
    size INTEGER NOT NULL,
    lines_digest BLOB NOT NULL,
    person TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (ledger_id, number),
    UNIQUE (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position)
) STRICT;

-- Which line of which booking is in which file; `line` counts from 1.
CREATE TABLE posting_line (
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (ledger_id, position, line, number),
    FOREIGN KEY (ledger_id, number) REFERENCES posting_file (ledger_id, number)
) STRICT;
CREATE INDEX posting_line_by_file ON posting_line (ledger_id, number, position, line);

-- That lines of a file count no longer; a projection of its record.
CREATE TABLE posting_withdrawal (
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    number INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    lines_digest BLOB NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position),
    FOREIGN KEY (ledger_id, number) REFERENCES posting_file (ledger_id, number)
) STRICT;

-- Which lines; `withdrawal` is the place of the record. A line is withdrawn from a file once.
CREATE TABLE posting_withdrawn (
    ledger_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    withdrawal INTEGER NOT NULL,
    PRIMARY KEY (ledger_id, number, position, line),
    FOREIGN KEY (ledger_id, position, line, number) REFERENCES posting_line (ledger_id, position, line, number),
    FOREIGN KEY (ledger_id, withdrawal) REFERENCES posting_withdrawal (ledger_id, position)
) STRICT;
CREATE INDEX posting_withdrawn_by_withdrawal ON posting_withdrawn (ledger_id, withdrawal);

CREATE TRIGGER posting_file_no_update BEFORE UPDATE ON posting_file
BEGIN SELECT RAISE(ABORT, 'rows of posting_file are never updated or deleted'); END;
CREATE TRIGGER posting_file_no_delete BEFORE DELETE ON posting_file
BEGIN SELECT RAISE(ABORT, 'rows of posting_file are never updated or deleted'); END;
CREATE TRIGGER posting_line_no_update BEFORE UPDATE ON posting_line
BEGIN SELECT RAISE(ABORT, 'rows of posting_line are never updated or deleted'); END;
CREATE TRIGGER posting_line_no_delete BEFORE DELETE ON posting_line
BEGIN SELECT RAISE(ABORT, 'rows of posting_line are never updated or deleted'); END;
CREATE TRIGGER posting_withdrawal_no_update BEFORE UPDATE ON posting_withdrawal
BEGIN SELECT RAISE(ABORT, 'rows of posting_withdrawal are never updated or deleted'); END;
CREATE TRIGGER posting_withdrawal_no_delete BEFORE DELETE ON posting_withdrawal
BEGIN SELECT RAISE(ABORT, 'rows of posting_withdrawal are never updated or deleted'); END;
CREATE TRIGGER posting_withdrawn_no_update BEFORE UPDATE ON posting_withdrawn
BEGIN SELECT RAISE(ABORT, 'rows of posting_withdrawn are never updated or deleted'); END;
CREATE TRIGGER posting_withdrawn_no_delete BEFORE DELETE ON posting_withdrawn
BEGIN SELECT RAISE(ABORT, 'rows of posting_withdrawn are never updated or deleted'); END;

-- What a Kasse said of itself, in the order of its log.
CREATE INDEX record_of_configuration ON record (ledger_id, position) WHERE kind = 'configuration';
-- Cases by when they were opened, for statistics.
CREATE INDEX cases_by_opening ON cases (ledger_id, created_at, id);

INSERT INTO record_kind (kind) VALUES
    ('posting_file'),
    ('posting_withdrawn');
