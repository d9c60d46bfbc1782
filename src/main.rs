//! The command line.

use std::error::Error;
use std::io::{IsTerminal, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use actix_web::{HttpServer, rt};
use clap::{Parser, Subcommand};
use safehold::actions::accounts::check_password;
use safehold::actions::installation::{Administrator, add_administrator, operator};
use safehold::actions::{keys, releases};
use safehold::api::audit::kept;
use safehold::app::App;
use safehold::auth::password;
use safehold::clock::Clock;
use safehold::db::{DatabaseUrl, Db, SEALED_AT_ONCE, Verification, vault};
use safehold::domain::measures::published::Kind;
use safehold::error::AppError;
use safehold::feed::Feed;
use safehold::settings::{Keys, Policy, Settings};
use safehold::{api, demo, reports, selfcheck, telemetry, worker};

/// Vacancies and referrals for domestic-abuse safe accommodation.
///
/// Settings come from a file and from the environment: `SAFEHOLD_DATABASE_URL`, `SAFEHOLD_KEY_FILE`, `SAFEHOLD_LISTEN`, …
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// The settings file; `safehold.toml` if there is one.
    #[arg(long, global = true)]
    settings: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API.
    Serve,
    /// Load the demonstration into an empty database, and say how to sign in.
    Demo,
    /// Bring the schema of the database up to date.
    Migrate {
        /// Lets this role of PostgreSQL do what the application does, and no more: it cannot change or remove an audit
        /// event. Run this as the owner of the database, and serve as that role.
        #[arg(long)]
        grant: Option<String>,
    },
    /// Look after the people who run this installation.
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Look after the audit.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Check this installation while it runs: that no name and no address leaks anywhere, that files, headers, database
    /// and audit are as they must be. Acts in an organisation of its own, and takes it away again. Fails on any finding.
    Selfcheck {
        /// Where the server answers; the address of the settings unless said.
        #[arg(long)]
        server: Option<String>,
        /// The file that the server logs to.
        #[arg(long)]
        log: Option<PathBuf>,
        /// For programs.
        #[arg(long)]
        json: bool,
    },
    /// Make the key file of a new installation, or look after its keys. An existing file is left alone.
    Keys {
        #[command(subcommand)]
        command: Option<KeysCommand>,
    },
    /// Write the board pack of a quarter that has ended, in every format. Its figures are published first, if they are due.
    Pack {
        /// The first day of the quarter: 2026-07-01.
        #[arg(long)]
        quarter: chrono::NaiveDate,
        /// The folder for the files; it is made if it is not there.
        #[arg(long)]
        to: PathBuf,
    },
    /// Print the `OpenAPI` document.
    Openapi,
    /// Ask a running server whether it is alive.
    Health,
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Add an administrator. The password is asked for, or read from standard input.
    Create {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// The organisation that runs this installation; added if there is none of that name.
        #[arg(long, default_value = "Administration")]
        organisation: String,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Put a new master key into the key file. The one before stays for what it has sealed.
    Rotate,
    /// Seal every data key again with the newest master key. What they have sealed is not touched. Can be stopped and begun
    /// again.
    Rewrap,
    /// Take an older master key out of the key file. Refused while a data key hangs on it.
    Drop { name: String },
    /// Give an organisation a new data key, for what it writes from now on.
    Renew {
        #[arg(long)]
        organisation: String,
    },
    /// Destroy the data keys of an organisation: nobody can ever read its names, addresses and notes again.
    Destroy {
        #[arg(long)]
        organisation: String,
        /// That you mean it.
        #[arg(long, required = true)]
        yes_for_good: bool,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Check every event and the whole chain; fails when something was changed, removed, forged or reordered, or cut off
    /// behind an end that was kept.
    Verify {
        /// A file of ends of the chain that were kept, one on each line; beside the one of the settings.
        #[arg(long)]
        head: Vec<PathBuf>,
    },
    /// Print the end of the chain, one line of JSON, to be kept where nobody who can write the database can write.
    Head {
        /// Add it to this file instead.
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

#[actix_web::main]
async fn main() {
    let Cli { settings, command } = Cli::parse();
    telemetry::start();
    if let Err(error) = run(settings.as_deref(), command).await {
        eprintln!("safehold: {}", told(error.as_ref()));
        std::process::exit(1);
    }
}

/// An error with its causes.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

async fn run(settings: Option<&Path>, command: Command) -> Result<(), Box<dyn Error>> {
    if let Command::Openapi = command {
        println!("{}", api::openapi::document().to_pretty_json()?);
        return Ok(());
    }
    let settings = Settings::load(settings)?;
    match command {
        Command::Openapi => Ok(()),
        Command::Keys { command: None } => Ok(Keys::create(&settings.key_file)?),
        Command::Keys { command: Some(command) } => look_after_keys(&settings, command).await,
        Command::Health => Ok(health(&settings.listen)?),
        Command::Migrate { grant } => {
            let mut conn = database(&settings)?.open()?;
            conn.migrate()?;
            grant.map_or(Ok(()), |role| conn.grant(&role)).map_err(Into::into)
        }
        Command::Serve => serve(settings).await,
        Command::Selfcheck { server, log, json } => check_itself(&settings, server, log, json).await,
        Command::Demo => demonstrate(&settings).await,
        Command::Pack { quarter, to } => pack(&settings, quarter, &to).await,
        Command::Admin { command: AdminCommand::Create { email, name, organisation } } => {
            let password = ask_for_password()?;
            check_password(&password, &email, &name).map_err(plain)?;
            let password_hash = password::hash(&password)?;
            let new = Administrator { organisation, email, name, password_hash };
            let added = open(&settings).await?.write(&operator(), move |tx| add_administrator(tx, &new)).await;
            println!("Added {}. Sign in with this address and your password.", added.map_err(plain)?.email);
            Ok(())
        }
        Command::Audit { command: AuditCommand::Verify { head } } => verify(&settings, &head).await,
        Command::Audit { command: AuditCommand::Head { out } } => {
            let db = open(&settings).await?;
            while db.seal_audit().await? >= SEALED_AT_ONCE {}
            let newest = db.audit_head().await?.ok_or("nothing has happened yet: the audit has no end")?;
            if let Some(file) = out {
                worker::append(&file, &newest)?;
            } else {
                println!("{}", newest.line()?);
            }
            Ok(())
        }
    }
}

/// Writes the board pack of a quarter into a folder.
async fn pack(settings: &Settings, quarter: chrono::NaiveDate, folder: &Path) -> Result<(), Box<dyn Error>> {
    let db = open(settings).await?;
    while releases::make_due(&db).await? > 0 {}
    let book = match db.write(&operator(), move |tx| releases::export(tx, Kind::Quarter, quarter)).await {
        Ok(book) => book,
        Err(AppError::NotFound) => {
            let on = releases::published_on(quarter, db.policy().figures_settle);
            let on = on.map_or_else(String::new, |day| format!(" Those of a quarter come on {day} at the earliest."));
            return Err(format!("no figures of a quarter that begins on {quarter} are published.{on}").into());
        }
        Err(error) => return Err(error.into()),
    };
    fs::create_dir_all(folder)?;
    for format in reports::Format::ALL {
        let file = folder.join(releases::file_name(Kind::Quarter, quarter, *format));
        fs::write(&file, reports::written(&book, *format)?)?;
        println!("{}", file.display());
    }
    Ok(())
}

/// Checks this installation, and says how it is.
async fn check_itself(
    settings: &Settings,
    server: Option<String>,
    log: Option<PathBuf>,
    json: bool,
) -> Result<(), Box<dyn Error>> {
    let (db, keys, clock) = (open(settings).await?, Keys::load(&settings.key_file)?, Clock::default());
    let server = match server {
        Some(server) => server,
        None => format!("http://{}", reachable(&settings.listen)?),
    };
    let of = selfcheck::Installation { settings, db: &db, keys: &keys, clock: &clock, server, log };
    let checked = selfcheck::run(&of).await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&checked)?);
    } else {
        print!("{}", selfcheck::table(&checked));
    }
    if selfcheck::any_finding(&checked) { Err("this installation is not sound".into()) } else { Ok(()) }
}

/// Checks the audit against the ends of its chain that were kept.
async fn verify(settings: &Settings, files: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    const TOLD_EVERY: usize = 100_000;
    let mut heads = Vec::new();
    for file in files {
        fs::metadata(file).map_err(|error| format!("{}: {error}", file.display()))?;
        heads.extend(kept(file)?);
    }
    if let Some(file) = &settings.audit_head_file {
        heads.extend(kept(file)?);
    }
    let (count, mut told) = (heads.len(), 0);
    let progress = |events: usize| {
        if events / TOLD_EVERY > told {
            told = events / TOLD_EVERY;
            eprintln!("{events} events checked …");
        }
    };
    match open(settings).await?.verify_audit_against(heads, progress).await? {
        Verification::Intact { events } => {
            println!("The audit is intact: {events} events, held against {count} kept ends of its chain.");
            if count == 0 {
                println!("Without a kept end (`safehold audit head`), a cut-off tail would not show.");
            }
            Ok(())
        }
        Verification::Broken { position, event, why } => {
            Err(format!("the audit is broken at position {position}, event {}: {why}", event.0).into())
        }
    }
}

async fn look_after_keys(settings: &Settings, command: KeysCommand) -> Result<(), Box<dyn Error>> {
    match command {
        KeysCommand::Rotate => {
            open(settings).await?; // never a new key beside a wrong one
            let (new, before) = Keys::rotate(&settings.key_file)?;
            println!("The new master key is called {new}; {before} stays in the file for now.");
            println!("Next: start the servers again, so that they know both. Then: safehold keys rewrap");
        }
        KeysCommand::Rewrap => {
            let (db, newest) = (open(settings).await?, Keys::load(&settings.key_file)?.vault.name().to_owned());
            let (operator, name) = (operator(), newest.clone());
            let mut left = db.read(&operator, move |conn| vault::not_hanging_on(conn, &name)).await?;
            println!("{left} data keys to seal again.");
            while left > 0 {
                db.write(&operator, keys::rewrap).await?;
                let name = newest.clone();
                left = db.read(&operator, move |conn| vault::not_hanging_on(conn, &name)).await?;
                println!("{left} left.");
            }
            println!("Every data key is sealed with {newest}. An older one may go: safehold keys drop NAME");
        }
        KeysCommand::Drop { name } => {
            let (db, master) = (open(settings).await?, name.clone());
            db.write(&operator(), move |tx| keys::let_go(tx, &master)).await.map_err(plain)?;
            Keys::drop_older(&settings.key_file, &name)?;
            println!("The master key {name} is out of the key file. Destroy the backups of that file too.");
        }
        KeysCommand::Renew { organisation } => {
            let db = open(settings).await?;
            db.write(&operator(), move |tx| keys::renew(tx, &organisation)).await.map_err(plain)?;
            println!("The organisation seals with a new data key from now on.");
        }
        KeysCommand::Destroy { organisation, yes_for_good: _ } => {
            let db = open(settings).await?;
            let gone = db.write(&operator(), move |tx| keys::destroy(tx, &organisation)).await.map_err(plain)?;
            println!("{gone} data keys are destroyed. What they sealed cannot be read again, by anybody.");
            println!("A backup of the database from before still holds them, sealed: destroy those backups too.");
        }
    }
    Ok(())
}

/// What is wrong with the fields that somebody typed, without the names that a program would want.
fn plain(error: AppError) -> Box<dyn Error> {
    match error {
        AppError::Invalid(fields) => {
            let wrong: Vec<_> = fields.iter().map(|field| format!("{}: {}", field.pointer, field.message)).collect();
            wrong.join("; ").into()
        }
        error => error.into(),
    }
}

fn ask_for_password() -> io::Result<String> {
    if io::stdin().is_terminal() {
        return rpassword::prompt_password("Password (at least 12 characters): ");
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The database of these settings. An embedded one is a file that only its owner can read.
fn database(settings: &Settings) -> Result<DatabaseUrl, Box<dyn Error>> {
    let url = settings.database()?;
    if let DatabaseUrl::Sqlite(path) = &url {
        use std::os::unix::fs::OpenOptionsExt;
        if let Some(folder) = Path::new(path).parent() {
            fs::create_dir_all(folder)?;
        }
        fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    }
    Ok(url)
}

/// The database, up to date and with its own keys.
async fn open(settings: &Settings) -> Result<Db, Box<dyn Error>> {
    let keys = Keys::load(&settings.key_file)?;
    let url = database(settings)?;
    if let DatabaseUrl::Sqlite(_) = url {
        url.open()?.migrate()?;
    }
    let db = Db::new(url, settings.database_connections, Clock::default(), keys, settings.policy());
    db.check_keys().await?;
    Ok(db)
}

/// Tells the C library's allocator to give the memory of a password's hash (19 MiB) back to the system at once, where it
/// would keep as much for each thread that ever hashed one. It listens only when a process begins: so we begin again, as
/// the same process, unless somebody has already told it something.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn give_memory_back() -> io::Result<()> {
    use std::os::unix::process::CommandExt;
    const THRESHOLD: &str = "MALLOC_MMAP_THRESHOLD_";
    if std::env::var_os(THRESHOLD).is_some() {
        return Ok(());
    }
    let mut again = std::process::Command::new(std::env::current_exe()?);
    again.args(std::env::args_os().skip(1));
    Err(again.env(THRESHOLD, "4194304").env("MALLOC_ARENA_MAX", "2").exec())
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_memory_back() -> io::Result<()> {
    Ok(())
}

async fn serve(settings: Settings) -> Result<(), Box<dyn Error>> {
    if let Err(error) = give_memory_back() {
        tracing::warn!(%error, "the allocator keeps its memory");
    }
    let db = open(&settings).await?;
    let policy = Policy { second_factor: !db.is_demonstration().await?, ..settings.policy() };
    let db = db.under(policy);
    let feed = Feed::default();
    let app = App {
        db,
        feed,
        clock: Clock::default(),
        keys: Keys::load(&settings.key_file)?,
        policy,
        mailer: settings.mailer()?,
        public_url: settings.public_url.clone(),
        audit_head_file: settings.audit_head_file.clone(),
        behind_proxy: settings.behind_proxy,
    };
    rt::spawn(worker::run(app.clone()));
    rt::spawn(worker::run_post(app.clone()));
    // Pages may be listening for changes: they are not waited for.
    let mut server = HttpServer::new(move || app.clone().service()).shutdown_timeout(5);
    if settings.workers > 0 {
        server = server.workers(settings.workers);
    }
    // Each thread may be hashing a password in 19 MiB of memory: this bounds them all.
    let server = server.worker_max_blocking_threads(16).bind(&settings.listen)?;
    for address in server.addrs() {
        println!("Safehold answers on http://{address} (the API reference: http://{address}/api/reference/)");
    }
    io::stdout().flush()?;
    Ok(server.run().await?)
}

async fn demonstrate(settings: &Settings) -> Result<(), Box<dyn Error>> {
    if !settings.key_file.exists() {
        Keys::create(&settings.key_file)?;
    }
    let db = open(settings).await?;
    let sign_ins = demo::load(&db, Clock::default().now(), |step| println!("{step}")).await?;
    println!("\nThe people, cases and addresses in this database are invented; the services are published facts.");
    println!("Sign in with the password \"{}\" as:", demo::PASSWORD);
    for sign_in in sign_ins {
        println!("  {:<18} {}", sign_in.role.plain(), sign_in.email);
    }
    println!();
    Ok(())
}

/// Where a server that listens there answers on this machine.
fn reachable(listen: &str) -> Result<SocketAddr, String> {
    let mut address: SocketAddr = listen.parse().map_err(|error| format!("{listen}: {error}"))?;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { [127, 0, 0, 1].into() } else { std::net::Ipv6Addr::LOCALHOST.into() });
    }
    Ok(address)
}

/// Whether the server that listens there answers `GET /healthz`.
fn health(listen: &str) -> Result<(), String> {
    let address = reachable(listen)?;
    let ask = || -> io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        stream.shutdown(Shutdown::Write)?;
        let mut answer = String::new();
        stream.take(4096).read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().map_err(|error| format!("{address}: {error}"))?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(format!("{address} is not well")) }
}
