//! Programs that are started, measured and ended.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::load::SECRET;

/// Ticks of a second in which the system counts processor time.
const TICKS: f64 = 100.0;

/// A receiver that runs; it dies with this value.
pub(super) struct Process {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Process {
    /// This program as `caretaker serve`, with these variables and nothing else.
    pub(super) fn caretaker(data_dir: &Path, env: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut command = on_one_core(&std::env::current_exe()?);
        command.arg("serve").arg("--data-dir").arg(data_dir);
        command.env_clear().env("CARETAKER_LISTEN", "127.0.0.1:0");
        command.env("CARETAKER_LOG_FORMAT", "json");
        command.env("CARETAKER_GITHUB_APP_WEBHOOK_SECRET", SECRET);
        command.envs(env.iter().copied());
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().context("starting caretaker")?;
        let log = child.stderr.take().context("its log is piped")?;
        Self::listening(child, BufReader::new(log), |line| {
            let said: Value = serde_json::from_str(line).ok()?;
            let serving = said["message"] == "serving";
            serving.then(|| said["address"].as_str().map(str::to_owned))?
        })
    }

    /// This program as a bare receiver.
    pub(super) fn bare(kind: &str, dir: &Path) -> anyhow::Result<Self> {
        let mut command = on_one_core(&std::env::current_exe()?);
        command
            .arg("bare")
            .arg(kind)
            .arg(dir)
            .stdout(Stdio::piped());
        let mut child = command.spawn().context("starting a bare receiver")?;
        let said = child.stdout.take().context("its output is piped")?;
        Self::listening(child, BufReader::new(said), |line| {
            line.strip_prefix("listening ").map(str::to_owned)
        })
    }

    fn listening(
        child: Child,
        lines: impl BufRead + Send + 'static,
        address: impl Fn(&str) -> Option<String>,
    ) -> anyhow::Result<Self> {
        let mut lines = lines.lines();
        let mut heard = Vec::new();
        while let Some(Ok(line)) = lines.next() {
            if let Some(address) = address(&line) {
                // What it says later is read and dropped, so that it never waits for us.
                thread::spawn(move || lines.for_each(drop));
                let address = address.parse().context("it says where it listens")?;
                return Ok(Self { child, address });
            }
            heard.push(line);
        }
        bail!("a receiver did not come up:\n{}", heard.join("\n"))
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Memory it holds now, in MB.
    pub(super) fn resident(&self) -> anyhow::Result<f64> {
        self.memory("VmRSS:")
    }

    /// The most it has held so far, in MB.
    pub(super) fn most_resident(&self) -> anyhow::Result<f64> {
        self.memory("VmHWM:")
    }

    fn memory(&self, name: &str) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kib: f64 = kib.context("its memory is told")?.trim().parse()?;
        Ok(kib * 1024.0 / 1e6)
    }

    /// Seconds of processor time it has used.
    pub(super) fn processor(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid()))?;
        let (_name, rest) = stat.rsplit_once(')').context("its times are told")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok());
        let (user, system) = (ticks(11), ticks(12));
        Ok((user.context("user time")? + system.context("system time")?) / TICKS)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Every receiver has the first core for itself, where `taskset` is there to say so.
fn on_one_core(program: &Path) -> Command {
    let pinned = Command::new("taskset").arg("--version").output().is_ok();
    if !pinned {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program);
    command
}
