//! Questions beside the places that wait for them, answered where they stand.

mod answer;
mod control;

use std::fmt;
use std::str::FromStr;

use actix_web::post;
use actix_web::web::ServiceConfig;

pub use self::control::Kind;
use self::control::{Control, control, words};
use super::Answer;
use super::cases::{Lists, Step, shown};
use super::form::{Form, Posted, missing};
use super::matching::{Around, Beside, place};
use super::page::{Page, see_other};
use crate::actions;
use crate::actions::cases::Edit;
use crate::actions::matching::Matches;
use crate::api::input::Path;
use crate::db::cases::{Case, Scope};
use crate::db::{self, Conn};
use crate::domain::eligibility::{Question, Verdict};
use crate::domain::household::Needs;
use crate::domain::matching;
use crate::error::AppError;
use crate::ids::CaseId;

/// How often an answer is held against what others have said meanwhile.
const TRIES: u32 = 3;

pub fn routes(config: &mut ServiceConfig) {
    config.service(take_answer);
}

/// A question to ask next.
pub struct Asked {
    pub code: &'static str,
    pub text: String,
    /// What to say to somebody who wants to know why.
    pub why: &'static str,
    /// Where else it is answered.
    pub href: String,
    pub control: Control,
    /// How many places wait for the answer; how many of them for nothing else.
    vacancies: usize,
    alone: usize,
}

impl Asked {
    /// As it stands on a page: what is asked there in a box of its own has no second one beside it.
    pub fn of(asked: matching::Asked, case: CaseId, needs: &Needs, lists: &Lists, on: Option<Step>) -> Self {
        let matching::Asked { question, vacancies, alone } = asked;
        let (step, place) = place(question).split_once('#').unwrap_or_default();
        let here = on.is_some_and(|on| on.as_str() == step);
        let control = if here { Control::default() } else { control(question, needs, lists) };
        let href = if here { format!("#{place}") } else { format!("/cases/{}/ask/{step}#{place}", case.0) };
        let text = words(question, &control);
        Self { code: question.as_str(), text, why: question.why(), href, control, vacancies, alone }
    }

    /// Why it is worth asking: "9 places wait for this, 2 for nothing else".
    pub fn waiting(&self) -> String {
        let waiting = match self.vacancies {
            1 => "1 place waits for this".to_owned(),
            n => format!("{n} places wait for this"),
        };
        match self.alone {
            0 => waiting,
            alone if alone == self.vacancies => format!("{waiting} and nothing else"),
            alone => format!("{waiting}, {alone} for nothing else"),
        }
    }
}

/// What became of an answer: said above the next question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// So many places were decided by it: they fit, they need a talk, they do not fit.
    Decided { fit: u16, talk: u16, not: u16 },
    /// Somebody else has answered meanwhile, and theirs stands.
    Known,
}

impl Heard {
    fn of(before: &Matches, after: &Matches) -> Self {
        let waiting =
            |key| before.ranked.iter().any(|one| one.key == key && one.verdict == Verdict::MissingInformation);
        let (mut fit, mut talk, mut not) = (0, 0, 0);
        for one in &after.ranked {
            let number = match one.verdict {
                Verdict::Suitable => &mut fit,
                Verdict::Discuss => &mut talk,
                Verdict::NotSuitable => &mut not,
                Verdict::MissingInformation => continue,
            };
            *number += u16::from(waiting(one.key));
        }
        Self::Decided { fit, talk, not }
    }

