DROP TABLE watch_match;
DROP TABLE watch_due;
DROP TABLE watch;
DROP TABLE search_obstacle;
DROP TABLE search_service;
DROP TABLE search;
DROP TABLE search_household;
CREATE TABLE service_rules (
  service_id     uuid NOT NULL REFERENCES service,
  version        integer NOT NULL CHECK (version > 0),
  rules          jsonb NOT NULL,
  author_id      uuid NOT NULL,
  reason         text NOT NULL,
  effective_from timestamptz NOT NULL,
  PRIMARY KEY (service_id, version)
);
INSERT INTO service_rules
  SELECT scope_id, version, rules, author_id, reason, effective_from FROM rule_set WHERE scope = 'service';
DROP TABLE rule_set;
CREATE TRIGGER service_rules_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON service_rules EXECUTE FUNCTION refuse_change();
