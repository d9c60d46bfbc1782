//! Who may call what. A route that is not in this table answers nobody.

use actix_web::http::Method;

use crate::domain::permission::Action;

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody, signed in or not.
    Anybody,
    /// Whoever is signed in with a role that may do this.
    Role(Action),
}

use Access::{Anybody, Role};
use Action::{
    AnswerReferrals, BeSignedIn, ManageAccounts, ManageOrganisations, ManageServices, ManageVacancies, ReadAddress,
    ReadAudit, ReadProvision, ReadReferrals, ReadReports, RecordVoids, SearchVacancies, SeeEveryCase, TrackPlacements, WorkCases,
    WriteAddress,
};

/// Every route: method, pattern, who may call it.
pub const ROUTES: &[(&str, &str, Access)] = &[
    ("GET", "/healthz", Anybody),
    ("GET", "/readyz", Anybody),
    ("GET", "/", Anybody),
    ("GET", "/assets/{name}", Anybody),
    ("GET", "/away", Anybody),
    ("GET", "/sign-in", Anybody),
    ("POST", "/sign-in", Anybody),
    ("POST", "/sign-out", Role(BeSignedIn)),
    ("GET", "/session", Role(BeSignedIn)),
    ("POST", "/session/confirm", Role(BeSignedIn)),
    ("GET", "/account", Role(BeSignedIn)),
    ("GET", "/account/password", Role(BeSignedIn)),
    ("POST", "/account/password", Role(BeSignedIn)),
    ("GET", "/find", Role(WorkCases)),
    ("GET", "/cases", Role(WorkCases)),
    ("GET", "/cases/new", Role(WorkCases)),
    ("POST", "/cases/new", Role(WorkCases)),
    ("GET", "/cases/{id}", Role(WorkCases)),
    ("GET", "/cases/{id}/ask/{step}", Role(WorkCases)),
    ("POST", "/cases/{id}/ask/{step}", Role(WorkCases)),
    ("GET", "/cases/{id}/matches", Role(WorkCases)),
    ("GET", "/cases/{id}/matches/part", Role(WorkCases)),
    ("GET", "/cases/{id}/matches/changes", Role(WorkCases)),
    ("POST", "/cases/{id}/holds/{vacancy}", Role(WorkCases)),
    ("POST", "/cases/{id}/holds/{hold}/release", Role(WorkCases)),
    ("GET", "/cases/{id}/refer/{vacancy}", Role(WorkCases)),
    ("POST", "/cases/{id}/refer/{vacancy}", Role(WorkCases)),
    ("GET", "/cases/{id}/contact", Role(WorkCases)),
    ("POST", "/cases/{id}/contact", Role(WorkCases)),
    ("POST", "/cases/{id}/identity", Role(WorkCases)),
    ("GET", "/cases/{id}/hand-out", Role(WorkCases)),
    ("GET", "/cases/{id}/worker", Role(SeeEveryCase)),
    ("POST", "/cases/{id}/worker", Role(SeeEveryCase)),
    ("GET", "/cases/{id}/close", Role(WorkCases)),
    ("POST", "/cases/{id}/close", Role(WorkCases)),
    ("GET", "/audit", Role(ReadAudit)),
    ("POST", "/audit/verification", Role(ReadAudit)),
    ("GET", "/api/reference/{_:.*}", Anybody),
    ("GET", "/api/openapi.json", Anybody),
    ("POST", "/api/v1/sessions", Anybody),
    ("POST", "/api/v1/sessions/refresh", Anybody),
    ("DELETE", "/api/v1/sessions/current", Role(BeSignedIn)),
    ("POST", "/api/v1/sessions/current/confirmations", Role(BeSignedIn)),
    ("GET", "/api/v1/me", Role(BeSignedIn)),
    ("PUT", "/api/v1/me/password", Role(BeSignedIn)),
    ("GET", "/api/v1/organisations", Role(ManageOrganisations)),
    ("POST", "/api/v1/organisations", Role(ManageOrganisations)),
    ("GET", "/api/v1/organisations/{id}", Role(ManageOrganisations)),
    ("PATCH", "/api/v1/organisations/{id}", Role(ManageOrganisations)),
    ("GET", "/api/v1/accounts", Role(ManageAccounts)),
    ("POST", "/api/v1/accounts", Role(ManageAccounts)),
    ("GET", "/api/v1/accounts/{id}", Role(ManageAccounts)),
    ("PATCH", "/api/v1/accounts/{id}", Role(ManageAccounts)),
    ("GET", "/api/v1/reference", Role(BeSignedIn)),
    ("GET", "/api/v1/reference/{list}", Role(BeSignedIn)),
    ("GET", "/api/v1/areas", Role(BeSignedIn)),
    ("GET", "/api/v1/services", Role(ReadProvision)),
    ("POST", "/api/v1/services", Role(ManageServices)),
    ("GET", "/api/v1/services/{id}", Role(ReadProvision)),
    ("PATCH", "/api/v1/services/{id}", Role(ManageServices)),
    ("GET", "/api/v1/services/{id}/rules", Role(ReadProvision)),
    ("PUT", "/api/v1/services/{id}/rules", Role(ManageServices)),
    ("POST", "/api/v1/services/{id}/units", Role(ManageServices)),
    ("GET", "/api/v1/units", Role(ManageVacancies)),
    ("GET", "/api/v1/units/{id}", Role(ManageVacancies)),
    ("PATCH", "/api/v1/units/{id}", Role(ManageServices)),
    ("GET", "/api/v1/units/{id}/occupancies", Role(ManageVacancies)),
    ("PUT", "/api/v1/units/{id}/address", Role(WriteAddress)),
    ("POST", "/api/v1/units/{id}/address-disclosures", Role(ReadAddress)),
    ("POST", "/api/v1/units/{id}/voids", Role(RecordVoids)),
    ("POST", "/api/v1/units/{id}/voids/{void}/end", Role(RecordVoids)),
    ("GET", "/api/v1/vacancies", Role(SearchVacancies)),
    ("POST", "/api/v1/vacancies", Role(ManageVacancies)),
    ("POST", "/api/v1/vacancies/confirm", Role(ManageVacancies)),
    ("GET", "/api/v1/vacancies/{id}", Role(SearchVacancies)),
    ("PATCH", "/api/v1/vacancies/{id}", Role(ManageVacancies)),
    ("POST", "/api/v1/vacancies/{id}/confirm", Role(ManageVacancies)),
    ("POST", "/api/v1/vacancies/{id}/withdraw", Role(ManageVacancies)),
    ("GET", "/api/v1/cases", Role(WorkCases)),
    ("POST", "/api/v1/cases", Role(WorkCases)),
    ("GET", "/api/v1/cases/{id}", Role(WorkCases)),
    ("PATCH", "/api/v1/cases/{id}", Role(WorkCases)),
    ("PUT", "/api/v1/cases/{id}/identity", Role(WorkCases)),
    ("POST", "/api/v1/cases/{id}/identity-disclosures", Role(WorkCases)),
    ("PUT", "/api/v1/cases/{id}/owner", Role(SeeEveryCase)),
    ("GET", "/api/v1/cases/{id}/matches", Role(WorkCases)),
    ("GET", "/api/v1/cases/{id}/holds", Role(WorkCases)),
    ("POST", "/api/v1/cases/{id}/holds", Role(WorkCases)),
    ("POST", "/api/v1/cases/{id}/holds/{hold}/release", Role(WorkCases)),
    ("POST", "/api/v1/cases/{id}/referrals", Role(WorkCases)),
    ("POST", "/api/v1/cases/{id}/close", Role(WorkCases)),
    ("GET", "/api/v1/referrals", Role(ReadReferrals)),
    ("GET", "/api/v1/referrals/{id}", Role(ReadReferrals)),
    ("GET", "/api/v1/referrals/{id}/notes", Role(ReadReferrals)),
    ("POST", "/api/v1/referrals/{id}/request-information", Role(AnswerReferrals)),
    ("POST", "/api/v1/referrals/{id}/give-information", Role(WorkCases)),
    ("POST", "/api/v1/referrals/{id}/accept", Role(AnswerReferrals)),
    ("POST", "/api/v1/referrals/{id}/decline", Role(AnswerReferrals)),
    ("POST", "/api/v1/referrals/{id}/withdraw", Role(WorkCases)),
    ("POST", "/api/v1/referrals/{id}/revoke-address", Role(AnswerReferrals)),
    ("POST", "/api/v1/referrals/{id}/identity-disclosures", Role(AnswerReferrals)),
    ("GET", "/api/v1/placements", Role(TrackPlacements)),
    ("GET", "/api/v1/placements/{id}", Role(TrackPlacements)),
    ("POST", "/api/v1/placements/{id}/arrive", Role(TrackPlacements)),
    ("POST", "/api/v1/placements/{id}/did-not-arrive", Role(TrackPlacements)),
    ("POST", "/api/v1/placements/{id}/extend", Role(TrackPlacements)),
    ("POST", "/api/v1/placements/{id}/depart", Role(TrackPlacements)),
    ("GET", "/api/v1/reports/denied-access", Role(ReadReports)),
    ("GET", "/api/v1/reports/denied-access.csv", Role(ReadReports)),
];

/// Who may call this route; `None` is nobody.
pub fn of(method: &Method, pattern: &str) -> Option<Access> {
    let route = ROUTES.iter().find(|(known, path, _)| *known == method.as_str() && *path == pattern);
    route.map(|(_, _, access)| *access)
}

/// The methods that somebody may use on this pattern: for the header `Allow`. Empty when there is no such pattern.
pub fn methods(pattern: &str) -> Vec<&'static str> {
    ROUTES.iter().filter(|(_, path, _)| *path == pattern).map(|(method, _, _)| *method).collect()
}
