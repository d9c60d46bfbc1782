//! Who may do what. Scope (whose record it is) is checked where the record is read: first the organisation, then the role.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;

words! {
    /// What a person is employed to do.
    Role {
        RefugeWorker = "refuge_worker",
        RefugeManager = "refuge_manager",
        Caseworker = "caseworker",
        HelplineManager = "helpline_manager",
        Commissioner = "commissioner",
        Administrator = "administrator",
        Auditor = "auditor",
    }
}

words! {
    /// What an organisation does; it may do several of these.
    OrganisationKind { Provider = "provider", Referrer = "referrer", Commissioner = "commissioner", Operator = "operator" }
}

/// The roles of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub struct Roles(#[garde(length(min = 1, max = 7))] pub Vec<Role>);

/// The kinds of one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Validate)]
#[serde(transparent)]
#[garde(transparent)]
pub struct Kinds(#[garde(length(min = 1, max = 4))] pub Vec<OrganisationKind>);

words! {
    /// Something that not everybody may do.
    Action {
        /// One's own account; the reference data.
        BeSignedIn = "be_signed_in",
        SearchVacancies = "search_vacancies",
        ReadProvision = "read_provision",
        ManageServices = "manage_services",
        ManageVacancies = "manage_vacancies",
        RecordVoids = "record_voids",
        WriteAddress = "write_address",
        ReadAddress = "read_address",
        WorkCases = "work_cases",
        /// Those of colleagues too, and giving them to another.
        SeeEveryCase = "see_every_case",
        ReadReferrals = "read_referrals",
        AnswerReferrals = "answer_referrals",
        TrackPlacements = "track_placements",
        /// What is published of everybody: disclosure is controlled.
        ReadReleases = "read_releases",
        ReadReports = "read_reports",
        /// Giving the cases and tasks of one worker to others.
        ReassignWork = "reassign_work",
        ManageAccounts = "manage_accounts",
        ManageOrganisations = "manage_organisations",
        /// Reference lists, the state of the installation.
        ReadInstallation = "read_installation",
        /// The queue of mail, never what is in it.
        ManageMail = "manage_mail",
        ReadAudit = "read_audit",
        /// What somebody should look at.
        ReadAlerts = "read_alerts",
        /// What there is to do: one's own, and that of the organisation.
        WorkTasks = "work_tasks",
        /// Naming people of the provider who must not see a referral.
        RestrictReferrals = "restrict_referrals",
    }
}

impl Action {
    /// The roles that may do it.
    pub fn roles(self) -> &'static [Role] {
        use Role::{Administrator, Auditor, Caseworker, Commissioner, HelplineManager, RefugeManager, RefugeWorker};
        match self {
            Self::BeSignedIn => Role::ALL,
            Self::SearchVacancies | Self::ReadProvision | Self::ReadAddress | Self::ReadReferrals | Self::WorkTasks => {
                &[RefugeWorker, RefugeManager, Caseworker, HelplineManager]
            }
            Self::ManageServices | Self::WriteAddress | Self::RestrictReferrals => &[RefugeManager],
            Self::ReadAlerts => &[RefugeManager, HelplineManager, Auditor],
            Self::ManageVacancies | Self::RecordVoids | Self::AnswerReferrals | Self::TrackPlacements => {
                &[RefugeWorker, RefugeManager]
            }
            Self::WorkCases => &[Caseworker, HelplineManager],
            Self::SeeEveryCase => &[HelplineManager],
            Self::ReadReleases => &[RefugeManager, HelplineManager, Commissioner, Auditor],
            Self::ReadReports | Self::ReassignWork => &[RefugeManager, HelplineManager],
            Self::ManageAccounts => &[RefugeManager, HelplineManager, Administrator],
            Self::ManageMail | Self::ManageOrganisations | Self::ReadInstallation => &[Administrator],
            Self::ReadAudit => &[Auditor],
        }
    }
}

/// Whether somebody with these roles may do this at all.
pub fn may(roles: &[Role], action: Action) -> bool {
    roles.iter().any(|role| action.roles().contains(role))
}

/// The roles that somebody with `own` roles may give to an account: an administrator any, a manager those of the field
/// that her own organisation works in.
pub fn may_give(own: &[Role], given: Role) -> bool {
    use Role::{Administrator, Caseworker, HelplineManager, RefugeManager, RefugeWorker};
    own.iter().any(|role| match role {
        Administrator => true,
        RefugeManager => matches!(given, RefugeWorker | RefugeManager),
        HelplineManager => matches!(given, Caseworker | HelplineManager),
        _ => false,
    })
}
