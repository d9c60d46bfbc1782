//! The program itself, as a child, and one request at a time to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};

use super::people::PASSWORD;

/// In how many parts Linux counts a second of processor time.
const TICKS: f64 = 100.0;

/// Becomes the server, beside a watcher that kills it when standard input ends: however this process ends, it does.
const UNTIL_STDIN_ENDS: &str = r#"exec 3<&0; (cat <&3; kill -KILL $$) >/dev/null & exec "$0" serve 3<&-"#;

/// A running server. It ends when this is dropped.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    pub fn start(database_url: &str, connections: Option<u32>, folder: &Path) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", UNTIL_STDIN_ENDS, env!("CARGO_BIN_EXE_safehold")]).current_dir(folder).env_clear();
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command.env("SAFEHOLD_DATABASE_URL", database_url).env("SAFEHOLD_LISTEN", "127.0.0.1:0");
        command.env("SAFEHOLD_KEY_FILE", folder.join("keys.toml"));
        command.env("SAFEHOLD_FIGURES_SETTLE_DAYS", "36500"); // or it would publish the past beside what is measured
        if let Some(connections) = connections {
            command.env("SAFEHOLD_DATABASE_CONNECTIONS", connections.to_string());
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split_once("http://").and_then(|(_, rest)| rest.split_whitespace().next());
        let address = address.expect("the server did not start").to_owned();
        Self { child, address }
    }

    /// An access token.
    pub fn sign_in(&self, email: &str) -> String {
        let session = self.send("POST", "/sessions", "", Some(&json!({ "email": email, "password": PASSWORD })));
        session["access_token"].as_str().unwrap().to_owned()
    }

    /// Sends a request with these further headers, each with its end of line. Anything but a success is fatal.
    pub fn send(&self, method: &str, path: &str, headers: &str, body: Option<&Value>) -> Value {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(5))).unwrap();
        let length = body.len();
        let (address, head) = (&self.address, format!("{method} /api/v1{path} HTTP/1.1"));
        let request = format!(
            "{head}\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 2"), "{head}: {answer}");
        let (_, content) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(content).unwrap()
    }

    /// Whether it is still there.
    pub fn listens(&self) -> bool {
        TcpStream::connect(&self.address).is_ok()
    }

    /// The processor time that it has used up to now, in seconds.
    pub fn processor_time(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let ticks = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u32>().unwrap());
        f64::from(ticks.sum::<u32>()) / TICKS
    }

    /// The most memory that it has had up to now, in MiB.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if let Err(error) = self.child.wait()
            && !thread::panicking()
        {
            panic!("{error}");
        }
    }
}
