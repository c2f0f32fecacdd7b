//! One writer per journal: a file beside it, locked for as long as the writer lives. The system releases it
//! however the process ends, so a lock never has to be cleaned up.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::journal::{JournalError, Location};

/// How often and how long a held lock is tried again: a predecessor may be in its last moments, and `status` holds
/// the lock for an instant to see whether it is held.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(100);

/// The right to write a journal.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the journal at `path`.
    pub async fn acquire(path: &Path) -> Result<Self, JournalError> {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(beside(path))
            .map_err(|error| JournalError::unusable(&Location::from(path), &error))?;
        for _ in 0..TRIES {
            if file.try_lock().is_ok() {
                sign(&mut file).map_err(|error| JournalError::unusable(&Location::from(path), &error))?;
                return Ok(Self { _file: file });
            }
            tokio::time::sleep(PAUSE).await;
        }
        let holder = std::fs::read_to_string(beside(path)).ok().map(|pid| pid.trim().to_owned());
        Err(JournalError::Locked { journal: path.into(), holder: holder.filter(|pid| !pid.is_empty()) })
    }
}

/// Whether somebody writes the journal at `path` now.
pub fn is_locked(path: &Path) -> bool {
    File::open(beside(path)).is_ok_and(|file| file.try_lock_shared().is_err())
}

/// Leaves the process id for whoever finds the lock taken.
fn sign(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
