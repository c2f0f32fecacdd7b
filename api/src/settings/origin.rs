//! Origins of pages, exactly as browsers send them.

use axum::http::HeaderValue;
use axum::http::uri::Authority;

/// What an operator wrote is none.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is not an origin; allowed is what a browser sends: http or https, a host in lower case, a port unless it is \
     the usual one, and nothing after it, such as https://app.example.com"
)]
pub(super) struct NotAnOrigin(String);

/// The header's value: they are compared byte by byte, so one that no browser sends would never match.
pub(super) fn parse(text: &str) -> Result<HeaderValue, NotAnOrigin> {
    let text = text.trim();
    let value = is_exact(text).then(|| HeaderValue::from_str(text).ok()).flatten();
    value.ok_or_else(|| NotAnOrigin(text.to_owned()))
}

fn is_exact(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let usual_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return false,
    };
    let Ok(parsed) = authority.parse::<Authority>() else { return false };
    let host = parsed.host();
    let exact = match parsed.port_u16().filter(|port| *port != usual_port) {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let is_sent = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.[:]".contains(&byte);
    exact == authority && !host.is_empty() && host.bytes().all(is_sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_browser_sends() {
        for origin in [
            "https://app.example.com",
            "http://localhost:3000",
            "http://[::1]:3000",
            " https://padded.example ",
        ] {
            assert_eq!(parse(origin).unwrap(), origin.trim(), "{origin}");
        }
        for other in [
            "*",
            "null",
            "",
            "app.example.com",
            "ftp://app.example.com",
            "https://app.example.com/",
            "https://App.example.com",
            "https://*.example.com",
            "https://app.example.com:443",
            "https://user@app.example.com",
            "https://",
            "https://:8080",
        ] {
            let error = parse(other).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{other}` is not an origin; allowed is ")), "{error}");
        }
    }
}
