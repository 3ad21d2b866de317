//! The settings sheet: id, title, version, languages, namespaces.

use super::book::Book;
use super::columns::{self, Reading, Table};
use super::kinds::yes_no;
use super::log::Log;
use super::names;
use super::value::{self, Map, Value};

/// What an author set for the whole form.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) table: Table,
    values: Map,
    /// Name of the root node.
    pub(super) name: String,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) default_language: String,
}

/// Reads the settings.
pub(super) fn read(book: &Book, log: &mut Log) -> Settings {
    let reading = Reading {
        default_language: "default",
        squeeze: false,
        required: None,
    };
    let mut table = Table {
        sheet: "settings",
        ..Table::default()
    };
    if let Some(sheet) = book.sheet("settings").filter(|sheet| !sheet.rows.is_empty()) {
        table = columns::table(sheet, "settings", reading, log);
    }
    // only the first row counts; with both names of the id, `form_id` wins
    let first = table.rows.first().filter(|row| row.number == 2);
    let mut values = first.map(|row| row.values.clone()).unwrap_or_default();
    let both = table
        .columns
        .iter()
        .filter(|c| matches!(&*c.heading, "id_string" | "form_id"))
        .count()
        == 2;
    if let Some(row) = first.filter(|_| both)
        && let Some(text) = row.cells.iter().find_map(|(index, text)| {
            table
                .columns
                .get(*index)
                .filter(|column| &*column.heading == "form_id")
                .map(|_| text.clone())
        })
    {
        value::put(&mut values, "id_string", Value::Text(text));
    }
    let fallback = book.stem.clone().unwrap_or_else(|| "data".into());
    let text = |key: &str| value::text(&values, key).map(str::to_owned);
    let id = text("id_string").unwrap_or(fallback);
    let settings = Settings {
        name: text("name").unwrap_or_else(|| "data".into()),
        title: text("title").unwrap_or_else(|| id.clone()),
        default_language: text("default_language").unwrap_or_else(|| "default".into()),
        id,
        values,
        table,
    };
    settings.check(log);
    settings
}

impl Settings {
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        value::text(&self.values, key)
    }

    pub(super) fn map(&self, key: &str) -> Option<&Map> {
        value::get(&self.values, key).and_then(Value::map)
    }

    /// Whether a setting says yes; the second argument is for when it says neither.
    pub(super) fn yes(&self, key: &str, otherwise: bool) -> bool {
        self.text(key).and_then(yes_no).unwrap_or(otherwise)
    }

    fn check(&self, log: &mut Log) {
        if !names::is_name(&self.name) {
            log.error("xls_bad_name", self.name.as_str(), self.table.spot(2, &["name"]));
        }
        if self.text("flat").is_some_and(|flat| !flat.is_empty()) {
            log.error("xls_flat", "", self.table.spot(2, &["flat"]));
        }
        if self.yes("omit_instanceID", false) && self.text("public_key").is_some() {
            log.error(
                "xls_encryption_without_id",
                "",
                self.table.spot(2, &["omit_instanceID"]),
            );
        }
    }

    /// Prefixes and addresses beside the usual ones.
    pub(super) fn namespaces(&self) -> Vec<(String, String)> {
        let pairs = self.text("namespaces").unwrap_or_default().split_whitespace();
        let mut found: Vec<(String, String)> = Vec::new();
        for pair in pairs {
            if let Some((prefix, address)) = pair
                .split_once('=')
                .filter(|(prefix, a)| !prefix.is_empty() && !a.contains('='))
                && !USUAL.iter().any(|(usual, _)| *usual == prefix)
            {
                let address = address.replace(['"', '\''], "");
                match found.iter_mut().find(|(known, _)| known == prefix) {
                    Some((_, known)) => *known = address,
                    None => found.push((prefix.into(), address)),
                }
            }
        }
        found
    }
}

/// The namespaces that every form declares.
pub(super) const USUAL: [(&str, &str); 6] = [
    ("h", "http://www.w3.org/1999/xhtml"),
    ("ev", "http://www.w3.org/2001/xml-events"),
    ("xsd", "http://www.w3.org/2001/XMLSchema"),
    ("jr", "http://openrosa.org/javarosa"),
    ("orx", "http://openrosa.org/xforms"),
    ("odk", "http://www.opendatakit.org/xforms"),
];
