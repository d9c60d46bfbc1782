-- Two cases of one household: one is kept, the other folded into it for as long as nobody has undone it. The rows of the
-- folded case stay its own.
CREATE TABLE case_merge (
  id        blob PRIMARY KEY,
  kept_id   blob NOT NULL REFERENCES "case",
  folded_id blob NOT NULL REFERENCES "case" CHECK (folded_id <> kept_id),
  reason    text NOT NULL CHECK (reason IN ('opened_twice', 'called_again', 'reached_us_twice')),
  merged_at text NOT NULL,
  merged_by blob NOT NULL REFERENCES account,
  undone_at text CHECK (undone_at >= merged_at),
  undone_by blob REFERENCES account CHECK ((undone_by IS NULL) = (undone_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX case_merge_folded ON case_merge (folded_id) WHERE undone_at IS NULL;
CREATE INDEX case_merge_of_folded ON case_merge (folded_id, merged_at);
CREATE INDEX case_merge_of_kept ON case_merge (kept_id, merged_at);

CREATE TRIGGER case_merge_keeps BEFORE UPDATE ON case_merge
WHEN OLD.undone_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.kept_id <> OLD.kept_id OR NEW.folded_id <> OLD.folded_id
  OR NEW.reason <> OLD.reason OR NEW.merged_at <> OLD.merged_at OR NEW.merged_by <> OLD.merged_by
BEGIN SELECT RAISE(ABORT, 'append_only'); END;

-- The cases that are folded now, and whose the kept ones are.
CREATE VIEW folded_case AS
  SELECT m.folded_id AS case_id, m.kept_id AS kept_id, k.owner_id AS kept_owner_id
  FROM case_merge AS m JOIN "case" AS k ON k.id = m.kept_id WHERE m.undone_at IS NULL;

-- The cases that do not exist for somebody. Who must not see one of a household's cases must not see the others while
-- they are merged, nor, of what was said while they were, afterwards.
CREATE VIEW hidden_case AS
  SELECT e.account_id AS account_id, e.case_id AS case_id FROM case_exclusion AS e WHERE e.until IS NULL
  UNION ALL
  SELECT e.account_id, m.kept_id FROM case_exclusion AS e JOIN case_merge AS m ON m.folded_id = e.case_id
  WHERE e.until IS NULL AND (m.undone_at IS NULL OR (e.since >= m.merged_at AND e.since <= m.undone_at))
  UNION ALL
  SELECT e.account_id, m.folded_id FROM case_exclusion AS e JOIN case_merge AS m ON m.kept_id = e.case_id
  WHERE e.until IS NULL AND (m.undone_at IS NULL OR (e.since >= m.merged_at AND e.since <= m.undone_at))
  UNION ALL
  SELECT e.account_id, s.folded_id FROM case_exclusion AS e JOIN case_merge AS m ON m.folded_id = e.case_id
  JOIN case_merge AS s ON s.kept_id = m.kept_id
  WHERE e.until IS NULL AND m.undone_at IS NULL AND s.undone_at IS NULL;

-- Who waits, and when somebody last looked up how to reach them.
CREATE INDEX case_waiting ON "case" (organisation_id, state, opened_at, id);
CREATE INDEX audit_event_of_contact ON audit_event (organisation_id, object_id, at, action) WHERE action = 'contact.disclosed';
