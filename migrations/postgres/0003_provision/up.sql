CREATE TABLE service (
  id                 uuid PRIMARY KEY,
  organisation_id    uuid NOT NULL REFERENCES organisation,
  name               text NOT NULL,
  name_confidential  boolean NOT NULL,
  accommodation_type text NOT NULL,
  area_code          text NOT NULL REFERENCES area,
  attributes         jsonb NOT NULL,
  -- What a search filters by, derived from the rules in force by domain::eligibility::Summary.
  takes_women        boolean NOT NULL,
  takes_men          boolean NOT NULL,
  takes_pets         boolean NOT NULL,
  nrpf               text NOT NULL CHECK (nrpf IN ('yes', 'case_by_case', 'no')),
  largest_family     integer,
  max_children       integer,
  rules_version      integer NOT NULL,
  active             boolean NOT NULL,
  version            integer NOT NULL CHECK (version > 0),
  updated_at         timestamptz NOT NULL,
  UNIQUE (organisation_id, name)
);
CREATE INDEX service_in_order ON service (name, id);

-- Every set of rules that ever was in force: an old verdict stays explainable.
CREATE TABLE service_rules (
  service_id     uuid NOT NULL REFERENCES service,
  version        integer NOT NULL CHECK (version > 0),
  rules          jsonb NOT NULL,
  author_id      uuid NOT NULL,
  reason         text NOT NULL,
  effective_from timestamptz NOT NULL,
  PRIMARY KEY (service_id, version)
);

CREATE TABLE unit (
  id           uuid PRIMARY KEY,
  service_id   uuid NOT NULL REFERENCES service,
  code         text NOT NULL,
  bed_spaces   integer NOT NULL CHECK (bed_spaces > 0),
  cots         integer NOT NULL CHECK (cots >= 0),
  step_free    boolean NOT NULL,
  wheelchair   text NOT NULL CHECK (wheelchair IN ('none', 'essential_rooms', 'full')),
  bathroom     text NOT NULL CHECK (bathroom IN ('own', 'shared')),
  kitchen      text NOT NULL CHECK (kitchen IN ('own', 'shared')),
  floor        integer NOT NULL,
  pets         boolean NOT NULL,
  online_from  timestamptz NOT NULL,
  online_until timestamptz CHECK (online_until > online_from),
  version      integer NOT NULL CHECK (version > 0),
  updated_at   timestamptz NOT NULL,
  UNIQUE (service_id, code)
);

-- Where a unit is. Sealed with the data key of the organisation; read only by its own audited release.
CREATE TABLE unit_address (
  unit_id    uuid PRIMARY KEY REFERENCES unit,
  key_id     uuid NOT NULL REFERENCES data_key,
  sealed     bytea NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  updated_at timestamptz NOT NULL
);

CREATE TABLE vacancy (
  id             uuid PRIMARY KEY,
  unit_id        uuid NOT NULL REFERENCES unit,
  state          text NOT NULL CHECK (state IN ('open', 'filled', 'withdrawn')),
  available_from timestamptz NOT NULL,
  posted_at      timestamptz NOT NULL,
  confirmed_at   timestamptz NOT NULL,
  closed_at      timestamptz CHECK ((closed_at IS NULL) = (state = 'open')),
  version        integer NOT NULL CHECK (version > 0)
);
CREATE UNIQUE INDEX vacancy_one_open_per_unit ON vacancy (unit_id) WHERE state = 'open';
CREATE INDEX vacancy_freshest_first ON vacancy (confirmed_at DESC, id DESC) WHERE state = 'open';
