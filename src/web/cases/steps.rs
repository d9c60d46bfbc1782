//! What is asked in a call, in the order of a call. Each step is saved as one goes and can be taken up again; beside it
//! stands what fits.

use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, get, post};
use askama::Template;
use garde::Validate;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::household::{self, Rows};
use super::lists::Lists;
use crate::actions;
use crate::actions::cases::{Edit, New};
use crate::api::input::Path;
use crate::clock::At;
use crate::db;
use crate::db::cases::{Case, Scope};
use crate::domain::household::{Level, Needs, RiskBand};
use crate::domain::identity::{Identity, Person, SafeContact};
use crate::error::{AppError, Part};
use crate::ids::CaseId;
use crate::web::Answer;
use crate::web::form::{Form, Posted, Wrong, missing};
use crate::web::matching::Beside;
use crate::web::page::{Page, see_other};

pub fn routes(config: &mut ServiceConfig) {
    config.service(start_call).service(open_case).service(ask_step).service(save_step);
}

/// One page of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Household,
    Needs,
    Areas,
    Money,
    About,
}

impl Step {
    const ALL: [Self; 5] = [Self::Household, Self::Needs, Self::Areas, Self::Money, Self::About];

    /// Its place in a path.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Household => "household",
            Self::Needs => "needs",
            Self::Areas => "areas",
            Self::Money => "money",
            Self::About => "about",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Household => "Household",
            Self::Needs => "Needs",
            Self::Areas => "Areas",
            Self::Money => "Money",
            Self::About => "About the survivor",
        }
    }

    fn next(self) -> Option<Self> {
        let at = Self::ALL.iter().position(|step| *step == self)?;
        Self::ALL.get(at + 1).copied()
    }

    /// Whether anything of it is known.
    pub fn begun(self, needs: &Needs) -> bool {
        let fresh = Needs::default();
        match self {
            Self::Household => !needs.members.is_empty(),
            Self::Needs => {
                needs.access_need != fresh.access_need || !needs.additional_needs.is_empty() || needs.risk != fresh.risk
            }
            Self::Areas => needs.unsafe_areas.iter().any(|area| area.confirmed) || !needs.wanted_areas.is_empty(),
            Self::Money => {
                needs.recourse_to_public_funds != fresh.recourse_to_public_funds || needs.funding != fresh.funding
            }
            Self::About => needs.monitoring != fresh.monitoring,
        }
    }
}

#[derive(Template)]
#[template(path = "cases/start.html")]
struct Start<'a> {
    page: &'a Page,
    form: Form,
    lists: Lists,
}

#[get("/cases/new")]
async fn start_call(page: Page) -> Answer {
    let lists = page.app.db.read(&page.actor, Lists::load).await?;
    page.show(&Start { page: &page, form: Form::new(), lists })
}

/// Opens the case as soon as it is known who sends the household: everything else can be told in any order.
#[post("/cases/new")]
async fn open_case(page: Page, posted: Posted) -> Answer {
    let lists = page.app.db.read(&page.actor, Lists::load).await?;
    let deed = async {
        let new = opening(&posted, &lists)?;
        let opened = move |tx: &mut db::Tx| Ok(actions::cases::open(tx, &new)?.map(|case| case.id));
        page.app.db.write_once(&page.actor, page.once(&posted), opened).await
    };
    match page.act(&posted, deed).await? {
        Ok(id) => Ok(see_other(&format!("/cases/{}/ask/household", id.0))),
        Err(form) => page.show_form(&form.clone(), &Start { page: &page, form, lists }),
    }
}

fn opening(posted: &Posted, lists: &Lists) -> Result<New, AppError> {
    let mut wrong = Wrong::default();
    if posted.get("referral_source").is_empty() {
        wrong.note("referral_source", "Select who is calling, or who sends the household");
    }
    let origin = posted.some("origin_area").map(|typed| lists.area("origin_area", &typed)).transpose();
    let origin_area = wrong.take(origin)?.flatten();
    let identity = wrong.take(identity(posted))?.flatten();
    wrong.check()?;
    Ok(New {
        referral_source: posted.get("referral_source").to_owned(),
        origin_area,
        needs: Needs::default(),
        identity,
    })
}

