//! Answers for others: tables, GeoJSON, JSON with its schema. All from the document that is sent, so that an export holds
//! what a submission holds, and nothing that was hidden.

mod geojson;
mod json;
mod layout;
mod record;
mod schema;
mod tables;
#[cfg(test)]
mod tests;

pub use geojson::geojson;
pub use json::answers;
pub use record::{Record, RecordError};
pub use schema::json_schema;
pub use tables::{Table, csv, tables};
