-- What is written within a referral is a conversation: who asks, who answers, and what is only said.
ALTER TABLE referral_note ADD COLUMN side text NOT NULL DEFAULT 'referrer' CHECK (side IN ('referrer', 'provider'));
ALTER TABLE referral_note ADD COLUMN kind text NOT NULL DEFAULT 'message' CHECK (kind IN ('question', 'answer', 'message'));
UPDATE referral_note SET side = 'provider' WHERE organisation_id <> (
  SELECT c.organisation_id FROM "case" AS c JOIN referral AS r ON r.case_id = c.id WHERE r.id = referral_note.referral_id);
-- A question and an answer were recorded in the audit at the instant at which they were written.
UPDATE referral_note SET kind = 'question', side = 'provider' WHERE EXISTS (
  SELECT 1 FROM audit_event AS e WHERE e.object_id = referral_note.referral_id AND e.at = referral_note.written_at
    AND e.action = 'referral.information_requested');
UPDATE referral_note SET kind = 'answer', side = 'referrer' WHERE EXISTS (
  SELECT 1 FROM audit_event AS e WHERE e.object_id = referral_note.referral_id AND e.at = referral_note.written_at
    AND e.action = 'referral.information_given');

-- What a question is about, so that what providers ask for can be counted.
CREATE TABLE referral_note_topic (
  note_id uuid NOT NULL REFERENCES referral_note,
  topic   text NOT NULL,
  PRIMARY KEY (note_id, topic)
);

-- When somebody of the other side first read it. What was read stays read.
CREATE TABLE referral_note_read (
  note_id    uuid PRIMARY KEY REFERENCES referral_note,
  account_id uuid NOT NULL REFERENCES account,
  read_at    timestamptz NOT NULL
);
CREATE TRIGGER referral_note_read_keeps BEFORE UPDATE OR TRUNCATE ON referral_note_read EXECUTE FUNCTION refuse_change();
-- Until now only the audit says who has read what.
INSERT INTO referral_note_read (note_id, account_id, read_at)
  SELECT n.id, e.account_id, e.at FROM referral_note AS n
    JOIN audit_event AS e ON e.object_id = n.referral_id AND e.action = 'note.read' AND e.at >= n.written_at
    JOIN account AS a ON a.id = e.account_id
  WHERE a.organisation_id <> n.organisation_id ORDER BY e.at ON CONFLICT DO NOTHING;

-- Those that may lapse.
CREATE INDEX referral_waiting ON referral (sent_at, id) WHERE state IN ('sent', 'information_requested');
