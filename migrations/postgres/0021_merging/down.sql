DROP INDEX audit_event_of_contact;
DROP INDEX case_waiting;
DROP VIEW hidden_case;
DROP VIEW folded_case;
DROP TABLE case_merge;
DROP FUNCTION merge_keeps;
