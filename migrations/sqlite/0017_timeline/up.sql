-- What somebody writes about a household beside what happens. A correction is a note of its own; nothing is changed.
CREATE TABLE case_note (
  id              blob PRIMARY KEY,
  case_id         blob NOT NULL REFERENCES "case",
  -- Of who wrote it: its key has sealed it.
  organisation_id blob NOT NULL REFERENCES organisation,
  account_id      blob NOT NULL REFERENCES account,
  -- The referral that led to the stay: of notes that are shared, and of what the provider writes.
  referral_id     blob REFERENCES referral,
  kind            text NOT NULL CHECK (kind IN ('call', 'visit', 'meeting', 'message', 'note', 'information')),
  visibility      text NOT NULL CHECK (visibility IN ('own_organisation', 'placing_provider', 'referrer')),
  happened_at     text NOT NULL,
  written_at      text NOT NULL CHECK (written_at >= happened_at),
  reached         integer,
  corrects        blob UNIQUE REFERENCES case_note,
  key_id          blob NOT NULL REFERENCES data_key,
  sealed          blob NOT NULL,
  CHECK (visibility = 'own_organisation' OR referral_id IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_note_of_case ON case_note (case_id, happened_at, id);
CREATE INDEX case_note_of_referral ON case_note (referral_id, happened_at, id) WHERE referral_id IS NOT NULL;

-- How great the danger is: the answers by number and the words of who judged are sealed together.
CREATE TABLE risk_assessment (
  id              blob PRIMARY KEY,
  case_id         blob NOT NULL REFERENCES "case",
  organisation_id blob NOT NULL REFERENCES organisation,
  account_id      blob NOT NULL REFERENCES account,
  assessed_on     text NOT NULL,
  recorded_at     text NOT NULL,
  score           integer NOT NULL CHECK (score BETWEEN 0 AND 24),
  -- Whether each answer was given, and not only the score of a form on paper.
  answered        integer NOT NULL,
  band            text NOT NULL CHECK (band IN ('standard', 'medium', 'high')),
  score_band      text NOT NULL CHECK (score_band IN ('standard', 'medium', 'high')),
  override_reason text,
  next_review_on  text NOT NULL CHECK (next_review_on > assessed_on),
  key_id          blob REFERENCES data_key,
  sealed          blob CHECK ((sealed IS NULL) = (key_id IS NULL)),
  CHECK ((override_reason IS NULL) = (band = score_band))
) STRICT, WITHOUT ROWID;
CREATE INDEX risk_assessment_of_case ON risk_assessment (case_id, recorded_at, id);

CREATE TABLE marac_referral (
  id              blob PRIMARY KEY,
  case_id         blob NOT NULL REFERENCES "case",
  organisation_id blob NOT NULL REFERENCES organisation,
  account_id      blob NOT NULL REFERENCES account,
  referred_on     text NOT NULL,
  recorded_at     text NOT NULL,
  reason          text NOT NULL CHECK (reason IN ('score', 'professional_judgement', 'repeat', 'escalation'))
) STRICT, WITHOUT ROWID;
CREATE INDEX marac_referral_of_case ON marac_referral (case_id, referred_on, id);

-- Abuse that happened. Whether it was a repeat is worked out when it is recorded.
CREATE TABLE risk_incident (
  id              blob PRIMARY KEY,
  case_id         blob NOT NULL REFERENCES "case",
  organisation_id blob NOT NULL REFERENCES organisation,
  account_id      blob NOT NULL REFERENCES account,
  happened_on     text NOT NULL,
  recorded_at     text NOT NULL,
  same_person     text NOT NULL CHECK (same_person IN ('yes', 'no', 'unknown')),
  abuse_types     text NOT NULL,
  marac_repeat    integer NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX risk_incident_of_case ON risk_incident (case_id, happened_on, id);

-- What is done to be safer, by whom and until when.
CREATE TABLE safety_action (
  id              blob PRIMARY KEY,
  case_id         blob NOT NULL REFERENCES "case",
  organisation_id blob NOT NULL REFERENCES organisation,
  added_by        blob NOT NULL REFERENCES account,
  added_at        text NOT NULL,
  doer            text NOT NULL CHECK (doer IN ('survivor', 'worker', 'other')),
  due_on          text NOT NULL,
  state           text NOT NULL CHECK (state IN ('open', 'done', 'not_needed')),
  ended_on        text CHECK ((ended_on IS NULL) = (state = 'open')),
  ended_by        blob REFERENCES account CHECK ((ended_by IS NULL) = (state = 'open')),
  key_id          blob NOT NULL REFERENCES data_key,
  sealed          blob NOT NULL,
  version         integer NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX safety_action_of_case ON safety_action (case_id, due_on, id);

-- Somebody went through the plan together with the survivor.
CREATE TABLE safety_review (
  id              blob PRIMARY KEY,
  case_id         blob NOT NULL REFERENCES "case",
  organisation_id blob NOT NULL REFERENCES organisation,
  account_id      blob NOT NULL REFERENCES account,
  reviewed_at     text NOT NULL,
  next_review_on  text
) STRICT, WITHOUT ROWID;
CREATE INDEX safety_review_of_case ON safety_review (case_id, reviewed_at, id);

CREATE TRIGGER case_note_keeps BEFORE UPDATE ON case_note BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER case_note_stays BEFORE DELETE ON case_note BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER risk_assessment_keeps BEFORE UPDATE ON risk_assessment BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER risk_assessment_stays BEFORE DELETE ON risk_assessment BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER marac_referral_keeps BEFORE UPDATE ON marac_referral BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER marac_referral_stays BEFORE DELETE ON marac_referral BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER risk_incident_keeps BEFORE UPDATE ON risk_incident BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER risk_incident_stays BEFORE DELETE ON risk_incident BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER safety_review_keeps BEFORE UPDATE ON safety_review BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER safety_review_stays BEFORE DELETE ON safety_review BEGIN SELECT RAISE(ABORT, 'append_only'); END;
