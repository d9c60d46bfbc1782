ALTER TABLE session DROP COLUMN second_factor;
ALTER TABLE session DROP COLUMN device;
ALTER TABLE session DROP COLUMN started_at;
DROP TABLE recovery_code;
DROP TABLE second_factor;
