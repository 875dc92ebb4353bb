-- The list of unread receipts of a Mandant, where it is read by this connector alone. A receipt is a reason to ask the
-- provider, never an amount to book; what is not ours is kept here and nowhere else.

-- Who reads a Mandant's list now; `cursor` is <provider>/<mandant>.
CREATE TABLE receipt_cursor (
    cursor TEXT NOT NULL PRIMARY KEY,
    lease_no INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT;

-- One reading of a list. Its confirmation was asked for only where it is whole; `batch` is the provider's id of it.
CREATE TABLE reading (
    provider_id TEXT NOT NULL,
    mandant TEXT NOT NULL,
    n INTEGER NOT NULL,
    batch TEXT NOT NULL,
    read_at INTEGER NOT NULL,
    whole INTEGER NOT NULL CHECK (whole IN (0, 1)),
    confirmed_at INTEGER,
    PRIMARY KEY (provider_id, mandant, n)
) STRICT;
CREATE INDEX reading_open ON reading (provider_id, mandant, n) WHERE confirmed_at IS NULL;

-- What was new in a reading. No number of a Kunde is kept: it may be personal data.
CREATE TABLE receipt (
    provider_id TEXT NOT NULL,
    mandant TEXT NOT NULL,
    n INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    kassenzeichen TEXT NOT NULL,
    cents INTEGER NOT NULL,
    booked_at INTEGER,
    read_at INTEGER NOT NULL,
    attempt_id TEXT,
    PRIMARY KEY (provider_id, mandant, n, ordinal),
    FOREIGN KEY (provider_id, mandant, n) REFERENCES reading (provider_id, mandant, n)
) STRICT;
CREATE INDEX receipt_by_time ON receipt (read_at, provider_id, mandant, n, ordinal);
