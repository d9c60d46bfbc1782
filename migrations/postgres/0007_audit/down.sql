DROP TRIGGER service_rules_append_only ON service_rules;
DROP TABLE idempotency;
DROP TABLE outbox;
DROP TABLE audit_link;
DROP TABLE audit_event;
DROP FUNCTION refuse_change;
