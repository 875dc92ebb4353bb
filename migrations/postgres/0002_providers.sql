-- More kinds of providers: another name to ask by, transfers, their references for support, Kassenzeichen of our own.

-- The id under which the provider is asked, where that is not the Kassenzeichen.
ALTER TABLE attempt ADD COLUMN remote_id TEXT COLLATE "C";
-- The account to transfer to, as JSON, where there is no page.
ALTER TABLE attempt ADD COLUMN transfer TEXT COLLATE "C";

INSERT INTO exception_code (code) VALUES
    ('fremder_kunde'),
    ('beim_anbieter_storniert'),
    ('wort_zurueckgenommen');

-- Calls that a provider answered with an id of its own (EPaymentId): what its support asks for.
CREATE TABLE provider_call (
    attempt_id TEXT COLLATE "C" NOT NULL REFERENCES attempt (id),
    at BIGINT NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C",
    reference TEXT COLLATE "C" NOT NULL
);
CREATE INDEX provider_call_by_attempt ON provider_call (attempt_id, at);
CREATE INDEX provider_call_by_reference ON provider_call (reference);

-- How far our own Kassenzeichen have been used. Only saves looking: once_key keeps them from being used twice.
CREATE TABLE pool_range (
    range TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL
);

-- What somebody who calls may name.
CREATE INDEX payment_by_request ON payment (request_id);
CREATE INDEX payment_by_transaction ON payment (transaction_id);
CREATE INDEX attempt_by_remote ON attempt (remote_id) WHERE remote_id IS NOT NULL;
