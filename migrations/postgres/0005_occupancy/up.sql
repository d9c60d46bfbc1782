CREATE EXTENSION IF NOT EXISTS btree_gist; -- lets a gist index compare uuid with =

-- What a unit is doing in an interval of time, from `starts_at` up to but not including `ends_at`.
CREATE TABLE occupancy (
  id          uuid PRIMARY KEY,
  unit_id     uuid NOT NULL REFERENCES unit,
  kind        text NOT NULL CHECK (kind IN ('hold', 'placement', 'void')),
  starts_at   timestamptz NOT NULL,
  ends_at     timestamptz CHECK (ends_at >= starts_at), -- given up at once: an empty interval, which overlaps nothing
  case_id     uuid REFERENCES "case" CHECK ((case_id IS NULL) = (kind = 'void')),
  void_reason text CHECK ((void_reason IS NOT NULL) = (kind = 'void')),
  during      tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(starts_at, ends_at, '[)')) STORED,
  CONSTRAINT occupancy_overlap EXCLUDE USING gist (unit_id WITH =, during WITH &&)
);
-- Not for speed: reading by the gist index above makes SERIALIZABLE writers of different units conflict with one another.
CREATE INDEX occupancy_of_unit ON occupancy (unit_id, ends_at);
CREATE INDEX occupancy_of_case ON occupancy (case_id);
