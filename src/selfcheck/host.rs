//! The machine: files and their modes, the database and how it is reached, disk, mail.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Installation;
use super::canary::Canaries;
use super::report::Checked;
use crate::db::{DatabaseUrl, selfcheck};
use crate::error::AppError;
use crate::ids::random;
use crate::settings::Settings;

/// The key file and the files of an embedded database.
pub fn files(settings: &Settings) -> Vec<Checked> {
    let mut checked = vec![private("key_file", &settings.key_file)];
    if let Ok(DatabaseUrl::Sqlite(path)) = settings.database() {
        let database = PathBuf::from(path);
        checked.push(private("database_file", &database));
        checked.push(apart(&settings.key_file, &database));
        checked.push(disk(database.parent().unwrap_or(Path::new("."))));
    }
    checked
}

/// Whether only its owner can read a file, and every file beside it that belongs to it.
fn private(check: &'static str, file: &Path) -> Checked {
    let mut wrong = Vec::new();
    for end in ["", "-wal", "-shm"] {
        let path = PathBuf::from(format!("{}{end}", file.display()));
        match fs::metadata(&path) {
            Ok(found) => {
                let mode = found.permissions().mode() & 0o777;
                if mode & 0o077 != 0 {
                    wrong.push(format!("{} can be read or written by others (mode {mode:03o})", path.display()));
                }
            }
            Err(error) if end.is_empty() => wrong.push(format!("{}: {error}", path.display())),
            Err(_) => {}
        }
    }
    let wrong = (!wrong.is_empty()).then(|| wrong.join(", "));
    Checked::unless(
        check,
        wrong,
        "only its owner can read it",
        "chmod 600. If others were on the machine, rotate the keys.",
    )
}

/// Whether the keys lie where a copy of the database's folder does not take them along.
fn apart(keys: &Path, database: &Path) -> Checked {
    let folder = |path: &Path| path.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned));
    let (keys, database) = (folder(keys), folder(database));
    let together = match (&keys, &database) {
        (Some(keys), Some(database)) => keys.starts_with(database),
        _ => true,
    };
    let wrong = together.then(|| "the keys lie in the folder of the database: a copy of it opens itself".to_owned());
    let to_do = "Move the key file elsewhere (key_file), and see that no backup takes both.";
    Checked::unless("keys_apart", wrong, "the keys lie apart from the database", to_do)
}

/// How much room is left.
fn disk(folder: &Path) -> Checked {
    const LITTLE: u64 = 1 << 20; // in KiB: one GiB
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let free = Command::new("df").arg("-Pk").arg(folder).output().ok().and_then(|out| {
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()
    });
    let to_do = "Make room before it is full: a full disk stops every referral.";
    match free {
        None => Checked::warning("disk", "how much room is left could not be found out", to_do),
        Some(free) if free < LITTLE => Checked::finding("disk", format!("only {} MiB are left", free / 1024), to_do),
        Some(free) => Checked::ok("disk", format!("{} GiB are left", free / LITTLE)),
    }
}

/// How the database is reached, what its role may do, and its clock.
///
/// # Errors
/// When it cannot be reached.
pub async fn database(of: &Installation<'_>) -> Result<Vec<Checked>, AppError> {
    of.db.ping().await?;
    let url = of.settings.database().map_err(AppError::internal)?;
    let mut conn = selfcheck::connect(&url)?;
    let reached = selfcheck::reached(&mut conn)?;
    let armed = (reached.guards != 4).then(|| "a trigger that keeps the audit from being changed is gone".to_owned());
    let to_do = "Somebody has changed the schema. Check the audit, then restore the triggers from the migrations.";
    let mut checked =
        vec![Checked::unless("audit_guards", armed, "the audit can only grow: the triggers are there", to_do)];
    if let DatabaseUrl::Postgres(_) = url {
        let role = reached.may_change_audit.then(|| "the role of the server may change the audit".to_owned());
        let to_do = "Serve as a role of its own: `safehold migrate --grant ROLE` as the owner, database_url with ROLE.";
        checked.push(Checked::unless(
            "database_role",
            role,
            "the server's role can add to the audit and not change it",
            to_do,
        ));
        let plain = (reached.remote && !reached.encrypted).then(|| "the database is reached without TLS".to_owned());
        let to_do = "Add sslmode=verify-full to database_url.";
        let sound = if reached.remote { "the database is reached by TLS" } else { "the database is on this machine" };
        checked.push(Checked::unless("database_tls", plain, sound, to_do));
    }
    if let Some(theirs) = selfcheck::clock(&mut conn)? {
        let apart = (of.clock.now() - theirs).num_seconds().abs();
        let wrong = (apart > 5).then(|| format!("the database's clock is {apart} seconds away from this one"));
        let to_do = "Synchronise the clocks (NTP).";
        checked.push(Checked::unless("clock_database", wrong, "the database's clock agrees with this one", to_do));
    }
    Ok(checked)
}

