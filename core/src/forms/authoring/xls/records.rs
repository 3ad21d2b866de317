//! A look at the records of a workbook stream ([MS-XLS] 2.1.4) before anything is laid out in memory.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::forms::trouble::Refused;

/// The largest rectangle that the cells of one sheet may span.
const LARGEST_AREA: u64 = 600_000;
/// The most that texts may add up to when every cell gets its own copy, in bytes.
const MOST_COPIED: u64 = 24 << 20;
/// Gaps that end the headings and the rows, as pyxform has it, and a little more.
const COLUMN_GAP: u16 = 21;
const ROW_GAP: u16 = 62;

const BOF: u16 = 0x0809;
const DIMENSIONS: u16 = 0x0200;
const BLANK: u16 = 0x0201;
const TEXTS: u16 = 0x00FC;
const CONTINUE: u16 = 0x003C;
const LABEL_SST: u16 = 0x00FD;
const MANY_NUMBERS: u16 = 0x00BD;
const STRING: u16 = 0x0207;
const FORMULA: u16 = 0x0006;

/// A record: its kind and where its content lies.
struct Record {
    kind: u16,
    at: usize,
    content: Range<usize>,
}

/// A cell: the record it stands in, its sheet, row and columns.
struct CellAt {
    record: usize,
    sheet: usize,
    row: u16,
    first: u16,
    last: u16,
}

/// Turns cells that nobody reads into empty ones.
///
/// # Errors
/// A sheet that is too large even so, or texts that would be copied too often.
pub(super) fn blank_far_cells(stream: &mut [u8]) -> Result<(), Refused> {
    let records = records(stream);
    if records.iter().any(|record| is_torn(stream, record)) {
        return Err(Refused::because("xls_unreadable", "damaged"));
    }
    let cells = cells(stream, &records);
    check_copies(stream, &records)?;
    for own in cells.chunk_by(|a, b| a.sheet == b.sheet) {
        let (rows, columns) = extent(own);
        if u64::from(rows) * u64::from(columns) > LARGEST_AREA {
            return Err(Refused::because("xls_too_many_cells", LARGEST_AREA.to_string()));
        }
        for cell in own.iter().filter(|cell| cell.row >= rows || cell.first >= columns) {
            blank(stream, &records, cell.record);
        }
    }
    // the reader sets memory aside for what this record promises
    for record in records.iter().filter(|record| record.kind == DIMENSIONS) {
        rename(stream, record.at);
    }
    Ok(())
}

fn records(stream: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    let mut at = 0;
    while let (Some(kind), Some(length)) = (word(stream, at), word(stream, at + 2)) {
        let content = at + 4..at + 4 + usize::from(length);
        if content.end > stream.len() {
            break;
        }
        at = content.end;
        records.push(Record {
            kind,
            at: content.start - 4,
            content,
        });
    }
    records
}

/// A run of numbers that ends before it starts: the reader would count below zero.
fn is_torn(stream: &[u8], record: &Record) -> bool {
    let content = stream.get(record.content.clone()).unwrap_or_default();
    let last = content.len().checked_sub(2).and_then(|at| word(content, at));
    record.kind == MANY_NUMBERS && last < word(content, 2)
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

fn cells(stream: &[u8], records: &[Record]) -> Vec<CellAt> {
    let mut sheet = 0;
    let mut cells = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let content = stream.get(record.content.clone()).unwrap_or_default();
        match record.kind {
            BOF => sheet += 1,
            0x0203 | 0x0204 | 0x00D6 | 0x0205 | 0x027E | LABEL_SST | FORMULA | MANY_NUMBERS => {
                let (Some(row), Some(first)) = (word(content, 0), word(content, 2)) else {
                    continue;
                };
                let last = content.len().checked_sub(2).and_then(|at| word(content, at));
                let last = last.filter(|_| record.kind == MANY_NUMBERS).unwrap_or(first);
                cells.push(CellAt {
                    record: index,
                    sheet,
                    row,
                    first,
                    last: last.max(first),
                });
            }
            _ => {}
        }
    }
    cells
}

/// How many rows and columns of a sheet are read.
fn extent(cells: &[CellAt]) -> (u16, u16) {
    let heads: BTreeSet<u16> = cells
        .iter()
        .filter(|cell| cell.row == 0)
        .map(|cell| cell.first)
        .collect();
    let columns = reach(heads, COLUMN_GAP);
    let rows = cells
        .iter()
        .filter(|cell| cell.first < columns)
        .map(|cell| cell.row)
        .collect();
    let widest = cells
        .iter()
        .filter(|cell| cell.first < columns)
        .map(|cell| cell.last.saturating_add(1))
        .max();
    (reach(rows, ROW_GAP), columns.max(widest.unwrap_or(0).min(256)))
}

