//! Settings: defaults, then a file, then the environment; checked before anything starts.

mod keys;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use config::{Config, ConfigError, Environment, File, FileFormat};
use serde::Deserialize;

use crate::audit;
use crate::auth::TokenKey;
use crate::db::DatabaseUrl;
use crate::domain::occupancy::HOLD;
use crate::domain::referral::clock::Patience;
use crate::domain::risk::{HIGHEST_SCORE, Limits};
use crate::domain::vacancy::Freshness;
use crate::mail::{Mailer, Smtp};
use crate::vault::Vault;

/// Everything that an operator may decide. Each is also a variable of the environment: `SAFEHOLD_DATABASE_URL`.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:PATH` or `postgres://…`.
    pub database_url: String,
    pub database_connections: u32,
    pub listen: String,
    /// Where people reach the pages, as it stands in the links that they are sent: `https://safehold.example.org`.
    pub public_url: String,
    /// A file with the three keys; see `safehold keys`. Keep it away from the database and its backups.
    pub key_file: PathBuf,
    /// Where the end of the audit's chain is written every hour, one line at a time: a file that is only added to, best on
    /// another machine. Empty: nowhere.
    pub audit_head_file: Option<PathBuf>,
    /// How many threads answer requests; 0 is one for each processor.
    pub workers: usize,
    /// The server that takes our mail: `smtps://user:password@host`, or `smtp://host?tls=required`. Without one, mail waits.
    pub mail_url: Option<String>,
    /// From whom it comes: `Safehold <no-reply@safehold.example.org>`.
    pub mail_from: Option<String>,
    /// A certificate (PEM) to trust beside those of the system.
    pub mail_ca_file: Option<PathBuf>,
    /// How long the server may take for one message.
    pub mail_timeout_seconds: u64,
    /// Whether a reverse proxy in front sets `X-Forwarded-For`. Only then is it believed.
    pub behind_proxy: bool,
    pub hold_minutes: i64,
    pub vacancy_stale_hours: i64,
    pub vacancy_out_hours: i64,
    /// How long a referral, or a question about one, may wait for an answer before somebody is reminded.
    pub answer_within_minutes: i64,
    /// How long a process may take for one batch of a job before another takes it over.
    pub job_lease_seconds: i64,
    /// How long after acceptance a referrer may read the address.
    pub address_release_days: i64,
    /// A referral lapses so long after its service last did anything about it.
    pub referral_lapses_after_hours: i64,
    /// A referral lapses so long after a question that the referrer never answered.
    pub information_lapses_after_days: i64,
    /// How long somebody who was let in for an emergency sees a case, and how long a request for it waits.
    pub emergency_access_hours: i64,
    /// So many different cases, referrals and stays one person may open within an hour.
    pub readings_an_hour: i64,
    /// So many files one person may take out within an hour.
    pub exports_an_hour: i64,
    /// How many days after the end of a quarter its figures are published: until then they settle.
    pub figures_settle_days: i64,
    /// From this Dash score on the risk is medium, and from the next high.
    pub risk_medium_from: u8,
    pub risk_high_from: u8,
}

/// Without the URL of the database, for it may hold a password.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("listen", &self.listen).finish_non_exhaustive()
    }
}

/// What the verbs of the main job go by.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    pub hold: TimeDelta,
    pub freshness: Freshness,
    pub job_lease: TimeDelta,
    pub address_release: TimeDelta,
    /// How long each side of a referral may take.
    pub patience: Patience,
    /// Whether everybody needs a second factor: everywhere but in the demonstration. (S23)
    pub second_factor: bool,
    pub emergency_access: TimeDelta,
    pub readings_an_hour: i64,
    pub exports_an_hour: i64,
    /// How long the figures of a quarter settle before they are published.
    pub figures_settle: TimeDelta,
    pub risk: Limits,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            hold: HOLD,
            freshness: Freshness::default(),
            job_lease: TimeDelta::seconds(60),
            address_release: TimeDelta::days(14),
            patience: Patience::default(),
            second_factor: true,
            emergency_access: TimeDelta::hours(4),
            readings_an_hour: 300,
            exports_an_hour: 20,
            figures_settle: TimeDelta::days(14),
            risk: Limits::default(),
        }
    }
}

