-- A report that is made once and kept. What is kept are its tables: a format is written when somebody takes it out, so all
-- formats say the same.
CREATE TABLE report_file (
  id               blob PRIMARY KEY NOT NULL,
  organisation_id  blob NOT NULL REFERENCES organisation,
  kind             text NOT NULL CHECK (kind IN ('own_report', 'board_pack', 'annual_return')),
  -- What it is about.
  from_on          text NOT NULL,
  to_on            text NOT NULL CHECK (to_on >= from_on),
  side             text CHECK (side IN ('provider', 'referrer')),
  area_code        text REFERENCES area,
  -- Nobody: a schedule.
  asked_by         blob REFERENCES account,
  asked_at         text NOT NULL,
  state            text NOT NULL CHECK (state IN ('waiting', 'working', 'ready', 'failed')),
  -- Nobody takes it up before then, again.
  due_at           text NOT NULL,
  attempts         integer NOT NULL CHECK (attempts >= 0),
  done_steps       integer NOT NULL CHECK (done_steps >= 0),
  all_steps        integer NOT NULL CHECK (all_steps >= done_steps),
  ready_at         text CHECK ((ready_at IS NOT NULL) = (state = 'ready')),
  problem          text CHECK (problem IN ('contended', 'failed', 'unavailable')),
  book             text CHECK ((book IS NOT NULL) = (state = 'ready')),
  kept_until       text NOT NULL,
  CHECK ((problem IS NOT NULL) = (state = 'failed')),
  CHECK (kind <> 'own_report' OR side IS NOT NULL)
) STRICT;
CREATE INDEX report_file_of_organisation ON report_file (organisation_id, id);
CREATE INDEX report_file_due ON report_file (state, due_at);
CREATE INDEX report_file_kept ON report_file (kept_until);
-- A schedule asks for a report once.
CREATE UNIQUE INDEX report_file_scheduled ON report_file (organisation_id, kind, from_on, to_on, coalesce(side, ''))
WHERE asked_by IS NULL;

-- Reports that an organisation wants without asking, each when its time is over.
CREATE TABLE report_schedule (
  organisation_id  blob NOT NULL REFERENCES organisation,
  every            text NOT NULL CHECK (every IN ('month', 'quarter')),
  side             text NOT NULL CHECK (side IN ('provider', 'referrer')),
  active           integer NOT NULL,
  -- The last day of the last report that was asked for, or that nobody wants.
  asked_until      text NOT NULL,
  version          integer NOT NULL CHECK (version > 0),
  updated_at       text NOT NULL,
  updated_by       blob NOT NULL REFERENCES account,
  PRIMARY KEY (organisation_id, every, side)
) STRICT, WITHOUT ROWID;
