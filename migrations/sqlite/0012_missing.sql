-- What is missing on statements: money that was told, and statements themselves.

INSERT INTO exception_code (code) VALUES
    ('nicht_auf_konto'),
    ('auszugsluecke');
