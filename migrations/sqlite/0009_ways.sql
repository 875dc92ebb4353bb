-- More ways to resolve exceptions: a deposit is divided, passed on or kept, a claim is paid elsewhere or written off,
-- income is corrected, and what is ordered to be paid out is numbered and followed until it has left.

-- Of what had lain in a deposit, what has left it for good; a projection of the lines, as its neighbours.
ALTER TABLE attempt ADD COLUMN gone_cents INTEGER NOT NULL DEFAULT 0;

-- Money that is ordered to be paid out, each under a number and a reference of its own. How much has not left yet is the
-- balance of its Posten.
CREATE TABLE payout_order (
    posten_id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    exception_id TEXT NOT NULL REFERENCES exception (id),
    how TEXT NOT NULL,
    way TEXT NOT NULL,
    reference TEXT NOT NULL,
    cents INTEGER NOT NULL,
    UNIQUE (ledger_id, number),
    UNIQUE (ledger_id, reference),
    FOREIGN KEY (ledger_id, posten_id) REFERENCES posten (ledger_id, id)
) STRICT;
CREATE INDEX payout_order_by_exception ON payout_order (exception_id);
CREATE TRIGGER payout_order_no_update BEFORE UPDATE ON payout_order
BEGIN SELECT RAISE(ABORT, 'rows of payout_order are never updated or deleted'); END;
CREATE TRIGGER payout_order_no_delete BEFORE DELETE ON payout_order
BEGIN SELECT RAISE(ABORT, 'rows of payout_order are never updated or deleted'); END;

INSERT INTO booking_kind (kind) VALUES
    ('umbuchung'),
    ('ausbuchung'),
    ('weiterleitung'),
    ('auskehrung');

INSERT INTO exception_code (code) VALUES
    ('teilbetrag'),
    ('klaerungsbedarf');
