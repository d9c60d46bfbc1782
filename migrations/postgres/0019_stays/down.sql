DROP TABLE stay_outcome;
DROP TABLE support;
DROP INDEX placement_of_referral;
DROP INDEX placement_one_arrived;
DROP INDEX placement_one_expected;
DROP INDEX placement_one_after;
-- Of each chain only its last stay is left: a referral had one before.
UPDATE placement SET follows_id = NULL;
DELETE FROM placement AS stay WHERE id IS DISTINCT FROM (
  SELECT other.id FROM placement AS other WHERE other.referral_id = stay.referral_id AND other.state <> 'moved'
  ORDER BY CASE other.state WHEN 'arrived' THEN 0 WHEN 'expected' THEN 1 WHEN 'departed' THEN 2 ELSE 3 END,
           other.expected_at DESC LIMIT 1);
ALTER TABLE placement
  DROP COLUMN follows_id,
  DROP COLUMN resident_since,
  DROP COLUMN moved_at,
  DROP COLUMN move_reason,
  DROP COLUMN missed_reason,
  DROP COLUMN move_on_wish_on,
  DROP COLUMN move_on_timely,
  DROP CONSTRAINT placement_state_check,
  ADD CONSTRAINT placement_state_check CHECK (state IN ('expected', 'arrived', 'departed', 'did_not_arrive')),
  ADD CONSTRAINT placement_referral_id_key UNIQUE (referral_id);