/// The end of a run of numbers from zero whose gaps are no larger than allowed.
fn reach(numbers: BTreeSet<u16>, gap: u16) -> u16 {
    numbers.into_iter().fold(0, |end, number| {
        if number <= end.saturating_add(gap) {
            number.saturating_add(1)
        } else {
            end
        }
    })
}

fn blank(stream: &mut [u8], records: &[Record], index: usize) {
    let Some(record) = records.get(index) else {
        return;
    };
    rename(stream, record.at);
    // the text that a formula gave stands in the next record
    if let Some(next) = records
        .get(index + 1)
        .filter(|next| record.kind == FORMULA && next.kind == STRING)
    {
        rename(stream, next.at);
    }
}

/// Makes a record one that the reader passes over.
fn rename(stream: &mut [u8], at: usize) {
    if let Some(kind) = stream.get_mut(at..at + 2) {
        kind.copy_from_slice(&BLANK.to_le_bytes());
    }
}

/// Adds up what the texts come to when each cell gets its copy.
fn check_copies(stream: &[u8], records: &[Record]) -> Result<(), Refused> {
    let lengths = text_lengths(stream, records);
    let mut copied = 0_u64;
    for record in records.iter().filter(|record| record.kind == LABEL_SST) {
        let index = word(stream, record.content.start + 6).map_or(0, usize::from)
            | word(stream, record.content.start + 8).map_or(0, usize::from) << 16;
        copied += lengths.get(index).copied().unwrap_or_default();
    }
    if copied > MOST_COPIED {
        return Err(Refused::because("xls_too_many_cells", MOST_COPIED.to_string()));
    }
    Ok(())
}

/// The lengths of the shared texts in bytes ([MS-XLS] 2.5.293): a text may go on in the next record, which then says
/// again how wide its characters are.
fn text_lengths(stream: &[u8], records: &[Record]) -> Vec<u64> {
    let Some(start) = records.iter().position(|record| record.kind == TEXTS) else {
        return Vec::new();
    };
    let more = records
        .iter()
        .skip(start + 1)
        .take_while(|record| record.kind == CONTINUE);
    let chunks = records
        .get(start)
        .into_iter()
        .chain(more)
        .map(|r| stream.get(r.content.clone()).unwrap_or_default());
    let mut reader = Chunks {
        chunks: chunks.collect(),
        current: 0,
        at: 8,
    };
    std::iter::from_fn(|| reader.text()).collect()
}

/// Reads across records.
struct Chunks<'a> {
    chunks: Vec<&'a [u8]>,
    current: usize,
    at: usize,
}

impl Chunks<'_> {
    fn left(&self) -> usize {
        self.chunks
            .get(self.current)
            .map_or(0, |chunk| chunk.len().saturating_sub(self.at))
    }

    fn next_chunk(&mut self) -> Option<()> {
        self.current += 1;
        self.at = 0;
        (self.current < self.chunks.len()).then_some(())
    }

    fn byte(&mut self) -> Option<u8> {
        while self.left() == 0 {
            self.next_chunk()?;
        }
        let byte = self.chunks.get(self.current)?.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn number(&mut self, bytes: u32) -> Option<usize> {
        (0..bytes).try_fold(0, |number, place| {
            Some(number | usize::from(self.byte()?) << (8 * place))
        })
    }

    fn skip(&mut self, mut bytes: usize) -> Option<()> {
        while bytes > self.left() {
            bytes -= self.left();
            self.next_chunk()?;
        }
        self.at += bytes;
        Some(())
    }

    fn text(&mut self) -> Option<u64> {
        let mut characters = self.number(2)?;
        let mut flags = self.byte()?;
        let runs = if flags & 8 != 0 { self.number(2)? } else { 0 };
        let phonetic = if flags & 4 != 0 { self.number(4)? } else { 0 };
        let length = characters as u64 * 3;
        while characters > 0 {
            if self.left() == 0 {
                self.next_chunk()?;
                flags = self.byte()?;
            }
            let width = if flags & 1 == 0 { 1 } else { 2 };
            let here = characters.min(self.left() / width).max(1);
            self.skip(here * width)?;
            characters -= here;
        }
        self.skip(runs * 4 + phonetic)?;
        Some(length)
    }
}
