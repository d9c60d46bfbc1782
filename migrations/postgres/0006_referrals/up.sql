CREATE TABLE referral (
  id             uuid PRIMARY KEY,
  reference      text NOT NULL UNIQUE,
  case_id        uuid NOT NULL REFERENCES "case",
  service_id     uuid NOT NULL REFERENCES service,
  vacancy_id     uuid REFERENCES vacancy,
  unit_id        uuid REFERENCES unit,
  hold_id        uuid REFERENCES occupancy,
  state          text NOT NULL CHECK (state IN ('sent', 'information_requested', 'accepted', 'placed',
                   'declined_by_provider', 'declined_by_survivor', 'withdrawn', 'lapsed')),
  sent_at        timestamptz NOT NULL,
  sent_by        uuid NOT NULL REFERENCES account,
  decided_at     timestamptz,
  ended_at       timestamptz CHECK ((ended_at IS NULL) = (state IN ('sent', 'information_requested', 'accepted'))),
  primary_reason text CHECK ((primary_reason IS NULL) = (state IN ('sent', 'information_requested', 'accepted', 'placed'))),
  decided_by     text CHECK (decided_by IN ('provider', 'survivor', 'referrer', 'system')),
  -- While these say so, the referrer may read the address of `unit_id`.
  address_from   timestamptz,
  address_until  timestamptz,
  version        integer NOT NULL CHECK (version > 0),
  CHECK ((decided_by IS NULL) = (primary_reason IS NULL))
);
CREATE INDEX referral_of_case ON referral (case_id, sent_at);
CREATE INDEX referral_to_service ON referral (service_id, sent_at DESC, id DESC);
CREATE INDEX referral_sent ON referral (sent_at DESC, id DESC);
CREATE UNIQUE INDEX referral_one_open_per_case_and_service ON referral (case_id, service_id)
  WHERE state IN ('sent', 'information_requested', 'accepted');

CREATE TABLE referral_secondary_reason (
  referral_id uuid NOT NULL REFERENCES referral,
  reason      text NOT NULL,
  PRIMARY KEY (referral_id, reason)
);

-- What the two sides write to each other. Sealed with the data key of the organisation that opened the case.
CREATE TABLE referral_note (
  id              uuid PRIMARY KEY,
  referral_id     uuid NOT NULL REFERENCES referral,
  organisation_id uuid NOT NULL REFERENCES organisation,
  account_id      uuid NOT NULL REFERENCES account,
  written_at      timestamptz NOT NULL,
  key_id          uuid NOT NULL REFERENCES data_key,
  sealed          bytea NOT NULL
);
CREATE INDEX referral_note_in_order ON referral_note (referral_id, written_at, id);

-- A household's stay: one row for each occupancy of the kind 'placement'.
CREATE TABLE placement (
  id                     uuid PRIMARY KEY REFERENCES occupancy,
  referral_id            uuid NOT NULL UNIQUE REFERENCES referral,
  state                  text NOT NULL CHECK (state IN ('expected', 'arrived', 'departed', 'did_not_arrive')),
  expected_at            timestamptz NOT NULL,
  arrived_at             timestamptz,
  expected_end           timestamptz,
  departed_at            timestamptz,
  departure_kind         text CHECK (departure_kind IN ('planned', 'unplanned')),
  destination            text,
  asked_to_leave_reason  text,
  version                integer NOT NULL CHECK (version > 0),
  CHECK ((departed_at IS NOT NULL) = (state = 'departed')),
  CHECK ((destination IS NOT NULL) = (state = 'departed')),
  CHECK ((departure_kind IS NOT NULL) = (state = 'departed'))
);
