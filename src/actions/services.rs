//! Looking after services.

use super::changed;
use crate::audit::{Change, Did, Event};
use crate::db::reference::{self, Choice};
use crate::db::rules::{self, RuleSet, Subject};
use crate::db::services::{self, Edit, Named, Service};
use crate::db::{Tx, organisations};
use crate::domain::Refusal;
use crate::domain::eligibility::{Rules, Summary};
use crate::domain::provision::{AccommodationType, ServiceAttributes};
use crate::error::{AppError, Part};
use crate::ids::ServiceId;

/// A new service.
#[derive(Debug, Clone)]
pub struct New {
    pub name: String,
    pub name_confidential: bool,
    pub accommodation_type: AccommodationType,
    pub area: String,
    pub attributes: ServiceAttributes,
    pub rules: Rules,
}

/// Adds a service of one's own organisation, with the first version of its rules.
///
/// # Errors
/// [`AppError::Invalid`] for unknown codes and rules that contradict each other; [`AppError::Refused`] when the name is
/// taken.
pub fn add(tx: &mut Tx, new: &New) -> Result<Change<Named>, AppError> {
    let owner = tx.actor().organisation;
    let id = ServiceId::new();
    check(tx, &new.attributes)?;
    let today = tx.now().date();
    super::rules::check(tx, &new.rules, today)?;
    reference::must_be_areas(tx, Part::Body, &[(&new.area, "/area".into())])?;
    if services::name_taken(tx, owner, &new.name, None)? {
        return Err(AppError::refused(id.0)(Refusal::NameTaken));
    }
    organisations::find(tx, owner)?;
    let summary = Summary::of(&new.rules.0, tx.now().date());
    let row = Service {
        id,
        organisation_id: owner,
        name: new.name.clone(),
        name_confidential: new.name_confidential,
        accommodation_type: new.accommodation_type,
        area_code: new.area.clone(),
        attributes: new.attributes.clone(),
        takes_women: summary.takes_women,
        takes_men: summary.takes_men,
        takes_pets: summary.takes_pets,
        nrpf: summary.nrpf,
        largest_family: summary.largest_family,
        max_children: summary.max_children,
        rules_version: 1,
        active: true,
        version: 1,
        updated_at: tx.now(),
    };
    services::insert(tx, &row)?;
    let set = RuleSet::new(Subject::Service(id), 1, new.rules.clone(), "first version", tx);
    rules::insert(tx, &set)?;
    let named = services::find(tx, id)?;
    Ok(Change::new(named, Event::new(Did::ServiceAdded, id.0)))
}

/// Changes a service of one's own organisation that is still as it was when it was read.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Stale`]; [`AppError::Invalid`]; [`AppError::Refused`] when the name is taken.
pub fn edit(tx: &mut Tx, id: ServiceId, version: i32, edit: &Edit) -> Result<Change<Named>, AppError> {
    let owner = tx.actor().organisation;
    let current = services::find_of(tx, owner, id)?;
    if let Some(attributes) = &edit.attributes {
        check(tx, attributes)?;
    }
    if let Some(name) = &edit.name
        && services::name_taken(tx, owner, name, Some(id))?
    {
        return Err(AppError::refused(id.0)(Refusal::NameTaken));
    }
    let edited = services::update(tx, &current, version, edit)?;
    let fields = changed([
        ("name", edited.name != current.name),
        ("name_confidential", edited.name_confidential != current.name_confidential),
        ("attributes", edited.attributes != current.attributes),
        ("active", edited.active != current.active),
    ]);
    let event = Event::new(Did::ServiceEdited, id.0).fields(fields);
    let named = services::find(tx, id)?;
    Ok(Change::new(named, event))
}

fn check(tx: &mut Tx, attributes: &ServiceAttributes) -> Result<(), AppError> {
    let today = tx.now().date();
    let mut choices = Vec::new();
    {
        let single = [("specialism", &attributes.specialism), ("unit_type", &attributes.unit_type)];
        for (list, code) in single {
            choices.extend(code.iter().map(|code| Choice::of(list, code, format!("/attributes/{list}"))));
        }
        let several = [
            ("quality_mark", "quality_marks", &attributes.quality_marks),
            ("referral_source", "referral_routes", &attributes.referral_routes),
            ("support_type", "support_types", &attributes.support_types),
        ];
        for (list, field, codes) in several {
            let numbered = codes.iter().enumerate();
            choices.extend(numbered.map(|(n, code)| Choice::of(list, code, format!("/attributes/{field}/{n}"))));
        }
    }
    reference::must_be_active(tx, &choices, today)
}
