-- Every set of rules that ever was in force, of whatever it is about: an old verdict stays explainable. The newest
-- version counts.
CREATE TABLE rule_set (
  scope          text NOT NULL CHECK (scope IN ('organisation', 'service', 'unit', 'vacancy')),
  scope_id       uuid NOT NULL,
  version        integer NOT NULL CHECK (version > 0),
  rules          jsonb NOT NULL,
  author_id      uuid NOT NULL,
  reason         text NOT NULL,
  effective_from timestamptz NOT NULL,
  PRIMARY KEY (scope, scope_id, version)
);
INSERT INTO rule_set SELECT 'service', service_id, version, rules, author_id, reason, effective_from FROM service_rules;
DROP TABLE service_rules;
CREATE TRIGGER rule_set_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rule_set EXECUTE FUNCTION refuse_change();

-- The household that the searches of a case are counted as: a random number, so that a search names no case.
CREATE TABLE search_household (
  case_id   uuid PRIMARY KEY REFERENCES "case",
  household uuid NOT NULL UNIQUE
);

-- A search that mattered: the facts that rules ask for, without a name, a date, a place or a word of free text.
CREATE TABLE search (
  id                  uuid PRIMARY KEY,
  household           uuid NOT NULL,
  organisation_id     uuid NOT NULL REFERENCES organisation,
  made_at             timestamptz NOT NULL,
  occasion            text NOT NULL CHECK (occasion IN ('marked', 'referred', 'waiting', 'turned_away')),
  -- Vacant homes, by verdict.
  suitable            integer NOT NULL CHECK (suitable >= 0),
  discuss             integer NOT NULL CHECK (discuss >= 0),
  missing_information integer NOT NULL CHECK (missing_information >= 0),
  not_suitable        integer NOT NULL CHECK (not_suitable >= 0),
  facts               jsonb NOT NULL
);
CREATE INDEX search_in_time ON search (organisation_id, made_at);
CREATE INDEX search_of_household ON search (household);

-- What it found at each service: the homes that were vacant, the rules that counted, the verdicts.
CREATE TABLE search_service (
  search_id  uuid NOT NULL REFERENCES search,
  service_id uuid NOT NULL REFERENCES service,
  homes      jsonb NOT NULL,
  PRIMARY KEY (search_id, service_id)
);
CREATE INDEX search_service_of ON search_service (service_id);

-- What stood in the way there: of how many homes alone (by the verdict that they would have without it), of how many
-- together with something else.
CREATE TABLE search_obstacle (
  search_id      uuid NOT NULL REFERENCES search,
  service_id     uuid NOT NULL REFERENCES service,
  obstacle       text NOT NULL,
  alone_suitable integer NOT NULL CHECK (alone_suitable >= 0),
  alone_discuss  integer NOT NULL CHECK (alone_discuss >= 0),
  alone_ask      integer NOT NULL CHECK (alone_ask >= 0),
  together       integer NOT NULL CHECK (together >= 0),
  PRIMARY KEY (search_id, service_id, obstacle)
);

-- Cases that are matched again whenever a vacancy is posted or a rule changes.
CREATE TABLE watch (
  case_id    uuid PRIMARY KEY REFERENCES "case",
  account_id uuid NOT NULL REFERENCES account,
  since      timestamptz NOT NULL
);

-- What is still to be matched again: one vacancy, or, where none is named, every vacancy of a provider.
CREATE TABLE watch_due (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation,
  vacancy_id      uuid REFERENCES vacancy,
  due_at          timestamptz NOT NULL
);

-- What was found for a watched case since.
CREATE TABLE watch_match (
  case_id    uuid NOT NULL REFERENCES "case",
  vacancy_id uuid NOT NULL REFERENCES vacancy,
  verdict    text NOT NULL CHECK (verdict IN ('suitable', 'discuss')),
  found_at   timestamptz NOT NULL,
  seen_at    timestamptz CHECK (seen_at >= found_at),
  PRIMARY KEY (case_id, vacancy_id)
);
CREATE INDEX watch_match_of_vacancy ON watch_match (vacancy_id);
