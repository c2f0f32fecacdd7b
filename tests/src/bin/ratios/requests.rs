//! The requests, written out before they are timed.

/// What a client can take.
#[derive(Clone, Copy)]
pub(super) enum Form<'a> {
    /// The bytes as they are.
    Plain,
    /// Compressed, as browsers ask for it.
    Zstd,
    /// Nothing, if the document is still the one with this tag.
    Unless(&'a str),
}

/// The dashboard of whom the token names.
pub(super) fn dashboard(token: &str, form: Form) -> Vec<u8> {
    request("/dashboard", token, form)
}

/// The same from the bare handler, with the same headers.
pub(super) fn bare(user: usize, token: &str, form: Form) -> Vec<u8> {
    let kind = match form {
        Form::Plain => "plain",
        Form::Zstd => "zstd",
        Form::Unless(_) => "unchanged",
    };
    request(&format!("/{kind}/{user}"), token, form)
}

fn request(path: &str, token: &str, form: Form) -> Vec<u8> {
    let more = match form {
        Form::Plain => String::new(),
        Form::Zstd => "accept-encoding: gzip, deflate, br, zstd\r\n".to_owned(),
        Form::Unless(tag) => format!("if-none-match: {tag}\r\n"),
    };
    format!(
        "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n\
         authorization: Bearer {token}\r\n{more}\r\n"
    )
    .into_bytes()
}
