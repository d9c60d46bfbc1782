//! What every page knows: who looks at it, what time it is, what has just been done.

use std::future::{Ready, ready};
use std::io::Write;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, LOCATION, VARY};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::form::{Form, Posted};
use super::{assets, sessions};
use crate::actions;
use crate::actions::searches::Looked;
use crate::app::App;
use crate::auth::{Actor, Ticket};
use crate::clock::At;
use crate::db::{Conn, IdempotencyKey};
use crate::domain::permission::Action;
use crate::error::AppError;
use crate::ids::{CaseId, VacancyId};

/// A request for a page, and how to answer it. Templates call it `page`.
pub struct Page {
    pub app: web::Data<App>,
    pub actor: Actor,
    pub now: At,
    pub path: String,
    /// What the page before has done.
    pub done: Option<Done>,
    /// Seconds until the session ends unless it is used; none when nobody is signed in.
    pub seconds_left: Option<i64>,
    /// Whether a script asks for a part of a page.
    pub part: bool,
    gzip: bool,
    csrf: String,
}

macro_rules! done {
    ($($name:ident = $word:literal, $text:literal;)*) => {
        /// What has just been done: said on the next page.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Done { $($name),* }

        impl Done {
            fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            fn of(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}
done! {
    AccountAdded = "account-added", "The account is added. An invitation is on its way to them.";
    AccountSaved = "account-saved", "The account is saved.";
    AddressRevoked = "address-revoked", "The address can no longer be read by the other side.";
    AddressSaved = "address-saved", "The address is saved. It is locked away: every look at it is recorded.";
    AllMailRetried = "all-mail-retried", "The messages are tried again.";
    AlertSeen = "alert-seen", "The alert is marked as seen.";
    Answered = "answered", "Your answer is sent.";
    Arrived = "arrived", "The arrival is recorded.";
    CallBackRaised = "call-back-raised", "A task to call them is there. It is due when it is safe.";
    CaseClosed = "case-closed", "The case is closed.";
    CaseMoved = "case-moved", "The case has a new worker.";
    CaseSaved = "case-saved", "Saved.";
    ConflictDeclared = "conflict-declared", "You have stepped back. You can no longer see that household.";
    CasesMerged = "cases-merged", "The cases are put together. Both histories are kept.";
    CapacitySaved = "capacity-saved", "What the scheme can do is saved. Referrers see what is left of it.";
    CodeRevoked = "code-revoked", "The code is taken back. It opens nothing any more.";
    Confirmed = "confirmed", "All your vacancies are confirmed.";
    Departed = "departed", "The departure is recorded.";
    TargetRemoved = "target-removed", "The target is removed.";
    TargetSaved = "target-saved", "The target is saved. It stands beside the measure.";
    DidNotArrive = "did-not-arrive", "It is recorded that the household did not arrive. The unit is free again.";
    EmergencyAsked = "emergency-asked", "If there is such a case, a second person has been asked. Ring your manager if it cannot wait.";
    EmergencyEnded = "emergency-ended", "The access is ended.";
    EmergencyGranted = "emergency-granted", "They can see it now. Every look is recorded.";
    EmergencyRefused = "emergency-refused", "You have said no. They cannot see it.";
    FollowedUp = "followed-up", "The answer is kept.";
    Extended = "extended", "The stay is extended.";
    Held = "held", "The place is held. It is yours until the time shown below.";
    IdentitySaved = "identity-saved", "Names and contact details are saved. They are locked away: every look is recorded.";
    JourneyCase = "journey-case", "The case is opened with what was shared. Check it with them.";
    InvitationSent = "invitation-sent", "A new invitation is on its way to them. It is good for three days.";
    MailChosen = "mail-chosen", "Your choices are saved.";
    MailRetried = "mail-retried", "The message is tried again.";
    MergeUndone = "merge-undone", "The cases are apart again. This one is as it was.";
    MessageSent = "message-sent", "Your message is sent.";
    OrganisationAdded = "organisation-added", "The organisation is added.";
    OrganisationSaved = "organisation-saved", "The organisation is saved.";
    OutcomesSaved = "outcomes-saved", "What she said is saved.";
    PasswordChanged = "password-changed", "Your password is changed. Sign in with the new one.";
    PasswordChosen = "password-chosen", "Your password is set. Sign in with it now.";
    MovedUnit = "moved-unit", "The move is recorded. The unit that they left is free, or out of use for cleaning.";
    Posted = "posted", "The vacancy is posted. It can be found now.";
    ActionAdded = "action-added", "The action is in the plan.";
    ActionEnded = "action-ended", "The action is ended. It stays in the plan.";
    IncidentRecorded = "incident-recorded", "What happened is recorded.";
    MaracReferred = "marac-referred", "The referral to the MARAC is recorded.";
    NoteCorrected = "note-corrected", "The correction is saved. What was written before stays.";
    NoteWritten = "note-written", "The note is saved.";
    PlanReviewed = "plan-reviewed", "It is recorded that you went through the plan.";
    RiskAssessed = "risk-assessed", "The assessment is saved. A service sees the band of it, and no more.";
    ReferralAccepted = "referral-accepted", "The referral is accepted. The referrer has been told and the unit is taken.";
    ReferralEnded = "referral-ended", "The referral is ended. The other side has been told.";
    ReferralSent = "referral-sent", "The referral is sent.";
    Released = "released", "The hold is let go. Others can take the place again.";
    QuestionSent = "question-sent", "Your question is sent.";
    RepeatDecided = "repeat-decided", "Your answer is kept. Nobody is asked again.";
    ReportAsked = "report-asked", "The report is being made. Look again in a moment.";
    ReportDeleted = "report-deleted", "The report is deleted.";
    ReportScheduleSet = "report-schedule-set", "Saved.";
    ResetAsked = "reset-asked", "If somebody signs in with this address, a link is on its way to it. It is good for one hour.";
    ResetSent = "reset-sent", "A link to a new password is on its way to them. It is good for one hour.";
    Restricted = "restricted", "They can no longer see it.";
    RestrictionLifted = "restriction-lifted", "They can see it again, if it is theirs to see.";
    RulesSaved = "rules-saved", "The rules are saved. They count from now on.";
    SanctuaryAsked = "sanctuary-asked", "The scheme is asked. Now write down the address, so that it can be given when the survey has a day.";
    SanctuaryBooked = "sanctuary-booked", "The survey has a day. You can now read who they are and where.";
    SanctuaryEnded = "sanctuary-ended", "The job is ended.";
    SanctuarySaved = "sanctuary-saved", "Saved.";
    SanctuarySignedOff = "sanctuary-signed-off", "The home is signed off. The referrer will ask if they are still safe.";
    SearchMarked = "search-marked", "This search is kept. It counts in the report on what stands in the way, without anything that tells who they are.";
    SecondFactorRemoved = "second-factor-removed", "Their second step is removed. They are signed out everywhere, and set up a new one when they sign in.";
    SecondStage = "second-stage", "The home is taken for them. They live where they are until you record that they have arrived here.";
    ServiceAdded = "service-added", "The service is added.";
    ServiceSaved = "service-saved", "The service is saved.";
    SessionEnded = "session-ended", "You are signed out there.";
    SessionsEnded = "sessions-ended", "You are signed out everywhere else.";
    SignedOut = "signed-out", "You are signed out.";
    TaskAdded = "task-added", "The task is added.";
    TaskFinished = "task-done", "The task is done.";
    TaskSaved = "task-saved", "The task is saved.";
    TaskTaken = "task-taken", "The task is yours now.";
    SupportEnded = "support-ended", "It is recorded that this support is over.";
    SupportRecorded = "support-recorded", "The support is recorded.";
    SupportTakenOut = "support-taken-out", "The record is taken out. It counts no more.";
    UnitAdded = "unit-added", "The unit is added.";
    UnitSaved = "unit-saved", "The unit is saved.";
    VacancyConfirmed = "vacancy-confirmed", "The vacancy is confirmed.";
    VacancySaved = "vacancy-saved", "The vacancy is saved.";
    VoidEnded = "void-ended", "The unit is back in use.";
    VoidRecorded = "void-recorded", "The unit is out of use for that time.";
    WatchEnded = "watch-ended", "You no longer keep watch for this household.";
    WatchSeen = "watch-seen", "What was found is marked as seen.";
    WatchStarted = "watch-started", "You keep watch for this household. You are told when a place is posted that fits.";
    Withdrawn = "withdrawn", "The vacancy is withdrawn. It can no longer be found.";
}

/// One entry of the menu.
pub struct Entry {
    pub name: &'static str,
    pub href: &'static str,
    pub here: bool,
}

/// The menu: name, where it leads, who may go there.
const MENU: &[(&str, &str, Action)] = &[
    ("Find a place", "/find", Action::WorkCases),
    ("Cases", "/cases", Action::WorkCases),
    ("Our units", "/units", Action::ManageVacancies),
    ("Tasks", "/tasks", Action::WorkTasks),
    ("Referrals", "/referrals", Action::ReadReferrals),
    ("Stays", "/placements", Action::TrackPlacements),
    ("Sanctuary", "/sanctuary", Action::ReadReferrals),
    ("Calendar", "/calendar", Action::ManageVacancies),
    ("Services", "/services", Action::ReadProvision),
    ("Vacancies", "/vacancies", Action::SearchVacancies),
    ("Reports", "/reports/denied-access", Action::ReadReports),
    ("Figures", "/figures", Action::ReadReleases),
    ("Organisations", "/organisations", Action::ManageOrganisations),
    ("People", "/accounts", Action::ManageAccounts),
    ("Lists", "/reference", Action::ReadInstallation),
    ("Health", "/health", Action::ReadInstallation),
    ("Alerts", "/alerts", Action::ReadAlerts),
    ("Audit", "/audit", Action::ReadAudit),
];

/// What an entry of the menu stands for: every report, not only the one that it leads to.
fn section(href: &str) -> &str {
    if href.starts_with("/reports/") { "/reports" } else { href }
}

impl Page {
    /// What a household can find now, for a write that keeps it.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn look(&self, case: CaseId, held: Option<VacancyId>) -> Result<Looked, AppError> {
        let (actor, now, policy) = (self.actor.clone(), self.now, self.app.policy);
        let look = move |conn: &mut Conn| actions::searches::look(conn, &actor, case, held, now, policy);
        self.app.db.read(&self.actor, look).await
    }

    /// The proof that a form is ours: it stands in every form as `csrf`.
    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    pub fn signed_in(&self) -> bool {
        self.actor.session.is_some()
    }

    /// Whether somebody is signed in and all pages that are theirs are open to them.
    pub fn all_in(&self) -> bool {
        self.signed_in() && !self.actor.is_half_in()
    }

    pub fn may(&self, action: Action) -> bool {
        self.actor.may(action)
    }

    pub fn menu(&self) -> Vec<Entry> {
        let entries = MENU.iter().filter(|(.., action)| self.may(*action));
        entries.map(|(name, href, _)| Entry { name, href, here: self.below(section(href)) }).collect()
    }

    fn below(&self, href: &str) -> bool {
        self.path.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The name of this request: see [`Posted::once`].
    pub fn once(&self, posted: &Posted) -> IdempotencyKey {
        posted.once(&self.app)
    }

    /// Does what a form asks for. What is wrong with it comes back as the form to show again; a refusal is recorded.
    ///
    /// # Errors
    /// Whatever is not about what was typed.
    pub async fn act<T>(
        &self,
        posted: &Posted,
        deed: impl Future<Output = Result<T, AppError>>,
    ) -> Result<Result<T, Form>, AppError> {
        let form = Form::of(posted);
        if posted.reviewing() {
            return Ok(Err(form));
        }
        let error = match deed.await {
            Ok(value) => return Ok(Ok(value)),
            Err(error) => error,
        };
        let form = match &error {
            AppError::Invalid(fields) => form.wrong(fields.clone()),
            AppError::Refused { refusal, object } => {
                if let Some(event) = error.event(*object) {
                    self.app.db.record_refusal(&self.actor, event).await?;
                }
                form.refused(&refusal.to_string())
            }
            AppError::Stale { .. } => form.refused(
                "somebody else has changed this since you opened it. Nothing of yours is lost: check your answers and \
                 save again",
            ),
            AppError::Contended => form.refused("too many people are doing this at once: send it again"),
            _ => return Err(error),
        };
        Ok(Err(form))
    }

    /// # Errors
    /// When the template fails.
    pub fn show(&self, template: &impl Template) -> Result<HttpResponse, AppError> {
        self.show_as(StatusCode::OK, template)
    }

    /// A page with a form: `422` when something in it is wrong.
    ///
    /// # Errors
    /// When the template fails.
    pub fn show_form(&self, form: &Form, template: &impl Template) -> Result<HttpResponse, AppError> {
        self.show_as(if form.any_wrong() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, template)
    }

    /// # Errors
    /// When the template fails.
    pub fn show_as(&self, status: StatusCode, template: &impl Template) -> Result<HttpResponse, AppError> {
        let html = template.render().map_err(AppError::internal)?;
        let mut answer = HttpResponse::build(status);
        answer.content_type("text/html; charset=utf-8").insert_header((VARY, "accept-encoding"));
        if !self.gzip {
            return Ok(answer.body(html));
        }
        // Small secrets in a compressed page can be guessed from its length; the only one is masked: see `sessions::csrf`.
        let mut encoder = GzEncoder::new(Vec::with_capacity(html.len() / 4), Compression::new(5));
        encoder.write_all(html.as_bytes()).map_err(AppError::internal)?;
        let body = encoder.finish().map_err(AppError::internal)?;
        Ok(answer.insert_header((CONTENT_ENCODING, "gzip")).body(body))
    }

    /// On to another page, which says what has been done.
    ///
    /// # Errors
    /// None: it stands at the end of handlers.
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "reads like `show`")]
    pub fn go(&self, path: &str, done: Done) -> Result<HttpResponse, AppError> {
        let (path, place) =
            path.split_once('#').map_or((path, String::new()), |(path, place)| (path, format!("#{place}")));
        let mark = if path.contains('?') { '&' } else { '?' };
        Ok(see_other(&format!("{path}{mark}done={}{place}", done.word())))
    }

    /// A page about nothing more than that.
    pub(super) fn of(request: &HttpRequest) -> Result<Self, AppError> {
        let app =
            request.app_data::<web::Data<App>>().ok_or_else(|| AppError::internal("the application is not there"))?;
        let extensions = request.extensions();
        let actor = extensions.get::<Actor>().cloned().ok_or(AppError::Unauthenticated)?;
        let now = app.clock.now();
        let ticket = extensions.get::<Ticket>().filter(|_| actor.session.is_some() && !actor.is_half_in());
        let done = form_urlencoded::parse(request.query_string().as_bytes()).find(|(name, _)| name == "done");
        Ok(Self {
            csrf: sessions::csrf(app, actor.session.map(|session| session.id)),
            now,
            path: request.path().to_owned(),
            done: done.and_then(|(_, word)| Done::of(&word)),
            seconds_left: ticket.map(|ticket| ticket.clone().used(now).page.exp - now.unix_seconds()),
            part: request.headers().contains_key(PART),
            gzip: assets::accepts(request, "gzip"),
            actor,
            app: app.clone(),
        })
    }
}

/// The header with which our script asks for a part of a page; such a request does not keep a session alive.
pub const PART: &str = "x-part";

impl FromRequest for Page {
    type Error = AppError;
    type Future = Ready<Result<Self, AppError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, path)).finish()
}
