//! Weekly and monthly reports of the district and every area below it, computed from raw histories by the definitions that
//! phones use; frozen once, corrected in the next.

mod freeze;
mod make;
mod registry;
mod xlsx;

pub(crate) use make::{Made, make};
pub(crate) use xlsx::workbook;

#[cfg(test)]
pub(crate) mod tests;
