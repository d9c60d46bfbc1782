-- Written in the transaction of the change itself. `mac` proves the row; see src/audit.rs.
CREATE TABLE audit_event (
  id              uuid PRIMARY KEY,
  at              timestamptz NOT NULL,
  account_id      uuid NOT NULL,
  organisation_id uuid NOT NULL,
  request_id      uuid NOT NULL,
  action          text NOT NULL,
  object          text NOT NULL,
  object_id       uuid NOT NULL,
  fields          text NOT NULL,
  reason          text NOT NULL,
  mac             bytea NOT NULL
);
CREATE INDEX audit_event_in_time ON audit_event (at, id);

-- Written by the worker a moment later: chains committed events in the order in which it found them.
CREATE TABLE audit_link (
  position bigint PRIMARY KEY CHECK (position > 0),
  event_id uuid NOT NULL UNIQUE REFERENCES audit_event,
  hash     bytea NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append_only'; END $$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_link_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_link EXECUTE FUNCTION refuse_change();
CREATE TRIGGER service_rules_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON service_rules EXECUTE FUNCTION refuse_change();

-- Who has to be told of what. Delivered later; written in the transaction of what happened.
CREATE TABLE outbox (
  id         uuid PRIMARY KEY,
  topic      text NOT NULL,
  subject_id uuid NOT NULL,
  created_at timestamptz NOT NULL
);

-- The first answer to a request that may come twice. Never an identity, never an address.
CREATE TABLE idempotency (
  account_id  uuid NOT NULL,
  key         text NOT NULL,
  fingerprint bytea NOT NULL,
  answer      jsonb NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (account_id, key)
);
