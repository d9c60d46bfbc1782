//! Holding a place, letting it go, asking for it; giving a case to a colleague.

use actix_web::web::ServiceConfig;
use actix_web::{get, post};
use askama::Template;

use super::show::{Asked, whole};
use crate::actions;
use crate::actions::free_text::Outgoing;
use crate::actions::referrals::{New, To};
use crate::api::input::Path;
use crate::api::matching::Match;
use crate::api::referrals::{By, Referral};
use crate::db;
use crate::db::accounts::Account;
use crate::db::cases::{Case, Scope};
use crate::db::referrals::{Filter, Side};
use crate::domain::eligibility::Verdict;
use crate::domain::referral::State;
use crate::ids::{AccountId, CaseId, OccupancyId, VacancyId};
use crate::web::Answer;
use crate::web::form::{Form, Posted, missing};
use crate::web::free_text;
use crate::web::page::{Done, Page};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(take_hold)
        .service(release_hold)
        .service(ask_refer)
        .service(send_referral)
        .service(ask_worker)
        .service(give_case);
}

/// Holds a place at once: it was on the screen, and somebody is on the line.
#[post("/cases/{id}/holds/{vacancy}")]
async fn take_hold(page: Page, Path((id, vacancy)): Path<(CaseId, VacancyId)>, posted: Posted) -> Answer {
    let held = move |tx: &mut db::Tx| Ok(actions::occupancy::hold(tx, id, vacancy, false)?.map(|held| held.id));
    let deed = page.app.db.write_once(&page.actor, page.once(&posted), held);
    match page.act(&posted, deed).await? {
        Ok(_) => page.go(&format!("/cases/{}", id.0), Done::Held),
        Err(form) => whole(&page, id, form, None).await,
    }
}

#[post("/cases/{id}/holds/{hold}/release")]
async fn release_hold(page: Page, Path((id, hold)): Path<(CaseId, OccupancyId)>, posted: Posted) -> Answer {
    let released = move |tx: &mut db::Tx| Ok(actions::occupancy::release(tx, id, hold)?.map(|held| held.id));
    let deed = page.app.db.write_once(&page.actor, page.once(&posted), released);
    match page.act(&posted, deed).await? {
        Ok(_) => page.go(&format!("/cases/{}", id.0), Done::Released),
        Err(form) => whole(&page, id, form, None).await,
    }
}

#[derive(Template)]
#[template(path = "cases/refer.html")]
struct Refer<'a> {
    page: &'a Page,
    form: Form,
    case: Case,
    /// The place as it is now; none when it is gone.
    place: Option<Match>,
    vacancy: VacancyId,
    /// Where the household is referred to already, and no answer has ended it.
    open: Vec<Asked>,
}

#[get("/cases/{id}/refer/{vacancy}")]
async fn ask_refer(page: Page, Path((id, vacancy)): Path<(CaseId, VacancyId)>) -> Answer {
    show_refer(&page, id, vacancy, Form::new()).await
}

async fn show_refer(page: &Page, id: CaseId, vacancy: VacancyId, form: Form) -> Answer {
    let (actor, now, policy) = (page.actor.clone(), page.now, page.app.policy);
    let by = By { now, patience: policy.patience };
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
        let place = actions::matching::one(conn, &case, vacancy, now, policy)?;
        let household = actions::matching::seeker(&case).household;
        let seen = place.and_then(|(one, places)| Match::seen(&one, &household, &places, now));
        let filter = Filter { side: Some(Side::Referrer), case: Some(id), ..Filter::default() };
        let waiting: Vec<State> = State::ALL.iter().copied().filter(|state| state.open()).collect();
        let open = db::referrals::page_in(conn, &actor, filter, &waiting, None, 100)?;
        Ok((case, seen, Referral::all(conn, &actor, open, by)?))
    };
    let (case, place, open) = page.app.db.read(&page.actor, read).await?;
    let open = open.iter().map(|referral| Asked::of(referral, now)).collect();
    page.show_form(&form.clone(), &Refer { page, form, case, place, vacancy, open })
}

/// Sends the referral, and holds the place until it is decided.
#[post("/cases/{id}/refer/{vacancy}")]
async fn send_referral(page: Page, Path((id, vacancy)): Path<(CaseId, VacancyId)>, posted: Posted) -> Answer {
    let deed = async {
        let note = posted.some("note");
        if note.as_ref().is_some_and(|note| note.chars().count() > 2000) {
            return Err(missing("note", "Write 2,000 letters or fewer"));
        }
        let note = note.map(|text| Outgoing::note(text, free_text::confirmed(&posted)));
        let agreed_with_provider = posted.has("agreed_with_provider");
        let new = New { to: To::Vacancy(vacancy), hold: true, agreed_with_provider, note };
        let looked = page.look(id, Some(vacancy)).await?;
        let sent =
            move |tx: &mut db::Tx| Ok(actions::referrals::send(tx, id, &new, &looked)?.map(|referral| referral.id));
        page.app.db.write_once(&page.actor, page.once(&posted), sent).await
    };
    match page.act(&posted, deed).await? {
        Ok(referral) => page.go(&format!("/referrals/{}", referral.0), Done::ReferralSent),
        Err(form) => show_refer(&page, id, vacancy, form).await,
    }
}

impl Refer<'_> {
    fn needs_agreement(&self) -> bool {
        self.place.as_ref().is_some_and(|place| place.verdict == Verdict::NotSuitable)
    }
}

#[derive(Template)]
#[template(path = "cases/worker.html")]
struct Worker<'a> {
    page: &'a Page,
    form: Form,
    case: Case,
    colleagues: Vec<Account>,
}

#[get("/cases/{id}/worker")]
async fn ask_worker(page: Page, Path(id): Path<CaseId>) -> Answer {
    show_worker(&page, id, Form::new()).await
}

async fn show_worker(page: &Page, id: CaseId, form: Form) -> Answer {
    let actor = page.actor.clone();
    let read = move |conn: &mut db::Conn| {
        let case = db::cases::find_in(conn, Scope::of(&actor), id)?;
        let mut colleagues = Vec::new();
        for account in db::accounts::page(conn, Some(actor.organisation), None, 200)? {
            if account.id != case.owner_id && db::cases::can_own(conn, account.id, actor.organisation)? {
                colleagues.push(account);
            }
        }
        Ok((case, colleagues))
    };
    let (case, colleagues) = page.app.db.read(&page.actor, read).await?;
    page.show_form(&form.clone(), &Worker { page, form, case, colleagues })
}

#[post("/cases/{id}/worker")]
async fn give_case(page: Page, Path(id): Path<CaseId>, posted: Posted) -> Answer {
    let deed = async {
        let version = posted.parse("version", "Reload the page")?;
        let to: uuid::Uuid = posted.parse("account_id", "Select who takes the case over")?;
        let give = move |tx: &mut db::Tx| actions::cases::reallocate(tx, id, version, AccountId(to));
        page.app.db.write(&page.actor, give).await
    };
    match page.act(&posted, deed).await? {
        Ok(_) => page.go(&format!("/cases/{}", id.0), Done::CaseMoved),
        Err(form) => show_worker(&page, id, form).await,
    }
}

impl Worker<'_> {
    fn options(&self) -> Vec<(String, &str)> {
        self.colleagues.iter().map(|account| (account.id.0.to_string(), account.name.as_str())).collect()
    }
}
