DROP INDEX case_reported;
CREATE INDEX case_closed ON "case" (organisation_id, closed_at);
ALTER TABLE "case" DROP COLUMN household_kind;
