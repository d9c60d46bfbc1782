-- What the household is made of, as reports count it: worked out from the needs whenever they are written.
ALTER TABLE "case" ADD COLUMN household_kind text NOT NULL DEFAULT 'unknown' CHECK (household_kind IN
  ('one_adult', 'one_adult_with_children', 'adults', 'adults_with_children', 'children_only', 'unknown'));
UPDATE "case" SET household_kind = (
  SELECT CASE
    WHEN count(*) = 0 THEN 'unknown'
    WHEN sum(made.child) = count(*) THEN 'children_only'
    WHEN count(*) = 1 THEN 'one_adult'
    WHEN count(*) - sum(made.child) = 1 THEN 'one_adult_with_children'
    WHEN sum(made.child) = 0 THEN 'adults'
    ELSE 'adults_with_children' END
  FROM (SELECT json_extract(member.value, '$.role') = 'child' AS child
        FROM json_each("case".needs, '$.members') AS member) AS made);

-- Everything that reports ask of a case, so that they need not read what is known of the household.
DROP INDEX case_closed;
CREATE INDEX case_reported ON "case" (organisation_id, closed_at, opened_at, outcome, primary_reason, decided_by,
  what_happened_next, origin_area, referral_source, household_kind);
