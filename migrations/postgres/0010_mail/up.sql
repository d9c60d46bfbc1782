-- Who did what a notice is about: she is not told of it.
ALTER TABLE outbox ADD COLUMN done_by uuid;

-- A message to one person about one notice. No address and no text: both are found when it is sent.
CREATE TABLE mail (
  id           uuid PRIMARY KEY,
  notice_id    uuid NOT NULL,
  account_id   uuid NOT NULL REFERENCES account,
  topic        text NOT NULL,
  subject_id   uuid NOT NULL,
  state        text NOT NULL CHECK (state IN ('waiting', 'sent', 'given_up', 'not_wanted')),
  queued_at    timestamptz NOT NULL,
  due_at       timestamptz NOT NULL,
  attempts     integer NOT NULL CHECK (attempts >= 0),
  leased_until timestamptz,
  sent_at      timestamptz CHECK ((sent_at IS NOT NULL) = (state = 'sent')),
  problem      text,
  UNIQUE (notice_id, account_id)
);
CREATE INDEX mail_due ON mail (state, due_at);
CREATE INDEX mail_in_state ON mail (state, id);

-- What somebody has chosen about the mail that is not essential.
CREATE TABLE mail_choice (
  account_id uuid PRIMARY KEY REFERENCES account,
  choices    jsonb NOT NULL,
  version    integer NOT NULL CHECK (version > 0),
  updated_at timestamptz NOT NULL
);

-- What somebody was reminded of, so that nobody is twice.
CREATE TABLE reminder (
  topic      text NOT NULL,
  subject_id uuid NOT NULL,
  occasion   timestamptz NOT NULL,
  PRIMARY KEY (topic, subject_id, occasion)
);
CREATE INDEX occupancy_ending ON occupancy (kind, ends_at);
