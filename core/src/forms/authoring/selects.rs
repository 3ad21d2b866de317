//! Questions with choices: from a list, a file, or earlier answers.

use super::choices::Choice;
use super::columns::Row;
use super::item::{Item, Role};
use super::kinds;
use super::names;
use super::params::check;
use super::questions::Walk;
use super::references;
use super::value::{self, Map, Value};
use crate::forms::trouble::Trouble;

/// What the type of a choosing question says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Select<'a> {
    /// The type in our words.
    pub(super) kind_name: &'static str,
    pub(super) from_file: bool,
    pub(super) list: &'a str,
    pub(super) or_other: bool,
}

const COMMANDS: [(&str, &str); 15] = [
    ("add select one prompt using", "select one"),
    ("add select multiple prompt using", "select all that apply"),
    ("select all that apply from", "select all that apply"),
    ("select one from", "select one"),
    ("select1", "select one"),
    ("select_one", "select one"),
    ("select one", "select one"),
    ("select_multiple", "select all that apply"),
    ("select all that apply", "select all that apply"),
    ("select_one_external", "select one external"),
    ("select_one_from_file", "select one"),
    ("select_multiple_from_file", "select all that apply"),
    ("select one from file", "select one"),
    ("select multiple from file", "select all that apply"),
    ("rank", "rank"),
];

pub(super) fn parse(text: &str) -> Option<Select<'_>> {
    COMMANDS.iter().find_map(|(command, kind_name)| {
        let rest = text.strip_prefix(command)?.strip_prefix(' ')?;
        let suffix = [" or specify other", " or_other", " or other"]
            .iter()
            .find_map(|s| rest.strip_suffix(s));
        let list = suffix.unwrap_or(rest);
        let one_word = !list.is_empty() && !list.contains(char::is_whitespace);
        one_word.then_some(Select {
            kind_name,
            from_file: command.ends_with("from_file") || command.ends_with("from file"),
            list,
            or_other: suffix.is_some(),
        })
    })
}

/// A name of a file split before its last ending.
pub(super) fn ending(name: &str) -> (&str, &str) {
    match name.rfind('.').and_then(|at| name.split_at_checked(at)) {
        Some((stem, ending)) if !stem.trim_start_matches('.').is_empty() => (stem, ending),
        _ => (name, ""),
    }
}

/// Endings of files that become instances.
pub(super) const FILES: [&str; 3] = [".xml", ".csv", ".geojson"];

