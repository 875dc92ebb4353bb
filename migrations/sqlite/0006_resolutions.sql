-- How persons resolve exceptions, and what is ordered to be paid back.

-- Of what had lain in a deposit, what was ordered to be paid back; a projection of the lines, as its neighbours.
ALTER TABLE attempt ADD COLUMN refunded_cents INTEGER NOT NULL DEFAULT 0;

-- Steps towards resolving exceptions; a projection of their records. An exception is open unless the newest step of it
-- is `done`; `undone` takes the steps before it back.
CREATE TABLE resolution (
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    exception_id TEXT NOT NULL REFERENCES exception (id),
    how TEXT NOT NULL,
    plan TEXT NOT NULL,
    role TEXT NOT NULL,
    person TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (ledger_id, position),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position)
) STRICT;
CREATE INDEX resolution_by_exception ON resolution (exception_id, position);
CREATE TRIGGER resolution_no_update BEFORE UPDATE ON resolution
BEGIN SELECT RAISE(ABORT, 'rows of resolution are never updated or deleted'); END;
CREATE TRIGGER resolution_no_delete BEFORE DELETE ON resolution
BEGIN SELECT RAISE(ABORT, 'rows of resolution are never updated or deleted'); END;

INSERT INTO record_kind (kind) VALUES ('resolution');
INSERT INTO booking_kind (kind) VALUES ('erstattung');
