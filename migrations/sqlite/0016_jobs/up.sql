-- What the program does by itself, and who is doing it. One row for each job: whoever leases it is alone with it until the
-- lease runs out, so a process that dies leaves nothing undone for longer.
CREATE TABLE job (
  name             text PRIMARY KEY,
  due_at           text NOT NULL,
  leased_by        blob,
  leased_until     text,
  attempts         integer NOT NULL CHECK (attempts >= 0),
  last_started_at  text,
  last_finished_at text,
  last_took_ms     integer CHECK (last_took_ms >= 0),
  last_problem     text CHECK (last_problem IN ('contended', 'failed', 'unavailable')),
  runs             integer NOT NULL CHECK (runs >= 0),
  failures         integer NOT NULL CHECK (failures >= 0),
  handled          integer NOT NULL CHECK (handled >= 0),
  CHECK ((leased_by IS NULL) = (leased_until IS NULL))
) STRICT, WITHOUT ROWID;
