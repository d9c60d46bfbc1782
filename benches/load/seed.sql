-- 5,000 vacant units with a referral waiting for each, and 100,000 referrals of the last three years.
-- Services, organisations and accounts are there already; `bench.needs` is a list of needs profiles.

-- The id of ids.rs.
CREATE FUNCTION pg_temp.id(kind integer, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN ('018c0000000' || kind || '7' || (1000000000000000000 + n))::uuid;
-- Looks like C-7K4M-P2XD, scattered as those are, never twice the same.
CREATE FUNCTION pg_temp.reference(prefix text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN prefix || overlay(upper(lpad(to_hex((n * 2654435761) % 4294967296), 8, '0')) PLACING '-' FROM 5 FOR 0);

CREATE TEMP TABLE world AS
SELECT now() AS now, account.id AS worker, account.organisation_id AS helpline
FROM account WHERE email = 'caseworker@bench.example';
CREATE TEMP TABLE household AS
SELECT n - 1 AS n, needs FROM jsonb_array_elements(current_setting('bench.needs')::jsonb) WITH ORDINALITY AS _(needs, n);
CREATE TEMP TABLE reason AS
SELECT row_number() OVER (ORDER BY code) - 1 AS n, code, attributes->'decided_by'->>0 AS decided_by
FROM reference_code WHERE list = 'denial_reason';
CREATE TEMP TABLE next AS
SELECT row_number() OVER (ORDER BY code) - 1 AS n, code FROM reference_code WHERE list = 'what_happened_next';

INSERT INTO unit
SELECT pg_temp.id(2, n), pg_temp.id(1, (n - 1) / 20 + 1), 'U' || n, 1 + n * 7 % 6, n % 2, n % 3 = 0,
  (ARRAY['none', 'none', 'none', 'essential_rooms', 'full'])[1 + n % 5], CASE n % 3 WHEN 0 THEN 'own' ELSE 'shared' END,
  CASE n % 2 WHEN 0 THEN 'own' ELSE 'shared' END, n % 4, n % 4 = 0, now - interval '4 years', NULL, 1, now
FROM world, generate_series(1, 5000) AS n;

INSERT INTO vacancy
SELECT pg_temp.id(3, n), pg_temp.id(2, n), 'open', now - interval '1 day', now - interval '2 days',
  now - n * interval '10 seconds', NULL, 1
FROM world, generate_series(1, 5000) AS n;

INSERT INTO "case"
SELECT pg_temp.id(4, u), pg_temp.reference('C-', u), helpline, worker, 'open', 'E06000016', 'police', needs,
  now - u * interval '30 seconds', NULL, NULL, NULL, NULL, NULL, 1, now
FROM world, household, generate_series(1, 5000) AS u WHERE n = 0;

INSERT INTO referral
SELECT pg_temp.id(5, n), pg_temp.reference('R-', n), pg_temp.id(4, n), pg_temp.id(1, (n - 1) / 20 + 1),
  pg_temp.id(3, n), pg_temp.id(2, n), NULL, 'sent', now - n * interval '10 seconds', worker,
  NULL, NULL, NULL, NULL, NULL, NULL, 1
FROM world, generate_series(1, 5000) AS n;

-- Three cases have five referrals; two cases in five end with a place, at the last of their referrals. A unit is stayed
-- in about every 220 days, for 20 to 119 of them.
CREATE TEMP TABLE past AS
WITH numbered AS (
  SELECT n, (n - 1) * 3 / 5 + 1 AS c FROM generate_series(1, 100000) AS n
), decided AS (
  SELECT n, c, lead(c) OVER (ORDER BY n) IS DISTINCT FROM c AS last FROM numbered
), placed AS (
  SELECT *, last AND c % 5 < 2 AS placed, count(*) FILTER (WHERE last AND c % 5 < 2) OVER (ORDER BY n) AS p FROM decided
)
SELECT n, c, last, placed, p, (p - 1) % 5000 + 1 AS unit, now, worker,
  now - interval '3 years' + n * (interval '1092 days' / 100000) AS sent_at
FROM placed, world;
ALTER TABLE past ADD service bigint, ADD reason bigint;
UPDATE past SET service = CASE WHEN placed THEN (unit - 1) / 20 + 1 ELSE 1 + n * 7919 % 250 END,
  reason = n * 31 % (SELECT count(*) FROM reason);

INSERT INTO "case"
SELECT pg_temp.id(4, 1000000 + c), pg_temp.reference('C-', 1000000 + c), helpline, past.worker, 'closed', 'E06000016',
  'national_helpline', needs, sent_at - interval '2 hours', sent_at + interval '1 day',
  CASE WHEN placed THEN 'placed' ELSE 'not_placed' END, CASE WHEN NOT placed THEN reason.code END,
  CASE WHEN NOT placed THEN reason.decided_by END, CASE WHEN NOT placed THEN next.code END, 2, sent_at
FROM past JOIN reason ON reason.n = past.reason JOIN next ON next.n = c % 11 JOIN household ON household.n = c % 4
  CROSS JOIN world
WHERE last ORDER BY c;

INSERT INTO vacancy
SELECT pg_temp.id(3, 1000000 + p), pg_temp.id(2, unit), 'filled', sent_at, sent_at - interval '2 days',
  sent_at - interval '1 hour', sent_at + interval '4 hours', 2
FROM past WHERE placed ORDER BY p;

INSERT INTO referral
SELECT pg_temp.id(5, 1000000 + past.n), pg_temp.reference('R-', 1000000 + past.n), pg_temp.id(4, 1000000 + c),
  pg_temp.id(1, service), CASE WHEN placed THEN pg_temp.id(3, 1000000 + p) END,
  CASE WHEN placed THEN pg_temp.id(2, unit) END, NULL,
  CASE WHEN placed THEN 'placed' ELSE CASE decided_by WHEN 'provider' THEN 'declined_by_provider'
    WHEN 'survivor' THEN 'declined_by_survivor' WHEN 'referrer' THEN 'withdrawn' ELSE 'lapsed' END END,
  sent_at, worker, sent_at + interval '4 hours', sent_at + interval '12 hours',
  CASE WHEN NOT placed THEN code END, CASE WHEN NOT placed THEN decided_by END,
  CASE WHEN placed THEN sent_at + interval '4 hours' END, CASE WHEN placed THEN sent_at + interval '15 days' END, 3
FROM past JOIN reason ON reason.n = past.reason ORDER BY past.n;

INSERT INTO referral_secondary_reason
SELECT pg_temp.id(5, 1000000 + past.n), code
FROM past JOIN reason ON reason.n = (past.reason + 1) % (SELECT count(*) FROM reason) WHERE NOT placed AND past.n % 4 = 0;

INSERT INTO occupancy
SELECT pg_temp.id(6, 1000000 + p), pg_temp.id(2, unit), 'placement', sent_at + interval '12 hours',
  least(sent_at + interval '12 hours' + (20 + p % 100) * interval '1 day', now - interval '1 day'),
  pg_temp.id(4, 1000000 + c), NULL
FROM past WHERE placed ORDER BY p;

INSERT INTO placement (id, referral_id, state, expected_at, arrived_at, expected_end, departed_at, departure_kind,
  destination, version, resident_since)
SELECT occupancy.id, pg_temp.id(5, 1000000 + n), 'departed', starts_at, starts_at, ends_at, ends_at, 'planned',
  'social_tenancy', 4, starts_at
FROM past JOIN occupancy ON occupancy.id = pg_temp.id(6, 1000000 + p) WHERE placed ORDER BY p;

INSERT INTO case_identity
SELECT "case".id, data_key.id, decode(repeat(md5("case".id::text), 14), 'hex'), 1, opened_at
FROM "case" JOIN data_key USING (organisation_id);

-- The answers of the last days.
INSERT INTO idempotency
SELECT owner_id, md5("case".id::text), decode(md5(reference), 'hex'), to_jsonb("case"), opened_at
FROM "case" ORDER BY opened_at DESC LIMIT 20000;
