//! Reads .xls. The reader lays out a whole rectangle down to the farthest cell, so far cells are blanked first.

mod records;

use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, Reader, Xls, XlsError};

use super::book::{self, Book, Cell, Grid};
use super::excel::{self, Format};
use super::xlsx::{Room, truth, unreadable};
use crate::forms::trouble::Refused;

pub(super) fn read(bytes: &[u8]) -> Result<Book, Refused> {
    // both readers are known to panic on some damaged files, and a damaged workbook is an answer like any other
    catch_unwind(AssertUnwindSafe(|| read_sheets(&without_far_cells(bytes)?)))
        .unwrap_or_else(|_| Err(unreadable("damaged")))
}

/// The same file without the cells that nobody reads: those far behind the last heading or the last row.
fn without_far_cells(bytes: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes.to_vec())).map_err(unreadable)?;
    let name = if file.is_stream("Workbook") { "Workbook" } else { "Book" };
    let mut stream = Vec::new();
    let limit = bytes.len() as u64 + 1;
    file.open_stream(name)
        .map_err(unreadable)?
        .take(limit)
        .read_to_end(&mut stream)
        .map_err(unreadable)?;
    records::blank_far_cells(&mut stream)?;
    file.open_stream(name)
        .map_err(unreadable)?
        .write_all(&stream)
        .map_err(unreadable)?;
    file.flush().map_err(unreadable)?;
    Ok(file.into_inner().into_inner())
}

fn read_sheets(bytes: &[u8]) -> Result<Book, Refused> {
    let mut file: Xls<_> = Xls::new(Cursor::new(bytes)).map_err(|error: XlsError| unreadable(error))?;
    let mut book = Book {
        names: file.sheet_names(),
        ..Book::default()
    };
    let epoch_1904 = file.has_1904_epoch();
    let mut room = Room::default();
    for (shown, name) in book::wanted(&book.names) {
        let range = file.worksheet_range(&shown).map_err(unreadable)?;
        let (top, left) = range.start().unwrap_or_default();
        let mut grid = Grid::new();
        for (row, column, value) in range.used_cells() {
            let (Ok(row), Ok(column)) = (u32::try_from(row), u32::try_from(column)) else {
                continue;
            };
            if let Some(cell) = convert(value, epoch_1904) {
                room.take(&cell)?;
                grid.entry(row + top).or_default().push((column + left, cell));
            }
        }
        book.sheets.push(book::sheet(name, grid)?);
    }
    Ok(book)
}

fn convert(value: &Data, epoch_1904: bool) -> Option<Cell> {
    Some(match value {
        Data::Empty => return None,
        Data::String(text) => Cell::Text(text.clone()),
        Data::Int(number) => Cell::Other(number.to_string()),
        Data::Float(number) => Cell::Other(excel::number(*number)),
        Data::Bool(yes) => Cell::Other(truth(*yes)),
        Data::DateTime(at) => match excel::moment(at.as_f64(), epoch_1904, Format::Xls) {
            Some(text) => Cell::Other(text),
            None => Cell::Doubtful,
        },
        Data::Error(error) => Cell::Other(error.to_string()),
        other => Cell::Text(other.to_string()),
    })
}
