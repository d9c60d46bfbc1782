-- What a unit is doing in an interval of time, from `starts_at` up to but not including `ends_at`.
CREATE TABLE occupancy (
  id          blob PRIMARY KEY,
  unit_id     blob NOT NULL REFERENCES unit,
  kind        text NOT NULL CHECK (kind IN ('hold', 'placement', 'void')),
  starts_at   text NOT NULL,
  ends_at     text CHECK (ends_at >= starts_at), -- given up at once: an empty interval, which overlaps nothing
  case_id     blob REFERENCES "case" CHECK ((case_id IS NULL) = (kind = 'void')),
  void_reason text CHECK ((void_reason IS NOT NULL) = (kind = 'void'))
) STRICT, WITHOUT ROWID;
CREATE INDEX occupancy_of_unit ON occupancy (unit_id, ends_at);
CREATE INDEX occupancy_of_case ON occupancy (case_id);

-- The predicate of PostgreSQL's exclusion constraint: half-open intervals of one unit share no instant.
CREATE TRIGGER occupancy_overlap_on_insert BEFORE INSERT ON occupancy
WHEN new.ends_at IS NULL OR new.starts_at < new.ends_at
BEGIN
  SELECT RAISE(ABORT, 'occupancy_overlap') WHERE EXISTS (
    SELECT 1 FROM occupancy AS other
    WHERE other.unit_id = new.unit_id
      AND (new.ends_at IS NULL OR other.starts_at < new.ends_at)
      AND (other.ends_at IS NULL OR new.starts_at < other.ends_at)
      AND (other.ends_at IS NULL OR other.starts_at < other.ends_at)
  );
END;

CREATE TRIGGER occupancy_overlap_on_update BEFORE UPDATE ON occupancy
WHEN new.ends_at IS NULL OR new.starts_at < new.ends_at
BEGIN
  SELECT RAISE(ABORT, 'occupancy_overlap') WHERE EXISTS (
    SELECT 1 FROM occupancy AS other
    WHERE other.unit_id = new.unit_id AND other.id <> old.id
      AND (new.ends_at IS NULL OR other.starts_at < new.ends_at)
      AND (other.ends_at IS NULL OR new.starts_at < other.ends_at)
      AND (other.ends_at IS NULL OR other.starts_at < other.ends_at)
  );
END;
