//! One job, as each side sees it, with what each can do.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use uuid::Uuid;

use super::ask::month_options;
use super::{
    ANSWERS, CONSENTS, FITTINGS, INSTALLERS, TENURES, answer, class, consent, fitting, installer, pounds, state,
    still_safe, tenure,
};
use crate::api::input::Path;
use crate::api::sanctuary::view::{FollowUp, Job, Measure};
use crate::db;
use crate::domain::reference::Code;
use crate::domain::sanctuary::{EndingReason, Installer, State, StillSafe, may_install};
use crate::ids::SanctuaryId;
use crate::web::Answer;
use crate::web::form::Form;
use crate::web::household::{access, answer as known, described, interpreter, risk};
use crate::web::page::Page;
use crate::web::reasons::{label, options};
use crate::web::words::{Ago, When, ago, day, when};

pub fn routes(config: &mut ServiceConfig) {
    config.service(find);
}

/// The form of the page that was sent back, and which it is.
#[derive(Default)]
pub(super) struct Sent {
    pub which: String,
    pub form: Form,
}

/// A measure in words, with the form to change it.
struct Line {
    measure: Measure,
    kind: String,
    cost: String,
    installer: &'static str,
    fitting: &'static str,
    form: Form,
    open: bool,
}

/// A follow-up in words.
struct Asked {
    id: Uuid,
    months: String,
    due: String,
    late: bool,
    said: Option<String>,
    settled: bool,
}

