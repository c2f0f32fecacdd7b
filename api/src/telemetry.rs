//! Log lines, on standard error. Requests are traced at debug only, and never their headers.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::settings::LogFormat;

/// The database's notices ("already exists, skipping") are no news.
const DEFAULT_FILTER: &str = "info,sqlx::postgres::notice=warn";

/// Starts logging; `RUST_LOG` filters, by default at info.
pub fn start(format: LogFormat) {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| DEFAULT_FILTER.to_owned());
    let logs = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Human => logs.init(),
        LogFormat::Json => logs.json().init(),
    }
}
