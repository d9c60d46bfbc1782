//! The mail server: spoken to with encryption, or only on this very machine.

use std::error::Error;
use std::fs;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use actix_web::rt::time::timeout;
use lettre::message::Mailbox;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use url::{Host, Url};

use super::{Letter, Mailer, message};
use crate::domain::mail::Problem;

/// How to reach a mail server, as an operator has set it.
#[derive(Clone)]
pub struct Smtp {
    /// `smtps://user:password@host:port`, `smtp://host?tls=required`, or `smtp://127.0.0.1` without encryption.
    pub url: String,
    pub from: String,
    /// A certificate (PEM) to trust beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// For all of one message.
    pub timeout: Duration,
}

/// Without the URL, which holds a password.
impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Smtp {
    /// # Errors
    /// What is wrong, by the name of the setting.
    pub fn mailer(&self) -> Result<Mailer, String> {
        let from: Mailbox =
            self.from.parse().map_err(|_| "mail_from must look like Safehold <no-reply@example.org>")?;
        let wrong = "mail_url must look like smtps://user:password@host or smtp://host?tls=required";
        let url = Url::parse(&self.url).map_err(|_| wrong)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(wrong)?.to_owned();
        // lettre would take any parameter, and a misspelt one for none.
        let required = match url.query() {
            None => false,
            Some("tls=required") => true,
            Some(_) => return Err(wrong.into()),
        };
        let parameters = || self.parameters(&host);
        let tls = match url.scheme() {
            "smtps" => Tls::Wrapper(parameters()?),
            "smtp" if required => Tls::Required(parameters()?),
            "smtp" if here(&url) => Tls::None,
            "smtp" => {
                return Err("mail_url: the server is on another machine: use smtps://… or add ?tls=required".into());
            }
            _ => return Err(wrong.into()),
        };
        let domain = from.email.domain().to_owned();
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(&self.url)
            .map_err(|_| wrong)?
            .tls(tls)
            .timeout(Some(self.timeout))
            .hello_name(ClientId::Domain(domain))
            .build();
        Ok(Mailer::Smtp(Box::new(Transport { server, from, timeout: self.timeout })))
    }

    fn parameters(&self, host: &str) -> Result<TlsParameters, String> {
        let mut parameters = TlsParameters::builder(host.trim_matches(['[', ']']).to_owned());
        if let Some(path) = &self.ca_file {
            let wrong = |error: &dyn std::fmt::Display| format!("mail_ca_file: {}: {error}", path.display());
            let pem = fs::read(path).map_err(|error| wrong(&error))?;
            let certificate = Certificate::from_pem(&pem).map_err(|error| wrong(&error))?;
            parameters = parameters.add_root_certificate(certificate);
        }
        parameters.build_rustls().map_err(|error| format!("mail_url: {error}"))
    }
}

/// Whether it is this very machine.
fn here(url: &Url) -> bool {
    match url.host() {
        // Of a scheme that it does not know, the URL takes a number for a name.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A server that takes our mail.
#[derive(Clone)]
pub struct Transport {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    timeout: Duration,
}

impl Transport {
    pub(super) async fn send(&self, letter: &Letter) -> Result<(), Problem> {
        let message = message::write(letter, &self.from)?;
        match timeout(self.timeout, self.server.send(message)).await {
            Err(_) => Err(Problem::TimedOut),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(problem(&error)),
        }
    }
}

/// What an error says about trying again. Its text is dropped: a server repeats the address there.
fn problem(error: &lettre::transport::smtp::Error) -> Problem {
    let status = error.status().map(|code| code.to_string());
    match status.as_deref() {
        Some("530" | "534" | "535" | "538" | "454") => Problem::SignInRefused,
        Some(_) if error.is_permanent() => Problem::Rejected,
        Some(_) => Problem::PutOff,
        None if error.is_tls() => Problem::NotEncrypted,
        None if error.is_timeout() => Problem::TimedOut,
        // Neither a certificate that is not to be trusted nor a server without encryption has a kind of its own.
        None if says(error, "certificate") || says(error, "STARTTLS") => Problem::NotEncrypted,
        None if error.is_client() => Problem::SignInRefused, // no way to sign in that both know
        None => Problem::Unreachable,
    }
}

/// Whether a cause of an error mentions this.
fn says(error: &dyn Error, word: &str) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.to_string().contains(word) {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn smtp(url: &str, from: &str) -> Result<Mailer, String> {
        Smtp { url: url.into(), from: from.into(), ca_file: None, timeout: Duration::from_secs(1) }.mailer()
    }

    /// S38
    #[rstest]
    #[case("smtps://user:kettle@mail.example.org", true)]
    #[case("smtps://user:kettle@mail.example.org:2465", true)]
    #[case("smtp://mail.example.org?tls=required", true)]
    #[case("smtp://127.0.0.1:1025", true)]
    #[case("smtp://localhost", true)]
    #[case("smtp://[::1]:1025", true)]
    #[case("smtp://mail.example.org", false)]
    #[case("smtp://mail.example.org?tls=opportunistic", false)]
    #[case("smtp://localhost.example.org", false)]
    #[case("smtp://127.0.0.1@mail.example.org", false)]
    #[case("smtp://mail.example.org?tls=require", false)]
    #[case("http://127.0.0.1", false)]
    #[case("mail.example.org", false)]
    #[case("smtp://", false)]
    fn s38_mail_to_another_machine_is_encrypted_or_not_sent_at_all(#[case] url: &str, #[case] fine: bool) {
        let mailer = smtp(url, "Safehold <no-reply@example.org>");
        assert_eq!(mailer.is_ok(), fine, "{mailer:?}");
        if let Err(error) = mailer {
            assert!(error.contains("mail_url") && !error.contains("kettle"), "{error}");
        }
    }

    #[test]
    fn who_sends_must_be_an_address() {
        assert!(smtp("smtp://localhost", "Safehold").unwrap_err().contains("mail_from"));
        assert!(smtp("smtp://localhost", "no-reply@example.org").is_ok());
    }
}
