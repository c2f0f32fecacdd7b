//! The program as a user meets it: exit codes, what it prints, and how it takes signals.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A folder with a configuration whose AWS is a port where nobody listens.
struct Site {
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        site.configure("");
        site
    }

    fn configure(&self, first_lines: &str) {
        self.configure_groups(first_lines, 1);
    }

    /// With so many groups, the first of them named `web`.
    fn configure_groups(&self, first_lines: &str, groups: usize) {
        let group = |index: usize| {
            let name = if index == 0 { "web".to_owned() } else { format!("web-{index}") };
            let place = "load_balancer = \"app/web/1\"\ntarget_groups = [\"targetgroup/web/1\"]";
            format!("[[group]]\nname = \"{name}\"\n{place}\n")
        };
        let groups: String = (0..groups).map(group).collect();
        let journal = self.folder.path().join("journal");
        let text = format!(
            r#"{first_lines}
            tick = "1s"
            listen = "127.0.0.1:0"
            journal = "{}"
            [aws]
            region = "eu-west-3"
            endpoint_url = "http://127.0.0.1:9"
            call_timeout = "500ms"
            {groups}"#,
            journal.display()
        );
        std::fs::write(self.config(), text).unwrap();
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("controller.toml")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_controller"));
        command.args(arguments).arg("--config").arg(self.config());
        for (name, _) in
            std::env::vars().filter(|(name, _)| name.starts_with("CONTROLLER_") || name.starts_with("AWS_"))
        {
            command.env_remove(name);
        }
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    fn run(&self, arguments: &[&str]) -> Done {
        Done::of(self.command(arguments).output().unwrap())
    }

    /// A daemon that has made a decision.
    fn daemon(&self) -> Daemon {
        self.daemon_that_said("fleet_unknown")
    }

    /// A daemon that has got so far.
    fn daemon_that_said(&self, text: &str) -> Daemon {
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let child = self.command(&["run"]).stdin(Stdio::null()).stderr(log).spawn().unwrap();
        let daemon = Daemon { child: Some(child), log: self.folder.path().join("log") };
        daemon.wait_for_log(text);
        daemon
    }
}

/// A command that has ended.
struct Done {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Done {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A daemon, which does not outlive the test.
struct Daemon {
    child: Option<Child>,
    log: PathBuf,
}

impl Daemon {
    fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(status.success());
    }

    fn wait_for_log(&self, text: &str) {
        self.wait_for(|| self.log().contains(text));
    }

