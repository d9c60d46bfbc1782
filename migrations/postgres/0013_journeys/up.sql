-- When a key was destroyed for good. Its row stays, so that it can be said why its values no longer open; its bytes do not.
ALTER TABLE data_key ADD COLUMN destroyed_at timestamptz;

-- What tells an organisation that it may have met somebody before: digests under a key that comes from its own data key,
-- so that nobody else can make or compare them, and that are worthless when it is destroyed.
CREATE TABLE identity_trace (
  case_id         uuid NOT NULL REFERENCES "case",
  organisation_id uuid NOT NULL REFERENCES organisation,
  key_id          uuid NOT NULL REFERENCES data_key,
  kind            text NOT NULL CHECK (kind IN ('name_and_birth', 'sound_and_birth', 'sound_near_birth', 'telephone')),
  trace           bytea NOT NULL,
  PRIMARY KEY (case_id, kind, trace)
);
CREATE INDEX identity_trace_within ON identity_trace (organisation_id, trace);

-- Whether two cases are about the same person, once somebody has said so. The smaller id stands first.
CREATE TABLE case_likeness (
  case_id    uuid NOT NULL REFERENCES "case",
  other_id   uuid NOT NULL REFERENCES "case" CHECK (case_id < other_id),
  same       boolean NOT NULL,
  decided_by uuid NOT NULL REFERENCES account,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (case_id, other_id)
);

-- Somebody was reached outside the hours that are safe, and why. Own words are sealed.
CREATE TABLE contact_override (
  id              uuid PRIMARY KEY,
  case_id         uuid NOT NULL REFERENCES "case",
  organisation_id uuid NOT NULL REFERENCES organisation,
  account_id      uuid NOT NULL REFERENCES account,
  at              timestamptz NOT NULL,
  reason          text NOT NULL,
  key_id          uuid REFERENCES data_key,
  sealed          bytea CHECK ((sealed IS NULL) = (key_id IS NULL))
);
CREATE INDEX contact_override_of_case ON contact_override (case_id, at);

-- A code that a survivor was given, with which another organisation may read what she agreed to share. Only a keyed
-- digest of the code is kept.
CREATE TABLE journey (
  id              uuid PRIMARY KEY,
  case_id         uuid NOT NULL REFERENCES "case",
  organisation_id uuid NOT NULL REFERENCES organisation,
  hash            bytea NOT NULL UNIQUE,
  share           jsonb NOT NULL,
  identity        boolean NOT NULL,
  consent         text NOT NULL CHECK (consent IN ('in_person', 'telephone', 'written')),
  created_by      uuid NOT NULL REFERENCES account,
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  revoked_at      timestamptz
);
CREATE INDEX journey_of_case ON journey (case_id, created_at);

CREATE TABLE journey_use (
  id              uuid PRIMARY KEY,
  journey_id      uuid NOT NULL REFERENCES journey,
  organisation_id uuid NOT NULL REFERENCES organisation,
  account_id      uuid NOT NULL REFERENCES account,
  reason          text NOT NULL,
  used_at         timestamptz NOT NULL
);
CREATE INDEX journey_use_of_journey ON journey_use (journey_id, used_at);

-- Codes that opened nothing: who tried, from where, as keyed digests.
CREATE TABLE journey_attempt (
  id      uuid PRIMARY KEY,
  at      timestamptz NOT NULL,
  account bytea NOT NULL,
  address bytea NOT NULL
);
CREATE INDEX journey_attempt_in_time ON journey_attempt (at);
