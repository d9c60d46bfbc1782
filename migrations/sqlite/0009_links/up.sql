-- A link that was sent to somebody by mail: to accept an invitation, or to choose a new password. The secret in it is
-- not stored: only its digest is.
CREATE TABLE account_link (
  id         blob PRIMARY KEY,
  account_id blob NOT NULL REFERENCES account,
  purpose    text NOT NULL CHECK (purpose IN ('invitation', 'password_reset')),
  hash       blob NOT NULL UNIQUE,
  created_at text NOT NULL,
  expires_at text NOT NULL,
  used_at    text
) STRICT, WITHOUT ROWID;
CREATE INDEX account_link_of_account ON account_link (account_id, created_at);
