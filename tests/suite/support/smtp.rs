//! A real mail server for one test, on a port of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use safehold::mail::{Mailer, Smtp};
use serde_json::Value;
use tempfile::TempDir;

/// How the server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Good,
    /// Encrypted from the first byte.
    Tls,
    /// Takes nothing before `STARTTLS`.
    StartTls,
    /// "There is no such mailbox."
    Reject,
    /// "Come back later."
    Later,
}

impl Mode {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Tls => "tls",
            Self::StartTls => "starttls",
            Self::Reject => "reject",
            Self::Later => "later",
        }
    }
}

pub struct MailServer {
    process: Child,
    folder: TempDir,
    pub port: u16,
}

/// A Python that has the package; `tests/run` sees to it that there is one.
static PYTHON: LazyLock<&str> = LazyLock::new(|| {
    let has = |python: &&&str| {
        let mut import = Command::new(python);
        import.args(["-c", "import aiosmtpd"]).stderr(Stdio::null());
        import.status().is_ok_and(|status| status.success())
    };
    ["python3", "/usr/bin/python3"].iter().find(has).expect("python3-aiosmtpd: `make test` installs it")
});

impl MailServer {
    pub fn start(mode: Mode) -> Self {
        let folder = TempDir::new().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/support/smtp.py");
        let mut command = Command::new(*PYTHON);
        command.args([script, mode.word()]).arg(folder.path().join("mail"));
        if matches!(mode, Mode::Tls | Mode::StartTls) {
            let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
            let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
            fs::write(&certificate, made.cert.pem()).unwrap();
            fs::write(&key, made.signing_key.serialize_pem()).unwrap();
            command.arg(certificate).arg(key);
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { process, folder, port: port.trim().parse().expect("the mail server says where it listens") }
    }

    /// What it has taken so far.
    pub fn taken(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join("mail")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// Where it is, without encryption.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Sends by it without encryption.
    pub fn mailer(&self) -> Mailer {
        mailer(&self.url(), None)
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends by whatever is there.
pub fn mailer(url: &str, ca_file: Option<PathBuf>) -> Mailer {
    mailer_within(url, ca_file, Duration::from_secs(10))
}

pub fn mailer_within(url: &str, ca_file: Option<PathBuf>, timeout: Duration) -> Mailer {
    let from = "Safehold <no-reply@safehold.example.org>".into();
    Smtp { url: url.into(), from, ca_file, timeout }.mailer().unwrap()
}
