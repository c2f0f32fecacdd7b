//! What is logged, kept to be looked at.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use tracing::Subscriber;

/// A log; its clones are the same one.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Writes into this log, from information on.
    pub fn subscriber(&self) -> impl Subscriber + use<> {
        let log = self.clone();
        tracing_subscriber::fmt()
            .with_target(false)
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish()
    }

    pub fn lines_with(&self, text: &str) -> Vec<String> {
        let log = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        log.lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
