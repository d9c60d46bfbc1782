//! Tells open pages that something has changed, whichever instance of the server changed it: what is read is the chain
//! of the audit, in which every committed change appears within a second, and in order.

use serde::Deserialize;
use tokio::sync::broadcast;

use crate::db::Db;
use crate::error::AppError;

/// What a page may be about. The feed carries nothing more: the page is asked for again, by whoever may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Vacancies, units, what they are doing, rules.
    Places,
    Referrals,
    /// Reports that are made and kept.
    Reports,
    /// For a page that is about both.
    Everything,
}

impl Topic {
    /// Whether a page about this shows what has changed.
    pub fn shows(self, changed: Self) -> bool {
        self == Self::Everything || self == changed
    }

    /// The topic of an audit event, by the kind of thing that it happened to.
    fn of(kind: &str) -> Option<Self> {
        match kind {
            "vacancy" | "unit" | "hold" | "void" | "placement" | "service" | "organisation" | "watch" => {
                Some(Self::Places)
            }
            "referral" => Some(Self::Referrals),
            "report_file" => Some(Self::Reports),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Feed(broadcast::Sender<Topic>);

impl Default for Feed {
    fn default() -> Self {
        Self(broadcast::channel(64).0)
    }
}

impl Feed {
    /// What happens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Topic> {
        self.0.subscribe()
    }

    /// Looks at what was chained since `position` and tells about it; gives back how far it came. Without a position it
    /// only finds out where the chain ends.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look(&self, db: &Db, position: Option<i64>) -> Result<i64, AppError> {
        let (end, kinds) = db.changes_after(position).await?;
        for topic in [Topic::Places, Topic::Referrals, Topic::Reports] {
            if kinds.iter().any(|kind| Topic::of(kind) == Some(topic)) {
                let _ = self.0.send(topic); // nobody may be listening
            }
        }
        Ok(end)
    }
}
