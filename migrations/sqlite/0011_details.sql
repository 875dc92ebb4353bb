-- Details of batched lines (camt.054), which come before or after the statement that has the line.

-- Notifications whose details are still to be used, and what they have opened: the claim of a batched line for its
-- details has the subject `detail/<notification>/<entry>/0`.
CREATE INDEX statement_notification ON statement (ledger_id, staged_at) WHERE format = 'camt054';
