-- One household's search for safety. No name, no contact, no date of birth: those are in case_identity.
CREATE TABLE "case" (
  id                 blob PRIMARY KEY,
  reference          text NOT NULL UNIQUE,
  organisation_id    blob NOT NULL REFERENCES organisation,
  owner_id           blob NOT NULL REFERENCES account,
  state              text NOT NULL CHECK (state IN ('open', 'closed')),
  origin_area        text REFERENCES area,
  referral_source    text NOT NULL,
  needs              text NOT NULL,
  opened_at          text NOT NULL,
  closed_at          text CHECK ((closed_at IS NULL) = (state = 'open')),
  outcome            text CHECK (outcome IN ('placed', 'not_placed')),
  primary_reason     text CHECK ((primary_reason IS NULL) = (outcome IS NULL OR outcome = 'placed')),
  decided_by         text CHECK (decided_by IN ('provider', 'survivor', 'referrer', 'system')),
  what_happened_next text,
  version            integer NOT NULL CHECK (version > 0),
  updated_at         text NOT NULL,
  CHECK ((outcome IS NULL) = (state = 'open'))
) STRICT, WITHOUT ROWID;
CREATE INDEX case_newest_first ON "case" (organisation_id, opened_at DESC, id DESC);
CREATE INDEX case_closed ON "case" (organisation_id, closed_at);

CREATE TABLE case_secondary_reason (
  case_id blob NOT NULL REFERENCES "case",
  reason  text NOT NULL,
  PRIMARY KEY (case_id, reason)
) STRICT, WITHOUT ROWID;

-- Who they are. Sealed with the data key of the organisation that opened the case.
CREATE TABLE case_identity (
  case_id    blob PRIMARY KEY REFERENCES "case",
  key_id     blob NOT NULL REFERENCES data_key,
  sealed     blob NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  updated_at text NOT NULL
) STRICT, WITHOUT ROWID;
