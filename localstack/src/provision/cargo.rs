//! The cargo that builds us, run as if it had been typed.

use tokio::process::Command;

/// What cargo tells the programs that it runs, by the names' beginnings.
const TOLD: [&str; 5] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];

/// The cargo that started this program, without the variables that it gave us.
///
/// Build scripts watch some of those (ring's does), so a cargo that inherited them would build half of the
/// dependencies again, and so would the next one that is typed.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        if TOLD.iter().any(|told| name.to_string_lossy().starts_with(told)) {
            command.env_remove(name);
        }
    }
    command
}
