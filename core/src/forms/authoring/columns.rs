//! Headings: other names of columns, parts of columns, and rows with values by column.

use std::collections::HashMap;
use std::rc::Rc;

use super::book::{self, Heading, Sheet};
use super::log::Log;
use super::names;
use super::value::{self, Map, Value};
use crate::forms::trouble::{Spot, Trouble};

/// A sheet with known columns.
#[derive(Debug, Default, Clone)]
pub(super) struct Table {
    pub(super) sheet: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
}

/// A column: its heading and what it stands for, part by part.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) heading: Rc<str>,
    pub(super) column: u32,
    pub(super) parts: Vec<String>,
}

/// A row: what was written, and values by column.
#[derive(Debug, Default, Clone)]
pub(super) struct Row {
    pub(super) number: u32,
    pub(super) values: Map,
    /// Index of the column and the text as written.
    pub(super) cells: Vec<(usize, String)>,
}

/// How the texts of a sheet are taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) default_language: &'a str,
    /// Several blanks count as one.
    pub(super) squeeze: bool,
    pub(super) required: Option<&'static str>,
}

impl Table {
    /// The place of a cell; of the row when there is no such cell.
    pub(super) fn spot(&self, row: u32, parts: &[&str]) -> Spot {
        let cells = self
            .rows
            .iter()
            .find(|r| r.number == row)
            .map(|r| r.cells.as_slice())
            .unwrap_or_default();
        let fits = |column: &&Column| {
            parts.iter().zip(&column.parts).all(|(a, b)| a == b) && column.parts.len() >= parts.len()
        };
        let filled = cells
            .iter()
            .filter_map(|(index, _)| self.columns.get(*index))
            .find(fits);
        self.spot_of(
            row,
            filled
                .or_else(|| self.columns.iter().find(fits))
                .filter(|_| !parts.is_empty()),
        )
    }

    pub(super) fn spot_of(&self, row: u32, column: Option<&Column>) -> Spot {
        Spot {
            sheet: Some(self.sheet.into()),
            row: (row > 0).then_some(row),
            column: column.map(|column| column.column),
            heading: column.map(|column| column.heading.to_string()),
            span: None,
        }
    }
}

/// Reads a sheet.
pub(super) fn table(sheet: &Sheet, name: &'static str, reading: Reading<'_>, log: &mut Log) -> Table {
    let columns = columns(sheet, name, log);
    let mut table = Table {
        sheet: name,
        columns,
        rows: Vec::with_capacity(sheet.rows.len()),
    };
    for raw in &sheet.rows {
        let mut row = Row {
            number: raw.number,
            ..Row::default()
        };
        for (index, text) in &raw.cells {
            let Some(column) = table.columns.get(*index) else {
                continue;
            };
            add(
                &mut row.values,
                column,
                tidy(text, reading.squeeze),
                reading.default_language,
            );
            row.cells.push((*index, text.clone()));
        }
        table.rows.push(row);
    }
    if let Some(required) = reading.required.filter(|_| !table.rows.is_empty() || name == "survey")
        && !table
            .columns
            .iter()
            .any(|column| column.parts.first().is_some_and(|part| part == required))
    {
        let near = names::nearest(required, table.columns.iter().map(|column| &*column.heading));
        log.push(
            Trouble::error("xls_column_missing", required)
                .at(table.spot_of(1, None))
                .suggest(near),
        );
    }
    table
}

fn add(values: &mut Map, column: &Column, text: String, default_language: &str) {
    match column.parts.split_first() {
        None => {}
        Some((only, [])) => value::put(values, only, Value::Text(text)),
        Some((first, rest)) => {
            let new = value::nested(rest, text);
            match values.iter_mut().find(|(key, _)| key == first) {
                Some((_, slot)) => {
                    let old = std::mem::replace(slot, Value::Text(String::new()));
                    *slot = value::merge(Some(old), new, default_language);
                }
                None => values.push((first.clone(), new)),
            }
        }
    }
}

/// Curly quotes become straight ones, so that expressions typed in a word processor work.
fn tidy(text: &str, squeeze: bool) -> String {
    let text = if squeeze {
        book::squeeze(text.trim())
    } else {
        text.to_owned()
    };
    text.chars()
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            c => c,
        })
        .collect()
}

fn columns(sheet: &Sheet, name: &'static str, log: &mut Log) -> Vec<Column> {
    let double = sheet.headings.iter().any(|heading| heading.text.contains("::"));
    let mut known: HashMap<Vec<String>, Rc<str>> = HashMap::new();
    let mut columns = Vec::new();
    for Heading { text, column } in &sheet.headings {
        let (parts, renamed) = parts(name, text, double);
        if let Some(other) = known.insert(parts.clone(), text.clone())
            && renamed
        {
            let spot = Spot {
                sheet: Some(name.into()),
                row: Some(1),
                column: Some(*column),
                heading: Some(text.to_string()),
                span: None,
            };
            log.error("xls_column_twice", format!("{other}, {text}"), spot);
        }
        columns.push(Column {
            heading: text.clone(),
            column: *column,
            parts,
        });
    }
    columns
}

