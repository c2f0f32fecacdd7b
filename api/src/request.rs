//! What a handler takes out of a request and gives back, with the OpenAPI document's view of it beside.

mod answer;
mod body;
mod kept;
mod listing;
mod page;
mod path;
mod plain;
mod query;

pub use answer::{Created, NoContent};
pub use body::Body;
pub(crate) use body::read;
pub(crate) use kept::CACHE_STATUS;
pub use kept::Kept;
pub(crate) use listing::TOTAL;
pub use listing::{Counted, Listing};
pub use page::{Page, Window};
pub use path::document_parameter;
pub use query::Query;
