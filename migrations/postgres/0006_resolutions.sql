-- How persons resolve exceptions, and what is ordered to be paid back.

-- Of what had lain in a deposit, what was ordered to be paid back; a projection of the lines, as its neighbours.
ALTER TABLE attempt ADD COLUMN refunded_cents BIGINT NOT NULL DEFAULT 0;

-- Steps towards resolving exceptions; a projection of their records. An exception is open unless the newest step of it
-- is `done`; `undone` takes the steps before it back.
CREATE TABLE resolution (
    ledger_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    exception_id TEXT COLLATE "C" NOT NULL REFERENCES exception (id),
    how TEXT COLLATE "C" NOT NULL,
    plan TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position)
);
CREATE INDEX resolution_by_exception ON resolution (exception_id, position);
CREATE TRIGGER resolution_no_change BEFORE UPDATE OR DELETE ON resolution
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER resolution_no_truncate BEFORE TRUNCATE ON resolution
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO record_kind (kind) VALUES ('resolution');
INSERT INTO booking_kind (kind) VALUES ('erstattung');
