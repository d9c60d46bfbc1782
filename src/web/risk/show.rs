//! What is known of the risk of a household, and recording what happens.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::{answer, band, marac};
use crate::actions;
use crate::actions::risk::{NewIncident, Overview, Whole};
use crate::api::input::Path;
use crate::db;
use crate::db::cases::{Case, Scope};
use crate::db::risk::Incident;
use crate::domain::case::State;
use crate::domain::household::{Answer as Known, RiskBand};
use crate::domain::reference::Code;
use crate::domain::risk::MaracReason;
use crate::ids::{AssessmentId, CaseId};
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong};
use crate::web::page::{Done, Page};
use crate::web::reasons::{label, options};
use crate::web::words;

pub fn routes(config: &mut ServiceConfig) {
    config.service(find).service(whole).service(record_incident).service(refer_to_marac);
}

/// The forms of the page: the one that was sent back has what is wrong with it.
#[derive(Default)]
struct Forms {
    marac: Option<Form>,
    incident: Option<Form>,
}

#[derive(Template)]
#[template(path = "risk/show.html")]
struct Show<'a> {
    page: &'a Page,
    /// The form that was sent back, or an empty one.
    form: Form,
    marac: Form,
    incident: Form,
    known: Overview,
    codes: Vec<Code>,
}

#[get("/cases/{id}/risk")]
async fn find(page: Page, Path(id): Path<CaseId>) -> Answer {
    shown(&page, id, Forms::default()).await
}

async fn shown(page: &Page, id: CaseId, forms: Forms) -> Answer {
    let scope = Scope::of(&page.actor);
    let read =
        move |conn: &mut db::Conn| Ok((actions::risk::overview(conn, scope, id)?, db::reference::codes(conn, None)?));
    let (known, codes) = page.app.db.read(&page.actor, read).await?;
    let Forms { marac, incident } = forms;
    let form = [&marac, &incident].into_iter().flatten().next().cloned().unwrap_or_default();
    let (marac, incident) = (marac.unwrap_or_default(), incident.unwrap_or_default());
    page.show_form(&form.clone(), &Show { page, form, marac, incident, known, codes })
}

#[post("/cases/{id}/risk/marac")]
async fn refer_to_marac(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let on = wrong.take(posted.date("referred_on"))?.flatten();
        let reason = wrong.take(posted.parse::<MaracReason>("reason", "Select why you refer"))?;
        wrong.check()?;
        let Some(reason) = reason else { return Ok(()) };
        let verb = move |tx: &mut db::Tx| Ok(actions::risk::refer_to_marac(tx, id, on, reason)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/cases/{}/risk", id.0), Done::MaracReferred),
        Err(form) => shown(&page, id, Forms { marac: Some(form), ..Forms::default() }).await,
    }
}

#[post("/cases/{id}/risk/incidents")]
async fn record_incident(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let mut wrong = Wrong::default();
        let happened_on = wrong.take(posted.date("happened_on"))?.flatten();
        let same_person = wrong.take(posted.parse::<Known>("same_person", "Select whether it was the same person"))?;
        let abuse_types = posted.all("abuse_types");
        if abuse_types.is_empty() {
            wrong.note("abuse_types", "Select what happened");
        }
        wrong.check()?;
        let Some(same_person) = same_person else { return Ok(()) };
        let new = NewIncident { happened_on, same_person, abuse_types };
        let verb = move |tx: &mut db::Tx| Ok(actions::risk::record_incident(tx, id, &new)?.map(drop));
        page.app.db.write_once(&page.actor, page.once(&posted), verb).await
    };
    match page.act(&posted, deed).await? {
        Ok(()) => page.go(&format!("/cases/{}/risk", id.0), Done::IncidentRecorded),
        Err(form) => shown(&page, id, Forms { incident: Some(form), ..Forms::default() }).await,
    }
}

/// One assessment with its answers. That somebody saw it is recorded.
#[derive(Template)]
#[template(path = "risk/assessment.html")]
struct Opened<'a> {
    page: &'a Page,
    case: Case,
    whole: Whole,
    codes: Vec<Code>,
}

#[get("/cases/{id}/risk/assessments/{assessment}")]
async fn whole(page: Page, Path((id, assessment)): Path<(CaseId, AssessmentId)>) -> Answer {
    let read = move |tx: &mut db::Tx| {
        let scope = Scope::of(tx.actor());
        let change = actions::risk::read(tx, id, assessment)?;
        let (case, codes) = (db::cases::find_in(tx, scope, id)?, db::reference::codes(tx, None)?);
        Ok(change.map(|whole| (whole, case, codes)))
    };
    let (read, case, codes) = page.app.db.write(&page.actor, read).await?;
    page.show(&Opened { page: &page, case, whole: read, codes })
}

impl Show<'_> {
    fn open(&self) -> bool {
        self.known.case.state == State::Open
    }

    fn band(&self) -> Option<(&'static str, &'static str)> {
        self.known.case.needs.risk.band().map(band)
    }

    fn of(of: RiskBand) -> &'static str {
        band(of).0
    }

    /// Whether the day has passed on which it was to be looked at again.
    fn late(&self) -> bool {
        self.known.assessments.first().is_some_and(|(last, _)| last.next_review_on <= self.page.now.date())
    }

    fn marac_reasons() -> Vec<(&'static str, &'static str)> {
        MaracReason::ALL.iter().map(|reason| (reason.as_str(), marac(*reason))).collect()
    }

    fn marac_reason(reason: MaracReason) -> &'static str {
        marac(reason)
    }

    fn abuse_types(&self) -> Vec<(String, String)> {
        options(&self.codes, "abuse_type", self.page.now.date())
    }

    /// What happened, in words.
    fn told(&self, incident: &Incident) -> String {
        let kinds = incident.abuse_types.0.iter().map(|code| label(&self.codes, "abuse_type", code));
        kinds.collect::<Vec<_>>().join(", ")
    }

    fn same(incident: &Incident) -> &'static str {
        match incident.same_person {
            Known::Yes => "The same person",
            Known::No => "Somebody else",
            Known::Unknown => "It is not known who",
        }
    }
}

impl Opened<'_> {
    fn of(of: RiskBand) -> &'static str {
        band(of).0
    }

    /// (number, answer) of each question.
    fn answers(&self) -> Vec<(usize, &'static str)> {
        let answers = self.whole.answers.iter().flatten();
        (1..).zip(answers.map(|one| answer(*one))).collect()
    }

    fn why(&self) -> Option<String> {
        self.whole.assessment.override_reason.as_ref().map(|code| label(&self.codes, "risk_override_reason", code))
    }

    fn day(&self) -> String {
        words::day(self.whole.assessment.assessed_on)
    }
}
