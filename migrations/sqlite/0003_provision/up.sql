CREATE TABLE service (
  id                 blob PRIMARY KEY,
  organisation_id    blob NOT NULL REFERENCES organisation,
  name               text NOT NULL,
  name_confidential  integer NOT NULL,
  accommodation_type text NOT NULL,
  area_code          text NOT NULL REFERENCES area,
  attributes         text NOT NULL,
  -- What a search filters by, derived from the rules in force by domain::eligibility::Summary.
  takes_women        integer NOT NULL,
  takes_men          integer NOT NULL,
  takes_pets         integer NOT NULL,
  nrpf               text NOT NULL CHECK (nrpf IN ('yes', 'case_by_case', 'no')),
  largest_family     integer,
  max_children       integer,
  rules_version      integer NOT NULL,
  active             integer NOT NULL,
  version            integer NOT NULL CHECK (version > 0),
  updated_at         text NOT NULL,
  UNIQUE (organisation_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX service_in_order ON service (name, id);

-- Every set of rules that ever was in force: an old verdict stays explainable.
CREATE TABLE service_rules (
  service_id     blob NOT NULL REFERENCES service,
  version        integer NOT NULL CHECK (version > 0),
  rules          text NOT NULL,
  author_id      blob NOT NULL,
  reason         text NOT NULL,
  effective_from text NOT NULL,
  PRIMARY KEY (service_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE unit (
  id           blob PRIMARY KEY,
  service_id   blob NOT NULL REFERENCES service,
  code         text NOT NULL,
  bed_spaces   integer NOT NULL CHECK (bed_spaces > 0),
  cots         integer NOT NULL CHECK (cots >= 0),
  step_free    integer NOT NULL,
  wheelchair   text NOT NULL CHECK (wheelchair IN ('none', 'essential_rooms', 'full')),
  bathroom     text NOT NULL CHECK (bathroom IN ('own', 'shared')),
  kitchen      text NOT NULL CHECK (kitchen IN ('own', 'shared')),
  floor        integer NOT NULL,
  pets         integer NOT NULL,
  online_from  text NOT NULL,
  online_until text CHECK (online_until > online_from),
  version      integer NOT NULL CHECK (version > 0),
  updated_at   text NOT NULL,
  UNIQUE (service_id, code)
) STRICT, WITHOUT ROWID;

-- Where a unit is. Sealed with the data key of the organisation; read only by its own audited release.
CREATE TABLE unit_address (
  unit_id    blob PRIMARY KEY REFERENCES unit,
  key_id     blob NOT NULL REFERENCES data_key,
  sealed     blob NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  updated_at text NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE vacancy (
  id             blob PRIMARY KEY,
  unit_id        blob NOT NULL REFERENCES unit,
  state          text NOT NULL CHECK (state IN ('open', 'filled', 'withdrawn')),
  available_from text NOT NULL,
  posted_at      text NOT NULL,
  confirmed_at   text NOT NULL,
  closed_at      text CHECK ((closed_at IS NULL) = (state = 'open')),
  version        integer NOT NULL CHECK (version > 0)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX vacancy_one_open_per_unit ON vacancy (unit_id) WHERE state = 'open';
CREATE INDEX vacancy_freshest_first ON vacancy (confirmed_at DESC, id DESC) WHERE state = 'open';
