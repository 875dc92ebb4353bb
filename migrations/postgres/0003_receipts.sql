-- The list of unread receipts of a Mandant, where it is read by this connector alone. A receipt is a reason to ask the
-- provider, never an amount to book; what is not ours is kept here and nowhere else.

-- Who reads a Mandant's list now; `cursor` is <provider>/<mandant>.
CREATE TABLE receipt_cursor (
    cursor TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    lease_no BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);

-- One reading of a list. Its confirmation was asked for only where it is whole; `batch` is the provider's id of it.
CREATE TABLE reading (
    provider_id TEXT COLLATE "C" NOT NULL,
    mandant TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    batch TEXT COLLATE "C" NOT NULL,
    read_at BIGINT NOT NULL,
    whole BIGINT NOT NULL CHECK (whole IN (0, 1)),
    confirmed_at BIGINT,
    PRIMARY KEY (provider_id, mandant, n)
);
CREATE INDEX reading_open ON reading (provider_id, mandant, n) WHERE confirmed_at IS NULL;

-- What was new in a reading. No number of a Kunde is kept: it may be personal data.
CREATE TABLE receipt (
    provider_id TEXT COLLATE "C" NOT NULL,
    mandant TEXT COLLATE "C" NOT NULL,
    n BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    kassenzeichen TEXT COLLATE "C" NOT NULL,
    cents BIGINT NOT NULL,
    booked_at BIGINT,
    read_at BIGINT NOT NULL,
    attempt_id TEXT COLLATE "C",
    PRIMARY KEY (provider_id, mandant, n, ordinal),
    FOREIGN KEY (provider_id, mandant, n) REFERENCES reading (provider_id, mandant, n)
);
CREATE INDEX receipt_by_time ON receipt (read_at, provider_id, mandant, n, ordinal);