/// Whether the people in the database are invented.
pub fn demonstration(settings: &Settings, loaded: bool) -> Checked {
    let public = settings.public_url.starts_with("https://");
    let to_do = "Begin with an empty database before real people use it: everybody knows the demonstration's password.";
    match (loaded, public) {
        (false, _) => Checked::ok("demonstration", "no demonstration is in the database"),
        (true, false) => Checked::warning("demonstration", "the database holds the demonstration", to_do),
        (true, true) => Checked::finding("demonstration", "the database holds the demonstration", to_do),
    }
}

/// Whether people are told by mail.
pub fn mail(settings: &Settings) -> Checked {
    if settings.mailer().is_ok_and(|mailer| mailer.is_set_up()) {
        return Checked::ok("mail", "a mail server is set, and spoken to with encryption or on this machine");
    }
    Checked::warning("mail", "no mail server is set: nobody is told by mail", "People see on their pages what is new.")
}

/// A folder that nobody else can read, and that goes away by itself.
pub struct Temporary {
    folder: PathBuf,
    file: PathBuf,
}

impl Temporary {
    /// Beside a database: on the same disk, under the same protection.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn beside(database: &str) -> Result<Self, AppError> {
        let name = format!(".selfcheck-{:016x}", u64::from_be_bytes(random::<8>()));
        let folder = Path::new(database).parent().unwrap_or(Path::new("")).join(name);
        fs::DirBuilder::new().mode(0o700).create(&folder).map_err(AppError::internal)?;
        let file = folder.join("copy.db");
        Ok(Self { folder, file })
    }

    pub fn file(&self) -> &Path {
        &self.file
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::error!(%error, folder = %self.folder.display(), "a copy of the database stays behind: delete it");
        }
    }
}

/// Looks through a dump as a backup would hold it, if there is a program that makes one.
pub fn dump(url: &str, canaries: &Canaries, leak: &'static str) -> Checked {
    let (url, password) = without_password(url);
    let mut command = Command::new("pg_dump");
    command.arg("--data-only").arg("--no-password").arg("--dbname").arg(url);
    if let Some(password) = password {
        command.env("PGPASSWORD", password); // not among the arguments, where everybody on the machine could read it
    }
    let missing = |says: &str| {
        Checked::warning("dump", says.to_owned(), "Install pg_dump of the server's version to have it done.")
    };
    let Ok(mut dump) = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn() else {
        return missing("no backup was searched: there is no pg_dump here");
    };
    let searched = dump.stdout.take().map(|out| canaries.in_stream(out));
    let done = dump.wait().is_ok_and(|status| status.success());
    match searched {
        Some(Ok((true, _))) => Checked::finding("dump", "a name or an address stands in a backup", leak),
        Some(Ok((false, length))) if done => {
            Checked::ok("dump", format!("no name and no address in {length} bytes of a backup"))
        }
        _ => missing("no backup was searched: pg_dump failed (another version, or a role that may not read all)"),
    }
}

/// A URL without its password, and the password.
fn without_password(url: &str) -> (String, Option<String>) {
    let split = || {
        let (scheme, rest) = url.split_once("://")?;
        let (user, place) = rest.split_once('@')?;
        let (name, password) = user.split_once(':')?;
        let password =
            form_urlencoded::parse(format!("p={}", password.replace('+', "%2B")).as_bytes()).next()?.1.into_owned();
        Some((format!("{scheme}://{name}@{place}"), Some(password)))
    };
    split().unwrap_or_else(|| (url.to_owned(), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_a_url() {
        let (url, password) = without_password("postgres://safehold:a%40b+c@db/safehold?sslmode=require");
        assert_eq!(
            (url.as_str(), password.as_deref()),
            ("postgres://safehold@db/safehold?sslmode=require", Some("a@b+c"))
        );
        assert_eq!(without_password("postgres://safehold@/x").1, None);
    }
}
