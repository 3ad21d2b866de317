//! The checklists of the field as workbooks: one that runs in Kobo and ODK, and does more here by its `grid:*` columns.

mod rows;
mod words;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook as Book, XlsxError};
use serde::Deserialize;
use serde_json::Value;

/// One checklist of the dictionary of checklists (domain dictionary 5.2).
#[derive(Debug, Clone, Deserialize)]
pub struct Checklist {
    /// Its code, such as `FIRE9`.
    pub code: String,
    /// Its version.
    pub version: u32,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Its items in order.
    pub items: Vec<Item>,
}

/// One item of a checklist.
#[derive(Debug, Clone, Deserialize)]
pub struct Item {
    /// Its number, such as `FIRE9-01`; stable over versions.
    pub no: String,
    /// The question in Chinese.
    pub zh: String,
    /// The question in English.
    pub en: String,
    /// How it is answered: `YN`, `CH`, `MU`, `N`, `T`, `P`, `S`, `SC`, `CALC`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Choices, bounds or rule, by type.
    pub options: Value,
    /// Which answer is a hazard.
    pub hazard_when: Option<String>,
    /// 0 information, 1 advice, 2 ordinary hazard, 3 suspected major hazard.
    pub severity: u8,
    /// When a photo is needed: `ALWAYS`, `ON_HAZARD`, `ON_YES`, `NEVER`.
    pub photo: String,
    /// Whether the worker may put it right on the spot.
    pub onsite_fixable: bool,
    /// Category of the incident that a hazard becomes.
    pub incident_category: Option<String>,
}

/// Rows of one sheet: the columns, and the filled cells of each row by column.
struct Sheet {
    name: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<(&'static str, String)>>,
}

/// Writes the workbook of a checklist. The same checklist always gives the same bytes.
///
/// # Errors
/// A text that no cell can hold.
pub fn workbook(checklist: &Checklist) -> Result<Vec<u8>, XlsxError> {
    let mut book = Book::new();
    // the time of writing would make every build another file
    let fixed = ExcelDateTime::from_ymd(2026, 11, 25)?;
    book.set_properties(
        &DocProperties::new()
            .set_creation_datetime(&fixed)
            .set_title(&checklist.zh),
    );
    for sheet in rows::sheets(checklist) {
        let page = book.add_worksheet().set_name(sheet.name)?;
        for (column, heading) in (0..).zip(sheet.columns) {
            page.write_string(0, column, *heading)?;
        }
        for (row, cells) in (1..).zip(&sheet.rows) {
            for (heading, text) in cells.iter().filter(|(_, text)| !text.is_empty()) {
                if let Some(column) = sheet.columns.iter().position(|known| known == heading) {
                    page.write_string(row, u16::try_from(column).unwrap_or(u16::MAX), text)?;
                }
            }
        }
    }
    book.save_to_buffer()
}

/// Name of the file of a checklist without its ending.
#[must_use]
pub fn file_stem(checklist: &Checklist) -> String {
    checklist.code.to_lowercase()
}
