//! The five-minute tour of the README, run as it stands there against the real program with the demonstration in it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_safehold");
/// Printed between two steps.
const MARK: &str = "--- end of a step ---";

#[test]
fn the_tour_of_the_readme_answers_what_it_says() {
    let readme = fs::read_to_string("README.md").unwrap();
    let steps: Vec<_> = readme.split("<!-- tour -->").skip(1).map(step).collect();
    assert!(steps.len() > 5);

    let folder = TempDir::new().unwrap();
    let program = |command: &str| {
        let mut program = Command::new(PROGRAM);
        program.arg(command).current_dir(folder.path()).env_clear();
        program.env("SAFEHOLD_DATABASE_URL", "sqlite:data/safehold.db");
        program.env("SAFEHOLD_KEY_FILE", "keys/keys.toml").env("SAFEHOLD_LISTEN", "127.0.0.1:0");
        program
    };
    let loaded = program("demo").output().unwrap();
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    let mut server = Server(program("serve").stdout(Stdio::piped()).spawn().unwrap());
    let mut greeting = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut greeting).unwrap();
    let address = greeting.split_whitespace().find(|word| word.starts_with("http://")).unwrap();

    let scripts: Vec<_> = steps.iter().map(|(script, _)| *script).collect();
    let script = scripts.join(&format!("\necho '{MARK}'\n"));
    let run =
        Command::new("bash").args(["-eu", "-c", &script]).env("API", format!("{address}/api/v1")).output().unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    let answers: Vec<_> = told.split(MARK).map(str::trim).collect();
    for ((script, expected), answer) in steps.iter().zip(&answers) {
        assert_eq!(answer, expected, "\n{script}\n{}", String::from_utf8_lossy(&run.stderr));
    }
    assert!(run.status.success());
}

/// A step's commands, and what they print.
fn step(text: &str) -> (&str, &str) {
    let block = |text, fence: &str| -> (&str, &str) {
        let (_, rest) = str::split_once(text, fence).unwrap();
        rest.split_once("\n```").unwrap()
    };
    let (script, rest) = block(text, "```sh\n");
    let (answer, _) = block(rest, "```text\n");
    (script, answer.trim())
}

/// Stops when the test ends, however it ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
