-- Files of bookings for the cash system: each line of a booking counts in one of them.

-- A file as it was sent; a projection of its record, with its bytes.
CREATE TABLE posting_file (
    ledger_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    position BIGINT NOT NULL,
    from_position BIGINT NOT NULL,
    to_position BIGINT NOT NULL,
    postings TEXT COLLATE "C" NOT NULL,
    template TEXT COLLATE "C" NOT NULL,
    template_digest BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    media_type TEXT COLLATE "C" NOT NULL,
    lines BIGINT NOT NULL,
    sum_cents BIGINT NOT NULL,
    first_day TEXT COLLATE "C" NOT NULL,
    last_day TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    size BIGINT NOT NULL,
    lines_digest BYTEA NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (ledger_id, number),
    UNIQUE (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position)
);

-- Which line of which booking is in which file; `line` counts from 1.
CREATE TABLE posting_line (
    ledger_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    line BIGINT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (ledger_id, position, line, number),
    FOREIGN KEY (ledger_id, number) REFERENCES posting_file (ledger_id, number)
);
CREATE INDEX posting_line_by_file ON posting_line (ledger_id, number, position, line);

-- That lines of a file count no longer; a projection of its record.
CREATE TABLE posting_withdrawal (
    ledger_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    number BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    lines_digest BYTEA NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position),
    FOREIGN KEY (ledger_id, number) REFERENCES posting_file (ledger_id, number)
);

-- Which lines; `withdrawal` is the place of the record. A line is withdrawn from a file once.
CREATE TABLE posting_withdrawn (
    ledger_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    position BIGINT NOT NULL,
    line BIGINT NOT NULL,
    withdrawal BIGINT NOT NULL,
    PRIMARY KEY (ledger_id, number, position, line),
    FOREIGN KEY (ledger_id, position, line, number) REFERENCES posting_line (ledger_id, position, line, number),
    FOREIGN KEY (ledger_id, withdrawal) REFERENCES posting_withdrawal (ledger_id, position)
);
CREATE INDEX posting_withdrawn_by_withdrawal ON posting_withdrawn (ledger_id, withdrawal);

CREATE TRIGGER posting_file_no_change BEFORE UPDATE OR DELETE ON posting_file
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_file_no_truncate BEFORE TRUNCATE ON posting_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_line_no_change BEFORE UPDATE OR DELETE ON posting_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_line_no_truncate BEFORE TRUNCATE ON posting_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_withdrawal_no_change BEFORE UPDATE OR DELETE ON posting_withdrawal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_withdrawal_no_truncate BEFORE TRUNCATE ON posting_withdrawal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_withdrawn_no_change BEFORE UPDATE OR DELETE ON posting_withdrawn
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_withdrawn_no_truncate BEFORE TRUNCATE ON posting_withdrawn
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a Kasse said of itself, in the order of its log.
CREATE INDEX record_of_configuration ON record (ledger_id, position) WHERE kind = 'configuration';
-- Cases by when they were opened, for statistics.
CREATE INDEX cases_by_opening ON cases (ledger_id, created_at, id);

INSERT INTO record_kind (kind) VALUES
    ('posting_file'),
    ('posting_withdrawn');
