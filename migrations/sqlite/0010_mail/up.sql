-- Who did what a notice is about: she is not told of it.
ALTER TABLE outbox ADD COLUMN done_by blob;

-- A message to one person about one notice. No address and no text: both are found when it is sent.
CREATE TABLE mail (
  id           blob PRIMARY KEY,
  notice_id    blob NOT NULL,
  account_id   blob NOT NULL REFERENCES account,
  topic        text NOT NULL,
  subject_id   blob NOT NULL,
  state        text NOT NULL CHECK (state IN ('waiting', 'sent', 'given_up', 'not_wanted')),
  queued_at    text NOT NULL,
  due_at       text NOT NULL,
  attempts     integer NOT NULL CHECK (attempts >= 0),
  leased_until text,
  sent_at      text CHECK ((sent_at IS NOT NULL) = (state = 'sent')),
  problem      text,
  UNIQUE (notice_id, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_due ON mail (state, due_at);
CREATE INDEX mail_in_state ON mail (state, id);

-- What somebody has chosen about the mail that is not essential.
CREATE TABLE mail_choice (
  account_id blob PRIMARY KEY REFERENCES account,
  choices    text NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  updated_at text NOT NULL
) STRICT, WITHOUT ROWID;

-- What somebody was reminded of, so that nobody is twice.
CREATE TABLE reminder (
  topic      text NOT NULL,
  subject_id blob NOT NULL,
  occasion   text NOT NULL,
  PRIMARY KEY (topic, subject_id, occasion)
) STRICT, WITHOUT ROWID;
CREATE INDEX occupancy_ending ON occupancy (kind, ends_at);
