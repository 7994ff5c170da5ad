//! The real binary, started and talked to over HTTP as the outside does it.
//!
//! Nothing of the caller's environment reaches it, it listens where there is room, and it dies with
//! the value that stands for it.

pub(crate) mod http;

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use caretaker_core::intake::Headers;
use caretaker_core::model::{DedupKey, EventId, Outcome, Run};
use caretaker_testkit::world::signature;
use serde_json::Value;

use http::{Answer, Begun, Request};

/// With what deliveries are signed here.
pub(crate) const SECRET: &str = "a secret of tests";
/// Nothing here takes as long on any machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// The binary with these arguments and variables, and nothing else from outside.
pub(crate) fn caretaker(args: &[&str], env: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caretaker"));
    command.args(args).env_clear();
    command.env("CARETAKER_GITHUB_APP_WEBHOOK_SECRET", SECRET);
    command.env("CARETAKER_METRICS_LISTEN", "off");
    command.envs(env.iter().copied());
    command
}

/// What a command prints, given a data directory.
pub(crate) fn output(data_dir: &Path, args: &[&str]) -> Output {
    let mut command = caretaker(args, &[]);
    command.arg("--data-dir").arg(data_dir);
    command.output().expect("the binary can be started")
}

/// A server that runs.
pub(crate) struct Running {
    child: Child,
    address: SocketAddr,
    log: Arc<Mutex<Vec<String>>>,
    data_dir: PathBuf,
}

impl Running {
    /// Starts a server on a data directory and waits until it says where it listens.
    pub(crate) fn serve(data_dir: &Path, env: &[(&str, &str)]) -> Self {
        let mut command = caretaker(&["serve"], env);
        command.arg("--data-dir").arg(data_dir);
        Self::from(command, data_dir)
    }

    /// Starts the command given, which ends up as a server.
    pub(crate) fn from(mut command: Command, data_dir: &Path) -> Self {
        command.env("CARETAKER_LISTEN", "127.0.0.1:0");
        command.env("CARETAKER_LOG_FORMAT", "json");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary can be started");
        let stderr = child.stderr.take().expect("stderr is piped");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (serving, heard) = channel();
        let kept = Arc::clone(&log);
        thread::spawn(move || follow(BufReader::new(stderr).lines(), &kept, &serving));
        let address = wait_for(&heard, &log);
        Self {
            child,
            address,
            log,
            data_dir: data_dir.to_owned(),
        }
    }

    /// Sends a request.
    pub(crate) fn send(&self, request: &Request) -> Answer {
        request.send(self.address)
    }

    /// Delivers a body as GitHub does, signed.
    pub(crate) fn deliver(&self, event: &str, guid: &str, body: &[u8]) -> Answer {
        self.send(&delivery(event, guid, body))
    }

    /// What a command prints about this server's data.
    pub(crate) fn ask(&self, args: &[&str]) -> String {
        let output = output(&self.data_dir, args);
        assert!(
            output.status.success(),
            "caretaker {args:?}: {}\n{}",
            String::from_utf8_lossy(&output.stderr),
            self.log()
        );
        String::from_utf8(output.stdout).expect("output is UTF-8")
    }

    /// The closed runs, once every delivery named by its key has ended in one; what the last
    /// look showed is told when that does not happen.
    pub(crate) fn closed(&self, keys: &[DedupKey]) -> Vec<Run> {
        let began = Instant::now();
        loop {
            let export = self.ask(&["journal", "export"]);
            let runs: Vec<Run> = export
                .lines()
                .map(|line| serde_json::from_str(line).expect("every line is a record"))
                .collect();
            let open: Vec<&str> = keys
                .iter()
                .map(DedupKey::as_str)
                .filter(|key| !runs.iter().any(|run| answers(run, key)))
                .collect();
            if open.is_empty() {
                return runs;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{} open: {open:?}\n{}",
                open.len(),
                self.log()
            );
        }
    }

    /// The log so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("no reader panics").join("\n")
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Begins a delivery as GitHub does, signed; the server is in the middle of it.
    pub(crate) fn begin(&self, event: &str, guid: &str, body: &[u8]) -> Begun {
        delivery(event, guid, body).begin(self.address)
    }