    /// "That decided 7 places: 3 fit, 4 do not."
    pub fn told(self) -> String {
        let Self::Decided { fit, talk, not } = self else {
            return "Somebody else has answered this meanwhile. Their answer stands: nothing of yours was saved."
                .into();
        };
        let all = fit + talk + not;
        let counted = |number: u16, one: &str, many: &str| match number {
            0 => None,
            _ if all == 1 => Some(format!("it {one}")),
            1 => Some(format!("1 {one}")),
            number => Some(format!("{number} {many}")),
        };
        let parts = [
            counted(fit, "fits", "fit"),
            counted(talk, "needs a talk with the provider", "need a talk with the provider"),
            counted(not, "does not fit", "do not fit"),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        match all {
            0 => "Saved. This alone decided no place.".into(),
            1 => format!("That decided 1 place: {}.", parts.join(", ")),
            all => format!("That decided {all} places: {}.", parts.join(", ")),
        }
    }
}

/// As it stands in the address of the page that follows: numbers, and nothing of the household.
impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decided { fit, talk, not } => write!(f, "{fit}.{talk}.{not}"),
            Self::Known => f.write_str("known"),
        }
    }
}

impl FromStr for Heard {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let numbers: Result<Vec<u16>, _> = word.split('.').map(str::parse).collect();
        match numbers.as_deref() {
            _ if word == "known" => Ok(Self::Known),
            Ok([fit, talk, not]) if [fit, talk, not].iter().all(|number| **number <= 9999) => {
                Ok(Self::Decided { fit: *fit, talk: *talk, not: *not })
            }
            _ => Err("that is no count of places"),
        }
    }
}

/// An answer from one of the forms beside the places. Who is slower than somebody else loses nothing and overwrites
/// nothing: the case is read again, and the answer counts if nobody has given one.
#[post("/cases/{id}/answers/{question}")]
async fn take_answer(page: Page, Path((id, question)): Path<(CaseId, Question)>, posted: Posted) -> Answer {
    let from: Option<Step> = posted.maybe("from", "Reload the page").unwrap_or_default();
    match page.act(&posted, answered(&page, id, question, &posted)).await? {
        Ok(heard) if page.part => {
            let around = Around { heard: Some(heard), ..Around::of(&page, from) };
            page.show(&beside(&page, id, around, Form::new()).await?)
        }
        Ok(heard) => {
            let path = Step::page(id, from);
            Ok(see_other(&format!("{path}?decided={heard}#asked-title")))
        }
        Err(form) if page.part => {
            let beside = beside(&page, id, Around::of(&page, from), form.clone()).await?;
            page.show_form(&form, &beside)
        }
        Err(form) => shown(&page, id, from, form).await,
    }
}

async fn answered(page: &Page, id: CaseId, question: Question, posted: &Posted) -> Result<Heard, AppError> {
    let asked: i32 = posted.parse("version", "Reload the page")?;
    let mut tries = 0;
    loop {
        let (case, before) = matched(page, id).await?;
        let (version, meanwhile) = (case.version, case.version != asked);
        let Some(needs) = answer::needs_of(question, posted, &case.needs, meanwhile)? else { return Ok(Heard::Known) };
        let edit = Edit { needs, ..Edit::default() };
        let written = page.app.db.write(&page.actor, move |tx| actions::cases::edit(tx, id, version, &edit)).await;
        match written {
            Ok(_) => return Ok(Heard::of(&before, &matched(page, id).await?.1)),
            Err(AppError::Stale { .. }) if tries < TRIES => tries += 1,
            Err(AppError::Invalid(_)) => return Err(missing(&control::name(question), "Select one of the answers")),
            Err(error) => return Err(error),
        }
    }
}

async fn matched(page: &Page, id: CaseId) -> Result<(Case, Matches), AppError> {
    let (actor, now, policy) = (page.actor.clone(), page.now, page.app.policy);
    let read = move |conn: &mut Conn| {
        let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
        let found = actions::matching::matches(conn, &case, now, policy)?;
        Ok((case, found))
    };
    page.app.db.read(&page.actor, read).await
}

async fn beside(page: &Page, id: CaseId, around: Around, form: Form) -> Result<Beside, AppError> {
    let actor = page.actor.clone();
    let read = move |conn: &mut Conn| {
        let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
        let lists = Lists::load(conn)?;
        Ok(Beside { form, ..Beside::of(conn, &case, &lists, around)? })
    };
    page.app.db.read(&page.actor, read).await
}
