-- What the API reads is found by an index: a look at one difference, and pages of the worklist, cost the same in a Kasse
-- with millions of payments.

-- References as a payer may have written them: letters and digits, no leading zeros, characters that are taken for each
-- other as one (domain/reconcile/names).
CREATE INDEX attempt_by_name ON attempt (ledger_id,
    ltrim(replace(replace(replace(replace(replace(replace(replace(replace(upper(kassenzeichen), '-', ''), '_', ''), 'O', '0'), 'I', '1'), 'L', '1'), 'Z', '2'), 'S', '5'), 'B', '8'), '0'))
    WHERE kassenzeichen IS NOT NULL;
CREATE INDEX attempt_by_nummer ON attempt (ledger_id,
    ltrim(replace(replace(replace(replace(replace(replace(replace(replace(upper(nummer), '-', ''), '_', ''), 'O', '0'), 'I', '1'), 'L', '1'), 'Z', '2'), 'S', '5'), 'B', '8'), '0'));
-- What waits for money.
CREATE INDEX attempt_waiting ON attempt (ledger_id, id) WHERE unsettled = 1 OR transfer IS NOT NULL;
CREATE INDEX payment_by_amount ON payment (ledger_id, total_cents, created_at);

-- The worklist by code.
CREATE INDEX exception_by_code ON exception (ledger_id, code, position);
