-- The auditor asks by person, organisation, record, kind and request, the newest first. (By time alone: audit_event_in_time.)
-- An exact action is a filter within its kind.
CREATE INDEX audit_event_of_account ON audit_event (account_id, at, id);
CREATE INDEX audit_event_of_organisation ON audit_event (organisation_id, at, id);
CREATE INDEX audit_event_about_object ON audit_event (object_id, at, id);
CREATE INDEX audit_event_of_kind ON audit_event (object, at, id);
CREATE INDEX audit_event_in_request ON audit_event (request_id, at, id);
