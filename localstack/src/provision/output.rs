//! What a long command says while it runs, and why it failed.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

/// Runs a command to its end, handing on each line of its output as it comes.
///
/// # Errors
/// It cannot be started, or it failed; with all that it wrote to standard error.
pub(super) async fn follow(command: &mut Command, mut line: impl FnMut(&str)) -> Result<()> {
    let what = format!("{:?}", command.as_std());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().with_context(|| format!("cannot start {what}"))?;
    let stdout = child.stdout.take().context("no standard output")?;
    let mut stderr = child.stderr.take().context("no standard error")?;
    let outputs = async {
        let mut lines = BufReader::new(stdout).lines();
        while let Some(text) = lines.next_line().await? {
            line(text.trim());
        }
        anyhow::Ok(())
    };
    let mut errors = Vec::new();
    let (read, errors_read) = tokio::join!(outputs, stderr.read_to_end(&mut errors));
    let status = child.wait().await?;
    if !status.success() {
        bail!("{what} failed ({status}):\n{}", String::from_utf8_lossy(&errors).trim_end());
    }
    errors_read?;
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sh(script: &str) -> (Vec<String>, Result<()>) {
        let mut lines = Vec::new();
        let followed =
            follow(Command::new("sh").args(["-c", script]), |line| lines.push(line.to_owned())).await;
        (lines, followed)
    }

    #[tokio::test]
    async fn lines_are_handed_on_and_errors_are_told_only_by_a_failure() {
        let (lines, followed) = sh("echo one; echo aside >&2; echo two").await;
        followed.unwrap();
        assert_eq!(lines, ["one", "two"]);
        let (lines, followed) = sh("echo one; echo why >&2; exit 3").await;
        assert_eq!(lines, ["one"]);
        let error = followed.unwrap_err().to_string();
        assert!(error.contains("failed (exit status: 3):\nwhy"), "{error}");
    }
}
