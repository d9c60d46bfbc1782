-- What this installation is: the check value of its keys, and whether it holds the demonstration.
CREATE TABLE installation (
  name  text PRIMARY KEY,
  value text NOT NULL
) STRICT, WITHOUT ROWID;

-- Code lists are data: a commissioner may add to them. A retired code stays readable.
CREATE TABLE reference_code (
  list        text NOT NULL,
  code        text NOT NULL,
  label       text NOT NULL,
  position    integer NOT NULL,
  attributes  text NOT NULL,
  active_from text,
  active_to   text,
  PRIMARY KEY (list, code)
) STRICT, WITHOUT ROWID;

-- Local authority areas by their GSS codes.
CREATE TABLE area (
  code       text PRIMARY KEY,
  name       text NOT NULL,
  kind       text NOT NULL,
  county     text,
  valid_from text,
  valid_to   text
) STRICT, WITHOUT ROWID;
