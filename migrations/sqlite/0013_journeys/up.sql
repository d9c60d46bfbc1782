-- When a key was destroyed for good. Its row stays, so that it can be said why its values no longer open; its bytes do not.
ALTER TABLE data_key ADD COLUMN destroyed_at text;

-- What tells an organisation that it may have met somebody before: digests under a key that comes from its own data key,
-- so that nobody else can make or compare them, and that are worthless when it is destroyed.
CREATE TABLE identity_trace (
  case_id         blob NOT NULL REFERENCES "case",
  organisation_id blob NOT NULL REFERENCES organisation,
  key_id          blob NOT NULL REFERENCES data_key,
  kind            text NOT NULL CHECK (kind IN ('name_and_birth', 'sound_and_birth', 'sound_near_birth', 'telephone')),
  trace           blob NOT NULL,
  PRIMARY KEY (case_id, kind, trace)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_trace_within ON identity_trace (organisation_id, trace);

-- Whether two cases are about the same person, once somebody has said so. The smaller id stands first.
CREATE TABLE case_likeness (
  case_id    blob NOT NULL REFERENCES "case",
  other_id   blob NOT NULL REFERENCES "case" CHECK (case_id < other_id),
  same       integer NOT NULL,
  decided_by blob NOT NULL REFERENCES account,
  decided_at text NOT NULL,
  PRIMARY KEY (case_id, other_id)
) STRICT, WITHOUT ROWID;

-- Somebody was reached outside the hours that are safe, and why. Own words are sealed.
CREATE TABLE contact_override (
  id              blob PRIMARY KEY,
  case_id         blob NOT NULL REFERENCES "case",
  organisation_id blob NOT NULL REFERENCES organisation,
  account_id      blob NOT NULL REFERENCES account,
  at              text NOT NULL,
  reason          text NOT NULL,
  key_id          blob REFERENCES data_key,
  sealed          blob CHECK ((sealed IS NULL) = (key_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_override_of_case ON contact_override (case_id, at);

-- A code that a survivor was given, with which another organisation may read what she agreed to share. Only a keyed
-- digest of the code is kept.
CREATE TABLE journey (
  id              blob PRIMARY KEY,
  case_id         blob NOT NULL REFERENCES "case",
  organisation_id blob NOT NULL REFERENCES organisation,
  hash            blob NOT NULL UNIQUE,
  share           text NOT NULL,
  identity        integer NOT NULL,
  consent         text NOT NULL CHECK (consent IN ('in_person', 'telephone', 'written')),
  created_by      blob NOT NULL REFERENCES account,
  created_at      text NOT NULL,
  expires_at      text NOT NULL,
  revoked_at      text
) STRICT, WITHOUT ROWID;
CREATE INDEX journey_of_case ON journey (case_id, created_at);

CREATE TABLE journey_use (
  id              blob PRIMARY KEY,
  journey_id      blob NOT NULL REFERENCES journey,
  organisation_id blob NOT NULL REFERENCES organisation,
  account_id      blob NOT NULL REFERENCES account,
  reason          text NOT NULL,
  used_at         text NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX journey_use_of_journey ON journey_use (journey_id, used_at);

-- Codes that opened nothing: who tried, from where, as keyed digests.
CREATE TABLE journey_attempt (
  id      blob PRIMARY KEY,
  at      text NOT NULL,
  account blob NOT NULL,
  address blob NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX journey_attempt_in_time ON journey_attempt (at);
