CREATE TABLE organisation (
  id         blob PRIMARY KEY,
  name       text NOT NULL UNIQUE,
  kinds      text NOT NULL,
  active     integer NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  created_at text NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account (
  id              blob PRIMARY KEY,
  organisation_id blob NOT NULL REFERENCES organisation,
  email           text NOT NULL UNIQUE,
  name            text NOT NULL,
  roles           text NOT NULL,
  password_hash   text NOT NULL,
  active          integer NOT NULL,
  -- Moves on when the roles, the password or `active` change: every token that carries an older one is void.
  stamp           integer NOT NULL,
  version         integer NOT NULL CHECK (version > 0),
  created_at      text NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX account_of_organisation ON account (organisation_id, name, id);

-- One sign-in and all the tokens that came from it.
CREATE TABLE session (
  id               blob PRIMARY KEY,
  account_id       blob NOT NULL REFERENCES account,
  authenticated_at text NOT NULL,
  expires_at       text NOT NULL,
  revoked_at       text
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_account ON session (account_id);

CREATE TABLE refresh_token (
  hash       blob PRIMARY KEY,
  session_id blob NOT NULL REFERENCES session,
  issued_at  text NOT NULL,
  expires_at text NOT NULL,
  used_at    text
) STRICT, WITHOUT ROWID;

-- Who tried to sign in, from where, as keyed digests: enough to count, useless to read.
CREATE TABLE sign_in_attempt (
  id        blob PRIMARY KEY,
  at        text NOT NULL,
  account   blob NOT NULL,
  address   blob NOT NULL,
  succeeded integer NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_attempt_on_account ON sign_in_attempt (account, at);
CREATE INDEX sign_in_attempt_from_address ON sign_in_attempt (address, at);

-- The key that an organisation's secrets are sealed with, itself sealed with the master key.
CREATE TABLE data_key (
  id              blob PRIMARY KEY,
  organisation_id blob NOT NULL REFERENCES organisation,
  sealed          blob NOT NULL,
  master          text NOT NULL,
  created_at      text NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX data_key_of_organisation ON data_key (organisation_id, created_at);