impl Settings {
    /// Reads `file`, or `safehold.toml` if there is one, and the environment.
    ///
    /// # Errors
    /// What is wrong, by the name of the setting.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let policy = Policy::default();
        let settings: Self = Config::builder()
            .set_default("database_url", "sqlite:safehold.db")?
            .set_default("database_connections", 16)?
            .set_default("listen", "127.0.0.1:8080")?
            .set_default("public_url", "http://127.0.0.1:8080")?
            .set_default("key_file", "keys.toml")?
            .set_default("mail_timeout_seconds", 10)?
            .set_default("workers", 0)?
            .set_default("behind_proxy", false)?
            .set_default("hold_minutes", policy.hold.num_minutes())?
            .set_default("vacancy_stale_hours", policy.freshness.stale_after.num_hours())?
            .set_default("vacancy_out_hours", policy.freshness.out_after.num_hours())?
            .set_default("job_lease_seconds", policy.job_lease.num_seconds())?
            .set_default("address_release_days", policy.address_release.num_days())?
            .set_default("answer_within_minutes", policy.patience.answer_within.num_minutes())?
            .set_default("referral_lapses_after_hours", policy.patience.lapses_after.num_hours())?
            .set_default("information_lapses_after_days", policy.patience.information_within.num_days())?
            .set_default("emergency_access_hours", policy.emergency_access.num_hours())?
            .set_default("readings_an_hour", policy.readings_an_hour)?
            .set_default("exports_an_hour", policy.exports_an_hour)?
            .set_default("figures_settle_days", policy.figures_settle.num_days())?
            .set_default("risk_medium_from", policy.risk.medium_from)?
            .set_default("risk_high_from", policy.risk.high_from)?
            .add_source(match file {
                Some(file) => File::from(file).format(FileFormat::Toml),
                None => File::new("safehold.toml", FileFormat::Toml).required(false),
            })
            .add_source(Environment::with_prefix("SAFEHOLD").try_parsing(true))
            .build()?
            .try_deserialize()?;
        settings.check().map_err(ConfigError::Message)?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), String> {
        self.database()?;
        self.mailer()?;
        let host = self.public_url.strip_prefix("https://").or(self.public_url.strip_prefix("http://"));
        if host.is_none_or(|host| {
            host.is_empty() || host.contains(['/', '?', '#', '@']) || host.contains(char::is_whitespace)
        }) {
            return Err("public_url must look like https://safehold.example.org, without a path".into());
        }
        let at_least_one = [
            ("database_connections", i64::from(self.database_connections)),
            ("hold_minutes", self.hold_minutes),
            ("vacancy_stale_hours", self.vacancy_stale_hours),
            ("job_lease_seconds", self.job_lease_seconds),
            ("address_release_days", self.address_release_days),
            ("answer_within_minutes", self.answer_within_minutes),
            ("referral_lapses_after_hours", self.referral_lapses_after_hours),
            ("information_lapses_after_days", self.information_lapses_after_days),
            ("emergency_access_hours", self.emergency_access_hours),
            ("readings_an_hour", self.readings_an_hour),
            ("exports_an_hour", self.exports_an_hour),
            ("figures_settle_days", self.figures_settle_days),
        ];
        if let Some((name, _)) = at_least_one.iter().find(|(_, value)| *value < 1) {
            return Err(format!("{name} must be at least 1"));
        }
        if self.vacancy_out_hours < self.vacancy_stale_hours {
            return Err("vacancy_out_hours must not be less than vacancy_stale_hours".into());
        }
        if !(1..=self.risk_high_from).contains(&self.risk_medium_from) || self.risk_high_from > HIGHEST_SCORE {
            return Err(
                "risk_medium_from must be at least 1 and not more than risk_high_from, which is at most 24".into()
            );
        }
        Ok(())
    }

    /// # Errors
    /// When the URL is of no database we know, or of one on another machine that could be reached without encryption.
    pub fn database(&self) -> Result<DatabaseUrl, String> {
        let url: DatabaseUrl = self.database_url.parse().map_err(|error| format!("database_url: {error}"))?;
        url.encrypted().map_err(|error| format!("database_url: {error}"))?;
        Ok(url)
    }

    /// What sends our mail.
    ///
    /// # Errors
    /// When the URL is of no mail server, or of one on another machine that could be reached without encryption.
    pub fn mailer(&self) -> Result<Mailer, String> {
        let given = |setting: &Option<String>| setting.clone().filter(|text| !text.is_empty());
        let Some(url) = given(&self.mail_url) else { return Ok(Mailer::None) };
        let from = given(&self.mail_from).ok_or("mail_from must say from whom mail comes")?;
        let smtp = Smtp {
            url,
            from,
            ca_file: self.mail_ca_file.clone().filter(|path| !path.as_os_str().is_empty()),
            timeout: Duration::from_secs(self.mail_timeout_seconds.clamp(1, 60)),
        };
        smtp.mailer()
    }

    pub fn policy(&self) -> Policy {
        Policy {
            hold: TimeDelta::minutes(self.hold_minutes),
            freshness: Freshness {
                stale_after: TimeDelta::hours(self.vacancy_stale_hours),
                out_after: TimeDelta::hours(self.vacancy_out_hours),
            },
            job_lease: TimeDelta::seconds(self.job_lease_seconds),
            address_release: TimeDelta::days(self.address_release_days),
            patience: Patience {
                answer_within: TimeDelta::minutes(self.answer_within_minutes),
                lapses_after: TimeDelta::hours(self.referral_lapses_after_hours),
                information_within: TimeDelta::days(self.information_lapses_after_days),
            },
            second_factor: true,
            emergency_access: TimeDelta::hours(self.emergency_access_hours),
            readings_an_hour: self.readings_an_hour,
            exports_an_hour: self.exports_an_hour,
            figures_settle: TimeDelta::days(self.figures_settle_days),
            risk: Limits { medium_from: self.risk_medium_from, high_from: self.risk_high_from },
        }
    }
}

/// The three secrets of an installation. They are two hands' work: whoever holds the database holds none of them.
#[derive(Clone)]
pub struct Keys {
    /// Seals the data keys of the vault.
    pub vault: Vault,
    /// Proves audit events.
    pub audit: audit::Key,
    /// Signs access tokens.
    pub token: TokenKey,
}

impl Keys {
    pub fn of(name: &str, master: &[u8; 32], audit: &[u8], token: &[u8]) -> Self {
        Self { vault: Vault::new(master, name), audit: audit::Key::new(audit), token: TokenKey::new(token) }
    }
}
