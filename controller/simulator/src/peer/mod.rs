//! How others scale.

mod fixed;

pub use fixed::Static;
