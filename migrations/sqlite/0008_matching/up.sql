-- Every set of rules that ever was in force, of whatever it is about: an old verdict stays explainable. The newest
-- version counts.
CREATE TABLE rule_set (
  scope          text NOT NULL CHECK (scope IN ('organisation', 'service', 'unit', 'vacancy')),
  scope_id       blob NOT NULL,
  version        integer NOT NULL CHECK (version > 0),
  rules          text NOT NULL,
  author_id      blob NOT NULL,
  reason         text NOT NULL,
  effective_from text NOT NULL,
  PRIMARY KEY (scope, scope_id, version)
) STRICT, WITHOUT ROWID;
INSERT INTO rule_set SELECT 'service', service_id, version, rules, author_id, reason, effective_from FROM service_rules;
DROP TABLE service_rules;
CREATE TRIGGER rule_set_keeps BEFORE UPDATE ON rule_set BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER rule_set_stays BEFORE DELETE ON rule_set BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- The household that the searches of a case are counted as: a random number, so that a search names no case.
CREATE TABLE search_household (
  case_id   blob PRIMARY KEY REFERENCES "case",
  household blob NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

-- A search that mattered: the facts that rules ask for, without a name, a date, a place or a word of free text.
CREATE TABLE search (
  id                  blob PRIMARY KEY,
  household           blob NOT NULL,
  organisation_id     blob NOT NULL REFERENCES organisation,
  made_at             text NOT NULL,
  occasion            text NOT NULL CHECK (occasion IN ('marked', 'referred', 'waiting', 'turned_away')),
  -- Vacant homes, by verdict.
  suitable            integer NOT NULL CHECK (suitable >= 0),
  discuss             integer NOT NULL CHECK (discuss >= 0),
  missing_information integer NOT NULL CHECK (missing_information >= 0),
  not_suitable        integer NOT NULL CHECK (not_suitable >= 0),
  facts               text NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX search_in_time ON search (organisation_id, made_at);
CREATE INDEX search_of_household ON search (household);

-- What it found at each service: the homes that were vacant, the rules that counted, the verdicts.
CREATE TABLE search_service (
  search_id  blob NOT NULL REFERENCES search,
  service_id blob NOT NULL REFERENCES service,
  homes      text NOT NULL,
  PRIMARY KEY (search_id, service_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX search_service_of ON search_service (service_id);

-- What stood in the way there: of how many homes alone (by the verdict that they would have without it), of how many
-- together with something else.
CREATE TABLE search_obstacle (
  search_id      blob NOT NULL REFERENCES search,
  service_id     blob NOT NULL REFERENCES service,
  obstacle       text NOT NULL,
  alone_suitable integer NOT NULL CHECK (alone_suitable >= 0),
  alone_discuss  integer NOT NULL CHECK (alone_discuss >= 0),
  alone_ask      integer NOT NULL CHECK (alone_ask >= 0),
  together       integer NOT NULL CHECK (together >= 0),
  PRIMARY KEY (search_id, service_id, obstacle)
) STRICT, WITHOUT ROWID;

-- Cases that are matched again whenever a vacancy is posted or a rule changes.
CREATE TABLE watch (
  case_id    blob PRIMARY KEY REFERENCES "case",
  account_id blob NOT NULL REFERENCES account,
  since      text NOT NULL
) STRICT, WITHOUT ROWID;

-- What is still to be matched again: one vacancy, or, where none is named, every vacancy of a provider.
CREATE TABLE watch_due (
  id              blob PRIMARY KEY,
  organisation_id blob NOT NULL REFERENCES organisation,
  vacancy_id      blob REFERENCES vacancy,
  due_at          text NOT NULL
) STRICT, WITHOUT ROWID;

-- What was found for a watched case since.
CREATE TABLE watch_match (
  case_id    blob NOT NULL REFERENCES "case",
  vacancy_id blob NOT NULL REFERENCES vacancy,
  verdict    text NOT NULL CHECK (verdict IN ('suitable', 'discuss')),
  found_at   text NOT NULL,
  seen_at    text CHECK (seen_at >= found_at),
  PRIMARY KEY (case_id, vacancy_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_match_of_vacancy ON watch_match (vacancy_id);
