//! The tables of both databases, in the SQL types of [`super::types`].

mod access;
mod accounts;
mod audit;
mod cases;
mod journeys;
mod matching;
mod messages;
mod provision;
mod reference;
mod referrals;
mod tasks;

pub use self::access::*;
pub use self::accounts::*;
pub use self::audit::*;
pub use self::cases::*;
pub use self::journeys::*;
pub use self::matching::*;
pub use self::messages::*;
pub use self::provision::*;
pub use self::reference::*;
pub use self::referrals::*;
pub use self::tasks::*;

diesel::joinable!(account -> organisation (organisation_id));
diesel::joinable!(account_link -> account (account_id));
diesel::joinable!(audit_link -> audit_event (event_id));
diesel::joinable!(case_identity -> case (case_id));
diesel::joinable!(case_secondary_reason -> case (case_id));
diesel::joinable!(journey -> case (case_id));
diesel::joinable!(journey_use -> account (account_id));
diesel::joinable!(journey_use -> journey (journey_id));
diesel::joinable!(journey_use -> organisation (organisation_id));
diesel::joinable!(mail -> account (account_id));
diesel::joinable!(mail_choice -> account (account_id));
diesel::joinable!(occupancy -> unit (unit_id));
diesel::joinable!(placement -> occupancy (id));
diesel::joinable!(placement -> referral (referral_id));
diesel::joinable!(referral -> case (case_id));
diesel::joinable!(referral -> service (service_id));
diesel::joinable!(referral_secondary_reason -> referral (referral_id));
diesel::joinable!(refresh_token -> session (session_id));
diesel::joinable!(search_obstacle -> search (search_id));
diesel::joinable!(search_obstacle -> service (service_id));
diesel::joinable!(search_service -> search (search_id));
diesel::joinable!(service -> area (area_code));
diesel::joinable!(service -> organisation (organisation_id));
diesel::joinable!(session -> account (account_id));
diesel::joinable!(task -> case (case_id));
diesel::joinable!(unit -> service (service_id));
diesel::joinable!(vacancy -> unit (unit_id));
diesel::joinable!(watch -> case (case_id));
diesel::allow_tables_to_appear_in_same_query!(
    account,
    account_link,
    alert,
    area,
    audit_event,
    audit_link,
    case,
    case_exclusion,
    case_identity,
    case_likeness,
    case_secondary_reason,
    contact_override,
    emergency_access,
    identity_trace,
    journey,
    journey_attempt,
    journey_use,
    mail,
    mail_choice,
    occupancy,
    organisation,
    placement,
    reading,
    recovery_code,
    referral,
    referral_note,
    referral_secondary_reason,
    refresh_token,
    reminder,
    rule_set,
    search,
    search_household,
    search_obstacle,
    search_service,
    second_factor,
    service,
    session,
    task,
    unit,
    unit_address,
    vacancy,
    watch,
    watch_due,
    watch_match
);
