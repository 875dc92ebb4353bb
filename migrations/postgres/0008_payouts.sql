-- Payouts of payment providers: their lists are read into staging, which nobody counts on, and filed by one Change each.

-- A list of a payout: `staging` or `filed`. The newest revision counts. A projection of its record; `done` is 1 when
-- every line of it is booked, and only saves looking.
CREATE TABLE settlement_list (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    ledger_id TEXT COLLATE "C" NOT NULL,
    payout_id TEXT COLLATE "C" NOT NULL,
    posten_id TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    supersedes TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    staged_at BIGINT NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    line_count BIGINT NOT NULL,
    payments BIGINT NOT NULL,
    gross_cents BIGINT NOT NULL,
    fee_cents BIGINT,
    fee_lines_cents BIGINT NOT NULL,
    others_count BIGINT NOT NULL,
    others_payments BIGINT NOT NULL,
    others_gross_cents BIGINT NOT NULL,
    others_fee_cents BIGINT,
    others_fee_lines_cents BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    position BIGINT,
    done BIGINT NOT NULL,
    UNIQUE (ledger_id, position)
);
CREATE UNIQUE INDEX settlement_list_known ON settlement_list (ledger_id, source, reference, revision)
    WHERE state = 'filed';
CREATE INDEX settlement_list_by_payout ON settlement_list (ledger_id, payout_id, revision);

-- A line of it, where no earlier revision has the same.
CREATE TABLE list_line (
    list_id TEXT COLLATE "C" NOT NULL REFERENCES settlement_list (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    owner TEXT COLLATE "C",
    kind TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C",
    transaction_id TEXT COLLATE "C",
    gross_cents BIGINT NOT NULL,
    fee_cents BIGINT,
    net_cents BIGINT,
    day TEXT COLLATE "C",
    method TEXT COLLATE "C",
    PRIMARY KEY (list_id, n)
);

-- Lines of earlier revisions that a list no longer has.
CREATE TABLE list_line_gone (
    list_id TEXT COLLATE "C" NOT NULL REFERENCES settlement_list (id) ON DELETE CASCADE,
    gone_list_id TEXT COLLATE "C" NOT NULL,
    gone_n BIGINT NOT NULL,
    PRIMARY KEY (list_id, gone_list_id, gone_n)
);
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
