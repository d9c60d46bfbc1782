//! A set of rules with everything that its page says beside the questions.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::asked::Asked;
use super::words;
use crate::actions;
use crate::actions::rules::{VERSIONS, dated};
use crate::clock::At;
use crate::db;
use crate::db::rules::{RuleSet, Subject};
use crate::domain::eligibility::{Applied, InForce, Rule, Scope};
use crate::domain::reference::Code;
use crate::error::AppError;
use crate::ids::AccountId;
use crate::web::page::Page;

/// So many older versions are listed.
const LISTED: usize = 20;

pub struct Found {
    subject: Subject,
    /// Whose rules they are, in words.
    pub caption: String,
    /// Where the page leads back to.
    pub back: String,
    pub back_text: String,
    /// By which a change says what it was made from.
    pub tag: i32,
    /// The newest first; none where there never were any.
    history: Vec<RuleSet>,
    /// Who wrote them.
    names: BTreeMap<AccountId, String>,
    /// The sets that these stand beside, the widest first.
    wider: Vec<RuleSet>,
    codes: Vec<Code>,
}

/// A rule that counts anyway.
pub struct Wider {
    pub whose: &'static str,
    pub says: Vec<String>,
    /// Whether a rule of the set stands in its place.
    pub replaced: bool,
}

/// Rules that came with one version.
pub struct Since {
    pub says: Vec<String>,
    pub at: At,
    pub by: String,
    pub why: String,
}

/// An older version.
pub type Past = Since;

impl Found {
    pub async fn read(page: &Page, of: Subject) -> Result<Self, AppError> {
        let owner = page.actor.organisation;
        let read = page.app.db.read(&page.actor, move |conn| {
            let wider = actions::rules::wider(conn, owner, of)?;
            let history = db::rules::history(conn, of, VERSIONS)?;
            let newest = history.first().map_or(0, |set| set.version);
            let (caption, back, back_text, tag) = match of {
                Subject::Organisation(id) => {
                    (db::organisations::find(conn, id)?.name, "/services".into(), "Our services".into(), newest)
                }
                Subject::Service(id) => {
                    let service = db::services::find_of(conn, owner, id)?;
                    (service.name.clone(), format!("/services/{}", id.0), service.name, service.version)
                }
                Subject::Unit(id) => {
                    let code = format!("Unit {}", db::units::find_of(conn, owner, id)?.code);
                    (code.clone(), format!("/units/{}", id.0), code, newest)
                }
                Subject::Vacancy(id) => {
                    let vacancy = db::vacancies::find_of(conn, owner, id)?;
                    let code = format!("Unit {}", db::units::find_of(conn, owner, vacancy.unit_id)?.code);
                    (
                        format!("The vacancy of {}", code.replacen("Unit", "unit", 1)),
                        format!("/units/{}", vacancy.unit_id.0),
                        code,
                        newest,
                    )
                }
            };
            let mut names = BTreeMap::new();
            for set in &history {
                if names.contains_key(&set.author_id) {
                    continue;
                }
                // Whoever wrote them may belong to nobody's organisation: the demonstration, an administrator.
                let name = match db::accounts::find(conn, Some(owner), set.author_id) {
                    Ok(account) => account.name,
                    Err(AppError::NotFound) => "somebody outside your organisation".into(),
                    Err(error) => return Err(error),
                };
                names.insert(set.author_id, name);
            }
            let codes = db::reference::codes(conn, None)?;
            Ok(Self { subject: of, caption, back, back_text, tag, history, names, wider, codes })
        });
        read.await
    }

    pub fn scope(&self) -> Scope {
        self.subject.scope()
    }

    /// Whether they are for all services of the organisation.
    pub fn of_all(&self) -> bool {
        self.scope() == Scope::Organisation
    }

    /// Where the form is sent.
    pub fn path(&self) -> String {
        match self.subject {
            Subject::Organisation(_) => "/organisation/rules".into(),
            Subject::Service(id) => format!("/services/{}/rules", id.0),
            Subject::Unit(id) => format!("/units/{}/rules", id.0),
            Subject::Vacancy(id) => format!("/vacancies/{}/rules", id.0),
        }
    }

    /// The rules of the newest version.
    pub fn rules(&self) -> &[Rule] {
        self.history.first().map_or(&[], |set| &set.rules.0)
    }

    pub fn asked(&self, today: NaiveDate) -> Asked {
        let wider = self.wider.iter().flat_map(|set| &set.rules.0).filter(|rule| rule.counts_on(today));
        Asked::new(self.scope(), wider, self.codes.clone(), today)
    }

    /// What counts today without the rules of this set.
    pub fn wider(&self, today: NaiveDate, codes: &[Code]) -> Vec<Wider> {
        let sets = || self.wider.iter().map(|set| (set.scope, &set.rules.0[..]));
        let anyway = InForce::on(today, sets());
        let together = InForce::on(today, sets().chain([(self.scope(), self.rules())]));
        let stays =
            |one: &Applied| together.rules().iter().any(|other| (&other.rule, other.scope) == (&one.rule, one.scope));
        let told = anyway.rules().iter().map(|one| Wider {
            whose: words::whose(one.scope),
            says: words::of_rule(&one.rule, codes),
            replaced: !stays(one),
        });
        told.filter(|one| !one.says.is_empty()).collect()
    }

    fn by(&self, set: &RuleSet) -> String {
        self.names.get(&set.author_id).cloned().unwrap_or_default()
    }

    fn since(&self, set: &RuleSet, says: Vec<String>) -> Since {
        Since { says, at: set.effective_from, by: self.by(set), why: set.reason.clone() }
    }

    /// The rules now, by the versions that they came with.
    pub fn now(&self, codes: &[Code]) -> Vec<Since> {
        let mut groups: Vec<(i32, Since)> = Vec::new();
        for one in dated(&self.history) {
            let says = words::of_rule(one.rule, codes);
            match groups.iter_mut().find(|(version, _)| *version == one.since.version) {
                Some((_, group)) => group.says.extend(says),
                None => groups.push((one.since.version, self.since(one.since, says))),
            }
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// The versions before, the newest first.
    pub fn before(&self, codes: &[Code]) -> Vec<Past> {
        let older = self.history.iter().skip(1).take(LISTED);
        older.map(|set| self.since(set, words::of_rules(&set.rules.0, codes))).collect()
    }
}
