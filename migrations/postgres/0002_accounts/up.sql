CREATE TABLE organisation (
  id         uuid PRIMARY KEY,
  name       text NOT NULL UNIQUE,
  kinds      jsonb NOT NULL,
  active     boolean NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  created_at timestamptz NOT NULL
);

CREATE TABLE account (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation,
  email           text NOT NULL UNIQUE,
  name            text NOT NULL,
  roles           jsonb NOT NULL,
  password_hash   text NOT NULL,
  active          boolean NOT NULL,
  -- Moves on when the roles, the password or `active` change: every token that carries an older one is void.
  stamp           integer NOT NULL,
  version         integer NOT NULL CHECK (version > 0),
  created_at      timestamptz NOT NULL
);
CREATE INDEX account_of_organisation ON account (organisation_id, name, id);

-- One sign-in and all the tokens that came from it.
CREATE TABLE session (
  id               uuid PRIMARY KEY,
  account_id       uuid NOT NULL REFERENCES account,
  authenticated_at timestamptz NOT NULL,
  expires_at       timestamptz NOT NULL,
  revoked_at       timestamptz
);
CREATE INDEX session_of_account ON session (account_id);

CREATE TABLE refresh_token (
  hash       bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES session,
  issued_at  timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz
);

-- Who tried to sign in, from where, as keyed digests: enough to count, useless to read.
CREATE TABLE sign_in_attempt (
  id        uuid PRIMARY KEY,
  at        timestamptz NOT NULL,
  account   bytea NOT NULL,
  address   bytea NOT NULL,
  succeeded boolean NOT NULL
);
CREATE INDEX sign_in_attempt_on_account ON sign_in_attempt (account, at);
CREATE INDEX sign_in_attempt_from_address ON sign_in_attempt (address, at);

-- The key that an organisation's secrets are sealed with, itself sealed with the master key.
CREATE TABLE data_key (
  id              uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation,
  sealed          bytea NOT NULL,
  master          text NOT NULL,
  created_at      timestamptz NOT NULL
);
CREATE INDEX data_key_of_organisation ON data_key (organisation_id, created_at);