#[derive(Template)]
#[template(path = "sanctuary/show.html")]
struct Shown<'a> {
    page: &'a Page,
    form: &'a Form,
    sent: &'a Sent,
    job: Job,
    state: &'static str,
    class: &'static str,
    requested: Ago,
    ended: Option<When>,
    reason: Option<String>,
    facts: Vec<(&'static str, String)>,
    people: Vec<String>,
    household: Vec<(&'static str, String)>,
    lines: Vec<Line>,
    follow_ups: Vec<Asked>,
    home: Form,
    kinds: Vec<(String, String)>,
    endings: Vec<(String, String)>,
    disclosures: Vec<(String, String)>,
    months: Vec<(String, String)>,
    empty: Form,
    tenures: [(&'static str, &'static str); 4],
    consents: [(&'static str, &'static str); 5],
    answers: [(&'static str, &'static str); 3],
    installers: [(&'static str, &'static str); 6],
    fittings: [(&'static str, &'static str); 3],
}

#[get("/sanctuary/{id}")]
async fn find(page: Page, Path(id): Path<SanctuaryId>) -> Answer {
    shown(&page, id, &Sent::default()).await
}

/// The page, with what went wrong with one of its forms.
pub(super) async fn shown(page: &Page, id: SanctuaryId, sent: &Sent) -> Answer {
    let (reader, now, today) = (page.actor.clone(), page.now, page.now.date());
    let read = move |conn: &mut db::Conn| Ok((Job::whole(conn, &reader, id, now)?, db::reference::codes(conn, None)?));
    let (mut job, codes) = page.app.db.read(&page.actor, read).await?;
    let lines = std::mem::take(&mut job.measures).into_iter().map(|measure| line(measure, &codes, sent));
    let provider = job.household.is_some();
    let month = job.wanted_month;
    let home = match sent.which.as_str() {
        "home" => sent.form.clone().renewed(job.version),
        _ => Form::new()
            .with("version", job.version)
            .with("tenure", job.tenure.as_str())
            .with("landlord_consent", job.landlord_consent.as_str())
            .with("perpetrator_keys", job.perpetrator_keys.as_str())
            .with("joint_tenancy", job.joint_tenancy.as_str())
            .with("wanted_month", month),
    };
    let mut months = month_options(today);
    if !months.iter().any(|(first, _)| *first == month.to_string()) {
        months.insert(0, (month.to_string(), month.format("%B %Y").to_string()));
    }
    let shown = Shown {
        page,
        form: &sent.form,
        sent,
        state: state(job.state, job.survey_on.is_some()),
        class: class(job.state),
        requested: ago(&job.requested_at, &now),
        ended: job.ended_at.map(|at| when(&at, &now)),
        reason: job.reason.as_deref().map(|code| label(&codes, "sanctuary_ending", code)),
        facts: facts(&job),
        people: job.household.iter().flat_map(|household| &household.members).map(described).collect(),
        household: household(&job),
        lines: lines.collect(),
        follow_ups: job.follow_ups.iter().map(|one| asked(one, &codes, today)).collect(),
        home,
        kinds: options(&codes, "sanctuary_measure", today),
        endings: endings(&codes, provider, job.case_id.is_some(), page),
        disclosures: options(&codes, "disclosure_reason", today),
        months,
        empty: Form::new(),
        tenures: TENURES,
        consents: CONSENTS,
        answers: ANSWERS,
        installers: INSTALLERS,
        fittings: FITTINGS,
        job,
    };
    page.show_form(&sent.form, &shown)
}

fn line(measure: Measure, codes: &[Code], sent: &Sent) -> Line {
    let open = sent.which == measure.id.0.to_string();
    let form = if open {
        sent.form.clone().renewed(measure.version)
    } else {
        Form::new()
            .with("version", measure.version)
            .with("number", measure.number)
            .with("cost", pounds(i64::from(measure.cost_pence)).trim_start_matches('£'))
            .with("state", measure.state.as_str())
            .with_some("installer", measure.installer.map(Installer::as_str))
    };
    Line {
        kind: label(codes, "sanctuary_measure", &measure.kind),
        cost: pounds(i64::from(measure.cost_pence)),
        installer: measure.installer.map_or("Not said", installer),
        fitting: fitting(measure.state),
        measure,
        form,
        open,
    }
}

fn facts(job: &Job) -> Vec<(&'static str, String)> {
    let consent_since = match (job.consent_answered_on, job.consent_asked_on) {
        (Some(on), _) => format!(", on {}", day(on)),
        (None, Some(on)) => format!(", since {}", day(on)),
        (None, None) => String::new(),
    };
    let mut facts = vec![
        ("Wanted in", job.wanted_month.format("%B %Y").to_string()),
        ("The home", tenure(job.tenure).to_owned()),
        ("The landlord", format!("{}{consent_since}", consent(job.landlord_consent))),
        ("The perpetrator has keys", answer(job.perpetrator_keys).to_owned()),
        ("The perpetrator is on the tenancy, or an owner", answer(job.joint_tenancy).to_owned()),
    ];
    let steps = [
        ("Survey", job.survey_on.filter(|_| job.surveyed_on.is_none())),
        ("Surveyed", job.surveyed_on),
        ("Fitted", job.installed_on),
        ("Signed off", job.signed_off_on),
    ];
    facts.extend(steps.into_iter().filter_map(|(name, on)| Some((name, day(on?)))));
    facts
}

fn household(job: &Job) -> Vec<(&'static str, String)> {
    let Some(household) = &job.household else { return Vec::new() };
    vec![
        ("Is that everybody?", known(household.complete).to_owned()),
        ("Risk of serious harm", risk(household.risk).to_owned()),
        ("Access to the home", access(household.access_need).to_owned()),
        ("Interpreter needed", interpreter(household.interpreter, household.interpreter_language.as_deref())),
    ]
}

fn asked(one: &FollowUp, codes: &[Code], today: chrono::NaiveDate) -> Asked {
    let needed = one.needed.as_deref().map(|code| label(codes, "sanctuary_need", code));
    let said = one.answer.map(|said| match &needed {
        Some(needed) => format!("{}. Needed: {needed}", still_safe(said)),
        None => still_safe(said).to_owned(),
    });
    Asked {
        id: one.id.0,
        months: if one.months == 1 { "After 1 month".into() } else { format!("After {} months", one.months) },
        due: day(one.due_on),
        late: said.is_none() && !one.settled && one.due_on < today,
        said,
        settled: one.settled,
    }
}

/// The reasons for an ending that this side may give.
fn endings(codes: &[Code], provider: bool, referrer: bool, page: &Page) -> Vec<(String, String)> {
    let may = |code: &&Code| {
        let reason = serde_json::from_value::<EndingReason>(code.attributes.clone());
        reason.is_ok_and(|reason| {
            provider && reason.ending.may_be_said(true) || referrer && reason.ending.may_be_said(false)
        })
    };
    let today = page.now.date();
    let known = codes.iter().filter(|code| code.list == "sanctuary_ending" && code.active(today));
    known.filter(may).map(|code| (code.code.clone(), code.label.clone())).collect()
}

impl Shown<'_> {
    fn of(&self, which: &str) -> &Form {
        if self.sent.which == which { &self.sent.form } else { &self.empty }
    }

    fn open(&self, which: &str) -> bool {
        self.sent.which == which && (self.sent.form.any_wrong() || self.sent.form.reviewed)
    }

    fn provider(&self) -> bool {
        self.job.household.is_some()
    }

    fn referrer(&self) -> bool {
        self.job.case_id.is_some()
    }

    fn goes_on(&self) -> bool {
        self.job.state.open()
    }

    fn requested_state(&self) -> bool {
        self.job.state == State::Requested
    }

    fn booked(&self) -> bool {
        self.job.survey_on.is_some()
    }

    fn surveyed(&self) -> bool {
        self.job.state == State::Surveyed
    }

    fn installed(&self) -> bool {
        self.job.state == State::Installed
    }

    fn signed_off(&self) -> bool {
        self.job.state == State::SignedOff
    }

    fn may_fit(&self) -> bool {
        may_install(self.job.tenure, self.job.landlord_consent).is_ok()
    }

    /// Whether the household said that it is not safe any more.
    fn unsafe_now(&self) -> bool {
        self.job.follow_ups.iter().any(|one| one.answer == Some(StillSafe::NotSafe))
    }

    fn total(&self) -> String {
        pounds(self.job.cost_pence)
    }
}
