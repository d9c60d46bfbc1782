//! One referral, as each side sees it, with what each can do.

use actix_web::get;
use actix_web::web::ServiceConfig;
use askama::Template;
use uuid::Uuid;

use super::class;
use super::household::Told;
use super::waiting::{self, state};
use crate::actions;
use crate::actions::referrals::Read;
use crate::api::input::Path;
use crate::api::referrals::{By, Referral};
use crate::clock::At;
use crate::db;
use crate::db::referrals::Side;
use crate::domain::Refusal;
use crate::domain::occupancy::Kind;
use crate::domain::reason::DecidedBy;
use crate::domain::reference::Code;
use crate::domain::referral::{MessageKind, State};
use crate::error::AppError;
use crate::ids::{AccountId, ReferralId};
use crate::web::Answer;
use crate::web::form::Form;
use crate::web::matching::facts;
use crate::web::page::Page;
use crate::web::reasons::{Choices, decided, label, options};
use crate::web::words::{Ago, When, ago, when};

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
    pub message: Form,
    pub identity: Form,
}

impl Forms {
    /// The one that is wrong, or any: for the top of the page.
    fn first(&self) -> &Form {
        let all = [&self.accept, &self.decline, &self.ask, &self.answer, &self.message, &self.identity];
        all.into_iter().find(|form| form.any_wrong() || form.reviewed).unwrap_or(&self.accept)
    }
}

