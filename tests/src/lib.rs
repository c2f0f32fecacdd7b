//! What the test command and the measurements stand on.

mod descendants;
mod ground;
mod instance;

pub use descendants::{Descendant, adopt_orphans, descendants, left_behind};
pub use ground::{Ground, env};
pub use instance::Instance;
