//! Reads .xlsx and .xlsm, with a bound on what a small file may unfold to.

use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{CellErrorType, DataRef, Reader, Xlsx, XlsxError};

use super::book::{self, Book, Cell, Grid, MOST_CELLS, MOST_TEXT};
use super::excel::{self, Format};
use crate::forms::trouble::Refused;

/// The most that the parts of a file may unfold to together, in bytes.
const MOST_UNFOLDED: u64 = 40 << 20;

pub(super) fn read(bytes: &[u8]) -> Result<Book, Refused> {
    check_size(bytes)?;
    // the reader is known to panic on some damaged files, and a damaged workbook is an answer like any other
    catch_unwind(AssertUnwindSafe(|| read_sheets(bytes))).unwrap_or_else(|_| Err(unreadable("damaged")))
}

pub(super) fn unreadable(why: impl ToString) -> Refused {
    Refused::because("xls_unreadable", why.to_string())
}

/// Unfolds every part once and counts: what the directory of the archive says may be a lie.
fn check_size(bytes: &[u8]) -> Result<(), Refused> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut left = MOST_UNFOLDED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(unreadable)?;
        let taken = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(unreadable)?;
        left = left
            .checked_sub(taken)
            .ok_or_else(|| Refused::because("xls_bomb", MOST_UNFOLDED.to_string()))?;
    }
    Ok(())
}

fn read_sheets(bytes: &[u8]) -> Result<Book, Refused> {
    let mut file: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error: XlsxError| unreadable(error))?;
    let mut book = Book {
        names: file.sheet_names(),
        ..Book::default()
    };
    let epoch_1904 = file.has_1904_epoch();
    let mut room = Room::default();
    for (shown, name) in book::wanted(&book.names) {
        let mut grid = Grid::new();
        let mut reader = file.worksheet_cells_reader(&shown).map_err(unreadable)?;
        while let Some(cell) = reader.next_cell().map_err(unreadable)? {
            let (row, column) = cell.get_position();
            if let Some(cell) = convert(cell.get_value(), epoch_1904) {
                room.take(&cell)?;
                grid.entry(row).or_default().push((column, cell));
            }
        }
        book.sheets.push(book::sheet(name, grid)?);
    }
    Ok(book)
}

/// What may still be read.
#[derive(Default)]
pub(super) struct Room {
    cells: usize,
    text: usize,
}

impl Room {
    pub(super) fn take(&mut self, cell: &Cell) -> Result<(), Refused> {
        self.cells += 1;
        if let Cell::Text(text) | Cell::Other(text) = cell {
            self.text += text.len();
        }
        if self.cells > MOST_CELLS || self.text > MOST_TEXT {
            return Err(Refused::because("xls_too_many_cells", MOST_CELLS.to_string()));
        }
        Ok(())
    }
}

fn convert(value: &DataRef<'_>, epoch_1904: bool) -> Option<Cell> {
    Some(match value {
        DataRef::Empty => return None,
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::String(text) => Cell::Text(text.clone()),
        DataRef::Int(number) => Cell::Other(number.to_string()),
        DataRef::Float(number) => Cell::Other(excel::number(*number)),
        DataRef::Bool(yes) => Cell::Other(truth(*yes)),
        DataRef::DateTime(at) => match excel::moment(at.as_f64(), epoch_1904, Format::Xlsx) {
            Some(text) => Cell::Other(text),
            None => Cell::Other(excel::number(at.as_f64())),
        },
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Other(text.replace('T', " ")),
        DataRef::Error(error) => Cell::Text(failure(error)),
    })
}

pub(super) fn truth(yes: bool) -> String {
    if yes { "TRUE" } else { "FALSE" }.into()
}

fn failure(error: &CellErrorType) -> String {
    error.to_string()
}
