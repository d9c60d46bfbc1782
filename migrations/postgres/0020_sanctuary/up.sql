-- A household whose home was made safe is neither placed nor unable to be supported. (The checks are found by what they
-- say: PostgreSQL has named them.)
DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT conname FROM pg_constraint WHERE conrelid = '"case"'::regclass AND contype = 'c'
    AND pg_get_constraintdef(oid) LIKE '%''placed''%' LOOP
    EXECUTE format('ALTER TABLE "case" DROP CONSTRAINT %I', found.conname);
  END LOOP;
END $$;
ALTER TABLE "case" ADD CONSTRAINT case_outcome_check CHECK (outcome IN ('placed', 'not_placed', 'sanctuary'));
ALTER TABLE "case" ADD CONSTRAINT case_primary_reason_check
  CHECK ((primary_reason IS NULL) = (outcome IS NULL OR outcome IN ('placed', 'sanctuary')));

-- How many jobs a scheme can do in a month, and for how much. What is left of it follows from the jobs.
CREATE TABLE sanctuary_capacity (
  service_id   uuid NOT NULL REFERENCES service,
  month        date NOT NULL,
  jobs         integer CHECK (jobs >= 0),
  budget_pence integer CHECK (budget_pence >= 0),
  version      integer NOT NULL CHECK (version > 0),
  updated_at   timestamptz NOT NULL,
  PRIMARY KEY (service_id, month)
);

-- A household's own home that is made safe. Where it is, stands in sanctuary_address.
CREATE TABLE sanctuary_job (
  id                  uuid PRIMARY KEY,
  reference           text NOT NULL UNIQUE,
  case_id             uuid NOT NULL REFERENCES "case",
  service_id          uuid NOT NULL REFERENCES service,
  state               text NOT NULL CHECK (state IN ('requested', 'surveyed', 'installed', 'signed_off',
                        'declined', 'not_feasible', 'withdrawn')),
  requested_at        timestamptz NOT NULL,
  requested_by        uuid NOT NULL REFERENCES account,
  -- The month in which it is to be done, by its first day.
  wanted_month        date NOT NULL,
  survey_on           date,
  -- From then on the scheme may know who and where.
  booked_at           timestamptz,
  surveyed_on         date,
  installed_on        date,
  signed_off_on       date,
  signed_off_at       timestamptz,
  tenure              text NOT NULL CHECK (tenure IN ('owner_occupier', 'private_renter', 'social_housing', 'unknown')),
  landlord_consent    text NOT NULL CHECK (landlord_consent IN ('not_asked', 'not_needed', 'asked', 'given', 'refused')),
  consent_asked_on    date,
  consent_answered_on date,
  perpetrator_keys    text NOT NULL CHECK (perpetrator_keys IN ('yes', 'no', 'unknown')),
  joint_tenancy       text NOT NULL CHECK (joint_tenancy IN ('yes', 'no', 'unknown')),
  ended_at            timestamptz CHECK ((ended_at IS NULL) = (state IN ('requested', 'surveyed', 'installed'))),
  reason              text CHECK ((reason IS NULL) = (state NOT IN ('declined', 'not_feasible', 'withdrawn'))),
  decided_by          text CHECK (decided_by IN ('provider', 'survivor', 'referrer', 'system')),
  version             integer NOT NULL CHECK (version > 0),
  CHECK ((decided_by IS NULL) = (reason IS NULL)),
  CHECK ((survey_on IS NULL) = (booked_at IS NULL)),
  CHECK ((signed_off_on IS NOT NULL) = (state = 'signed_off')),
  CHECK ((signed_off_at IS NOT NULL) = (state = 'signed_off'))
);
CREATE INDEX sanctuary_job_of_case ON sanctuary_job (case_id, requested_at);
CREATE INDEX sanctuary_job_to_service ON sanctuary_job (service_id, requested_at DESC, id DESC);
CREATE UNIQUE INDEX sanctuary_job_one_open_per_case ON sanctuary_job (case_id)
  WHERE state IN ('requested', 'surveyed', 'installed');

CREATE TABLE sanctuary_measure (
  id         uuid PRIMARY KEY,
  job_id     uuid NOT NULL REFERENCES sanctuary_job,
  kind       text NOT NULL,
  number     integer NOT NULL CHECK (number > 0),
  -- Of all of them together.
  cost_pence integer NOT NULL CHECK (cost_pence >= 0),
  installer  text CHECK (installer IN ('in_house', 'contractor', 'police', 'fire_service', 'housing_provider', 'other')),
  state      text NOT NULL CHECK (state IN ('planned', 'fitted', 'removed')),
  version    integer NOT NULL CHECK (version > 0)
);
CREATE INDEX sanctuary_measure_of_job ON sanctuary_measure (job_id, id);

-- Where she lives. Sealed with the data key of the organisation whose case it is; read only by its own audited release.
CREATE TABLE sanctuary_address (
  job_id     uuid PRIMARY KEY REFERENCES sanctuary_job,
  key_id     uuid NOT NULL REFERENCES data_key,
  sealed     bytea NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  updated_at timestamptz NOT NULL
);

-- Is she still safe at home? Asked 1, 3, 6 and 12 months after the job was signed off.
CREATE TABLE sanctuary_follow_up (
  id          uuid PRIMARY KEY,
  job_id      uuid NOT NULL REFERENCES sanctuary_job,
  months      integer NOT NULL CHECK (months > 0),
  due_on      date NOT NULL,
  asked_on    date,
  answer      text CHECK (answer IN ('still_safe', 'not_safe', 'moved', 'not_reached')),
  needed      text,
  answered_by uuid REFERENCES account,
  -- Nobody has to ask any more: an earlier answer says enough.
  settled_at  timestamptz,
  key_id      uuid REFERENCES data_key,
  sealed      bytea,
  version     integer NOT NULL CHECK (version > 0),
  UNIQUE (job_id, months),
  CHECK ((answer IS NULL) = (asked_on IS NULL)),
  CHECK ((answer IS NULL) = (answered_by IS NULL)),
  CHECK ((sealed IS NULL) = (key_id IS NULL))
);
