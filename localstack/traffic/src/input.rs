//! What is said of a file that cannot be used: which file, which field, what was found, what is allowed.

use std::{
    fmt, fs, io,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

/// A scenario, trace or users file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It is not there, or may not be read.
    #[error("{}: cannot be read", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// It is not what its format demands; the problem shows the line, what was found and what was expected.
    #[error("{}: {problem}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The parser's sentence.
        problem: String,
    },
    /// A value that is not allowed.
    #[error("{}: {field}: found {found}; allowed: {allowed}", file.display())]
    NotAllowed {
        /// The file.
        file: PathBuf,
        /// Where in the file, such as `stage[2].duration_s` or `line 7, requests`.
        field: String,
        /// What stands there.
        found: String,
        /// What may stand there.
        allowed: String,
    },
}

/// An input file while it is being checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a>(pub(crate) &'a Path);

impl Input<'_> {
    pub(crate) fn read(self) -> Result<String, InputError> {
        fs::read_to_string(self.0)
            .map_err(|source| InputError::Unreadable { file: self.0.to_owned(), source })
    }

    pub(crate) fn malformed(self, problem: impl fmt::Display) -> InputError {
        InputError::Malformed { file: self.0.to_owned(), problem: problem.to_string().trim_end().to_owned() }
    }

    pub(crate) fn not_allowed(self, field: &str, found: impl fmt::Display, allowed: &str) -> InputError {
        InputError::NotAllowed {
            file: self.0.to_owned(),
            field: field.to_owned(),
            found: found.to_string(),
            allowed: allowed.to_owned(),
        }
    }

    /// The value, if it lies in the range; NaN never does.
    pub(crate) fn within(
        self,
        field: &str,
        value: f64,
        allowed: RangeInclusive<f64>,
    ) -> Result<f64, InputError> {
        if allowed.contains(&value) {
            return Ok(value);
        }
        Err(self.not_allowed(field, value, &format!("{} to {}", allowed.start(), allowed.end())))
    }
}
