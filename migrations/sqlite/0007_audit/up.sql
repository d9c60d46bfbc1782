-- Written in the transaction of the change itself. `mac` proves the row; see src/audit.rs.
CREATE TABLE audit_event (
  id              blob PRIMARY KEY,
  at              text NOT NULL,
  account_id      blob NOT NULL,
  organisation_id blob NOT NULL,
  request_id      blob NOT NULL,
  action          text NOT NULL,
  object          text NOT NULL,
  object_id       blob NOT NULL,
  fields          text NOT NULL,
  reason          text NOT NULL,
  mac             blob NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_event_in_time ON audit_event (at, id);

-- Written by the worker a moment later: chains committed events in the order in which it found them.
CREATE TABLE audit_link (
  position integer PRIMARY KEY CHECK (position > 0),
  event_id blob NOT NULL UNIQUE REFERENCES audit_event,
  hash     blob NOT NULL
) STRICT;

CREATE TRIGGER audit_event_keeps BEFORE UPDATE ON audit_event BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER audit_event_stays BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER audit_link_keeps BEFORE UPDATE ON audit_link BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER audit_link_stays BEFORE DELETE ON audit_link BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER service_rules_keeps BEFORE UPDATE ON service_rules BEGIN SELECT RAISE(ABORT, 'append_only'); END;
CREATE TRIGGER service_rules_stays BEFORE DELETE ON service_rules BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- Who has to be told of what. Delivered later; written in the transaction of what happened.
CREATE TABLE outbox (
  id         blob PRIMARY KEY,
  topic      text NOT NULL,
  subject_id blob NOT NULL,
  created_at text NOT NULL
) STRICT, WITHOUT ROWID;

-- The first answer to a request that may come twice. Never an identity, never an address.
CREATE TABLE idempotency (
  account_id  blob NOT NULL,
  key         text NOT NULL,
  fingerprint blob NOT NULL,
  answer      text NOT NULL,
  created_at  text NOT NULL,
  PRIMARY KEY (account_id, key)
) STRICT, WITHOUT ROWID;