/// The parts of a heading, and whether its first part got another name.
fn parts(sheet: &str, heading: &str, double: bool) -> (Vec<String>, bool) {
    let plain = |text: &str| expected(sheet, text) && alias(sheet, text).is_none();
    if plain(heading) {
        return (vec![heading.to_owned()], false);
    }
    let snake = snake_case(heading);
    if plain(&snake) {
        return (vec![snake], true);
    }
    let mut parts: Vec<String> = if double || heading.contains("::") {
        heading.split("::").map(|part| part.trim().to_owned()).collect()
    } else {
        single_colons(heading)
    };
    let first = parts.first().map(|first| snake_case(first)).unwrap_or_default();
    if let Some(names) = alias(sheet, &first) {
        parts.splice(0..1, names.iter().map(|name| (*name).to_owned()));
        return (parts, names.len() > 1 || names.first() != Some(&heading));
    }
    if expected(sheet, &first)
        && let Some(slot) = parts.first_mut()
    {
        let renamed = first != heading;
        *slot = first;
        return (parts, renamed);
    }
    (parts, false)
}

/// Splits at single colons; `jr:count` stays together.
fn single_colons(heading: &str) -> Vec<String> {
    let mut parts: Vec<String> = heading.split(':').map(|part| part.trim().to_owned()).collect();
    if let Some(at) = parts.iter().position(|part| part == "jr")
        && at + 1 < parts.len()
    {
        let second = parts.remove(at + 1);
        if let Some(first) = parts.get_mut(at) {
            *first = format!("jr:{second}");
        }
    }
    parts
}

fn snake_case(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join("_").to_lowercase()
}

/// Other names of columns, by sheet.
fn alias(sheet: &str, name: &str) -> Option<&'static [&'static str]> {
    match sheet {
        "survey" => survey_alias(name),
        "settings" => Some(match name {
            "form_title" | "set_form_title" => &["title"],
            "form_id" | "set_form_id" => &["id_string"],
            "prefix" => &["prefix"],
            _ => return None,
        }),
        "entities" => (name == "list_name").then_some(&["dataset"]),
        _ => Some(match name {
            "caption" => &["label"],
            "list_name" => &["list name"],
            "value" => &["name"],
            _ => return media(name),
        }),
    }
}

fn media(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "image" => &["media", "image"],
        "big-image" => &["media", "big-image"],
        "audio" => &["media", "audio"],
        "video" => &["media", "video"],
        _ => return None,
    })
}

fn survey_alias(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "compact_tag" => &["instance", "odk:tag"],
        "read_only" | "readonly" => &["bind", "readonly"],
        "relevant" | "relevance" => &["bind", "relevant"],
        "caption" => &["label"],
        "appearance" => &["control", "appearance"],
        "required" => &["bind", "required"],
        "constraint" => &["bind", "constraint"],
        "constraining_message" | "constraint_message" => &["bind", "jr:constraintMsg"],
        "calculation" | "calculate" => &["bind", "calculate"],
        "command" => &["type"],
        "tag" | "value" => &["name"],
        "count" | "repeat_count" | "jr:count" => &["control", "jr:count"],
        "autoplay" => &["control", "autoplay"],
        "rows" => &["control", "rows"],
        "noapperrorstring" | "no_app_error_string" => &["bind", "jr:noAppErrorString"],
        "requiredmsg" | "required_message" => &["bind", "jr:requiredMsg"],
        "body" => &["control"],
        "save_to" => &["bind", "entities:saveto"],
        "sms_field" => &["sms_field"],
        "sms_option" => &["sms_option"],
        "sms_separator" => &["sms_separator"],
        "sms_allow_media" => &["sms_allow_media"],
        "sms_date_format" => &["sms_date_format"],
        "sms_datetime_format" => &["sms_datetime_format"],
        "sms_response" => &["sms_response"],
        _ => return media(name),
    })
}

/// Columns that have a meaning under their own name.
fn expected(sheet: &str, name: &str) -> bool {
    let names: &[&str] = match sheet {
        "survey" => &[
            "name",
            "label",
            "parent",
            "extra_data",
            "actions",
            "default",
            "guidance_hint",
            "instance",
            "query",
            "sms_field",
            "trigger",
            "bind",
            "choice_filter",
            "control",
            "hint",
            "media",
            "parameters",
            "type",
            "choices",
            "itemset",
            "list_name",
        ],
        "settings" => &[
            "name",
            "label",
            "bind",
            "children",
            "control",
            "hint",
            "media",
            "type",
            "instance",
            "flat",
            "sms_field",
            "add_none_option",
            "clean_text_values",
            "attribute",
            "auto_delete",
            "auto_send",
            "choices",
            "default_language",
            "file_name",
            "id_string",
            "instance_name",
            "instance_xmlns",
            "namespaces",
            "omit_instanceID",
            "public_key",
            "sms_allow_media",
            "sms_date_format",
            "sms_datetime_format",
            "sms_keyword",
            "sms_response",
            "sms_separator",
            "style",
            "submission_url",
            "title",
            "version",
            "allow_choice_duplicates",
            "client_editable",
            "delimiter",
            "prefix",
            "entity_version",
        ],
        "entities" => &["dataset", "entity_id", "create_if", "update_if", "repeat", "label"],
        _ => &["name", "label", "media", "sms_option"],
    };
    names.contains(&name)
}
