//! Looking for vacancies without a case: for a first answer on the telephone.

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, get};
use askama::Template;

use super::Answer;
use super::form::{Form, Posted, Wrong};
use super::matching::{accommodation_type, facts};
use super::page::Page;
use super::words::{Ago, ago, day_from};
use crate::api::page::{Page as Paged, after, one_more};
use crate::api::vacancies::Vacancy;
use crate::clock::At;
use crate::db;
use crate::db::vacancies::{self, Filter};
use crate::domain::eligibility::Nrpf;
use crate::domain::permission::Action;
use crate::domain::provision::AccommodationType;
use crate::domain::reference::Area;
use crate::domain::vacancy::Age;
use crate::error::{AppError, Part};

pub fn routes(config: &mut ServiceConfig) {
    config.service(search);
}

/// So many stand on a page.
const LIMIT: i64 = 25;

/// What can be ticked: the name of the field, and its words.
const TICKS: [(&str, &str); 6] = [
    ("step_free", "No steps on the way in"),
    ("wheelchair", "Room for a wheelchair"),
    ("self_contained", "Own kitchen and bathroom"),
    ("pets", "Takes pets"),
    ("nrpf", "Takes people without public funds"),
    ("men", "Takes men"),
];

struct Row {
    service: String,
    organisation: String,
    kind: &'static str,
    area: String,
    facts: String,
    takes: String,
    from: String,
    confirmed: Ago,
    fresh: bool,
    /// The unit, for its own provider.
    unit: Option<String>,
    /// Which of the waiting households it could be for, for a referrer.
    candidates: Option<String>,
}

#[derive(Template)]
#[template(path = "vacancies/search.html")]
struct Search<'a> {
    page: &'a Page,
    form: Form,
    areas: Vec<(String, String)>,
    kinds: Vec<(&'static str, &'static str)>,
    rows: Vec<Row>,
    filtered: bool,
    next: Option<String>,
}

#[get("/vacancies")]
async fn search(page: Page, request: HttpRequest) -> Answer {
    let asked = Posted::new("/vacancies", request.query_string().to_owned());
    let form = Form::of(&asked);
    let (form, filter) = match filter(&asked) {
        Ok(filter) => (form, Some(filter)),
        Err(AppError::Invalid(fields)) => (form.wrong(fields), None),
        Err(error) => return Err(error),
    };
    let begin: Option<vacancies::After> = after(asked.some("cursor").as_deref())?;
    let (now, policy, own) = (page.now, page.app.policy, page.actor.organisation);
    let read = page.app.db.read(&page.actor, move |conn| {
        let areas = db::reference::areas(conn)?;
        let Some(filter) = filter else { return Ok((areas, Vec::new())) };
        if let Some(area) = &filter.area {
            db::reference::must_be_areas(conn, Part::Query, &[(area, "/area".into())])?;
        }
        let since = policy.freshness.in_search_since(now);
        Ok((areas, vacancies::search(conn, filter, now, since, begin, one_more(LIMIT))?))
    });
    let (areas, found) = read.await?;
    let found = found.into_iter().map(|row| Vacancy::seen_by(own, row, policy, now)).collect();
    let found = Paged::of(found, LIMIT, |vacancy: &Vacancy| (vacancy.confirmed_at, vacancy.id))?;
    let kinds = AccommodationType::ALL.iter().filter(|kind| **kind != AccommodationType::Sanctuary);
    let works_cases = page.may(Action::WorkCases);
    let search = Search {
        page: &page,
        areas: areas.iter().map(area).collect(),
        kinds: kinds.map(|kind| (kind.as_str(), accommodation_type(*kind))).collect(),
        rows: found.items.into_iter().map(|vacancy| row(vacancy, works_cases, now)).collect(),
        filtered: asked
            .pairs()
            .iter()
            .any(|(name, value)| name != "cursor" && name != "done" && !value.trim().is_empty()),
        next: found.next.map(|cursor| next(&asked, &cursor)),
        form: form.clone(),
    };
    page.show_form(&form, &search)
}

