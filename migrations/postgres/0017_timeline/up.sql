-- What somebody writes about a household beside what happens. A correction is a note of its own; nothing is changed.
CREATE TABLE case_note (
  id              uuid PRIMARY KEY,
  case_id         uuid NOT NULL REFERENCES "case",
  -- Of who wrote it: its key has sealed it.
  organisation_id uuid NOT NULL REFERENCES organisation,
  account_id      uuid NOT NULL REFERENCES account,
  -- The referral that led to the stay: of notes that are shared, and of what the provider writes.
  referral_id     uuid REFERENCES referral,
  kind            text NOT NULL CHECK (kind IN ('call', 'visit', 'meeting', 'message', 'note', 'information')),
  visibility      text NOT NULL CHECK (visibility IN ('own_organisation', 'placing_provider', 'referrer')),
  happened_at     timestamptz NOT NULL,
  written_at      timestamptz NOT NULL CHECK (written_at >= happened_at),
  reached         boolean,
  corrects        uuid UNIQUE REFERENCES case_note,
  key_id          uuid NOT NULL REFERENCES data_key,
  sealed          bytea NOT NULL,
  CHECK (visibility = 'own_organisation' OR referral_id IS NOT NULL)
);
CREATE INDEX case_note_of_case ON case_note (case_id, happened_at, id);
CREATE INDEX case_note_of_referral ON case_note (referral_id, happened_at, id) WHERE referral_id IS NOT NULL;

-- How great the danger is: the answers by number and the words of who judged are sealed together.
CREATE TABLE risk_assessment (
  id              uuid PRIMARY KEY,
  case_id         uuid NOT NULL REFERENCES "case",
  organisation_id uuid NOT NULL REFERENCES organisation,
  account_id      uuid NOT NULL REFERENCES account,
  assessed_on     date NOT NULL,
  recorded_at     timestamptz NOT NULL,
  score           integer NOT NULL CHECK (score BETWEEN 0 AND 24),
  -- Whether each answer was given, and not only the score of a form on paper.
  answered        boolean NOT NULL,
  band            text NOT NULL CHECK (band IN ('standard', 'medium', 'high')),
  score_band      text NOT NULL CHECK (score_band IN ('standard', 'medium', 'high')),
  override_reason text,
  next_review_on  date NOT NULL CHECK (next_review_on > assessed_on),
  key_id          uuid REFERENCES data_key,
  sealed          bytea CHECK ((sealed IS NULL) = (key_id IS NULL)),
  CHECK ((override_reason IS NULL) = (band = score_band))
);
CREATE INDEX risk_assessment_of_case ON risk_assessment (case_id, recorded_at, id);

CREATE TABLE marac_referral (
  id              uuid PRIMARY KEY,
  case_id         uuid NOT NULL REFERENCES "case",
  organisation_id uuid NOT NULL REFERENCES organisation,
  account_id      uuid NOT NULL REFERENCES account,
  referred_on     date NOT NULL,
  recorded_at     timestamptz NOT NULL,
  reason          text NOT NULL CHECK (reason IN ('score', 'professional_judgement', 'repeat', 'escalation'))
);
CREATE INDEX marac_referral_of_case ON marac_referral (case_id, referred_on, id);

-- Abuse that happened. Whether it was a repeat is worked out when it is recorded.
CREATE TABLE risk_incident (
  id              uuid PRIMARY KEY,
  case_id         uuid NOT NULL REFERENCES "case",
  organisation_id uuid NOT NULL REFERENCES organisation,
  account_id      uuid NOT NULL REFERENCES account,
  happened_on     date NOT NULL,
  recorded_at     timestamptz NOT NULL,
  same_person     text NOT NULL CHECK (same_person IN ('yes', 'no', 'unknown')),
  abuse_types     jsonb NOT NULL,
  marac_repeat    boolean NOT NULL
);
CREATE INDEX risk_incident_of_case ON risk_incident (case_id, happened_on, id);

-- What is done to be safer, by whom and until when.
CREATE TABLE safety_action (
  id              uuid PRIMARY KEY,
  case_id         uuid NOT NULL REFERENCES "case",
  organisation_id uuid NOT NULL REFERENCES organisation,
  added_by        uuid NOT NULL REFERENCES account,
  added_at        timestamptz NOT NULL,
  doer            text NOT NULL CHECK (doer IN ('survivor', 'worker', 'other')),
  due_on          date NOT NULL,
  state           text NOT NULL CHECK (state IN ('open', 'done', 'not_needed')),
  ended_on        date CHECK ((ended_on IS NULL) = (state = 'open')),
  ended_by        uuid REFERENCES account CHECK ((ended_by IS NULL) = (state = 'open')),
  key_id          uuid NOT NULL REFERENCES data_key,
  sealed          bytea NOT NULL,
  version         integer NOT NULL
);
CREATE INDEX safety_action_of_case ON safety_action (case_id, due_on, id);

-- Somebody went through the plan together with the survivor.
CREATE TABLE safety_review (
  id              uuid PRIMARY KEY,
  case_id         uuid NOT NULL REFERENCES "case",
  organisation_id uuid NOT NULL REFERENCES organisation,
  account_id      uuid NOT NULL REFERENCES account,
  reviewed_at     timestamptz NOT NULL,
  next_review_on  date
);
CREATE INDEX safety_review_of_case ON safety_review (case_id, reviewed_at, id);

CREATE TRIGGER case_note_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_note EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_assessment_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON risk_assessment EXECUTE FUNCTION refuse_change();
CREATE TRIGGER marac_referral_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON marac_referral EXECUTE FUNCTION refuse_change();
CREATE TRIGGER risk_incident_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON risk_incident EXECUTE FUNCTION refuse_change();
CREATE TRIGGER safety_review_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON safety_review EXECUTE FUNCTION refuse_change();
