-- What somebody has to do, and by when. An automatic task is raised once for each occasion: raising it again does nothing.
CREATE TABLE task (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation,
  kind            text NOT NULL CHECK (kind IN (
                    'to_do', 'call_back', 'referral_unanswered', 'information_requested', 'hold_lapsing',
                    'vacancy_stale', 'arrival_passed', 'stay_over_limit', 'risk_review', 'safety_action',
                    'sanctuary_step', 'sanctuary_follow_up', 'case_unowned')),
  case_id         uuid REFERENCES "case",
  subject_id      uuid NOT NULL,
  occasion        timestamptz NOT NULL,
  owner_id        uuid REFERENCES account,
  raised_at       timestamptz NOT NULL,
  due_at          timestamptz NOT NULL,
  ended_at        timestamptz,
  ended_by        uuid REFERENCES account,
  outcome         text CHECK (outcome IN ('done', 'settled')),
  key_id          uuid REFERENCES data_key,
  sealed          bytea,
  version         integer NOT NULL,
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK ((sealed IS NULL) = (key_id IS NULL)),
  CHECK (kind <> 'to_do' OR sealed IS NOT NULL),
  UNIQUE (kind, subject_id, occasion)
);
CREATE INDEX task_open ON task (organisation_id, due_at, id) WHERE ended_at IS NULL;
CREATE INDEX task_of_owner ON task (owner_id, due_at) WHERE ended_at IS NULL;
CREATE INDEX task_of_case ON task (case_id, due_at);
