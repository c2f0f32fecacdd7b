//! What a field of a request may hold, as types: a value that exists is one that the database can keep and that the
//! formulas can use. The types say so in the OpenAPI document too.

mod change;
mod cmc_id;
mod email;
mod numbers;
mod symbol;
mod text;

pub use change::Change;
pub use cmc_id::CmcId;
pub use email::Email;
pub use numbers::{Amount, Gain, OutOfRange, Share};
pub use symbol::Symbol;
pub use text::{BadText, Name, Notes, Text};
