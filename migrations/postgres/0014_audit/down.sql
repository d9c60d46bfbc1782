DROP INDEX audit_event_in_request;
DROP INDEX audit_event_of_kind;
DROP INDEX audit_event_about_object;
DROP INDEX audit_event_of_organisation;
DROP INDEX audit_event_of_account;
