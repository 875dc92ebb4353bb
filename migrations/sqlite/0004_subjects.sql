-- no-transaction
-- Bookings, open items and exceptions may be about what a bank told, and then about no attempt. SQLite changes a column
-- by making the table anew; foreign keys are off meanwhile, and may be switched only outside of a transaction. It may
-- run again after a crash.
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;

DROP TABLE IF EXISTS posten_made_anew;
CREATE TABLE posten_made_anew (
    id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    case_id TEXT,
    attempt_id TEXT,
    kind TEXT NOT NULL,
    haushaltsjahr INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    subject TEXT,
    UNIQUE (ledger_id, id),
    CHECK ((case_id IS NULL) = (attempt_id IS NULL) AND (attempt_id IS NOT NULL OR subject IS NOT NULL)),
    FOREIGN KEY (ledger_id, case_id, attempt_id) REFERENCES attempt (ledger_id, case_id, id)
) STRICT;
INSERT INTO posten_made_anew (id, ledger_id, case_id, attempt_id, kind, haushaltsjahr, opened_at)
SELECT id, ledger_id, case_id, attempt_id, kind, haushaltsjahr, opened_at FROM posten;
DROP TABLE posten;
ALTER TABLE posten_made_anew RENAME TO posten;
CREATE INDEX posten_by_attempt ON posten (attempt_id);
CREATE INDEX posten_by_subject ON posten (subject) WHERE subject IS NOT NULL;

DROP TABLE IF EXISTS booking_made_anew;
CREATE TABLE booking_made_anew (
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL REFERENCES booking_kind (kind),
    case_id TEXT,
    attempt_id TEXT,
    reverses INTEGER,
    subject TEXT,
    PRIMARY KEY (ledger_id, position),
    CHECK ((case_id IS NULL) = (attempt_id IS NULL) AND (attempt_id IS NOT NULL OR subject IS NOT NULL)),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position),
    UNIQUE (ledger_id, reverses)
) STRICT;
INSERT INTO booking_made_anew (ledger_id, position, kind, case_id, attempt_id, reverses)
SELECT ledger_id, position, kind, case_id, attempt_id, reverses FROM booking;
DROP TABLE booking;
ALTER TABLE booking_made_anew RENAME TO booking;
CREATE INDEX booking_by_case ON booking (ledger_id, case_id);
CREATE TRIGGER booking_no_update BEFORE UPDATE ON booking
BEGIN SELECT RAISE(ABORT, 'rows of booking are never updated or deleted'); END;
CREATE TRIGGER booking_no_delete BEFORE DELETE ON booking
BEGIN SELECT RAISE(ABORT, 'rows of booking are never updated or deleted'); END;

DROP TABLE IF EXISTS exception_made_anew;
CREATE TABLE exception_made_anew (
    id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    code TEXT NOT NULL REFERENCES exception_code (code),
    case_id TEXT,
    attempt_id TEXT,
    cents INTEGER,
    subject TEXT,
    UNIQUE (ledger_id, position),
    CHECK ((case_id IS NULL) = (attempt_id IS NULL) AND (attempt_id IS NOT NULL OR subject IS NOT NULL)),
    FOREIGN KEY (ledger_id, position) REFERENCES record (ledger_id, position),
    FOREIGN KEY (ledger_id, case_id, attempt_id) REFERENCES attempt (ledger_id, case_id, id)
) STRICT;
INSERT INTO exception_made_anew (id, ledger_id, position, code, case_id, attempt_id, cents)
SELECT id, ledger_id, position, code, case_id, attempt_id, cents FROM exception;
DROP TABLE exception;
ALTER TABLE exception_made_anew RENAME TO exception;
CREATE INDEX exception_by_case ON exception (case_id);
CREATE TRIGGER exception_no_update BEFORE UPDATE ON exception
BEGIN SELECT RAISE(ABORT, 'rows of exception are never updated or deleted'); END;
CREATE TRIGGER exception_no_delete BEFORE DELETE ON exception
BEGIN SELECT RAISE(ABORT, 'rows of exception are never updated or deleted'); END;

COMMIT;
PRAGMA foreign_keys = ON;