/// Names and contact details, if any were typed.
///
/// # Errors
/// [`AppError::Invalid`] when they are too long, or there is no name.
pub fn identity(posted: &Posted) -> Result<Option<Identity>, AppError> {
    let safe_contact = SafeContact {
        telephone: posted.some("safe_contact/telephone"),
        voicemail_safe: posted.has("safe_contact/voicemail_safe"),
        text_message_safe: posted.has("safe_contact/text_message_safe"),
        email: posted.some("safe_contact/email"),
        email_safe: posted.has("safe_contact/email_safe"),
        safe_times: posted.some("safe_contact/safe_times"),
        code_word: posted.some("safe_contact/code_word"),
        interpreter_language: posted.some("safe_contact/interpreter_language"),
    };
    let mut people = Vec::new();
    for n in 0..20 {
        let date_of_birth = posted.date(&format!("people/{n}/date_of_birth"))?;
        match (posted.some(&format!("people/{n}/name")), date_of_birth) {
            (Some(name), date_of_birth) => people.push(Person { name, date_of_birth }),
            (None, Some(_)) => return Err(missing(&format!("people/{n}/name"), "Enter the name too")),
            (None, None) => {}
        }
    }
    if people.is_empty() {
        let nothing = safe_contact == SafeContact::default();
        let message = "Enter a name, or what to call them. Without one the contact details cannot be kept";
        return if nothing { Ok(None) } else { Err(missing("people/0/name", message)) };
    }
    let identity = Identity { people, safe_contact };
    identity.validate().map_err(|report| AppError::out_of_range(Part::Body, "", &report))?;
    Ok(Some(identity))
}

/// A page of questions with what fits beside it.
#[derive(Template)]
#[template(path = "cases/step.html")]
struct Asking<'a> {
    page: &'a Page,
    case: Case,
    step: Step,
    form: Form,
    rows: Rows,
    lists: Lists,
    beside: Beside,
}

async fn load(page: &Page, id: CaseId) -> Result<(Case, Lists, Beside), AppError> {
    let (actor, now, policy, csrf): (_, At, _, _) =
        (page.actor.clone(), page.now, page.app.policy, page.csrf().to_owned());
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
        let beside = Beside::of(conn, &actor, &case, now, policy, &csrf)?;
        Ok((case, Lists::load(conn)?, beside))
    };
    page.app.db.read(&page.actor, read).await
}

#[get("/cases/{id}/ask/{step}")]
async fn ask_step(page: Page, Path((id, step)): Path<(CaseId, Step)>) -> Answer {
    let (case, lists, beside) = load(&page, id).await?;
    let form = form_of(step, &case, &lists);
    asking(&page, step, form, (case, lists, beside))
}

fn asking(page: &Page, step: Step, form: Form, (case, lists, beside): (Case, Lists, Beside)) -> Answer {
    let rows = Rows::of(&form);
    page.show_form(&form.clone(), &Asking { page, case, step, form, rows, lists, beside })
}

#[post("/cases/{id}/ask/{step}")]
async fn save_step(page: Page, Path((id, step)): Path<(CaseId, Step)>, posted: Posted) -> Answer {
    let deed = async {
        let version = posted.parse("version", "Reload the page")?;
        let lists = page.app.db.read(&page.actor, Lists::load).await?;
        let edit = edit_of(step, &posted, &lists)?;
        page.app.db.write(&page.actor, move |tx| actions::cases::edit(tx, id, version, &edit)).await
    };
    match page.act(&posted, deed).await? {
        Ok(_) if page.part => Ok(page.show(&load(&page, id).await?.2)?),
        Ok(_) if posted.has("more") => {
            let (case, lists, beside) = load(&page, id).await?;
            let form = form_of(step, &case, &lists).with("more", "yes");
            asking(&page, step, form, (case, lists, beside))
        }
        Ok(_) => Ok(after(id, step)),
        Err(form) => asking(&page, step, form, load(&page, id).await?),
    }
}

/// Where the button of a step leads: to the next one, after the last to the case.
fn after(id: CaseId, step: Step) -> HttpResponse {
    let case = format!("/cases/{}", id.0);
    see_other(&step.next().map_or_else(|| case.clone(), |next| format!("{case}/ask/{}", next.as_str())))
}