    /// Waits until it has logged this message.
    pub(crate) fn says(&self, message: &str) {
        let line = format!("\"message\":\"{message}");
        self.until(&line, || self.log().contains(&line));
    }

    /// Waits until it has logged this message after what it had logged before.
    pub(crate) fn until_said_again(&self, message: &str, before: &str) {
        let line = format!("\"message\":\"{message}");
        let had = before.matches(&line).count();
        self.until(&line, || self.log().matches(&line).count() > had);
    }

    /// Waits until it takes no connections any more.
    pub(crate) fn refuses(&self) {
        let nobody = |error: std::io::Error| error.kind() == ErrorKind::ConnectionRefused;
        let asked = || TcpStream::connect(self.address);
        self.until("connections are refused", || asked().is_err_and(nobody));
    }

    /// What is asked for, once it is there.
    pub(crate) fn when<T>(&self, what: &str, ask: impl Fn() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(there) = ask() {
                return there;
            }
            assert!(began.elapsed() < PATIENCE, "never {what}:\n{}", self.log());
        }
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < PATIENCE, "never {what}:\n{}", self.log());
            thread::yield_now();
        }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.expect("there is a kill").success());
    }

    /// Waits for its end.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        self.child.wait().expect("it is our child")
    }

    /// Asks it to stop, as an init system does; how it ended, and after what time.
    pub(crate) fn stop(mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        self.signal("TERM");
        (self.ended(), began.elapsed())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
        let log = self.log();
        if !thread::panicking() {
            assert!(!log.contains("panicked"), "the server panicked:\n{log}");
        }
    }
}

/// Where a server tells its metrics.
pub(crate) fn told_at(server: &Running) -> SocketAddr {
    server.says("telling metrics");
    let log = server.log();
    let said = |line: &str| serde_json::from_str::<Value>(line).ok();
    let said = log.lines().filter_map(said);
    let told = said
        .into_iter()
        .find(|line| line["message"] == "telling metrics");
    let told = told.expect("it has said so");
    let address = told["address"].as_str().and_then(|text| text.parse().ok());
    address.expect("it says where")
}

/// A signed delivery.
pub(crate) fn delivery(event: &str, guid: &str, body: &[u8]) -> Request {
    Request::post("/webhooks/github", body)
        .header("X-GitHub-Event", event)
        .header("X-GitHub-Delivery", guid)
        .header("X-Hub-Signature-256", &signature(SECRET, body))
}

/// Whether a record is the end of a delivery, or of a part of it.
pub(crate) fn answers(run: &Run, key: &str) -> bool {
    let of = |id: &EventId| id.as_str().split('/').next() == Some(key);
    run.outcome.as_ref().is_some_and(Outcome::is_final)
        && (of(&run.task.event.id) || run.joined.iter().any(of))
}

/// The key under which a delivery without a hook's number is kept.
pub(crate) fn key(event: &str, guid: &str) -> DedupKey {
    let headers = Headers {
        event,
        guid,
        hook_id: None,
        hook_target_type: None,
        hook_target_id: None,
    };
    headers.dedup_key()
}

/// Reads the log to its end; tells the address once.
fn follow(
    lines: impl Iterator<Item = std::io::Result<String>>,
    kept: &Mutex<Vec<String>>,
    serving: &Sender<SocketAddr>,
) {
    for line in lines.map_while(Result::ok) {
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        kept.lock().expect("no reader panics").push(line);
        if said["message"] == "serving" {
            let address = said["address"].as_str().and_then(|text| text.parse().ok());
            // Whoever waited may have given up.
            serving
                .send(address.expect("it says where it listens"))
                .ok();
        }
    }
}

fn wait_for(heard: &Receiver<SocketAddr>, log: &Mutex<Vec<String>>) -> SocketAddr {
    heard.recv_timeout(PATIENCE).unwrap_or_else(|_ended| {
        let log = log.lock().expect("no reader panics").join("\n");
        panic!("the server did not come up:\n{log}")
    })
}
