-- What was published of a quarter or a financial year: the true numbers, and what is shown of them. It is made once, and is
-- never changed or taken back.
CREATE TABLE release (
  id        uuid PRIMARY KEY,
  kind      text NOT NULL CHECK (kind IN ('quarter', 'year')),
  first_day date NOT NULL,
  made_at   timestamptz NOT NULL,
  facts     jsonb NOT NULL,
  shown     jsonb NOT NULL,
  UNIQUE (kind, first_day)
);
CREATE TRIGGER release_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON release EXECUTE FUNCTION refuse_change();

-- Releases count what all organisations have closed in a time.
CREATE INDEX case_closed_in_time ON "case" (closed_at) WHERE closed_at IS NOT NULL;
