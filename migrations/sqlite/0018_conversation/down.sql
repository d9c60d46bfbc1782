DROP INDEX referral_waiting;
DROP TABLE referral_note_read;
DROP TABLE referral_note_topic;
ALTER TABLE referral_note DROP COLUMN kind;
ALTER TABLE referral_note DROP COLUMN side;
