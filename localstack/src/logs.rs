//! Where our own log lines go: to standard error, or to a file while a live view has the terminal.

use std::fs::File;
use std::io::{self, Stderr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::writer::EitherWriter;

/// The log of this process. Clones are the same log.
#[derive(Clone, Debug, Default)]
pub struct Logs {
    file: Arc<Mutex<Option<Arc<File>>>>,
}

/// As long as this lives, the log goes to a file.
#[derive(Debug)]
pub(crate) struct Diverted {
    logs: Logs,
}

impl Logs {
    /// Begins the log, on standard error: warnings and worse, unless `RUST_LOG` says otherwise.
    pub fn begin() -> Self {
        let logs = Self::default();
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(logs.clone()).init();
        logs
    }

    /// Sends what is logged from now on to the end of a file.
    pub(crate) fn diverted_to(&self, path: &Path) -> Result<Diverted> {
        let file = File::options().create(true).append(true).open(path);
        let file = file.with_context(|| format!("cannot write the log {}", path.display()))?;
        self.point_to(Some(Arc::new(file)));
        Ok(Diverted { logs: self.clone() })
    }

    fn point_to(&self, file: Option<Arc<File>>) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = file;
    }
}

impl Drop for Diverted {
    fn drop(&mut self) {
        self.logs.point_to(None);
    }
}

impl MakeWriter<'_> for Logs {
    type Writer = EitherWriter<Arc<File>, Stderr>;

    fn make_writer(&self) -> Self::Writer {
        match &*self.file.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(file) => EitherWriter::A(Arc::clone(file)),
            None => EitherWriter::B(io::stderr()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn only_what_is_logged_while_diverted_is_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.log");
        let logs = Logs::default();
        let diverted = logs.diverted_to(&path).unwrap();
        writeln!(logs.make_writer(), "first").unwrap();
        writeln!(logs.clone().make_writer(), "second").unwrap();
        drop(diverted);
        assert!(matches!(logs.make_writer(), EitherWriter::B(_)));
        assert_eq!(std::fs::read_to_string(path).unwrap(), "first\nsecond\n");
    }

    #[test]
    fn a_log_that_cannot_be_written_is_named() {
        let error = Logs::default().diverted_to(Path::new("/nowhere/demo.log")).unwrap_err().to_string();
        assert!(error.contains("/nowhere/demo.log"), "{error}");
    }
}
