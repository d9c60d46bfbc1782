-- Stays form a chain: a household moves to another unit, or on to second stage, and is placed once.
ALTER TABLE placement
  DROP CONSTRAINT placement_referral_id_key,
  DROP CONSTRAINT placement_state_check,
  ADD CONSTRAINT placement_state_check
    CHECK (state IN ('expected', 'arrived', 'departed', 'did_not_arrive', 'moved')),
  -- The stay that this one goes on from.
  ADD COLUMN follows_id uuid REFERENCES placement CHECK (follows_id <> id),
  -- When the household came to this service, whichever of its units it lived in first.
  ADD COLUMN resident_since timestamptz,
  ADD COLUMN moved_at timestamptz CHECK ((moved_at IS NOT NULL) = (state = 'moved')),
  ADD COLUMN move_reason text CHECK (move_reason IS NULL OR state = 'moved'),
  -- Why a household that lives with the provider already did not come to the home that was meant for it.
  ADD COLUMN missed_reason text CHECK (missed_reason IS NULL OR state = 'did_not_arrive'),
  ADD COLUMN move_on_wish_on date CHECK (move_on_wish_on IS NULL OR state = 'departed'),
  ADD COLUMN move_on_timely boolean CHECK (move_on_timely IS NULL OR departure_kind = 'planned');
UPDATE placement SET resident_since = arrived_at;
ALTER TABLE placement
  ADD CONSTRAINT placement_resident_since_check CHECK ((resident_since IS NULL) = (arrived_at IS NULL));
CREATE INDEX placement_of_referral ON placement (referral_id);
-- A household lives in one home, and is expected in one at most.
CREATE UNIQUE INDEX placement_one_arrived ON placement (referral_id) WHERE state = 'arrived';
CREATE UNIQUE INDEX placement_one_expected ON placement (referral_id) WHERE state = 'expected';
CREATE UNIQUE INDEX placement_one_after ON placement (follows_id) WHERE state NOT IN ('expected', 'did_not_arrive');

-- Support that a person of the household was given: by their place in the household, never by name.
CREATE TABLE support (
  id            uuid PRIMARY KEY,
  placement_id  uuid NOT NULL REFERENCES placement,
  person        integer NOT NULL CHECK (person > 0),
  role          text NOT NULL CHECK (role IN ('survivor', 'child', 'adult_dependant', 'other_adult')),
  age_band      text NOT NULL CHECK (age_band IN ('0_5', '6_11', '12_15', '16_17', '18_24', '25_34', '35_44', '45_54',
                  '55_64', '65_and_over', 'unknown')),
  support_type  text NOT NULL,
  from_on       date NOT NULL,
  until_on      date CHECK (until_on >= from_on),
  state         text NOT NULL CHECK (state IN ('given', 'ended', 'taken_out')),
  recorded_at   timestamptz NOT NULL,
  recorded_by   uuid NOT NULL REFERENCES account,
  version       integer NOT NULL CHECK (version > 0),
  CHECK (state <> 'given' OR until_on IS NULL),
  CHECK (state <> 'ended' OR until_on IS NOT NULL)
);
CREATE INDEX support_of_placement ON support (placement_id, from_on);

-- How the survivor says that she fares when she leaves: one set for each stay.
CREATE TABLE stay_outcome (
  placement_id  uuid PRIMARY KEY REFERENCES placement,
  safety        text NOT NULL CHECK (safety IN ('better', 'same', 'worse', 'did_not_want_to_say', 'not_asked')),
  wellbeing     text NOT NULL CHECK (wellbeing IN ('better', 'same', 'worse', 'did_not_want_to_say', 'not_asked')),
  stability     text NOT NULL CHECK (stability IN ('better', 'same', 'worse', 'did_not_want_to_say', 'not_asked')),
  asked_on      date,
  asked_how     text CHECK (asked_how IN ('in_person', 'phone', 'form')),
  recorded_at   timestamptz NOT NULL,
  recorded_by   uuid NOT NULL REFERENCES account,
  version       integer NOT NULL CHECK (version > 0),
  CHECK ((asked_on IS NULL) = (asked_how IS NULL))
);
