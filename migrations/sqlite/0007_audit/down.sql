DROP TRIGGER service_rules_keeps;
DROP TRIGGER service_rules_stays;
DROP TABLE idempotency;
DROP TABLE outbox;
DROP TABLE audit_link;
DROP TABLE audit_event;
