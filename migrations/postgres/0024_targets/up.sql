-- What an organisation wants a measure to be: at least, or at most, so many tenths of its unit.
CREATE TABLE target (
  organisation_id uuid NOT NULL REFERENCES organisation,
  measure         text NOT NULL,
  better          text NOT NULL CHECK (better IN ('higher', 'lower')),
  tenths          integer NOT NULL CHECK (tenths >= 0),
  version         integer NOT NULL CHECK (version > 0),
  updated_at      timestamptz NOT NULL,
  updated_by      uuid NOT NULL REFERENCES account,
  PRIMARY KEY (organisation_id, measure)
);
