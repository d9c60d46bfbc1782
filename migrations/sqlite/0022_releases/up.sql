-- What was published of a quarter or a financial year: the true numbers, and what is shown of them. It is made once, and is
-- never changed or taken back.
CREATE TABLE release (
  id        blob PRIMARY KEY,
  kind      text NOT NULL CHECK (kind IN ('quarter', 'year')),
  first_day text NOT NULL,
  made_at   text NOT NULL,
  facts     text NOT NULL,
  shown     text NOT NULL,
  UNIQUE (kind, first_day)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER release_keeps BEFORE UPDATE ON release BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER release_stays BEFORE DELETE ON release BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- Releases count what all organisations have closed in a time.
CREATE INDEX case_closed_in_time ON "case" (closed_at) WHERE closed_at IS NOT NULL;
