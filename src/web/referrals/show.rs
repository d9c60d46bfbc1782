//! One referral, as each side sees it, with what each can do.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use uuid::Uuid;

use super::household::Told;
use super::list::{late, side_to_answer, too_long};
use super::{class, state};
use crate::actions;
use crate::api::input::Path;
use crate::api::referrals::Referral;
use crate::clock::At;
use crate::db;
use crate::db::referrals::Side;
use crate::domain::Refusal;
use crate::domain::occupancy::Kind;
use crate::domain::reason::DecidedBy;
use crate::domain::reference::Code;
use crate::domain::referral::State;
use crate::error::AppError;
use crate::ids::ReferralId;
use crate::web::Answer;
use crate::web::form::Form;
use crate::web::matching::facts;
use crate::web::page::Page;
use crate::web::reasons::{Choices, decided, label, options};
use crate::web::words::{Ago, When, ago, length, when};

pub fn routes(config: &mut ServiceConfig) {
    config.service(find);
}

/// The forms of the page: the one that was sent back has what is wrong with it.
#[derive(Default)]
pub(super) struct Forms {
    pub accept: Form,
    pub decline: Form,
    pub ask: Form,
    pub answer: Form,
    pub identity: Form,
}

impl Forms {
    /// The one that is wrong, or any: for the top of the page.
    fn first(&self) -> &Form {
        let all = [&self.accept, &self.decline, &self.ask, &self.answer, &self.identity];
        all.into_iter().find(|form| form.any_wrong() || form.reviewed).unwrap_or(&self.accept)
    }
}

/// What one side wrote to the other.
struct Note {
    /// Who wrote it, as its reader says it.
    who: &'static str,
    ours: bool,
    written: Ago,
    text: String,
}

#[derive(Template)]
#[template(path = "referrals/show.html")]
struct Shown<'a> {
    page: &'a Page,
    form: &'a Form,
    forms: &'a Forms,
    id: Uuid,
    referral: Referral,
    state: &'static str,
    class: &'static str,
    sent: Ago,
    /// How long it has waited, when that is too long.
    late: Option<String>,
    ended: Option<When>,
    /// The main reason, and who decided it; the other reasons.
    reason: Option<(String, &'static str)>,
    others: Vec<String>,
    household: Option<Told>,
    notes: Vec<Note>,
    /// Whether the key that sealed them was destroyed.
    unreadable: bool,
    /// Units of the service that a household could be given: (id, words).
    units: Vec<(String, String)>,
    /// The unit that it was sent for, by its code.
    unit: Option<String>,
    choices: Choices,
    disclosures: Vec<(String, String)>,
    /// Until when the unit is held for it.
    held: Option<When>,
    /// Whether the stay that it led to goes on.
    theirs: bool,
    /// Until when the referrer may read the address, while that lasts.
    released: Option<When>,
}

#[get("/referrals/{id}")]
async fn find(page: Page, Path(id): Path<ReferralId>) -> Answer {
    shown(&page, id, &Forms::default()).await
}

/// What the page needs beside the referral itself.
struct Around {
    referral: Referral,
    noted: bool,
    units: Vec<(String, String)>,
    unit: Option<String>,
    codes: Vec<Code>,
    held: Option<At>,
    theirs: bool,
}

fn around(conn: &mut db::Conn, page: &Reader, id: ReferralId) -> Result<Around, AppError> {
    let (actor, now) = (&page.actor, page.now);
    let referral = Referral::whole(conn, actor, id)?;
    let provider = referral.household.is_some();
    let waits = matches!(referral.state, State::Sent | State::InformationRequested);
    let mut units = Vec::new();
    if provider && waits {
        let taken = db::occupancy::of_organisation_after(conn, actor.organisation, now)?;
        for unit in db::units::page(conn, actor.organisation, Some(referral.service_id), None, 1000)? {
            let own = referral.unit_id == Some(unit.id);
            let free = !taken.iter().any(|taken| taken.unit_id == unit.id && taken.ends_at != Some(taken.starts_at));
            if unit.online_until.is_none() && unit.online_from <= now && (own || free) {
                let text = format!("{}: {}", unit.code, facts(&unit.facts.into()));
                let text = if own { format!("{text} (the one that was asked for)") } else { text };
                units.push((unit.id.0.to_string(), text));
            }
        }
    }
    let unit = match referral.unit_id.filter(|_| provider) {
        Some(unit) => Some(db::units::find(conn, unit)?.0.code),
        None => None,
    };
    let held = match (referral.case_id, referral.hold_id) {
        (Some(case), Some(hold)) => db::occupancy::find_hold(conn, case, hold).ok().and_then(|hold| hold.ends_at),
        _ => match referral.unit_id.filter(|_| provider && waits) {
            Some(unit) => db::occupancy::intervals_after(conn, unit, now)?
                .into_iter()
                .find(|(kind, during)| *kind == Kind::Hold && during.contains(now))
                .and_then(|(_, during)| during.ends_at),
            None => None,
        },
    };
    Ok(Around {
        noted: !db::referrals::notes(conn, id)?.is_empty(),
        theirs: provider && db::placements::of_referral(conn, id)?.is_some_and(|stay| stay.state.current()),
        units,
        unit,
        codes: db::reference::codes(conn, None)?,
        held: held.filter(|end| *end > now),
        referral,
    })
}

