//! The choices sheet: lists and their choices.

use super::book::Book;
use super::columns::{self, Reading, Row, Table};
use super::log::Log;
use super::references;
use super::settings::Settings;
use super::value::{self, Map, Value};
use crate::forms::trouble::Trouble;

/// A choice list.
#[derive(Debug, Default, Clone)]
pub(super) struct List {
    pub(super) name: String,
    pub(super) choices: Vec<Choice>,
    /// Its choices stand in the questions, because they come from a `search()`.
    pub(super) in_questions: bool,
}

/// One choice.
#[derive(Debug, Default, Clone)]
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) label: Option<Value>,
    pub(super) media: Map,
    /// Other columns, for filters.
    pub(super) extra: Map,
    pub(super) sms_option: Option<String>,
    pub(super) row: u32,
}

impl List {
    /// Whether labels are texts by id: when there are languages, media or computed parts.
    pub(super) fn has_texts(&self) -> bool {
        self.choices.iter().any(|choice| {
            !choice.media.is_empty()
                || match &choice.label {
                    Some(Value::Map(_)) => true,
                    Some(Value::Text(text)) => references::any(text),
                    None => false,
                }
        })
    }
}

/// All lists.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) table: Table,
    pub(super) lists: Vec<List>,
}

impl Lists {
    pub(super) fn get(&self, name: &str) -> Option<&List> {
        self.lists.iter().find(|list| list.name == name)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut List> {
        self.lists.iter_mut().find(|list| list.name == name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.lists.iter().map(|list| list.name.as_str())
    }
}

/// Reads the lists.
pub(super) fn read(book: &Book, settings: &Settings, log: &mut Log) -> Lists {
    let mut lists = Lists {
        table: sheet(book, "choices", Some("name"), settings, log),
        lists: Vec::new(),
    };
    let bad = bad_headings(&lists.table, log);
    let rows = lists.table.rows.clone();
    for row in &rows {
        lists.add(row, &bad, log);
    }
    lists.check_twice(settings, log);
    lists
}

fn sheet(book: &Book, name: &'static str, required: Option<&'static str>, settings: &Settings, log: &mut Log) -> Table {
    let reading = Reading {
        default_language: &settings.default_language,
        squeeze: false,
        required,
    };
    match book.sheet(name).filter(|sheet| !sheet.rows.is_empty()) {
        Some(sheet) => columns::table(sheet, name, reading, log),
        None => Table {
            sheet: name,
            ..Table::default()
        },
    }
}

/// The names of the lists on the sheet of external choices.
pub(super) fn external(book: &Book, settings: &Settings, log: &mut Log) -> Vec<String> {
    let table = sheet(book, "external_choices", None, settings, log);
    let mut names: Vec<String> = Vec::new();
    for row in &table.rows {
        if let Some(name) = value::text(&row.values, "list name").filter(|name| !names.iter().any(|n| n == name)) {
            names.push(name.into());
        }
    }
    names
}

/// Columns of choices become elements, so their headings must be names; others are notes and left out.
fn bad_headings(table: &Table, log: &mut Log) -> Vec<String> {
    let firsts = table
        .columns
        .iter()
        .filter_map(|column| column.parts.first().map(|first| (column, first)));
    let bad = firsts.filter(|(_, first)| *first != "list name" && (first.contains(' ') || first.is_empty()));
    bad.map(|(column, first)| {
        log.warn(
            "xls_choice_heading_ignored",
            &*column.heading,
            table.spot_of(1, Some(column)),
        );
        first.clone()
    })
    .collect()
}

impl Lists {
    fn add(&mut self, row: &Row, bad: &[String], log: &mut Log) {
        let mut values = row.values.clone();
        let Some(Value::Text(list)) = value::take(&mut values, "list name") else {
            return;
        };
        values.retain(|(key, _)| !bad.contains(key));
        let name = value::take(&mut values, "name").and_then(|name| name.text().map(str::to_owned));
        if name.is_none() {
            log.error(
                "xls_choice_without_name",
                list.as_str(),
                self.table.spot(row.number, &["name"]),
            );
        }
        let label = value::take(&mut values, "label");
        if label.is_none() {
            log.warn(
                "xls_choice_without_label",
                name.clone().unwrap_or_default(),
                self.table.spot(row.number, &["label"]),
            );
        }
        let media = match value::take(&mut values, "media") {
            Some(Value::Map(media)) => media,
            _ => Map::new(),
        };
        let sms_option = value::take(&mut values, "sms_option").and_then(|value| value.text().map(str::to_owned));
        for (key, _) in values.iter().filter(|(_, value)| value.map().is_some()) {
            log.error("xls_column_nested", key.as_str(), self.table.spot(row.number, &[key]));
        }
        let choice = Choice {
            name: name.unwrap_or_default(),
            label,
            media,
            extra: values,
            sms_option,
            row: row.number,
        };
        match self.get_mut(&list) {
            Some(known) => known.choices.push(choice),
            None => self.lists.push(List {
                name: list,
                choices: vec![choice],
                in_questions: false,
            }),
        }
    }

    fn check_twice(&self, settings: &Settings, log: &mut Log) {
        if settings.yes("allow_choice_duplicates", false) {
            return;
        }
        for list in &self.lists {
            let mut seen = std::collections::HashSet::new();
            for choice in list.choices.iter().filter(|choice| !choice.name.is_empty()) {
                if !seen.insert(choice.name.as_str()) {
                    let spot = self.table.spot(choice.row, &["name"]);
                    log.push(Trouble::error("xls_choice_twice", format!("{}: {}", list.name, choice.name)).at(spot));
                }
            }
        }
    }
}
