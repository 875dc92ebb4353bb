-- More ways to resolve exceptions: a deposit is divided, passed on or kept, a claim is paid elsewhere or written off,
-- income is corrected, and what is ordered to be paid out is numbered and followed until it has left.

-- Of what had lain in a deposit, what has left it for good; a projection of the lines, as its neighbours.
ALTER TABLE attempt ADD COLUMN gone_cents BIGINT NOT NULL DEFAULT 0;

-- Money that is ordered to be paid out, each under a number and a reference of its own. How much has not left yet is the
-- balance of its Posten.
CREATE TABLE payout_order (
    posten_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    exception_id TEXT COLLATE "C" NOT NULL REFERENCES exception (id),
    how TEXT COLLATE "C" NOT NULL,
    way TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    cents BIGINT NOT NULL,
    UNIQUE (ledger_id, number),
    UNIQUE (ledger_id, reference),
    FOREIGN KEY (ledger_id, posten_id) REFERENCES posten (ledger_id, id)
);
CREATE INDEX payout_order_by_exception ON payout_order (exception_id);
CREATE TRIGGER payout_order_no_change BEFORE UPDATE OR DELETE ON payout_order
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payout_order_no_truncate BEFORE TRUNCATE ON payout_order
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO booking_kind (kind) VALUES
    ('umbuchung'),
    ('ausbuchung'),
    ('weiterleitung'),
    ('auskehrung');

INSERT INTO exception_code (code) VALUES
    ('teilbetrag'),
    ('klaerungsbedarf');