    /// Another process does things whenever it does, so this polls, and gives up with what there was.
    fn wait_for(&self, happened: impl Fn() -> bool) {
        let patience = Instant::now() + Duration::from_secs(30);
        while !happened() {
            assert!(Instant::now() < patience, "waited in vain; the log:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    fn wait(mut self) -> Option<i32> {
        self.child.take().unwrap().wait().unwrap().code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_valid_configuration_passes_offline() {
    let done = Site::new().run(&["check", "--offline"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.ends_with("controller.toml: valid, 1 group(s)\n"), "{}", done.stdout);
}

#[test]
fn wrong_usage_is_2() {
    assert_eq!(Site::new().run(&["run", "--fast"]).code, Some(2));
}

#[test]
fn an_invalid_configuration_is_3() {
    let site = Site::new();
    site.configure("tikc = \"5s\"");
    for command in ["run", "check", "explain", "status", "history"] {
        let done = site.run(&[command]);
        assert_eq!(done.code, Some(3), "{command}");
        assert!(done.stderr.contains("controller.toml:1: unknown key `tikc`; did you mean `tick`?"));
    }
    std::fs::remove_file(site.config()).unwrap();
    assert_eq!(site.run(&["check"]).code, Some(3));
}

#[test]
fn an_unknown_variable_is_3_too() {
    let done =
        Done::of(Site::new().command(&["check", "--offline"]).env("CONTROLLER_TIKC", "1s").output().unwrap());
    assert_eq!(done.code, Some(3));
    assert!(done.stderr.contains("CONTROLLER_TIKC (environment): unknown key"), "{}", done.stderr);
}

#[test]
fn aws_that_does_not_answer_is_4() {
    let site = Site::new();
    let done =
        Done::of(site.command(&["check"]).env("CONTROLLER_AWS__CALL_TIMEOUT", "20s").output().unwrap());
    assert_eq!(done.code, Some(4), "{}", done.stderr);
    assert!(done.stderr.starts_with("error: DescribeAutoScalingGroups: unreachable: "), "{}", done.stderr);
}

#[test]
fn missing_credentials_are_4_and_said_at_once() {
    let site = Site::new();
    let without = |arguments: &[&str]| {
        let mut command = site.command(arguments);
        command.env_remove("AWS_ACCESS_KEY_ID").env("HOME", "/nonexistent");
        Done::of(command.output().unwrap())
    };
    for arguments in [&["run"][..], &["check"]] {
        let done = without(arguments);
        assert_eq!(done.code, Some(4), "{}", done.stderr);
        assert!(
            done.stderr.contains("error: no AWS credentials: neither the environment"),
            "{}",
            done.stderr
        );
    }
    let check = without(&["check"]).stdout;
    assert!(check.contains("controller.toml: valid, 1 group(s)\nAWS was not asked"), "{check}");
    assert_eq!(without(&["check", "--offline"]).code, Some(0));
}

#[test]
fn no_journal_is_5() {
    let done = Site::new().run(&["status"]);
    assert_eq!(done.code, Some(5));
    assert!(done.stderr.contains("has the controller run with this configuration?"), "{}", done.stderr);
}

#[test]
fn a_daemon_runs_is_seen_and_stops_when_told() {
    let site = Site::new();
    let daemon = site.daemon();
    let second = site.run(&["run"]);
    assert_eq!(second.code, Some(5), "{}", second.stderr);
    assert!(second.stderr.contains("another controller (process "), "{}", second.stderr);
    let status = site.run(&["status"]);
    assert_eq!(status.code, Some(0));
    assert!(status.stdout.starts_with("controller runs\n"), "{}", status.stdout);
    assert!(status.stdout.contains("fleet_unknown"), "{}", status.stdout);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    assert_eq!(site.run(&["status"]).code, Some(1), "it does not run any more");
}

#[test]
fn a_killed_daemon_leaves_a_journal_to_read_and_to_go_on_with() {
    let site = Site::new();
    let daemon = site.daemon();
    daemon.signal("KILL");
    assert_eq!(daemon.wait(), None);
    let history = site.run(&["history", "--json"]);
    let first: serde_json::Value = serde_json::from_str(history.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(first["decision"]["reason"], "fleet_unknown");
    let told = site.run(&["explain"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    for line in [
        "Hold: AWS did not answer",
        "  hold, fleet_unknown, desired capacity unknown",
        "  requests      missing",
    ] {
        assert!(told.stdout.contains(line), "no {line:?} in\n{}", told.stdout);
    }
    for command in ["explain", "history"] {
        let done = site.run(&[command, "--group", "another"]);
        assert_eq!((done.code, done.stdout), (Some(1), String::new()));
        assert_eq!(done.stderr, "error: the journal has nothing of a group \"another\"; it knows: web\n");
    }
    assert_eq!(site.run(&["history", "--group", "web"]).code, Some(0));
    assert_eq!(site.run(&["explain", "--at", "2020-01-01T00:00:00Z"]).code, Some(1));
    let daemon = site.daemon();
    daemon.signal("INT");
    assert_eq!(daemon.wait(), Some(0));
}

/// The groups of each tick that the journal has, after a daemon was killed while or about when it wrote its first one:
/// what it says of CloudWatch is the last thing before that.
fn ticks_after_a_kill(site: &Site, after: Duration) -> BTreeMap<String, usize> {
    let daemon = site.daemon_that_said("CloudWatch: failing");
    std::thread::sleep(after);
    daemon.signal("KILL");
    daemon.wait();
    let mut ticks = BTreeMap::new();
    for line in site.run(&["history", "--json"]).stdout.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        *ticks.entry(record["decision"]["at"].to_string()).or_default() += 1;
    }
    ticks
}

#[test]
fn a_tick_is_journalled_whole_or_not_at_all() {
    const GROUPS: usize = 200;
    let site = Site::new();
    site.configure_groups("", GROUPS);
    let mut ticks = BTreeMap::new();
    for after_ms in [0, 2, 4, 8, 16, 300] {
        ticks = ticks_after_a_kill(&site, Duration::from_millis(after_ms));
        assert!(ticks.values().all(|groups| *groups == GROUPS), "{ticks:?}");
    }
    assert!(!ticks.is_empty(), "the last one had time enough");
}

#[test]
fn sighup_reloads_what_is_valid_and_keeps_the_old_otherwise() {
    let site = Site::new();
    let daemon = site.daemon();
    site.configure("tikc = \"5s\"");
    daemon.signal("HUP");
    daemon.wait_for_log("the configuration is invalid, and the old one stays");
    daemon.wait_for_log("controller.toml:1: unknown key `tikc`; did you mean `tick`?");
    site.configure("");
    let decided_at = || site.run(&["explain"]).stdout.split(" (").next().map(str::to_owned);
    let last = decided_at();
    daemon.wait_for(|| decided_at() != last);
    assert!(!daemon.log().contains("configuration reloaded"), "{}", daemon.log());
    site.configure("retention = \"1day\"\n");
    daemon.signal("HUP");
    daemon.wait_for_log("configuration reloaded");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

/// What a command ends with when nobody reads what it says: neither a panic nor an error.
fn unread(mut command: Command) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let done = Done::of(command.stdin(Stdio::null()).stdout(writer).output().unwrap());
    (done.code, done.stderr)
}

#[test]
fn a_closed_pipe_is_no_failure_of_any_command() {
    let site = Site::new();
    let daemon = site.daemon();
    for arguments in
        [&["check", "--offline"][..], &["explain"], &["status"], &["history"], &["history", "--json"]]
    {
        assert_eq!(unread(site.command(arguments)), (Some(0), String::new()), "{arguments:?}");
    }
    for arguments in [["completion", "bash"], ["schema", "decision"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_controller"));
        command.args(arguments);
        assert_eq!(unread(command), (Some(0), String::new()), "{arguments:?}");
    }
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

#[test]
fn decide_ends_when_its_reader_does() {
    let observation = r#"{"at":1000}"#;
    let site = Site::new();
    let mut command = site.command(&["decide"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    // It may be gone before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(format!("{observation}\n").repeat(10_000).as_bytes());
    let done = Done::of(child.wait_with_output().unwrap());
    assert_eq!((done.code, done.stderr), (Some(0), String::new()));
}

#[test]
fn a_full_disk_behind_the_output_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let site = Site::new();
    let done = Done::of(site.command(&["check", "--offline"]).stdout(full).output().unwrap());
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.starts_with("error: cannot write to standard output: "), "{}", done.stderr);
}

#[test]
fn a_daemon_outlives_whoever_reads_its_log() {
    let site = Site::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let child = site.command(&["run"]).stdin(Stdio::null()).stderr(writer).spawn().unwrap();
    let daemon = Daemon { child: Some(child), log: site.config() };
    daemon.wait_for(|| site.run(&["explain"]).code == Some(0));
    assert_eq!(site.run(&["status"]).code, Some(0), "it runs");
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
}

#[test]
fn the_help_documents_the_exit_codes_and_completions_come_from_it() {
    let help = Command::new(env!("CARGO_BIN_EXE_controller")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("5  journal absent, locked or unusable"), "{help}");
    let script =
        Command::new(env!("CARGO_BIN_EXE_controller")).args(["completion", "bash"]).output().unwrap();
    assert!(String::from_utf8(script.stdout).unwrap().contains("--dry-run"));
}
