//! Users in a database, by the API's own program.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::process;

/// Migrates the database that `env` tells the program `api` of and seeds so many users. Returns the file that has
/// them, in `folder`: a bearer token, a tab and a portfolio id a line.
///
/// # Errors
/// The program cannot be run or failed; then with all that it wrote.
pub async fn seed(api: &Path, env: &[(String, String)], users: u32, folder: &Path) -> Result<PathBuf> {
    let tokens = folder.join("users.tsv");
    run(api, env, &["migrate"]).await?;
    run(api, env, &["seed", "--users", &users.to_string(), "--tokens-out", &tokens.to_string_lossy()])
        .await?;
    Ok(tokens)
}

async fn run(api: &Path, env: &[(String, String)], words: &[&str]) -> Result<()> {
    let mut command = process::command(api);
    let output = command.args(words).envs(env.iter().cloned()).kill_on_drop(true).output().await?;
    if !output.status.success() {
        let (stdout, stderr) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        bail!("`api {}` failed:\n{stdout}{stderr}", words.join(" "));
    }
    Ok(())
}
