-- The waiting list: open cases, the longest waiting first.
CREATE INDEX case_open ON "case" (organisation_id, opened_at, id) WHERE state = 'open';
