-- What shows a code that only its owner's phone knows. Unconfirmed until the first code has come; `last_step` is the time
-- step of the last code that was taken: none is taken twice.
CREATE TABLE second_factor (
  id           blob PRIMARY KEY,
  account_id   blob NOT NULL REFERENCES account,
  key_id       blob NOT NULL REFERENCES data_key,
  sealed       blob NOT NULL,
  created_at   text NOT NULL,
  confirmed_at text,
  last_step    integer CHECK ((last_step IS NULL) = (confirmed_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX second_factor_of_account ON second_factor (account_id);
CREATE UNIQUE INDEX second_factor_confirmed ON second_factor (account_id) WHERE confirmed_at IS NOT NULL;

-- Codes for whoever has lost the phone, as keyed digests. Each is good once.
CREATE TABLE recovery_code (
  hash       blob PRIMARY KEY,
  account_id blob NOT NULL REFERENCES account,
  created_at text NOT NULL,
  used_at    text
) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_code_of_account ON recovery_code (account_id);

-- Every session from before ends: none of them says how it began.
DELETE FROM refresh_token;
DELETE FROM session;
ALTER TABLE session ADD COLUMN started_at text NOT NULL DEFAULT '2000-01-01T00:00:00.000000Z';
-- "Firefox on Windows": words of ours, and nothing else of what a browser says.
ALTER TABLE session ADD COLUMN device text NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN second_factor text NOT NULL DEFAULT 'to_give'
  CHECK (second_factor IN ('not_needed', 'given', 'to_give', 'to_enrol'));
