//! How numbers, dates and truth values of a cell become text, and the CSV form of a workbook.

use chrono::{Duration, NaiveDate, NaiveDateTime, Timelike};

use super::book::{Book, Heading, MOST_CELLS, MOST_TEXT, RawRow, Sheet};
use crate::forms::trouble::Refused;

/// Which program wrote the file: the two formats differ in how dates are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Xlsx,
    Xls,
}

/// A number as authors see it: whole numbers without point.
#[allow(clippy::cast_possible_truncation)]
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        value.to_string()
    } else if value == value.trunc() {
        format!("{value:.0}")
    } else if size < 1e-4 {
        let scientific = format!("{value:e}");
        match scientific.split_once("e-") {
            Some((digits, exponent)) => format!("{digits}e-{exponent:0>2}"),
            None => scientific,
        }
    } else {
        value.to_string()
    }
}

/// A date, a time, or both, from days since the epoch of the file. Nothing when the date cannot be told: files of the
/// old format count the first 60 days of 1900 in two ways.
pub(super) fn moment(value: f64, epoch_1904: bool, format: Format) -> Option<String> {
    let epoch = match epoch_1904 {
        true => NaiveDate::from_ymd_opt(1904, 1, 1)?,
        false => NaiveDate::from_ymd_opt(1899, 12, 30)?,
    };
    let rounded = match format {
        Format::Xlsx => Duration::try_milliseconds(whole(value.rem_euclid(1.0) * 86_400_000.0))?,
        Format::Xls => Duration::try_seconds(whole(value.rem_euclid(1.0) * 86_400.0))?,
    };
    let mut day = whole(value.floor());
    let time_only = (0.0..1.0).contains(&value) && rounded < Duration::days(1);
    if !time_only && !epoch_1904 && format == Format::Xls && day < 61 {
        return None;
    }
    if !epoch_1904 && format == Format::Xlsx && (0.0..60.0).contains(&value) && !time_only {
        day += 1;
    }
    let at = epoch
        .and_hms_opt(0, 0, 0)?
        .checked_add_signed(Duration::try_days(day)?)?
        .checked_add_signed(rounded)?;
    Some(if time_only {
        clock(at)
    } else {
        format!("{} {}", at.format("%Y-%m-%d"), clock(at))
    })
}

fn clock(at: NaiveDateTime) -> String {
    let micros = at.nanosecond() / 1000;
    let time = at.format("%H:%M:%S").to_string();
    if micros == 0 {
        time
    } else {
        format!("{time}.{micros:06}")
    }
}

#[allow(clippy::cast_possible_truncation)]
fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// Reads the CSV form: the first column names a sheet, the row after it holds its headings.
pub(super) fn csv_book(bytes: &[u8]) -> Result<Book, Refused> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| Refused::because("xls_not_utf8", ""))?;
    if text.chars().take(5000).filter(|c| *c == ',').count() < 4 {
        return Err(Refused::because("xls_not_csv", ""));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut book = Book::default();
    let mut state = CsvState::default();
    for record in reader.records() {
        let record = record.map_err(|error| Refused::because("xls_not_csv", error.to_string()))?;
        let fields: Vec<&str> = record.iter().collect();
        state.row(&mut book, &fields);
        state.cells += fields.len();
        state.text += record.as_slice().len();
        if state.cells > MOST_CELLS || state.text > MOST_TEXT {
            return Err(Refused::because("xls_too_many_cells", ""));
        }
    }
    Ok(book)
}

/// Where a CSV file is while it is read.
#[derive(Default)]
struct CsvState {
    current: Option<usize>,
    /// Headings are the next row with content.
    headings_due: bool,
    cells: usize,
    text: usize,
}

impl CsvState {
    fn row(&mut self, book: &mut Book, fields: &[&str]) {
        let Some((name, content)) = fields.split_first() else {
            return;
        };
        let name = if fields.len() == 1 { *name } else { name.trim() };
        if !name.is_empty() {
            self.sheet(book, name);
        }
        let content: Vec<&str> = content.iter().map(|text| text.trim()).collect();
        if content.iter().all(|text| text.is_empty()) {
            return;
        }
        let Some(sheet) = self.current.and_then(|index| book.sheets.get_mut(index)) else {
            return;
        };
        if std::mem::take(&mut self.headings_due) {
            sheet.headings = csv_headings(&content);
        } else {
            let number = u32::try_from(sheet.rows.len() + 2).unwrap_or(u32::MAX);
            sheet.rows.push(csv_row(number, &sheet.headings, &content));
        }
    }

    fn sheet(&mut self, book: &mut Book, name: &str) {
        self.headings_due = true;
        let lower = name.to_lowercase();
        let known = book.sheets.iter().position(|sheet| sheet.name == lower);
        self.current = Some(known.unwrap_or_else(|| {
            book.names.push(name.into());
            book.sheets.push(Sheet {
                name: lower,
                ..Sheet::default()
            });
            book.sheets.len() - 1
        }));
    }
}

fn csv_headings(content: &[&str]) -> Vec<Heading> {
    let numbered = content.iter().zip(2..);
    numbered
        .map(|(text, column)| Heading {
            text: (*text).into(),
            column,
        })
        .collect()
}

fn csv_row(number: u32, headings: &[Heading], content: &[&str]) -> RawRow {
    let cells = headings
        .iter()
        .zip(content)
        .enumerate()
        .filter(|(_, (_, text))| !text.is_empty());
    RawRow {
        number,
        cells: cells.map(|(index, (_, text))| (index, (*text).to_owned())).collect(),
    }
}
