-- People for whom a case does not exist, on either side of it. The reason is sealed for their own organisation.
CREATE TABLE case_exclusion (
  id              uuid PRIMARY KEY,
  case_id         uuid NOT NULL REFERENCES "case",
  organisation_id uuid NOT NULL REFERENCES organisation,
  account_id      uuid NOT NULL REFERENCES account,
  kind            text NOT NULL CHECK (kind IN ('declared', 'named')),
  by_account      uuid NOT NULL REFERENCES account,
  since           timestamptz NOT NULL,
  until           timestamptz CHECK (until >= since),
  lifted_by       uuid REFERENCES account CHECK ((lifted_by IS NULL) = (until IS NULL)),
  key_id          uuid NOT NULL REFERENCES data_key,
  sealed          bytea NOT NULL
);
CREATE UNIQUE INDEX case_exclusion_of_account ON case_exclusion (account_id, case_id) WHERE until IS NULL;
CREATE INDEX case_exclusion_of_case ON case_exclusion (case_id, organisation_id);

-- Somebody asked for a case that is not hers, by its reference. It is kept also when there is no such case: whoever asked
-- learns nothing from that.
CREATE TABLE emergency_access (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation,
  account_id      uuid NOT NULL REFERENCES account,
  case_id         uuid REFERENCES "case",
  reference       text NOT NULL,
  reason          text NOT NULL,
  key_id          uuid NOT NULL REFERENCES data_key,
  sealed          bytea NOT NULL,
  asked_at        timestamptz NOT NULL,
  lapses_at       timestamptz NOT NULL CHECK (lapses_at > asked_at),
  state           text NOT NULL CHECK (state IN ('asked', 'granted', 'refused', 'ended')),
  decided_at      timestamptz CHECK ((decided_at IS NULL) = (state = 'asked')),
  decided_by      uuid REFERENCES account CHECK ((decided_by IS NULL) = (state = 'asked')) CHECK (decided_by <> account_id),
  until           timestamptz CHECK ((until IS NULL) = (state IN ('asked', 'refused'))),
  used_at         timestamptz,
  refusal_key_id  uuid REFERENCES data_key,
  refusal_sealed  bytea CHECK ((refusal_sealed IS NULL) = (refusal_key_id IS NULL))
);
CREATE INDEX emergency_access_of_account ON emergency_access (account_id, state, until);
CREATE INDEX emergency_access_of_organisation ON emergency_access (organisation_id, asked_at);

-- Something that somebody should look at. case_id is never shown: it keeps the alert from those for whom the case does
-- not exist.
CREATE TABLE alert (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation,
  kind            text NOT NULL CHECK (kind IN ('own_surname', 'many_addresses', 'many_identities', 'closed_case_read',
                                                'bulk_reading', 'emergency_access')),
  account_id      uuid NOT NULL REFERENCES account,
  -- Of an emergency: how far it had come.
  stage           text CHECK (stage IN ('asked', 'granted', 'refused', 'used')),
  object_kind     text NOT NULL,
  object_id       uuid NOT NULL,
  case_id         uuid REFERENCES "case",
  at              timestamptz NOT NULL,
  seen_at         timestamptz CHECK (seen_at >= at),
  seen_by         uuid REFERENCES account CHECK ((seen_by IS NULL) = (seen_at IS NULL)) CHECK (seen_by <> account_id)
);
CREATE INDEX alert_newest_first ON alert (organisation_id, at DESC, id DESC);
CREATE INDEX alert_in_time ON alert (at DESC, id DESC);
CREATE INDEX alert_of_account ON alert (account_id, at);

-- Which cases and referrals somebody has read within an hour, for all instances of the server together.
CREATE TABLE reading (
  account_id uuid NOT NULL REFERENCES account,
  hour       timestamptz NOT NULL,
  object_id  uuid NOT NULL,
  PRIMARY KEY (account_id, hour, object_id)
);
CREATE INDEX reading_in_time ON reading (hour);

ALTER TABLE session ADD COLUMN slowed_until timestamptz;
