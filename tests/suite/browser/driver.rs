//! The one chromedriver of this run of the tests, which opens a Chromium for each test.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver};

/// A static is never dropped, and a run can be killed. So a shell holds the driver, and ends it when the pipe to the shell
/// is closed, which happens however this process ends. A signal to the whole group must not end the shell before. Chromium
/// leaves folders behind; they go too, as soon as the last browser lets them.
const HELD: &str = r#"
trap '' INT TERM HUP
export TMPDIR="$(mktemp -d)"
chromedriver --port=0 &
read -r _
kill -KILL $!
for _ in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf "$TMPDIR" && break
  sleep 0.2
done
"#;

struct Driver {
    url: String,
    _shell: Child,
    _output: BufReader<ChildStdout>, // it must not write into a closed pipe
}

static DRIVER: LazyLock<Driver> = LazyLock::new(|| {
    let mut shell = Command::new("sh")
        .args(["-c", HELD])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(shell.stdout.take().unwrap());
    let mut lines = output.by_ref().lines().map_while(Result::ok);
    let port = lines.find_map(|line| line.split_once("successfully on port ").map(|(_, port)| port.to_owned()));
    let port = port.expect("chromedriver does not start: `make test` installs it, see tests/run");
    Driver { url: format!("http://127.0.0.1:{}", port.trim_end_matches('.')), _shell: shell, _output: output }
});

const ARGUMENTS: &[&str] = &[
    "--headless",
    "--no-sandbox", // it refuses to run as root otherwise
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--lang=en-GB",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",                                  // it ends when the driver does
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", // what it asks for elsewhere is reported, not fetched
];

pub async fn open() -> WebDriver {
    let mut wanted = DesiredCapabilities::chrome();
    for argument in ARGUMENTS {
        wanted.add_arg(argument).unwrap();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    if let Some(chromium) = env::split_paths(&path).map(|folder| folder.join("chromium")).find(|path| path.is_file()) {
        wanted.set_binary(&chromium.display().to_string()).unwrap();
    }
    wanted.set_logging_prefs("browser", LoggingPrefsLogLevel::All).unwrap();
    wanted.set_logging_prefs("performance", LoggingPrefsLogLevel::All).unwrap();
    WebDriver::builder(&DRIVER.url, wanted).request_timeout(Duration::from_mins(1)).await.unwrap()
}
