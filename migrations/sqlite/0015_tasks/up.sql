-- What somebody has to do, and by when. An automatic task is raised once for each occasion: raising it again does nothing.
CREATE TABLE task (
  id              blob PRIMARY KEY,
  organisation_id blob NOT NULL REFERENCES organisation,
  kind            text NOT NULL CHECK (kind IN (
                    'to_do', 'call_back', 'referral_unanswered', 'information_requested', 'hold_lapsing',
                    'vacancy_stale', 'arrival_passed', 'stay_over_limit', 'risk_review', 'safety_action',
                    'sanctuary_step', 'sanctuary_follow_up', 'case_unowned')),
  case_id         blob REFERENCES "case",
  subject_id      blob NOT NULL,
  occasion        text NOT NULL,
  owner_id        blob REFERENCES account,
  raised_at       text NOT NULL,
  due_at          text NOT NULL,
  ended_at        text,
  ended_by        blob REFERENCES account,
  outcome         text CHECK (outcome IN ('done', 'settled')),
  key_id          blob REFERENCES data_key,
  sealed          blob,
  version         integer NOT NULL,
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK ((sealed IS NULL) = (key_id IS NULL)),
  CHECK (kind <> 'to_do' OR sealed IS NOT NULL),
  UNIQUE (kind, subject_id, occasion)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_open ON task (organisation_id, due_at, id) WHERE ended_at IS NULL;
CREATE INDEX task_of_owner ON task (owner_id, due_at) WHERE ended_at IS NULL;
CREATE INDEX task_of_case ON task (case_id, due_at);
