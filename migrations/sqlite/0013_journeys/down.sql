DROP TABLE journey_attempt;
DROP TABLE journey_use;
DROP TABLE journey;
DROP TABLE contact_override;
DROP TABLE case_likeness;
DROP TABLE identity_trace;
ALTER TABLE data_key DROP COLUMN destroyed_at;
