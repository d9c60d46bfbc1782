DROP INDEX occupancy_ending;
DROP TABLE reminder;
DROP TABLE mail_choice;
DROP TABLE mail;
ALTER TABLE outbox DROP COLUMN done_by;
