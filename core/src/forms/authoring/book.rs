//! A workbook as texts: sheets with headings and rows, whatever file they came from.

use std::rc::Rc;

use super::{excel, xls, xlsx};
use crate::forms::trouble::{Refused, Spot, Trouble};

/// The sheets that an XLSForm may have.
pub(super) const SHEETS: [&str; 6] = ["survey", "choices", "settings", "external_choices", "osm", "entities"];

/// More adjacent empty columns than this end the headings, more empty rows end the sheet.
const EMPTY_COLUMNS: u32 = 20;
const EMPTY_ROWS: u32 = 60;

/// Limits of all sheets together: cells and bytes of text.
pub(super) const MOST_CELLS: usize = 400_000;
pub(super) const MOST_TEXT: usize = 8 << 20;

/// A workbook.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) sheets: Vec<Sheet>,
    /// All names of sheets as written, also of those that are not read.
    pub(super) names: Vec<String>,
    /// The name of the file without its ending.
    pub(super) stem: Option<String>,
}

/// One sheet.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Its name in small letters.
    pub(super) name: String,
    pub(super) headings: Vec<Heading>,
    pub(super) rows: Vec<RawRow>,
}

/// The heading of a column.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    pub(super) text: Rc<str>,
    /// Its column, from 1.
    pub(super) column: u32,
}

/// A row of texts, empty cells left out.
#[derive(Debug, Default)]
pub(super) struct RawRow {
    /// Its number as authors see it, from 1.
    pub(super) number: u32,
    /// Index of the heading, and the text.
    pub(super) cells: Vec<(usize, String)>,
}

impl Book {
    pub(super) fn sheet(&self, name: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|sheet| sheet.name == name)
    }
}

/// Cells of a sheet by row: column from 0 and text.
pub(super) type Grid = std::collections::BTreeMap<u32, Vec<(u32, Cell)>>;

/// What a cell holds: a text, or something that is only a text after conversion.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Text(String),
    /// A number, a date, a truth value.
    Other(String),
    /// A date that nobody can be sure of: the first weeks of 1900.
    Doubtful,
}

pub(super) fn read(file_name: &str, bytes: &[u8]) -> Result<Book, Refused> {
    let path = std::path::Path::new(file_name);
    let ending = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut book = match ending.as_str() {
        "xlsx" | "xlsm" => xlsx::read(bytes)?,
        "xls" => xls::read(bytes)?,
        "csv" => excel::csv_book(bytes)?,
        _ => return Err(Refused::because("xls_unknown_file", ending)),
    };
    book.stem = path.file_stem().and_then(|stem| stem.to_str()).map(Into::into);
    Ok(book)
}

/// Which sheets of a workbook are read, and under what name: a single sheet is the survey whatever it is called.
pub(super) fn wanted(names: &[String]) -> Vec<(String, String)> {
    let lower = |name: &String| name.to_lowercase();
    if let [only] = names
        && !SHEETS.contains(&lower(only).as_str())
    {
        return vec![(only.clone(), "survey".into())];
    }
    let known = names.iter().filter(|name| SHEETS.contains(&lower(name).as_str()));
    known.map(|name| (name.clone(), lower(name))).collect()
}

/// Makes a sheet of a grid of cells.
pub(super) fn sheet(name: String, mut grid: Grid) -> Result<Sheet, Refused> {
    let first = grid.remove(&0).unwrap_or_default();
    let headings = headings(&name, first)?;
    let width = headings.last().map_or(0, |heading| heading.column);
    let by_column: std::collections::HashMap<u32, usize> = headings
        .iter()
        .enumerate()
        .map(|(index, heading)| (heading.column - 1, index))
        .collect();
    let mut rows = Vec::new();
    let mut last = 0;
    for (row, cells) in grid {
        let mut raw = RawRow {
            number: row + 1,
            cells: Vec::new(),
        };
        for (column, cell) in cells.into_iter().filter(|(column, _)| *column < width) {
            let Some(index) = by_column.get(&column) else {
                continue;
            };
            let text = match cell {
                Cell::Text(text) => clean(&text),
                Cell::Other(text) => Some(text),
                Cell::Doubtful => return Err(doubtful(&name, row + 1, column, headings.get(*index))),
            };
            raw.cells.extend(text.map(|text| (*index, text)));
        }
        raw.cells.sort_by_key(|(index, _)| *index);
        if raw.cells.is_empty() {
            continue;
        }
        if row - last > EMPTY_ROWS + 1 {
            break;
        }
        last = row;
        rows.push(raw);
    }
    Ok(Sheet { name, headings, rows })
}

fn doubtful(sheet: &str, row: u32, column: u32, heading: Option<&Heading>) -> Refused {
    let heading = heading.map(|heading| heading.text.to_string());
    let spot = Spot {
        sheet: Some(sheet.into()),
        row: Some(row),
        column: Some(column + 1),
        heading: heading.clone(),
        span: None,
    };
    Refused(vec![
        Trouble::error("xls_date_doubtful", heading.unwrap_or_default()).at(spot),
    ])
}

/// The text of a cell without blanks around it; nothing when there is no more.
fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.replace('\u{a0}', " "))
}

fn headings(sheet: &str, cells: Vec<(u32, Cell)>) -> Result<Vec<Heading>, Refused> {
    let mut found: Vec<Heading> = Vec::new();
    let mut next = 0;
    for (column, cell) in cells {
        let spot = Spot {
            sheet: Some(sheet.into()),
            row: Some(1),
            column: Some(column + 1),
            ..Spot::default()
        };
        let text = match cell {
            Cell::Text(text) if text.trim().is_empty() => continue,
            Cell::Text(text) => text,
            Cell::Other(text) => return Err(Refused(vec![Trouble::error("xls_heading_not_text", text).at(spot)])),
            Cell::Doubtful => continue,
        };
        if column > next + EMPTY_COLUMNS {
            break;
        }
        next = column + 1;
        if found.iter().any(|heading| *heading.text == *text) {
            return Err(Refused(vec![Trouble::error("xls_heading_twice", text).at(spot)]));
        }
        found.push(Heading {
            text: squeeze(text.trim()).into(),
            column: column + 1,
        });
    }
    Ok(found)
}

/// Several blanks become one.
pub(super) fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c != ' ' || !out.ends_with(' ') {
            out.push(c);
        }
    }
    out
}