impl Walk<'_> {
    pub(super) fn select(&mut self, row: &Row, select: &Select<'_>, name: &str) {
        self.check_list(select, row);
        if select.kind_name != "select one external" {
            self.instances.insert(ending(select.list).0.to_owned());
        }
        let other = select.or_other.then(|| self.or_other(select, row, name)).flatten();
        let Some(mut item) = self.select_item(row, select.kind_name, name) else {
            return;
        };
        item.itemset = Some(select.list.into());
        self.select_parameters(&item, select.from_file);
        self.table_question(&mut item, select, row);
        self.add(item);
        if let Some(other) = other {
            self.add(other);
        }
    }

    pub(super) fn list_missing(&mut self, list: &str, row: u32) {
        let near = names::nearest(list, self.lists.names());
        let spot = self.survey.spot(row, &["type"]);
        self.log
            .push(Trouble::error("xls_list_missing", list).at(spot).suggest(near));
    }

    fn check_list(&mut self, select: &Select<'_>, row: &Row) {
        let spot = self.survey.spot(row.number, &["type"]);
        let (_, file_ending) = ending(select.list);
        let is_file = FILES.contains(&file_ending);
        if select.kind_name == "select one external" {
            if value::get(&row.values, "choice_filter").is_none() {
                self.log.warn("xls_external_without_filter", select.list, spot.clone());
            }
            match self.external {
                None => self.log.error("xls_external_choices_missing", select.list, spot),
                Some(lists) if !lists.iter().any(|list| list == select.list) => {
                    let near = names::nearest(select.list, lists.iter().map(String::as_str));
                    self.log
                        .push(Trouble::error("xls_list_missing", select.list).at(spot).suggest(near));
                }
                Some(_) => {}
            }
            return;
        }
        if select.from_file && !(is_file && endings(select.list) == 1) {
            self.log.error("xls_file_ending", select.list, spot);
            return;
        }
        match self.lists.get(select.list) {
            Some(list) if select.kind_name == "select all that apply" && !is_file => {
                for choice in list.choices.iter().filter(|choice| choice.name.contains(' ')) {
                    let spot = self.lists.table.spot(choice.row, &["name"]);
                    self.log.error("xls_choice_with_blank", choice.name.as_str(), spot);
                }
            }
            Some(_) => {}
            None if is_file || references::any(select.list) && select.kind_name != "select all that apply" => {}
            None => self.list_missing(select.list, row.number),
        }
    }

    /// Adds the choice `other` to the list and makes the question that asks what it is.
    fn or_other(&mut self, select: &Select<'_>, row: &Row, name: &str) -> Option<Item> {
        if value::text(&row.values, "choice_filter").is_some_and(|filter| !filter.is_empty()) {
            let spot = self.survey.spot(row.number, &["choice_filter"]);
            self.log.error("xls_other_with_filter", select.list, spot);
        }
        let Some(list) = self.lists.get_mut(select.list) else {
            self.list_missing(select.list, row.number);
            return None;
        };
        if !list.choices.iter().any(|choice| choice.name == "other") {
            let mut languages = Map::new();
            for label in list
                .choices
                .iter()
                .filter_map(|choice| choice.label.as_ref().and_then(Value::map))
            {
                for (language, _) in label {
                    value::put(&mut languages, language, Value::Text("Other".into()));
                }
            }
            let label = if languages.is_empty() {
                Value::Text("Other".into())
            } else {
                Value::Map(languages)
            };
            list.choices.push(Choice {
                name: "other".into(),
                label: Some(label),
                ..Choice::default()
            });
        }
        let mut other = Item::made(Role::Question(kinds::kind("text")?), "text", &format!("{name}_other"));
        other.row = row.number;
        other.label = Some(Value::Text("Specify other.".into()));
        other.set_bind("relevant", format!("selected(../{name}, 'other')"));
        Some(other)
    }

    fn select_parameters(&mut self, item: &Item, from_file: bool) {
        let spot = self.survey.spot(item.row, &["parameters"]);
        let known: &[&str] = if from_file {
            &["label", "randomize", "seed", "value"]
        } else {
            &["randomize", "seed"]
        };
        check(item, known, &spot, self.log);
        for key in ["value", "label"].into_iter().filter(|_| from_file) {
            if item.parameter(key).is_some_and(|value| !names::is_name(value)) {
                self.log.error("xls_parameter_value", key, spot.clone());
            }
        }
        let seed = item.parameter("seed");
        match item.parameter("randomize") {
            Some("true" | "false") => {
                let good = seed.is_none_or(|seed| references::only(seed).is_some() || seed.parse::<f64>().is_ok());
                if !good {
                    self.log.error(
                        "xls_parameter_value",
                        format!("seed={}", seed.unwrap_or_default()),
                        spot,
                    );
                }
            }
            Some(other) => self
                .log
                .error("xls_parameter_value", format!("randomize={other}"), spot),
            None if seed.is_some() => self.log.error("xls_seed_without_randomize", "seed", spot),
            None => {}
        }
    }

    /// In a group that is shown as a table, all questions share one list, whose labels stand above.
    fn table_question(&mut self, item: &mut Item, select: &Select<'_>, row: &Row) {
        let Some(table) = self.table_list.clone() else {
            return;
        };
        match table {
            None => {
                self.table_list = Some(Some(select.list.into()));
                if value::get(&row.values, "choice_filter").is_some() {
                    let spot = self.survey.spot(row.number, &["choice_filter"]);
                    self.log.error("xls_table_with_filter", select.list, spot);
                }
                let header = format!("reserved_name_for_field_list_labels_{}", row.number);
                let mut labels = Item::made(item.role, select.kind_name, &header);
                labels.row = row.number;
                labels.itemset = Some(select.list.into());
                labels.set_control("appearance", "label");
                self.add(labels);
            }
            Some(list) if list != select.list => {
                let spot = self.survey.spot(row.number, &["type"]);
                self.log.push(
                    Trouble::error("xls_table_two_lists", select.list)
                        .at(spot)
                        .suggest(Some(list)),
                );
            }
            Some(_) => {}
        }
        item.set_control("appearance", "list-nolabel");
    }
}

/// How many endings a name of a file has.
fn endings(name: &str) -> usize {
    let name = name
        .rsplit_once('/')
        .map_or(name, |(_, name)| name)
        .trim_start_matches('.');
    name.split('.').skip(1).count()
}
