DROP TABLE stay_outcome;
DROP TABLE support;
-- Of each chain only its last stay is left: a referral had one before.
ALTER TABLE placement RENAME TO placement_after;
DROP INDEX placement_of_referral;
DROP INDEX placement_one_arrived;
DROP INDEX placement_one_expected;
DROP INDEX placement_one_after;
CREATE TABLE placement (
  id                     blob PRIMARY KEY REFERENCES occupancy,
  referral_id            blob NOT NULL UNIQUE REFERENCES referral,
  state                  text NOT NULL CHECK (state IN ('expected', 'arrived', 'departed', 'did_not_arrive')),
  expected_at            text NOT NULL,
  arrived_at             text,
  expected_end           text,
  departed_at            text,
  departure_kind         text CHECK (departure_kind IN ('planned', 'unplanned')),
  destination            text,
  asked_to_leave_reason  text,
  version                integer NOT NULL CHECK (version > 0),
  CHECK ((departed_at IS NOT NULL) = (state = 'departed')),
  CHECK ((destination IS NOT NULL) = (state = 'departed')),
  CHECK ((departure_kind IS NOT NULL) = (state = 'departed'))
) STRICT, WITHOUT ROWID;
INSERT INTO placement
SELECT id, referral_id, state, expected_at, arrived_at, expected_end, departed_at, departure_kind, destination,
       asked_to_leave_reason, version
FROM placement_after AS stay
WHERE id = (
  SELECT other.id FROM placement_after AS other WHERE other.referral_id = stay.referral_id AND other.state <> 'moved'
  ORDER BY CASE other.state WHEN 'arrived' THEN 0 WHEN 'expected' THEN 1 WHEN 'departed' THEN 2 ELSE 3 END,
           other.expected_at DESC LIMIT 1);
DROP TABLE placement_after;
