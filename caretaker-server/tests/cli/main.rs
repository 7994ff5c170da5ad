//! The command line from outside: the built binary, its output, its exit codes.
#![expect(
    clippy::unwrap_used,
    reason = "what a test stands on is its own; a panic shows where it gave way"
)]

mod asking;
mod backed_up;
mod deliveries;
mod doctor;
mod doctor_app;
mod exported;
mod github;
mod malformed;
mod odd_files;
mod pass;
mod paused;
mod pure;
mod released;
mod replay;
mod stored;

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder to call the binary in; nothing of this process's environment reaches it.
struct Desk {
    dir: TempDir,
    env: Vec<(&'static str, String)>,
}

/// What a call came to.
#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Desk {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            env: Vec::new(),
        }
    }

    fn env(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.env.push((name, text.into()));
        self
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn data(&self) -> std::path::PathBuf {
        self.path().join("caretaker-data")
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// A running server over this desk's store; it has the store when this returns.
    fn serve(&self) -> Server {
        self.serve_until("serving")
    }

    /// A server that has logged a line with these words.
    fn serve_until(&self, words: &str) -> Server {
        let mut server = Command::new(env!("CARGO_BIN_EXE_caretaker"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .current_dir(self.path())
            .env_clear()
            .envs(self.env.iter().map(|(name, text)| (name, text)))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
        let serving = log.find(|line| line.as_ref().unwrap().contains(words));
        assert!(serving.is_some(), "the server did not start");
        // Whoever writes a log that nobody reads would wait.
        std::thread::spawn(move || log.for_each(drop));
        Server(server)
    }

    fn call<S: AsRef<OsStr>>(&self, args: &[S]) -> Said {
        self.call_with(args, "")
    }

    fn call_with<S: AsRef<OsStr>>(&self, args: &[S], stdin: &str) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_caretaker"))
            .args(args)
            .current_dir(self.path())
            .env_clear()
            .envs(self.env.iter().map(|(name, text)| (name, text)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads nothing may have ended already.
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).ok();
        let done = child.wait_with_output().unwrap();
        Said {
            code: done.status.code().unwrap(),
            out: String::from_utf8(done.stdout).unwrap(),
            err: String::from_utf8(done.stderr).unwrap(),
        }
    }
}

/// A server that does not outlive its test.
struct Server(Child);

impl Server {
    fn pid(&self) -> u32 {
        self.0.id()
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Said {
    /// The output as JSON, the exit code being what is expected.
    #[track_caller]
    fn json(&self, code: i32) -> Value {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.out.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }

    /// The output as lines of JSON, what counts them in the last, the exit code being what is
    /// expected.
    #[track_caller]
    fn lines(&self, code: i32) -> (Vec<Value>, Value) {
        assert_eq!(self.code, code, "{self:?}");
        let lines = self.out.lines().map(serde_json::from_str);
        let mut lines: Vec<Value> = lines.collect::<Result<_, _>>().unwrap();
        let last = lines.pop().unwrap();
        (lines, last)
    }

    /// The output as text, the exit code being what is expected.
    #[track_caller]
    fn text(&self, code: i32) -> &str {
        assert_eq!(self.code, code, "{self:?}");
        &self.out
    }

    /// The complaint of a call that could not be done.
    #[track_caller]
    fn complaint(&self) -> &str {
        assert_eq!(self.code, 2, "{self:?}");
        assert_eq!(self.out, "", "results only on stdout");
        &self.err
    }
}
