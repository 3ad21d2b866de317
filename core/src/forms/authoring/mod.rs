//! Workbooks of authors (XLSForm: .xlsx, .xlsm, .xls, .csv) to GF/1, and answers to workbooks.
//!
//! What a workbook means is what `pyxform` makes of it: reading a workbook here equals reading the document that
//! pyxform writes for it, and what pyxform refuses is refused at the same place. Everything that is wrong is told at
//! once, with sheet, row, column and characters. Only behind the feature `authoring`: a phone carries GF/1.

mod book;
pub mod checklists;
mod checks;
mod choices;
mod columns;
mod emit;
mod entities;
mod excel;
#[cfg(test)]
mod hostile_tests;
mod item;
mod kinds;
mod lexer;
mod log;
mod loops;
mod names;
mod outline;
mod params;
mod paths;
mod places;
mod questions;
mod ranges;
mod references;
mod sections;
mod selects;
mod settings;
mod survey;
#[cfg(test)]
mod tests;
mod value;
mod xls;
mod xlsx;
mod xlsx_export;

use super::definition::Definition;
use super::trouble::{Refused, Trouble};
use log::Log;
pub use places::Places;
pub use xlsx_export::xlsx;

/// The largest workbook that is read, in bytes.
pub const LARGEST: usize = 16 << 20;

/// A form read from a workbook.
#[derive(Debug, Clone)]
pub struct Workbook {
    /// The form.
    pub definition: Definition,
    /// What its author should know.
    pub warnings: Vec<Trouble>,
    /// Where in the workbook each part of the form was written.
    pub places: Places,
}

/// Reads a workbook. The name of its file decides how it is read and names a form that has no id.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub fn import(file_name: &str, bytes: &[u8]) -> Result<Workbook, Refused> {
    if bytes.len() > LARGEST {
        return Err(Refused::because("xls_too_large", LARGEST.to_string()));
    }
    let book = book::read(file_name, bytes)?;
    let mut log = Log::default();
    let survey = survey::read(&book, &mut log);
    let Some(form) = survey else {
        return Err(Refused(log.troubles));
    };
    let places = places::of(&form);
    let definition = emit::definition(form, &mut log);
    match definition {
        Some(definition) if !log.failed() => Ok(Workbook {
            definition,
            warnings: log.troubles,
            places,
        }),
        _ => Err(Refused(log.troubles)),
    }
}
