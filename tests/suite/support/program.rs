//! The real program, as a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use safehold::db::DatabaseUrl;
use safehold::ids::RequestId;
use serde_json::Value;

/// A server that is running. It is killed when it goes out of scope, as hard as there is.
pub struct Program {
    child: Child,
    pub address: SocketAddr,
}

/// The program with these settings, not yet told what to do.
pub fn command(url: &DatabaseUrl, key_file: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_safehold"));
    let url = match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{path}"),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    command
        .env("SAFEHOLD_DATABASE_URL", url)
        .env("SAFEHOLD_KEY_FILE", key_file)
        .env("SAFEHOLD_LISTEN", "127.0.0.1:0")
        .env("SAFEHOLD_WORKERS", "2")
        .env("RUST_LOG", "error");
    command
}

impl Program {
    /// Serves, and waits until it does.
    pub fn serve(url: &DatabaseUrl, key_file: &Path) -> Self {
        Self::start(command(url, key_file))
    }

    /// The same by a command with more settings.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.arg("serve").stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let address = said.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
        Self { address: address.unwrap_or_else(|| panic!("it said: {said}")).parse().unwrap(), child }
    }

    /// Ends it at once, whatever it is doing: `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks once, over a connection of its own; `None` when there was no whole answer.
pub fn ask(to: SocketAddr, method: &str, path: &str, token: &str, body: Option<&Value>) -> Option<(u16, Value)> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(to).ok()?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Idempotency-Key: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        RequestId::new().0,
        body.len()
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).unwrap_or_default()))
}
