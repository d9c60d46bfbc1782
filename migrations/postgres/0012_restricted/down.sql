ALTER TABLE session DROP COLUMN slowed_until;
DROP TABLE reading;
DROP TABLE alert;
DROP TABLE emergency_access;
DROP TABLE case_exclusion;