/// How many boxes for another area a form has.
const MORE_AREAS: usize = 2;

fn form_of(step: Step, case: &Case, lists: &Lists) -> Form {
    let needs = &case.needs;
    match step {
        Step::Household => household::form_of(needs),
        Step::Needs => {
            let mut form = Form::new()
                .with("access_need", needs.access_need.as_str())
                .with_some("interpreter_language", needs.interpreter_language.as_ref())
                .with_some("risk/dash_score", needs.risk.dash_score)
                .with_some("risk/judgement", needs.risk.judgement.map(RiskBand::as_str))
                .with("risk/marac_referred", needs.risk.marac_referred.as_str());
            for need in &needs.additional_needs {
                form = form.with(&format!("need/{}", need.need), need.level.as_str());
            }
            needs.abuse_types.iter().fold(form, |form, code| form.with("abuse_types", code))
        }
        Step::Areas => {
            let mut form =
                Form::new().with_some("origin_area", case.origin_area.as_deref().map(|code| lists.area_name(code)));
            for (n, area) in needs.unsafe_areas.iter().enumerate() {
                let answer = if area.confirmed { "unsafe" } else { "" };
                form = form.with(&format!("unsafe/{n}/area"), &area.area).with(&format!("unsafe/{n}/is"), answer);
            }
            for (n, code) in needs.wanted_areas.iter().enumerate() {
                form = form.with(&format!("wanted/{n}"), lists.area_name(code));
            }
            form
        }
        Step::Money => Form::new()
            .with("recourse_to_public_funds", needs.recourse_to_public_funds.as_str())
            .with_some("immigration_status", needs.immigration_status.as_ref())
            .with("concession", needs.concession.as_str())
            .with("funding", needs.funding.as_str()),
        Step::About => {
            let monitoring = &needs.monitoring;
            let form = Form::new()
                .with_some("ethnic_group", monitoring.ethnic_group.as_ref())
                .with_some("sexual_orientation", monitoring.sexual_orientation.as_ref())
                .with_some("religion", monitoring.religion.as_ref())
                .with_some("employment", monitoring.employment.as_ref())
                .with_some("prior_housing", monitoring.prior_housing.as_ref())
                .with_some(
                    "impaired",
                    monitoring.impairments.as_ref().map(|all| if all.is_empty() { "no" } else { "yes" }),
                );
            monitoring.impairments.iter().flatten().fold(form, |form, code| form.with("impairments", code))
        }
    }
}

fn edit_of(step: Step, posted: &Posted, lists: &Lists) -> Result<Edit, AppError> {
    let mut edit = Edit::default();
    let word = |name: &str| posted.some(name).map_or(Value::Null, |word| json!(word));
    match step {
        Step::Household => edit.needs = household::needs_of(posted)?,
        Step::Needs => edit.needs = needs(posted, lists)?,
        Step::Areas => {
            let mut wrong = Wrong::default();
            let origin = posted.some("origin_area").map(|typed| lists.area("origin_area", &typed)).transpose();
            edit.origin_area = wrong.take(origin)?.flatten();
            edit.needs = areas(posted, lists, &mut wrong)?;
            wrong.check()?;
        }
        Step::Money => {
            for name in ["recourse_to_public_funds", "immigration_status", "concession", "funding"] {
                edit.needs.insert(name.into(), word(name));
            }
        }
        Step::About => {
            let mut monitoring = Map::new();
            for name in ["ethnic_group", "sexual_orientation", "religion", "employment", "prior_housing"] {
                if !posted.get(name).is_empty() {
                    monitoring.insert(name.into(), word(name));
                }
            }
            let ticked = posted.all("impairments");
            if !ticked.is_empty() {
                monitoring.insert("impairments".into(), json!(ticked));
            } else if posted.get("impaired") == "no" {
                monitoring.insert("impairments".into(), json!([]));
            } else if posted.get("impaired") == "yes" {
                return Err(missing("impairments", "Select what is hard, or that it is not known"));
            }
            edit.needs.insert("monitoring".into(), Value::Object(monitoring));
        }
    }
    Ok(edit)
}

