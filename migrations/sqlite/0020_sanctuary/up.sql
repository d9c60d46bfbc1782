-- A household whose home was made safe is neither placed nor unable to be supported. SQLite changes a CHECK only in its own
-- record of the table: the way that its documentation gives for that (sqlite.org/lang_altertable.html).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
  'outcome IN (''placed'', ''not_placed'')', 'outcome IN (''placed'', ''not_placed'', ''sanctuary'')'),
  'outcome IS NULL OR outcome = ''placed''', 'outcome IS NULL OR outcome IN (''placed'', ''sanctuary'')')
  WHERE type = 'table' AND name = 'case';
PRAGMA writable_schema = RESET;

-- How many jobs a scheme can do in a month, and for how much. What is left of it follows from the jobs.
CREATE TABLE sanctuary_capacity (
  service_id   blob NOT NULL REFERENCES service,
  month        text NOT NULL,
  jobs         integer CHECK (jobs >= 0),
  budget_pence integer CHECK (budget_pence >= 0),
  version      integer NOT NULL CHECK (version > 0),
  updated_at   text NOT NULL,
  PRIMARY KEY (service_id, month)
) STRICT, WITHOUT ROWID;

-- A household's own home that is made safe. Where it is, stands in sanctuary_address.
CREATE TABLE sanctuary_job (
  id                  blob PRIMARY KEY,
  reference           text NOT NULL UNIQUE,
  case_id             blob NOT NULL REFERENCES "case",
  service_id          blob NOT NULL REFERENCES service,
  state               text NOT NULL CHECK (state IN ('requested', 'surveyed', 'installed', 'signed_off',
                        'declined', 'not_feasible', 'withdrawn')),
  requested_at        text NOT NULL,
  requested_by        blob NOT NULL REFERENCES account,
  -- The month in which it is to be done, by its first day.
  wanted_month        text NOT NULL,
  survey_on           text,
  -- From then on the scheme may know who and where.
  booked_at           text,
  surveyed_on         text,
  installed_on        text,
  signed_off_on       text,
  signed_off_at       text,
  tenure              text NOT NULL CHECK (tenure IN ('owner_occupier', 'private_renter', 'social_housing', 'unknown')),
  landlord_consent    text NOT NULL CHECK (landlord_consent IN ('not_asked', 'not_needed', 'asked', 'given', 'refused')),
  consent_asked_on    text,
  consent_answered_on text,
  perpetrator_keys    text NOT NULL CHECK (perpetrator_keys IN ('yes', 'no', 'unknown')),
  joint_tenancy       text NOT NULL CHECK (joint_tenancy IN ('yes', 'no', 'unknown')),
  ended_at            text CHECK ((ended_at IS NULL) = (state IN ('requested', 'surveyed', 'installed'))),
  reason              text CHECK ((reason IS NULL) = (state NOT IN ('declined', 'not_feasible', 'withdrawn'))),
  decided_by          text CHECK (decided_by IN ('provider', 'survivor', 'referrer', 'system')),
  version             integer NOT NULL CHECK (version > 0),
  CHECK ((decided_by IS NULL) = (reason IS NULL)),
  CHECK ((survey_on IS NULL) = (booked_at IS NULL)),
  CHECK ((signed_off_on IS NOT NULL) = (state = 'signed_off')),
  CHECK ((signed_off_at IS NOT NULL) = (state = 'signed_off'))
) STRICT, WITHOUT ROWID;
CREATE INDEX sanctuary_job_of_case ON sanctuary_job (case_id, requested_at);
CREATE INDEX sanctuary_job_to_service ON sanctuary_job (service_id, requested_at DESC, id DESC);
CREATE UNIQUE INDEX sanctuary_job_one_open_per_case ON sanctuary_job (case_id)
  WHERE state IN ('requested', 'surveyed', 'installed');

CREATE TABLE sanctuary_measure (
  id         blob PRIMARY KEY,
  job_id     blob NOT NULL REFERENCES sanctuary_job,
  kind       text NOT NULL,
  number     integer NOT NULL CHECK (number > 0),
  -- Of all of them together.
  cost_pence integer NOT NULL CHECK (cost_pence >= 0),
  installer  text CHECK (installer IN ('in_house', 'contractor', 'police', 'fire_service', 'housing_provider', 'other')),
  state      text NOT NULL CHECK (state IN ('planned', 'fitted', 'removed')),
  version    integer NOT NULL CHECK (version > 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX sanctuary_measure_of_job ON sanctuary_measure (job_id, id);

-- Where she lives. Sealed with the data key of the organisation whose case it is; read only by its own audited release.
CREATE TABLE sanctuary_address (
  job_id     blob PRIMARY KEY REFERENCES sanctuary_job,
  key_id     blob NOT NULL REFERENCES data_key,
  sealed     blob NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  updated_at text NOT NULL
) STRICT, WITHOUT ROWID;

-- Is she still safe at home? Asked 1, 3, 6 and 12 months after the job was signed off.
CREATE TABLE sanctuary_follow_up (
  id          blob PRIMARY KEY,
  job_id      blob NOT NULL REFERENCES sanctuary_job,
  months      integer NOT NULL CHECK (months > 0),
  due_on      text NOT NULL,
  asked_on    text,
  answer      text CHECK (answer IN ('still_safe', 'not_safe', 'moved', 'not_reached')),
  needed      text,
  answered_by blob REFERENCES account,
  -- Nobody has to ask any more: an earlier answer says enough.
  settled_at  text,
  key_id      blob REFERENCES data_key,
  sealed      blob,
  version     integer NOT NULL CHECK (version > 0),
  UNIQUE (job_id, months),
  CHECK ((answer IS NULL) = (asked_on IS NULL)),
  CHECK ((answer IS NULL) = (answered_by IS NULL)),
  CHECK ((sealed IS NULL) = (key_id IS NULL))
) STRICT, WITHOUT ROWID;
