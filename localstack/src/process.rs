//! Child processes that end with their parent, whatever ends the parent.
//!
//! Each child runs under `setpriv --pdeathsig`, so that the kernel stops it when this process dies, also by
//! `kill -9`; and in a process group of its own, so that Ctrl-C in the terminal reaches only us, who then stop
//! the children in order.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// What of our environment our children get: how programs are found and how they speak. Anything else, such as
/// `AWS_PROFILE`, `DATABASE_URL` or `CONTROLLER_TICK`, would steer them.
const INHERITED: [&str; 10] = [
    "PATH",
    "HOME",
    "USER",
    "TMPDIR",
    "TZ",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "RUST_BACKTRACE",
    "RUST_LOG",
];

/// A command that only what is given to it steers.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command
}

/// What to start.
#[derive(Clone, Debug)]
pub struct Spec {
    name: String,
    words: Vec<OsString>,
    env: Vec<(String, OsString)>,
    log: PathBuf,
    stop: Signal,
    orphaned: Option<Signal>,
}

impl Spec {
    /// `program`, its output going to the end of the file `log`.
    pub fn new(name: &str, program: impl Into<OsString>, log: &Path) -> Self {
        Self {
            name: name.to_owned(),
            words: vec![program.into()],
            env: Vec::new(),
            log: log.to_owned(),
            stop: Signal::SIGTERM,
            orphaned: None,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.words.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.words.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    /// The signal that asks the program to stop; SIGTERM unless told otherwise.
    #[must_use]
    pub fn stop_with(mut self, signal: Signal) -> Self {
        self.stop = signal;
        self
    }

    /// The signal that it gets when its parent dies; the one that stops it unless told otherwise.
    #[must_use]
    pub fn when_orphaned(mut self, signal: Signal) -> Self {
        self.orphaned = Some(signal);
        self
    }

    /// Runs the program inside another one, such as `unshare --user ... --`.
    #[must_use]
    pub fn inside<A: Into<OsString>>(mut self, wrapper: impl IntoIterator<Item = A>) -> Self {
        let program = std::mem::take(&mut self.words);
        self.words = wrapper.into_iter().map(Into::into).chain(program).collect();
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// The program cannot be found or executed, or its log cannot be written.
    pub fn spawn(&self) -> Result<Process> {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.with_context(|| format!("cannot write the log {}", self.log.display()))?;
        let orphaned = self.orphaned.unwrap_or(self.stop);
        let mut command = command("setpriv");
        command
            .args(["--pdeathsig", orphaned.as_str().trim_start_matches("SIG"), "--"])
            .args(&self.words)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .kill_on_drop(true);
        let child = command.spawn().with_context(|| format!("cannot start {}", self.name))?;
        Ok(Process { name: self.name.clone(), log: self.log.clone(), stop: self.stop, child })
    }
}

/// A running child. Dropped, it is killed; stopped, it may end in order.
#[derive(Debug)]
pub struct Process {
    name: String,
    log: PathBuf,
    stop: Signal,
    child: Child,
}

impl Process {
    /// Its process id, while it has not been waited for.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        self.child.wait().await.with_context(|| format!("cannot wait for {}", self.name))
    }

    /// Whether it has ended already.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Asks it to stop, and kills it when it has not within `patience`.
    pub async fn stop(mut self, patience: Duration) {
        self.signal(self.stop);
        if tokio::time::timeout(patience, self.child.wait()).await.is_err() {
            tracing::warn!(process = self.name, "did not stop when asked, so it is killed");
            // Fails only if it has ended in the meantime.
            let _ = self.child.kill().await;
        }
    }

    /// Sends a signal; one to a process that has ended goes nowhere.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid().and_then(|pid| i32::try_from(pid).ok()) {
            let _ = kill(Pid::from_raw(pid), signal);
        }
    }

    /// The last lines of its log, for the error that says why it is gone.
    pub fn log_tail(&self) -> String {
        tail(&self.log)
    }
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path) -> String {
    const LINES: usize = 15;
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(LINES)..].join("\n  ");
    format!("the end of {}:\n  {last}", log.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_child_gets_what_it_is_given_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("env.log");
        let mut process = Spec::new("env", "env", &log).env("GIVEN", "yes").spawn().unwrap();
        process.wait().await.unwrap();
        let text = std::fs::read_to_string(log).unwrap();
        let names: Vec<&str> = text.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        assert!(names.contains(&"GIVEN") && names.contains(&"PATH"), "{text}");
        // Cargo gives it to every test.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        assert!(!names.contains(&"CARGO_MANIFEST_DIR"), "{text}");
    }
}
