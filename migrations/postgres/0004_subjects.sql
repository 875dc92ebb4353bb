-- Bookings, open items and exceptions may be about what a bank told, and then about no attempt.

ALTER TABLE posten
    ALTER COLUMN case_id DROP NOT NULL,
    ALTER COLUMN attempt_id DROP NOT NULL,
    ADD COLUMN subject TEXT COLLATE "C",
    ADD CHECK ((case_id IS NULL) = (attempt_id IS NULL) AND (attempt_id IS NOT NULL OR subject IS NOT NULL));
CREATE INDEX posten_by_subject ON posten (subject) WHERE subject IS NOT NULL;

ALTER TABLE booking
    ALTER COLUMN case_id DROP NOT NULL,
    ALTER COLUMN attempt_id DROP NOT NULL,
    ADD COLUMN subject TEXT COLLATE "C",
    ADD CHECK ((case_id IS NULL) = (attempt_id IS NULL) AND (attempt_id IS NOT NULL OR subject IS NOT NULL));

ALTER TABLE exception
    ALTER COLUMN case_id DROP NOT NULL,
    ALTER COLUMN attempt_id DROP NOT NULL,
    ADD COLUMN subject TEXT COLLATE "C",
    ADD CHECK ((case_id IS NULL) = (attempt_id IS NULL) AND (attempt_id IS NOT NULL OR subject IS NOT NULL));
