//! A Python that LocalStack 4.13.1 runs on: 3.11 and no other.

use std::path::PathBuf;

use anyhow::{Result, bail};
use tokio::process::Command;

const CANDIDATES: [&str; 3] = ["python3.11", "python3", "python"];

/// Finds a Python 3.11 on the path.
///
/// # Errors
/// None is there; the error says which were found and what to install.
pub(crate) async fn find() -> Result<PathBuf> {
    let mut found = Vec::new();
    for candidate in CANDIDATES {
        found.extend(version(candidate).await);
    }
    fit(&found)
}

/// The first of the right version.
fn fit(found: &[(String, PathBuf)]) -> Result<PathBuf> {
    if let Some((_, path)) = found.iter().find(|(version, _)| version.starts_with("3.11.")) {
        return Ok(path.clone());
    }
    let each = found.iter().map(|(version, path)| format!("{} (Python {version})", path.display()));
    let found =
        if found.is_empty() { "no Python at all".to_owned() } else { each.collect::<Vec<_>>().join(", ") };
    bail!(
        "LocalStack needs Python 3.11, and the path has {found}. On Debian 12: apt-get install python3.11-venv; \
         elsewhere, for example: pyenv install 3.11 && pyenv shell 3.11"
    )
}

async fn version(candidate: &str) -> Option<(String, PathBuf)> {
    const ASK: &str = "import platform, sys; print(platform.python_version()); print(sys.executable)";
    let output = Command::new(candidate).args(["-c", ASK]).output().await.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut lines = text.lines();
    Some((lines.next()?.to_owned(), PathBuf::from(lines.next()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(versions: &[&str]) -> Vec<(String, PathBuf)> {
        versions.iter().map(|v| ((*v).to_owned(), PathBuf::from(format!("/usr/bin/python-{v}")))).collect()
    }

    #[test]
    fn the_right_version_is_taken_wherever_it_stands() {
        assert_eq!(fit(&found(&["3.13.1", "3.11.7"])).unwrap(), PathBuf::from("/usr/bin/python-3.11.7"));
    }

    #[test]
    fn an_unfit_or_missing_python_is_said_with_what_to_install() {
        let unfit = fit(&found(&["3.9.2"])).unwrap_err().to_string();
        assert!(unfit.contains("the path has /usr/bin/python-3.9.2 (Python 3.9.2)"), "{unfit}");
        let missing = fit(&[]).unwrap_err().to_string();
        assert!(
            missing.contains("no Python at all") && missing.contains("apt-get install python3.11"),
            "{missing}"
        );
    }
}
