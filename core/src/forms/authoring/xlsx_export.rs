//! Tables of answers as one workbook, a sheet for each.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::forms::export::Table;

/// The longest name of a sheet.
const LONGEST_NAME: usize = 31;

/// Writes the tables of [`crate::forms::export::tables`] as .xlsx. All cells are texts, so that no answer is taken for a
/// formula, a date or a rounded number.
///
/// # Errors
/// A table with more rows or longer texts than a sheet can hold.
pub fn xlsx(tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // the time of writing would make every export of the same answers another file
    let fixed = ExcelDateTime::from_ymd(2026, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&fixed));
    let mut names: Vec<String> = Vec::new();
    for table in tables {
        let name = sheet_name(&table.name, &names);
        let page = book.add_worksheet().set_name(&name)?;
        names.push(name.to_lowercase());
        for (column, heading) in (0..).zip(&table.columns) {
            page.write_string(0, column, heading)?;
        }
        for (row, cells) in (1..).zip(&table.rows) {
            for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                page.write_string(row, column, cell)?;
            }
        }
    }
    book.save_to_buffer()
}

/// A name that a sheet may have and no other sheet has.
fn sheet_name(wanted: &str, taken: &[String]) -> String {
    let plain: String = wanted
        .chars()
        .map(|c| if "[]:*?/\\'".contains(c) { '_' } else { c })
        .collect();
    let plain = if plain.is_empty() { "answers".to_owned() } else { plain };
    let candidates = (1..).map(|number| {
        let ending = if number == 1 {
            String::new()
        } else {
            format!("~{number}")
        };
        let head: String = plain.chars().take(LONGEST_NAME - ending.chars().count()).collect();
        format!("{head}{ending}")
    });
    let mut free = candidates.filter(|name| !taken.contains(&name.to_lowercase()));
    free.next().unwrap_or_default()
}