/// What one side wrote to the other.
struct Note {
    /// Who wrote it, as its reader says it: "We asked (Ada)", "The service wrote".
    who: String,
    ours: bool,
    written: Ago,
    /// When the other side first read what we wrote.
    read: Option<Ago>,
    /// Whether we read it now for the first time.
    new: bool,
    /// What a question is about.
    topics: String,
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
    /// How it waits, when it does.
    waits: Option<waiting::Told>,
    /// From which sides it is read.
    sides: Vec<Side>,
    /// On which side a message is written.
    side: Side,
    /// What a question can be about.
    topics: Vec<(String, String)>,
    ended: Option<When>,
    /// The main reason, and who decided it; the other reasons.
    reason: Option<(String, &'static str)>,
    others: Vec<String>,
    household: Option<Told>,
    notes: Vec<Note>,
    /// Whether the key that sealed them was destroyed.
    unreadable: bool,
    /// Whether the household was shown, and is no more.
    hidden: bool,
    /// Whether something may still be written.
    talking: bool,
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
    sides: Vec<Side>,
    /// The people of the reader's organisation who wrote something.
    names: Vec<(AccountId, String)>,
    noted: bool,
    units: Vec<(String, String)>,
    unit: Option<String>,
    codes: Vec<Code>,
    held: Option<At>,
    /// Whether the stay that it led to goes on.
    staying: bool,
}

fn around(conn: &mut db::Conn, page: &Reader, id: ReferralId) -> Result<Around, AppError> {
    let (actor, now) = (&page.actor, page.by.now);
    let (referral, sides) = Referral::whole(conn, actor, id, page.by)?;
    let provider = sides.contains(&Side::Provider);
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
    let mut names: Vec<(AccountId, String)> = Vec::new();
    let notes = db::referrals::notes(conn, id)?;
    for (note, _) in notes.iter().filter(|(note, _)| note.organisation_id == actor.organisation) {
        if !names.iter().any(|(known, _)| *known == note.account_id) {
            match db::accounts::find(conn, Some(actor.organisation), note.account_id) {
                Ok(account) => names.push((note.account_id, account.name)),
                Err(AppError::NotFound) => {} // works elsewhere now
                Err(error) => return Err(error),
            }
        }
    }
    Ok(Around {
        noted: !notes.is_empty(),
        sides,
        names,
        staying: db::placements::of_referral(conn, id)?.is_some_and(|stay| stay.state.current()),
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
    by: By,
}

/// The page, with what went wrong with one of its forms. That the notes were read is recorded.
pub(super) async fn shown(page: &Page, id: ReferralId, forms: &Forms) -> Answer {
    let (by, now) = (By { now: page.now, patience: page.app.policy.patience }, page.now);
    let reader = Reader { actor: page.actor.clone(), by };
    let Around { referral, sides, names, noted, units, unit, codes, held, staying } =
        page.app.db.read(&page.actor, move |conn| around(conn, &reader, id)).await?;
    let read = move |tx: &mut db::Tx| actions::referrals::read_notes(tx, id);
    let (notes, unreadable) = match if noted { page.app.db.write(&page.actor, read).await } else { Ok(Vec::new()) } {
        Err(AppError::Refused { refusal: Refusal::Destroyed, .. }) => (Vec::new(), true),
        notes => (notes?, false),
    };
    let side = if sides.contains(&Side::Provider) { Side::Provider } else { Side::Referrer };
    let notes = notes.into_iter().map(|read| told(read, side, &names, &codes, now));
    let notes: Vec<Note> = notes.collect();
    let allowed: &[DecidedBy] = &[DecidedBy::Provider, DecidedBy::Survivor];
    let released = referral.address_released_until.filter(|until| *until > now);
    let form = forms.first();
    let shown = Shown {
        page,
        form,
        forms,
        id: id.0,
        state: state(referral.state, referral.primary_reason.as_deref()),
        class: class(referral.state),
        sent: ago(&referral.sent_at, &now),
        waits: waiting::told(&referral, side, now),
        topics: options(&codes, "information_topic", now.date()),
        hidden: side == Side::Provider && referral.household.is_none(),
        talking: referral.state.open() || referral.state == State::Placed && staying,
        sides,
        side,
        ended: referral.ended_at.or(referral.decided_at).map(|at| when(&at, &now)),
        reason: referral.primary_reason.as_deref().map(|code| {
            let who = referral.decided_by.map_or("", |who| decided(who, side));
            (label(&codes, "denial_reason", code), who)
        }),
        others: referral.secondary_reasons.iter().map(|code| label(&codes, "denial_reason", code)).collect(),
        household: referral.household.as_ref().map(|household| Told::of(household, &codes)),
        notes,
        unreadable,
        units,
        unit,
        choices: Choices::of(&codes, allowed, Side::Provider, now.date()),
        disclosures: options(&codes, "disclosure_reason", now.date()),
        held: held.map(|end| when(&end, &now)),
        theirs: staying && side == Side::Provider,
        released: released.map(|until| when(&until, &now)),
        referral,
    };
    page.show_form(form, &shown)
}

/// A message as its reader on this side sees it.
fn told(read: Read, side: Side, names: &[(AccountId, String)], codes: &[Code], now: At) -> Note {
    let Read { note, text, topics, read_at } = read;
    let ours = note.side == side;
    let did = match note.kind {
        MessageKind::Question => "asked",
        MessageKind::Answer => "answered",
        MessageKind::Message => "wrote",
    };
    let who = match (ours, side) {
        (true, _) => match names.iter().find(|(id, _)| *id == note.account_id) {
            Some((_, name)) => format!("We {did} ({name})"),
            None => format!("We {did}"),
        },
        (false, Side::Provider) => format!("The referrer {did}"),
        (false, Side::Referrer) => format!("The service {did}"),
    };
    let topics: Vec<String> = topics.iter().map(|topic| label(codes, "information_topic", topic)).collect();
    Note {
        who,
        ours,
        written: ago(&note.written_at, &now),
        read: read_at.filter(|_| ours).map(|at| ago(&at, &now)),
        new: !ours && read_at.is_some_and(|at| at >= now),
        topics: topics.join(", "),
        text,
    }
}

impl Shown<'_> {
    fn provider(&self) -> bool {
        self.sides.contains(&Side::Provider)
    }

    fn referrer(&self) -> bool {
        self.sides.contains(&Side::Referrer)
    }

    fn side(&self) -> &'static str {
        self.side.as_str()
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