/// What is asked for.
fn filter(asked: &Posted) -> Result<Filter, AppError> {
    let mut wrong = Wrong::default();
    let ticked = |name: &str| !asked.get(name).is_empty();
    let number = |name: &str, message: &str, most: i32| -> Result<Option<i32>, AppError> {
        let number: Option<i32> = asked.maybe(name, message)?;
        if number.is_some_and(|number| !(0..=most).contains(&number)) {
            return Err(super::form::missing(name, message));
        }
        Ok(number)
    };
    let filter = Filter {
        accommodation_type: wrong.take(asked.maybe("accommodation_type", "Choose one from the list"))?.flatten(),
        area: asked.some("area"),
        bed_spaces: wrong.take(number("bed_spaces", "Enter how many beds are needed, from 1 to 20", 20))?.flatten(),
        children: wrong.take(number("children", "Enter how many children there are, from 0 to 15", 15))?.flatten(),
        step_free: ticked("step_free"),
        wheelchair: ticked("wheelchair"),
        self_contained: ticked("self_contained"),
        pets: ticked("pets"),
        nrpf: ticked("nrpf"),
        men: ticked("men"),
        available_by: wrong.take(asked.date("available_by"))?.flatten().map(At::start_of),
    };
    wrong.check()?;
    Ok(filter)
}

fn area(area: &Area) -> (String, String) {
    let name = if area.kind == "county" { format!("{} (the whole county)", area.name) } else { area.name.clone() };
    (area.code.clone(), name)
}

fn row(vacancy: Vacancy, works_cases: bool, now: At) -> Row {
    let takes = match (vacancy.takes_women, vacancy.takes_men) {
        (true, true) => "Takes women and men. ",
        (true, false) => "Takes women. ",
        (false, true) => "Takes men. ",
        (false, false) => "",
    };
    let funds = match vacancy.nrpf {
        Nrpf::Yes => "No public funds: yes.",
        Nrpf::CaseByCase => "No public funds: ask.",
        Nrpf::No => "No public funds: no.",
    };
    Row {
        kind: accommodation_type(vacancy.accommodation_type),
        facts: facts(&vacancy.facts),
        takes: format!("{takes}{funds}"),
        from: if vacancy.available_from <= now.date() {
            "now".into()
        } else {
            day_from(vacancy.available_from, now.date())
        },
        confirmed: ago(&vacancy.confirmed_at, &now),
        fresh: vacancy.age == Age::Fresh,
        unit: vacancy.unit_id.map(|unit| format!("/units/{}", unit.0)),
        candidates: works_cases.then(|| format!("/vacancies/{}/candidates", vacancy.id.0)),
        service: vacancy.service,
        organisation: vacancy.organisation,
        area: vacancy.area_name,
    }
}

/// The same question, for the page after this one.
fn next(asked: &Posted, cursor: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in
        asked.pairs().iter().filter(|(name, value)| name != "cursor" && name != "done" && !value.is_empty())
    {
        query.append_pair(name, value);
    }
    format!("/vacancies?{}", query.append_pair("cursor", cursor).finish())
}

impl Search<'_> {
    fn works_cases(&self) -> bool {
        self.page.may(Action::WorkCases)
    }

    fn heading(&self) -> String {
        match (self.rows.len(), &self.next) {
            (0, _) => "No vacancy".into(),
            (1, None) => "1 vacancy".into(),
            (number, None) => format!("{number} vacancies"),
            (number, Some(_)) => format!("{number} vacancies, and more on the next page"),
        }
    }

    /// Whether a filter beside the first ones is set.
    fn more(&self) -> bool {
        let set = |name: &str| !self.form.value(name).is_empty();
        TICKS.iter().any(|(name, _)| set(name))
            || ["bed_spaces", "children", "available_by-day"].into_iter().any(set)
            || self.form.error("available_by").is_some()
    }
}
