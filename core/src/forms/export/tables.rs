//! Tables: one for the form, one for each repeat, joined by keys as in ODK Central.

use super::layout::{Level, Part, layout};
use super::record::{Filled, Record};
use crate::forms::definition::Definition;

/// A table of answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// The form's id, or the names down to the repeat with hyphens between them.
    pub name: String,
    /// Headings: names down to the field with hyphens between them, then `KEY`, and `PARENT_KEY` for repeats.
    pub columns: Vec<String>,
    /// Cells by column; empty for what was not answered.
    pub rows: Vec<Vec<String>>,
}

/// The tables of some filled-in forms, that of the form itself first.
#[must_use]
pub fn tables(definition: &Definition, records: &[Record]) -> Vec<Table> {
    let layout = layout(definition);
    let mut tables = vec![Table {
        name: definition.id.clone(),
        ..Table::default()
    }];
    headings(&layout, "", 0, &mut tables);
    for (number, record) in (1..).zip(records) {
        let key = if record.id.is_empty() {
            format!("#{number}")
        } else {
            record.id.clone()
        };
        let mut writer = Writer {
            tables: &mut tables,
            next: 1,
        };
        writer.row(&layout, &record.root, 0, key, None);
    }
    tables
}

/// Adds the columns of a level to its table, and a table for each repeat in it.
fn headings(level: &Level, prefix: &str, table: usize, tables: &mut Vec<Table>) {
    columns(level, prefix, table, tables);
    let is_repeat = table > 0;
    if let Some(table) = tables.get_mut(table) {
        table.columns.push("KEY".into());
        table.columns.extend(is_repeat.then(|| "PARENT_KEY".to_owned()));
    }
    for (inner, name) in repeats(level, prefix) {
        tables.push(Table {
            name,
            ..Table::default()
        });
        let at = tables.len() - 1;
        headings(inner, "", at, tables);
    }
}

fn columns(level: &Level, prefix: &str, table: usize, tables: &mut [Table]) {
    for part in &level.parts {
        match part {
            Part::Field(field) => {
                if let Some(table) = tables.get_mut(table) {
                    table.columns.push(format!("{prefix}{}", field.name));
                }
            }
            Part::Group(group) => columns(group, &format!("{prefix}{}-", group.name), table, tables),
            Part::Repeat(_) => {}
        }
    }
}

/// The repeats of a level, also those in its groups, with names for their tables.
fn repeats<'a>(level: &'a Level, prefix: &str) -> Vec<(&'a Level, String)> {
    let inside = |part: &'a Part| match part {
        Part::Repeat(repeat) => vec![(repeat, format!("{prefix}{}", repeat.name))],
        Part::Group(group) => repeats(group, &format!("{prefix}{}-", group.name)),
        Part::Field(_) => Vec::new(),
    };
    level.parts.iter().flat_map(inside).collect()
}

/// How many tables a level needs for its repeats.
fn count(level: &Level) -> usize {
    repeats(level, "").iter().map(|(inner, _)| 1 + count(inner)).sum()
}

struct Writer<'a> {
    tables: &'a mut Vec<Table>,
    /// The table of the next repeat.
    next: usize,
}

impl Writer<'_> {
    fn row(&mut self, level: &Level, node: &Filled, table: usize, key: String, parent: Option<&str>) {
        let mut row = Vec::new();
        cells(level, Some(node), &mut row);
        row.push(key.clone());
        row.extend(parent.map(str::to_owned));
        if let Some(table) = self.tables.get_mut(table) {
            table.rows.push(row);
        }
        let first = self.next;
        let mut at = first;
        for (inner, name) in repeats(level, "") {
            let instances = instances(node, level, inner);
            for (number, instance) in (1..).zip(instances) {
                self.next = at + 1;
                self.row(inner, instance, at, format!("{key}/{name}[{number}]"), Some(&key));
            }
            at += 1 + count(inner);
        }
        self.next = at;
    }
}

fn cells(level: &Level, node: Option<&Filled>, row: &mut Vec<String>) {
    for part in &level.parts {
        match part {
            Part::Field(field) => {
                let value = node
                    .and_then(|node| node.children(&field.name).next())
                    .map(|child| child.value.clone());
                row.push(value.unwrap_or_default());
            }
            Part::Group(group) => cells(group, node.and_then(|node| node.children(&group.name).next()), row),
            Part::Repeat(_) => {}
        }
    }
}

/// The instances of a repeat below a node, whatever groups stand between them.
fn instances<'a>(node: &'a Filled, level: &'a Level, repeat: &'a Level) -> Vec<&'a Filled> {
    let inside = |part: &'a Part| match part {
        Part::Repeat(known) if std::ptr::eq(known, repeat) => node.children(&repeat.name).collect(),
        Part::Group(group) => node
            .children(&group.name)
            .flat_map(|child| instances(child, group, repeat))
            .collect(),
        _ => Vec::new(),
    };
    level.parts.iter().flat_map(inside).collect()
}

/// A table as CSV with a byte order mark, which spreadsheets need to read Chinese. A text that a spreadsheet would take for
/// a formula gets an apostrophe before it.
///
/// # Errors
/// None that memory does not give.
pub fn csv(table: &Table) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(&table.columns)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|cell| harmless(cell)))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(format!("\u{feff}{}", String::from_utf8_lossy(&bytes)))
}

fn harmless(cell: &str) -> String {
    let starts_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    // places are numbers with blanks between them, and start with a minus in half of the world
    let numbers = cell
        .split_whitespace()
        .all(|word| word.trim_end_matches(';').parse::<f64>().is_ok());
    if starts_formula && !numbers {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}
