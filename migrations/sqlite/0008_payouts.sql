-- Payouts of payment providers: their lists are read into staging, which nobody counts on, and filed by one Change each.

-- A list of a payout: `staging` or `filed`. The newest revision counts. A projection of its record; `done` is 1 when
-- every line of it is booked, and only saves looking.
CREATE TABLE settlement_list (
    id TEXT NOT NULL PRIMARY KEY,
    ledger_id TEXT NOT NULL,
    payout_id TEXT NOT NULL,
    posten_id TEXT NOT NULL,
    source TEXT NOT NULL,
    reference TEXT NOT NULL,
    revision INTEGER NOT NULL,
    supersedes TEXT,
    state TEXT NOT NULL,
    staged_at INTEGER NOT NULL,
    file TEXT NOT NULL,
    line_count INTEGER NOT NULL,
    payments INTEGER NOT NULL,
    gross_cents INTEGER NOT NULL,
    fee_cents INTEGER,
    fee_lines_cents INTEGER NOT NULL,
    others_count INTEGER NOT NULL,
    others_payments INTEGER NOT NULL,
    others_gross_cents INTEGER NOT NULL,
    others_fee_cents INTEGER,
    others_fee_lines_cents INTEGER NOT NULL,
    digest BLOB NOT NULL,
    position INTEGER,
    done INTEGER NOT NULL,
    UNIQUE (ledger_id, position)
) STRICT;
CREATE UNIQUE INDEX settlement_list_known ON settlement_list (ledger_id, source, reference, revision)
    WHERE state = 'filed';
CREATE INDEX settlement_list_by_payout ON settlement_list (ledger_id, payout_id, revision);

-- A line of it, where no earlier revision has the same.
CREATE TABLE list_line (
    list_id TEXT NOT NULL REFERENCES settlement_list (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    owner TEXT,
    kind TEXT NOT NULL,
    reference TEXT,
    transaction_id TEXT,
    gross_cents INTEGER NOT NULL,
    fee_cents INTEGER,
    net_cents INTEGER,
    day TEXT,
    method TEXT,
    PRIMARY KEY (list_id, n)
) STRICT;

-- Lines of earlier revisions that a list no longer has.
CREATE TABLE list_line_gone (
    list_id TEXT NOT NULL REFERENCES settlement_list (id) ON DELETE CASCADE,
    gone_list_id TEXT NOT NULL,
    gone_n INTEGER NOT NULL,
    PRIMARY KEY (list_id, gone_list_id, gone_n)
) STRICT;
CREATE INDEX list_line_gone_by_line ON list_line_gone (gone_list_id, gone_n);

-- What is booked on a payout, and which payment on a statement it is.
CREATE INDEX booking_by_subject ON booking (ledger_id, subject) WHERE subject IS NOT NULL;
CREATE INDEX bank_match_by_subject ON bank_match (ledger_id, subject) WHERE subject IS NOT NULL;


INSERT INTO record_kind (kind) VALUES ('list');

INSERT INTO booking_kind (kind) VALUES
    ('auszahlung'),
    ('disagio'),
    ('ruecknahme');

INSERT INTO exception_code (code) VALUES
    ('gebuehr_ungeklaert'),
    ('liste_geht_nicht_auf'),
    ('anderes_system'),
    ('listenzeile_ungeklaert');