/// Who reads, and when.
struct Reader {
    actor: crate::auth::Actor,
    now: At,
}

/// The page, with what went wrong with one of its forms. That the notes were read is recorded.
pub(super) async fn shown(page: &Page, id: ReferralId, forms: &Forms) -> Answer {
    let (reader, now) = (Reader { actor: page.actor.clone(), now: page.now }, page.now);
    let Around { referral, noted, units, unit, codes, held, theirs } =
        page.app.db.read(&page.actor, move |conn| around(conn, &reader, id)).await?;
    let read = move |tx: &mut db::Tx| actions::referrals::read_notes(tx, id);
    let (notes, unreadable) = match if noted { page.app.db.write(&page.actor, read).await } else { Ok(Vec::new()) } {
        Err(AppError::Refused { refusal: Refusal::Destroyed, .. }) => (Vec::new(), true),
        notes => (notes?, false),
    };
    let side = if referral.household.is_some() { Side::Provider } else { Side::Referrer };
    let notes = notes.into_iter().map(|(note, text)| {
        let ours = note.organisation_id == page.actor.organisation;
        let who = match (ours, side) {
            (true, _) => "We wrote",
            (false, Side::Provider) => "The referrer wrote",
            (false, Side::Referrer) => "The service wrote",
        };
        Note { who, ours, written: ago(&note.written_at, &now), text }
    });
    let allowed: &[DecidedBy] = &[DecidedBy::Provider, DecidedBy::Survivor];
    let waited = now - referral.sent_at;
    let waits = matches!(referral.state, State::Sent | State::InformationRequested);
    let released = referral.address_released_until.filter(|until| *until > now);
    let form = forms.first();
    let shown = Shown {
        page,
        form,
        forms,
        id: id.0,
        state: state(referral.state),
        class: class(referral.state),
        sent: ago(&referral.sent_at, &now),
        late: (waits && waited >= too_long()).then(|| late(&length(waited), side == side_to_answer(referral.state))),
        ended: referral.ended_at.or(referral.decided_at).map(|at| when(&at, &now)),
        reason: referral.primary_reason.as_deref().map(|code| {
            let who = referral.decided_by.map_or("", |who| decided(who, side));
            (label(&codes, "denial_reason", code), who)
        }),
        others: referral.secondary_reasons.iter().map(|code| label(&codes, "denial_reason", code)).collect(),
        household: referral.household.as_ref().map(|household| Told::of(household, &codes)),
        notes: notes.collect(),
        unreadable,
        units,
        unit,
        choices: Choices::of(&codes, allowed, Side::Provider, now.date()),
        disclosures: options(&codes, "disclosure_reason", now.date()),
        held: held.map(|end| when(&end, &now)),
        theirs,
        released: released.map(|until| when(&until, &now)),
        referral,
    };
    page.show_form(form, &shown)
}

impl Shown<'_> {
    fn provider(&self) -> bool {
        self.referral.household.is_some()
    }

    fn referrer(&self) -> bool {
        self.referral.case_id.is_some()
    }

    /// Whether this unit is the one that is chosen: by whoever typed, or by the referral itself.
    fn chosen(&self, unit: &str) -> bool {
        let typed = self.forms.accept.value("unit_id");
        if typed.is_empty() { self.referral.unit_id.is_some_and(|id| id.0.to_string() == unit) } else { typed == unit }
    }

    fn revoke(&self) -> String {
        format!("/referrals/{}/revoke-address", self.id)
    }

    /// Whether the service has still to answer.
    fn waits(&self) -> bool {
        matches!(self.referral.state, State::Sent | State::InformationRequested)
    }

    fn sent_state(&self) -> bool {
        self.referral.state == State::Sent
    }

    fn asked(&self) -> bool {
        self.referral.state == State::InformationRequested
    }

    fn accepted(&self) -> bool {
        matches!(self.referral.state, State::Accepted | State::Placed)
    }

    fn open(&self) -> bool {
        self.referral.state.open()
    }
}
