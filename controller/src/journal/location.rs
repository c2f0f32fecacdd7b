//! Where a journal is.

use std::fmt;
use std::path::{Path, PathBuf};

/// A file of `SQLite`'s, for a daemon by itself; or a database of PostgreSQL's, for several of which one leads.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// The file.
    File(PathBuf),
    /// The database's URL, which may hold a password: it is never shown whole.
    Database(String),
}

impl Location {
    /// What begins like PostgreSQL's URLs is one, all else a path.
    pub fn new(text: &str) -> Self {
        let is_database = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        if is_database { Self::Database(text.to_owned()) } else { Self::File(text.into()) }
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

/// Without what is before the host and after the database, where passwords are.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Database(url) => {
                let address = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
                let address = address.split('?').next().unwrap_or_default();
                write!(f, "postgres://{}", address.rsplit('@').next().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_postgresql_is_a_database_and_all_else_a_file() {
        assert_eq!(Location::new("controller.journal"), Location::File("controller.journal".into()));
        assert!(matches!(Location::new("postgresql://h/d"), Location::Database(_)));
    }

    #[test]
    fn a_password_is_not_shown() {
        let location = Location::new("postgres://user:p%40ss@host:5433/controller?password=p%40ss");
        assert_eq!(format!("{location} {location:?}"), ["postgres://host:5433/controller"; 2].join(" "));
    }
}
