//! Old folders go, so that the private folder does not grow for ever; the last few stay, to be looked into.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Deletes the folders of `parent` that `goes` allows to go, but for the `keep` latest of them. One that cannot be
/// deleted stays.
pub(super) fn prune(parent: &Path, keep: usize, goes: impl Fn(&str) -> bool) {
    let mut old = folders(parent, goes);
    old.sort_by_key(|(modified, _)| std::cmp::Reverse(*modified));
    for (_, folder) in old.into_iter().skip(keep) {
        if let Err(error) = fs::remove_dir_all(&folder) {
            tracing::debug!("{} stays: {error}", folder.display());
        }
    }
}

fn folders(parent: &Path, goes: impl Fn(&str) -> bool) -> Vec<(SystemTime, PathBuf)> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let old = entries.filter(|entry| entry.file_name().to_str().is_some_and(&goes));
    old.filter_map(|entry| {
        let metadata = entry.metadata().ok()?;
        metadata.is_dir().then_some((metadata.modified().ok()?, entry.path()))
    })
    .collect()
}

/// Whether the process by which a run's folder `NAME-PID` is named has ended.
pub(super) fn is_over(run: &str) -> bool {
    let pid = run.rsplit_once('-').and_then(|(_, pid)| pid.parse::<u32>().ok());
    pid.is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_latest_stay_and_what_may_not_go() {
        let parent = tempfile::tempdir().unwrap();
        for (name, age_s) in [("run-1", 40), ("run-2", 30), ("run-3", 20), ("run-4", 10), ("other", 99)] {
            let folder = parent.path().join(name);
            fs::create_dir_all(folder.join("instances")).unwrap();
            let then = SystemTime::now() - Duration::from_secs(age_s);
            fs::File::open(&folder).unwrap().set_modified(then).unwrap();
        }
        prune(parent.path(), 2, |name| name.starts_with("run-"));
        let mut left: Vec<_> = folders(parent.path(), |_| true)
            .into_iter()
            .filter_map(|(_, f)| f.file_name()?.to_str().map(str::to_owned))
            .collect();
        left.sort();
        assert_eq!(left, ["other", "run-3", "run-4"]);
    }

    #[test]
    fn a_run_is_over_when_its_process_is() {
        assert!(!is_over(&format!("demo-{}", std::process::id())));
        // Beyond the kernel's largest process id.
        assert!(is_over("test-one-4194305"));
        assert!(!is_over("notes"));
    }
}
