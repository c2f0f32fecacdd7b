//! The controller's program and the file that configures it.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::{Mode, Pace};
use crate::clients::{CREDENTIALS, REGION};
use crate::process::{self, Process, Spec};
use crate::stack::Stack;

/// What it takes to start it.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) executable: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) endpoint: String,
    pub(crate) mode: Mode,
    pub(crate) strategy: Option<String>,
    pub(crate) pace: Pace,
}

impl Program {
    fn config(&self) -> PathBuf {
        self.folder.join("controller.toml")
    }

    pub(super) fn configure(&self, stack: &Stack, port: u16) -> Result<()> {
        std::fs::write(self.config(), self.toml(stack, port))
            .context("cannot write the controller's configuration")
    }

    /// The policy is the shipped one; only its times are those of a fleet that boots in seconds.
    fn toml(&self, stack: &Stack, port: u16) -> String {
        let mut toml = String::new();
        let journal = self.folder.join("controller.sqlite");
        let pause = if self.mode == Mode::Frozen { "all" } else { "none" };
        let strategy =
            self.strategy.as_ref().map(|name| format!("strategy = {name:?}\n")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(
            toml,
            r#"# Written by the local cloud for this run, and of use while it lasts. To check it against LocalStack:
#     AWS_ACCESS_KEY_ID={CREDENTIALS} AWS_SECRET_ACCESS_KEY={CREDENTIALS} controller check --config THIS_FILE
# LocalStack takes any credentials, but the AWS SDK insists on some. `check --offline` needs neither.
tick = "{tick}ms"
listen = "127.0.0.1:{port}"
journal = "{journal}"

[aws]
region = "{REGION}"
endpoint_url = "{endpoint}"
call_timeout = "2s"

[metrics]
period = "{period}s"
publish_delay = "0s"

[[group]]
name = "{group}"
load_balancer = "{load_balancer}"
target_groups = ["{dashboard}", "{api}"]
objective_target_group = "{dashboard}"

[group.policy]
{strategy}pause = "{pause}"
boot = "8s"
max_age = "{max_age}s"
stabilization_window = "30s"
scale_in_cooldown = "5s"
"#,
            tick = self.pace.tick.as_millis(),
            journal = journal.display(),
            endpoint = self.endpoint,
            period = self.pace.period.as_secs(),
            group = stack.group,
            load_balancer = stack.load_balancer_dimension,
            dashboard = stack.dashboard_dimension,
            api = stack.api_dimension,
            max_age = 4 * self.pace.period.as_secs(),
        );
        toml
    }

    /// A configuration that it refuses would only be seen in its log, again and again.
    pub(super) async fn check(&self) -> Result<()> {
        let mut check = process::command(&self.executable);
        check.args(["check", "--offline", "--config"]).arg(self.config()).kill_on_drop(true);
        let output = check.output().await?;
        if !output.status.success() {
            bail!("the controller does not start: {}", String::from_utf8_lossy(&output.stderr).trim_end());
        }
        Ok(())
    }

    pub(super) fn spawn(&self) -> Result<Process> {
        Spec::new("controller", &self.executable, &self.folder.join("controller.log"))
            .args(["run", "--config"])
            .arg(self.config())
            .env("AWS_ACCESS_KEY_ID", CREDENTIALS)
            .env("AWS_SECRET_ACCESS_KEY", CREDENTIALS)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            // The user's profile may name other endpoints.
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .spawn()
    }
}