fn needs(posted: &Posted, lists: &Lists) -> Result<Map<String, Value>, AppError> {
    let mut wrong = Wrong::default();
    let mut additional = Vec::new();
    for (code, _) in lists.of("additional_need") {
        let name = format!("need/{code}");
        let level: Option<Option<Level>> = wrong.take(posted.maybe(&name, "Select one of the answers"))?;
        if let Some(Some(level)) = level {
            additional.push(json!({ "need": code, "level": level }));
        }
    }
    let score: Option<Option<u8>> = wrong.take(posted.maybe("risk/dash_score", "Enter a score from 0 to 24"))?;
    if score.flatten().is_some_and(|score| score > 24) {
        wrong.note("risk/dash_score", "Enter a score from 0 to 24");
    }
    let judgement: Option<Option<RiskBand>> =
        wrong.take(posted.maybe("risk/judgement", "Select one of the answers"))?;
    if posted.get("interpreter_language").chars().count() > 60 {
        wrong.note("interpreter_language", "Enter a language in 60 letters or fewer");
    }
    wrong.check()?;
    let mut risk = Map::new();
    if let Some(score) = score.flatten() {
        risk.insert("dash_score".into(), json!(score));
    }
    if let Some(judgement) = judgement.flatten() {
        risk.insert("judgement".into(), json!(judgement));
    }
    if let Some(answer) = posted.some("risk/marac_referred") {
        risk.insert("marac_referred".into(), json!(answer));
    }
    let word = |name: &str| posted.some(name).map_or(Value::Null, |word| json!(word));
    Ok(Map::from_iter([
        ("access_need".to_owned(), word("access_need")),
        ("interpreter_language".to_owned(), word("interpreter_language")),
        ("additional_needs".to_owned(), Value::Array(additional)),
        ("abuse_types".to_owned(), json!(posted.all("abuse_types"))),
        ("risk".to_owned(), Value::Object(risk)),
    ]))
}

/// The areas of the form: those that were named before, and those that are new.
fn areas(posted: &Posted, lists: &Lists, wrong: &mut Wrong) -> Result<Map<String, Value>, AppError> {
    let mut unsafe_areas: Vec<(String, bool)> = Vec::new();
    for n in 0..50 {
        let code = posted.get(&format!("unsafe/{n}/area"));
        match posted.get(&format!("unsafe/{n}/is")) {
            _ if code.is_empty() => break,
            "safe" => {}
            answer => unsafe_areas.push((code.to_owned(), answer == "unsafe")),
        }
    }
    for n in 0..MORE_AREAS {
        let name = format!("unsafe_new/{n}");
        let Some(typed) = posted.some(&name) else { continue };
        if let Some(code) = wrong.take(lists.area(&name, &typed))? {
            unsafe_areas.retain(|(known, _)| *known != code);
            unsafe_areas.push((code, true));
        }
    }
    let mut wanted: Vec<String> = Vec::new();
    for n in 0..50 {
        let name = format!("wanted/{n}");
        let Some(typed) = posted.some(&name) else { continue };
        if let Some(code) = wrong.take(lists.area(&name, &typed))?
            && !wanted.contains(&code)
        {
            wanted.push(code);
        }
    }
    let unsafe_areas: Vec<Value> =
        unsafe_areas.iter().map(|(area, confirmed)| json!({ "area": area, "confirmed": confirmed })).collect();
    Ok(Map::from_iter([
        ("unsafe_areas".to_owned(), Value::Array(unsafe_areas)),
        ("wanted_areas".to_owned(), json!(wanted)),
    ]))
}

impl Asking<'_> {
    fn wanted_rows(&self) -> usize {
        (0..50).filter(|n| !self.form.value(&format!("wanted/{n}")).is_empty()).count() + MORE_AREAS
    }

    /// The areas that were named as unsafe before: place in the form, name, whether it is only proposed.
    fn unsafe_rows(&self) -> Vec<(usize, String, bool)> {
        let rows = (0..50).map(|n| (n, self.form.value(&format!("unsafe/{n}/area"))));
        rows.take_while(|(_, code)| !code.is_empty())
            .map(|(n, code)| {
                let proposed = self.case.needs.unsafe_areas.iter().any(|area| area.area == code && !area.confirmed);
                (n, self.lists.area_name(code).to_owned(), proposed)
            })
            .collect()
    }
}
