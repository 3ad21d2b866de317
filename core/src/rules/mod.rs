//! The rules of the trade: pure functions on the words of the model, given the time as an argument.

pub mod area_tree;
pub mod citizen_id;
mod cross;
pub mod deadline;
pub mod dispatch;
pub mod finding;
pub mod intake;
pub mod likeness;
pub mod locate;
pub mod mask;
pub mod normalise;
pub mod org_check;
pub mod organisation;
pub mod packs;
pub mod patrol;
pub mod phone;
pub mod plan;
pub mod polygon;
pub mod proof;
pub mod report;
pub mod schema_check;
pub mod signed;
pub mod similar;
pub mod text;
pub mod uscc;
pub mod validate;
pub mod workflow;
