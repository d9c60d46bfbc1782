//! The tables of both databases, in the SQL types of [`super::types`].

mod access;
mod accounts;
mod audit;
mod cases;
mod jobs;
mod journeys;
mod matching;
mod merges;
mod messages;
mod provision;
mod reference;
mod referrals;
mod releases;
mod reports;
mod sanctuary;
mod stays;
mod targets;
mod tasks;
mod timeline;

pub use self::access::*;
pub use self::accounts::*;
pub use self::audit::*;
pub use self::cases::*;
pub use self::jobs::*;
pub use self::journeys::*;
pub use self::matching::*;
pub use self::merges::*;
pub use self::messages::*;
pub use self::provision::*;
pub use self::reference::*;
pub use self::referrals::*;
pub use self::releases::*;
pub use self::reports::*;
pub use self::sanctuary::*;
pub use self::stays::*;
pub use self::targets::*;
pub use self::tasks::*;
pub use self::timeline::*;

diesel::allow_columns_to_appear_in_same_group_by_clause!(
    unit::service_id,
    placement::departure_kind,
    placement::destination,
    placement::asked_to_leave_reason,
);
diesel::joinable!(account -> organisation (organisation_id));
diesel::joinable!(account_link -> account (account_id));
diesel::joinable!(audit_link -> audit_event (event_id));
diesel::joinable!(case_identity -> case (case_id));
diesel::joinable!(case_note -> account (account_id));
diesel::joinable!(case_note -> case (case_id));
diesel::joinable!(case_note -> organisation (organisation_id));
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
diesel::joinable!(referral_note -> account (account_id));
diesel::joinable!(referral_note_read -> referral_note (note_id));
diesel::joinable!(referral_note_topic -> referral_note (note_id));
diesel::joinable!(referral_secondary_reason -> referral (referral_id));
diesel::joinable!(refresh_token -> session (session_id));
diesel::joinable!(marac_referral -> account (account_id));
diesel::joinable!(risk_assessment -> account (account_id));
diesel::joinable!(risk_incident -> account (account_id));
diesel::joinable!(safety_action -> account (added_by));
diesel::joinable!(safety_review -> account (account_id));
diesel::joinable!(sanctuary_follow_up -> sanctuary_job (job_id));
diesel::joinable!(sanctuary_job -> case (case_id));
diesel::joinable!(sanctuary_job -> service (service_id));
diesel::joinable!(sanctuary_measure -> sanctuary_job (job_id));
diesel::joinable!(search_obstacle -> search (search_id));
diesel::joinable!(search_obstacle -> service (service_id));
diesel::joinable!(search_service -> search (search_id));
diesel::joinable!(service -> area (area_code));
diesel::joinable!(service -> organisation (organisation_id));
diesel::joinable!(session -> account (account_id));
diesel::joinable!(stay_outcome -> placement (placement_id));
diesel::joinable!(support -> placement (placement_id));
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
    case_merge,
    case_note,
    case_secondary_reason,
    contact_override,
    emergency_access,
    folded_case,
    hidden_case,
    identity_trace,
    job,
    journey,
    journey_attempt,
    journey_use,
    mail,
    mail_choice,
    marac_referral,
    occupancy,
    organisation,
    placement,
    reading,
    recovery_code,
    referral,
    referral_note,
    referral_note_read,
    referral_note_topic,
    referral_secondary_reason,
    refresh_token,
    release,
    reminder,
    report_file,
    report_schedule,
    risk_assessment,
    risk_incident,
    rule_set,
    safety_action,
    safety_review,
    sanctuary_address,
    sanctuary_capacity,
    sanctuary_follow_up,
    sanctuary_job,
    sanctuary_measure,
    search,
    search_household,
    search_obstacle,
    search_service,
    second_factor,
    service,
    session,
    stay_outcome,
    support,
    task,
    unit,
    unit_address,
    vacancy,
    watch,
    watch_due,
    watch_match
);
