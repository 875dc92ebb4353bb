-- Closings: the log is cut, then the sums over what lies before the cut are filed, then it is signed.

-- A closing: `cut`, or `filed` when `body` is there: the closing without signatures as JSON, over which `digest` is.
-- `cut_position` and `filed_position` are the places of the records.
CREATE TABLE closing (
    ledger_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    from_day TEXT COLLATE "C" NOT NULL,
    to_day TEXT COLLATE "C" NOT NULL,
    open_day TEXT COLLATE "C" NOT NULL,
    cut_position BIGINT NOT NULL,
    cut_at BIGINT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    filed_position BIGINT,
    digest BYTEA,
    body TEXT COLLATE "C",
    PRIMARY KEY (ledger_id, number),
    UNIQUE (ledger_id, cut_position),
    UNIQUE (ledger_id, filed_position),
    FOREIGN KEY (ledger_id, cut_position) REFERENCES record (ledger_id, position),
    FOREIGN KEY (ledger_id, filed_position) REFERENCES record (ledger_id, position)
);

-- Who signed a closing; a projection of the records.
CREATE TABLE closing_signature (
    ledger_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    number BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    signed_at BIGINT NOT NULL,
    PRIMARY KEY (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position),
    FOREIGN KEY (ledger_id, number) REFERENCES closing (ledger_id, number)
);
CREATE INDEX closing_signature_by_number ON closing_signature (ledger_id, number);
CREATE TRIGGER closing_signature_no_change BEFORE UPDATE OR DELETE ON closing_signature
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closing_signature_no_truncate BEFORE TRUNCATE ON closing_signature
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- What was filed stays as it was filed.
CREATE TRIGGER closing_no_update BEFORE UPDATE ON closing
    FOR EACH ROW WHEN (OLD.state = 'filed') EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closing_no_delete BEFORE DELETE ON closing
    FOR EACH ROW WHEN (OLD.state = 'filed') EXECUTE FUNCTION refuse_change();

INSERT INTO record_kind (kind) VALUES
    ('closing_cut'),
    ('closing_filed'),
    ('closing_signed');
