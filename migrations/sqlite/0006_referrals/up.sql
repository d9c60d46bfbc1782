CREATE TABLE referral (
  id             blob PRIMARY KEY,
  reference      text NOT NULL UNIQUE,
  case_id        blob NOT NULL REFERENCES "case",
  service_id     blob NOT NULL REFERENCES service,
  vacancy_id     blob REFERENCES vacancy,
  unit_id        blob REFERENCES unit,
  hold_id        blob REFERENCES occupancy,
  state          text NOT NULL CHECK (state IN ('sent', 'information_requested', 'accepted', 'placed',
                   'declined_by_provider', 'declined_by_survivor', 'withdrawn', 'lapsed')),
  sent_at        text NOT NULL,
  sent_by        blob NOT NULL REFERENCES account,
  decided_at     text,
  ended_at       text CHECK ((ended_at IS NULL) = (state IN ('sent', 'information_requested', 'accepted'))),
  primary_reason text CHECK ((primary_reason IS NULL) = (state IN ('sent', 'information_requested', 'accepted', 'placed'))),
  decided_by     text CHECK (decided_by IN ('provider', 'survivor', 'referrer', 'system')),
  -- While these say so, the referrer may read the address of `unit_id`.
  address_from   text,
  address_until  text,
  version        integer NOT NULL CHECK (version > 0),
  CHECK ((decided_by IS NULL) = (primary_reason IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX referral_of_case ON referral (case_id, sent_at);
CREATE INDEX referral_to_service ON referral (service_id, sent_at DESC, id DESC);
CREATE INDEX referral_sent ON referral (sent_at DESC, id DESC);
CREATE UNIQUE INDEX referral_one_open_per_case_and_service ON referral (case_id, service_id)
  WHERE state IN ('sent', 'information_requested', 'accepted');

CREATE TABLE referral_secondary_reason (
  referral_id blob NOT NULL REFERENCES referral,
  reason      text NOT NULL,
  PRIMARY KEY (referral_id, reason)
) STRICT, WITHOUT ROWID;

-- What the two sides write to each other. Sealed with the data key of the organisation that opened the case.
CREATE TABLE referral_note (
  id              blob PRIMARY KEY,
  referral_id     blob NOT NULL REFERENCES referral,
  organisation_id blob NOT NULL REFERENCES organisation,
  account_id      blob NOT NULL REFERENCES account,
  written_at      text NOT NULL,
  key_id          blob NOT NULL REFERENCES data_key,
  sealed          blob NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX referral_note_in_order ON referral_note (referral_id, written_at, id);

-- A household's stay: one row for each occupancy of the kind 'placement'.
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
