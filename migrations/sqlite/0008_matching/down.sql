DROP TABLE watch_match;
DROP TABLE watch_due;
DROP TABLE watch;
DROP TABLE search_obstacle;
DROP TABLE search_service;
DROP TABLE search;
DROP TABLE search_household;
CREATE TABLE service_rules (
  service_id     blob NOT NULL REFERENCES service,
  version        integer NOT NULL CHECK (version > 0),
  rules          text NOT NULL,
  author_id      blob NOT NULL,
  reason         text NOT NULL,
  effective_from text NOT NULL,
  PRIMARY KEY (service_id, version)
) STRICT, WITHOUT ROWID;
INSERT INTO service_rules
  SELECT scope_id, version, rules, author_id, reason, effective_from FROM rule_set WHERE scope = 'service';
DROP TABLE rule_set;
CREATE TRIGGER service_rules_keeps BEFORE UPDATE ON service_rules BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER service_rules_stays BEFORE DELETE ON service_rules BEGIN SELECT RAISE(ABORT, 'append_only'); END;
