-- Stays form a chain: a household moves to another unit, or on to second stage, and is placed once. SQLite cannot change a
-- CHECK, so the table is made anew; nothing refers to it yet.
ALTER TABLE placement RENAME TO placement_before;
CREATE TABLE placement (
  id                     blob PRIMARY KEY REFERENCES occupancy,
  referral_id            blob NOT NULL REFERENCES referral,
  state                  text NOT NULL CHECK (state IN ('expected', 'arrived', 'departed', 'did_not_arrive', 'moved')),
  expected_at            text NOT NULL,
  arrived_at             text,
  expected_end           text,
  departed_at            text,
  departure_kind         text CHECK (departure_kind IN ('planned', 'unplanned')),
  destination            text,
  asked_to_leave_reason  text,
  version                integer NOT NULL CHECK (version > 0),
  -- The stay that this one goes on from.
  follows_id             blob REFERENCES placement CHECK (follows_id <> id),
  -- When the household came to this service, whichever of its units it lived in first.
  resident_since         text CHECK ((resident_since IS NULL) = (arrived_at IS NULL)),
  moved_at               text CHECK ((moved_at IS NOT NULL) = (state = 'moved')),
  move_reason            text CHECK (move_reason IS NULL OR state = 'moved'),
  -- Why a household that lives with the provider already did not come to the home that was meant for it.
  missed_reason          text CHECK (missed_reason IS NULL OR state = 'did_not_arrive'),
  move_on_wish_on        text CHECK (move_on_wish_on IS NULL OR state = 'departed'),
  move_on_timely         integer CHECK (move_on_timely IS NULL OR departure_kind = 'planned'),
  CHECK ((departed_at IS NOT NULL) = (state = 'departed')),
  CHECK ((destination IS NOT NULL) = (state = 'departed')),
  CHECK ((departure_kind IS NOT NULL) = (state = 'departed'))
) STRICT, WITHOUT ROWID;
INSERT INTO placement (id, referral_id, state, expected_at, arrived_at, expected_end, departed_at, departure_kind,
                       destination, asked_to_leave_reason, version, resident_since)
SELECT id, referral_id, state, expected_at, arrived_at, expected_end, departed_at, departure_kind,
       destination, asked_to_leave_reason, version, arrived_at FROM placement_before;
DROP TABLE placement_before;
CREATE INDEX placement_of_referral ON placement (referral_id);
-- A household lives in one home, and is expected in one at most.
CREATE UNIQUE INDEX placement_one_arrived ON placement (referral_id) WHERE state = 'arrived';
CREATE UNIQUE INDEX placement_one_expected ON placement (referral_id) WHERE state = 'expected';
CREATE UNIQUE INDEX placement_one_after ON placement (follows_id) WHERE state NOT IN ('expected', 'did_not_arrive');

-- Support that a person of the household was given: by their place in the household, never by name.
CREATE TABLE support (
  id            blob PRIMARY KEY,
  placement_id  blob NOT NULL REFERENCES placement,
  person        integer NOT NULL CHECK (person > 0),
  role          text NOT NULL CHECK (role IN ('survivor', 'child', 'adult_dependant', 'other_adult')),
  age_band      text NOT NULL CHECK (age_band IN ('0_5', '6_11', '12_15', '16_17', '18_24', '25_34', '35_44', '45_54',
                  '55_64', '65_and_over', 'unknown')),
  support_type  text NOT NULL,
  from_on       text NOT NULL,
  until_on      text CHECK (until_on >= from_on),
  state         text NOT NULL CHECK (state IN ('given', 'ended', 'taken_out')),
  recorded_at   text NOT NULL,
  recorded_by   blob NOT NULL REFERENCES account,
  version       integer NOT NULL CHECK (version > 0),
  CHECK (state <> 'given' OR until_on IS NULL),
  CHECK (state <> 'ended' OR until_on IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX support_of_placement ON support (placement_id, from_on);

-- How the survivor says that she fares when she leaves: one set for each stay.
CREATE TABLE stay_outcome (
  placement_id  blob PRIMARY KEY REFERENCES placement,
  safety        text NOT NULL CHECK (safety IN ('better', 'same', 'worse', 'did_not_want_to_say', 'not_asked')),
  wellbeing     text NOT NULL CHECK (wellbeing IN ('better', 'same', 'worse', 'did_not_want_to_say', 'not_asked')),
  stability     text NOT NULL CHECK (stability IN ('better', 'same', 'worse', 'did_not_want_to_say', 'not_asked')),
  asked_on      text,
  asked_how     text CHECK (asked_how IN ('in_person', 'phone', 'form')),
  recorded_at   text NOT NULL,
  recorded_by   blob NOT NULL REFERENCES account,
  version       integer NOT NULL CHECK (version > 0),
  CHECK ((asked_on IS NULL) = (asked_how IS NULL))
) STRICT, WITHOUT ROWID;
