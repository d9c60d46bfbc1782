-- What this installation is: the check value of its keys, and whether it holds the demonstration.
CREATE TABLE installation (
  name  text PRIMARY KEY,
  value text NOT NULL
);

-- Code lists are data: a commissioner may add to them. A retired code stays readable.
CREATE TABLE reference_code (
  list        text NOT NULL,
  code        text NOT NULL,
  label       text NOT NULL,
  position    integer NOT NULL,
  attributes  jsonb NOT NULL,
  active_from date,
  active_to   date,
  PRIMARY KEY (list, code)
);

-- Local authority areas by their GSS codes.
CREATE TABLE area (
  code       text PRIMARY KEY,
  name       text NOT NULL,
  kind       text NOT NULL,
  county     text,
  valid_from date,
  valid_to   date
);
