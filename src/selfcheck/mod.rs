//! Any deployer checks their own installation: the server that runs, its database, its files.
//!
//! A name and an address that exist nowhere else are written through the API by somebody in every role, and then looked
//! for wherever they must not be. (S1, S4, S18, S21, S27, S28)

mod answers;
mod canary;
mod client;
mod host;
mod report;
mod scene;

use std::fs::File;
use std::path::PathBuf;

pub use self::report::{Checked, Outcome, any_finding, table};

use self::canary::Canaries;
use self::client::Caller;
use crate::actions::installation::operator;
use crate::api::audit::kept;
use crate::clock::Clock;
use crate::db::{DatabaseUrl, Db, Verification, installation, selfcheck};
use crate::error::AppError;
use crate::settings::{Keys, Settings};

/// What is checked.
pub struct Installation<'a> {
    pub settings: &'a Settings,
    pub db: &'a Db,
    pub keys: &'a Keys,
    pub clock: &'a Clock,
    /// Where the server answers: `http://127.0.0.1:8080`.
    pub server: String,
    /// What the server has logged.
    pub log: Option<PathBuf>,
}

/// Checks everything. What cannot be looked at is a finding too, for nobody knows how it is.
///
/// # Errors
/// When the database cannot be reached at all.
pub async fn run(of: &Installation<'_>) -> Result<Vec<Checked>, AppError> {
    let mut checked = host::files(of.settings);
    let stranger = Caller::stranger(&of.server);
    if let Err(error) = stranger.get("/healthz") {
        let to_do = "Start the server, or name it: --server http://127.0.0.1:8080 (without TLS: on its own machine).";
        checked.push(Checked::finding("server", error, to_do));
        return Ok(checked);
    }
    checked.push(Checked::ok("server", format!("{} answers", of.server)));
    checked.extend(answers::headers(&stranger, of.settings, of.clock));
    let canaries = Canaries::new();
    checked.extend(played(of, &canaries).await?);
    checked.extend(in_database(of, &canaries)?);
    checked.push(in_log(of, &canaries)?);
    if let Some(organisation) = scene::of_before(of.db).await? {
        checked.push(match scene::clear(of.db, organisation).await {
            Ok(says) => Checked::ok("tidied_up", says),
            Err(error) => {
                let to_do = "Run the check again: it begins by tidying up.";
                Checked::finding("tidied_up", format!("what the check made is still there: {error}"), to_do)
            }
        });
    }
    checked.push(audit(of).await?);
    checked.extend(host::database(of).await?);
    let demonstration = of.db.read(&operator(), installation::state).await?.demonstration;
    checked.push(host::demonstration(of.settings, demonstration));
    checked.push(host::mail(of.settings));
    Ok(checked)
}

/// Does the main job and searches every answer.
async fn played(of: &Installation<'_>, canaries: &Canaries) -> Result<Vec<Checked>, AppError> {
    let company = scene::people(of.db, of.keys, &of.server).await?;
    let half_in = answers::second_factor(&company.half_in);
    let (scene, deeds) = match scene::play(company, canaries) {
        Ok(played) => played,
        Err(error) => {
            let to_do = "Nothing could be checked for leaks. If the server has other keys or another database than this \
                         check, use its settings; otherwise report this.";
            return Ok(vec![Checked::finding("main_job", error, to_do)]);
        }
    };
    let mut checked = vec![half_in, Checked::ok("main_job", "a household was referred, accepted and arrived")];
    checked.push(answers::disclosed(&scene, canaries));
    checked.push(answers::cookie(&scene)); // before the walk, which uses every ticket
    checked.extend(answers::silent(&scene, &deeds, canaries));
    Ok(checked)
}

/// Looks for the canaries in every table, in the raw bytes of the database, and in a fresh copy of it.
fn in_database(of: &Installation<'_>, canaries: &Canaries) -> Result<Vec<Checked>, AppError> {
    const TO_DO: &str =
        "Real names would stand there too. Stop the server, keep a copy, and report it as a vulnerability.";
    let url = of.settings.database().map_err(AppError::internal)?;
    let mut conn = selfcheck::connect(&url)?;
    let (columns, holding) = selfcheck::columns_holding(&mut conn, canaries.forms())?;
    let wrong = (!holding.is_empty()).then(|| format!("a name or an address stands in {}", holding.join(", ")));
    let sound = format!("no name and no address in {columns} columns");
    let mut checked = vec![Checked::unless("tables", wrong, sound, TO_DO)];
    match &url {
        DatabaseUrl::Sqlite(path) => {
            let mut files: Vec<PathBuf> = ["", "-wal", "-shm"].map(|end| PathBuf::from(format!("{path}{end}"))).into();
            let copy = host::Temporary::beside(path)?;
            selfcheck::copy_into(&mut conn, copy.file())?;
            files.push(copy.file().to_owned());
            let (mut length, mut holding) = (0, Vec::new());
            for file in files.iter().filter(|file| file.exists()) {
                let (found, long) = canaries.in_stream(File::open(file).map_err(AppError::internal)?)?;
                length += long;
                if found {
                    holding.push(file.display().to_string());
                }
            }
            let wrong = (!holding.is_empty()).then(|| format!("a name or an address stands in {}", holding.join(", ")));
            let sound = format!("no name and no address in {length} bytes of the file, its log and a fresh copy");
            checked.push(Checked::unless("raw_bytes", wrong, sound, TO_DO));
        }
        DatabaseUrl::Postgres(url) => checked.push(host::dump(url, canaries, TO_DO)),
    }
    Ok(checked)
}

fn in_log(of: &Installation<'_>, canaries: &Canaries) -> Result<Checked, AppError> {
    let Some(file) = &of.log else {
        let to_do = "Give the file that the server logs to: --log FILE.";
        return Ok(Checked::warning("log", "the log was not searched", to_do));
    };
    let file = match File::open(file) {
        Ok(file) => file,
        Err(error) => {
            let says = format!("{}: {error}", file.display());
            return Ok(Checked::finding("log", says, "Give the file that the server logs to."));
        }
    };
    let (found, length) = canaries.in_stream(file)?;
    let wrong = found.then(|| "a name or an address stands in the log".to_owned());
    let to_do = "Delete the log. Report it as a vulnerability, unless something in front of the server writes it.";
    Ok(Checked::unless("log", wrong, format!("no name and no address in {length} bytes"), to_do))
}

/// Seals what has just happened and checks the whole chain.
async fn audit(of: &Installation<'_>) -> Result<Checked, AppError> {
    const TO_DO: &str =
        "Change nothing, keep a copy of the database, find out who could write it. See the guide of auditors.";
    let heads = match &of.settings.audit_head_file {
        Some(file) => kept(file)?,
        None => Vec::new(),
    };
    let count = heads.len();
    Ok(match of.db.verify_audit_against(heads, |_| ()).await? {
        Verification::Broken { position, event, why } => {
            Checked::finding("audit", format!("broken at position {position}, event {}: {why}", event.0), TO_DO)
        }
        Verification::Intact { events } if count == 0 => Checked::warning(
            "audit",
            format!("{events} events are whole, but no end of the chain is kept: a cut-off tail would not show"),
            "Set audit_head_file, best on another machine.",
        ),
        Verification::Intact { events } => {
            Checked::ok("audit", format!("{events} events are whole and hold {count} kept ends of the chain"))
        }
    })
}
