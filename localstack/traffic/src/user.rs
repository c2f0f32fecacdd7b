//! Who asks: a bearer token and the portfolio it may see.

use std::{fmt, path::Path};

use http::HeaderValue;

use crate::input::{Input, InputError};

/// A simulated user. Its token is never printed.
#[derive(Clone)]
pub struct User {
    pub(crate) authorization: HeaderValue,
    pub(crate) portfolio_id: String,
}

const LINE: &str = "a bearer token, a tab, and a portfolio id of letters, digits, `-` and `_`";

impl User {
    /// Reads a file with one user a line: `token<TAB>portfolio_id`. Blank lines are skipped; no user is an error.
    pub fn load_all(path: &Path) -> Result<Vec<Self>, InputError> {
        let input = Input(path);
        let text = input.read()?;
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let users: Vec<_> = lines
            .map(|(i, line)| {
                Self::parse(line)
                    .ok_or_else(|| input.not_allowed(&format!("line {}", i + 1), "something else", LINE))
            })
            .collect::<Result<_, _>>()?;
        if users.is_empty() {
            return Err(input.not_allowed("the file", "no user", "one user a line"));
        }
        Ok(users)
    }

    fn parse(line: &str) -> Option<Self> {
        let (token, portfolio_id) = line.split_once('\t')?;
        let id_is_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if token.is_empty() || portfolio_id.is_empty() || !portfolio_id.bytes().all(id_is_safe) {
            return None;
        }
        let mut authorization = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
        authorization.set_sensitive(true);
        Some(Self { authorization, portfolio_id: portfolio_id.to_owned() })
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("portfolio_id", &self.portfolio_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn load(text: &str) -> Result<Vec<User>, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("users.tsv");
        fs::write(&file, text).unwrap();
        User::load_all(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn each_line_is_a_user() {
        let users = load("secret-1\tp-1\n\nsecret-2\tp-2\n").unwrap();
        assert_eq!(users.iter().map(|user| user.portfolio_id.as_str()).collect::<Vec<_>>(), ["p-1", "p-2"]);
        assert_eq!(users[1].authorization, "Bearer secret-2");
    }

    #[test]
    fn a_wrong_line_is_named_and_not_shown() {
        for text in [
            "ok\tp-1\nsecret p-2",
            "ok\tp-1\nsecret\t",
            "ok\tp-1\nsecret\t../admin",
            "ok\tp-1\nsec\u{7}ret\tp-2",
        ] {
            let error = load(text).unwrap_err();
            assert!(
                error.contains("users.tsv: line 2: found something else; allowed: a bearer token"),
                "{error}"
            );
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(load(" \n").unwrap_err().contains("found no user"));
    }

    #[test]
    fn a_token_is_never_printed() {
        assert!(!format!("{:?}", load("secret-1\tp-1").unwrap()).contains("secret"));
    }
}
