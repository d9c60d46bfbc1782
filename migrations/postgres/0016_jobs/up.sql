-- What the program does by itself, and who is doing it. One row for each job: whoever leases it is alone with it until the
-- lease runs out, so a process that dies leaves nothing undone for longer.
CREATE TABLE job (
  name             text PRIMARY KEY,
  due_at           timestamptz NOT NULL,
  leased_by        uuid,
  leased_until     timestamptz,
  attempts         integer NOT NULL CHECK (attempts >= 0),
  last_started_at  timestamptz,
  last_finished_at timestamptz,
  last_took_ms     bigint CHECK (last_took_ms >= 0),
  last_problem     text CHECK (last_problem IN ('contended', 'failed', 'unavailable')),
  runs             bigint NOT NULL CHECK (runs >= 0),
  failures         bigint NOT NULL CHECK (failures >= 0),
  handled          bigint NOT NULL CHECK (handled >= 0),
  CHECK ((leased_by IS NULL) = (leased_until IS NULL))
);
