//! Walks the survey sheet row by row.

use std::collections::{HashMap, HashSet};

use super::choices::Lists;
use super::columns::{Row, Table};
use super::entities::Entities;
use super::item::{Act, FIRST_LOAD, INSTANCE_LOAD, Item, NEW_REPEAT, Role};
use super::kinds::{self, yes_no};
use super::lexer;
use super::log::Log;
use super::names;
use super::params;
use super::references;
use super::sections::{self, Open};
use super::selects;
use super::settings::Settings;
use super::value::{self, Value};
use crate::forms::trouble::Trouble;

/// What is known while the rows are walked.
pub(super) struct Walk<'a> {
    pub(super) settings: &'a mut Settings,
    pub(super) survey: &'a Table,
    pub(super) lists: &'a mut Lists,
    /// Names of the lists on the sheet of external choices; nothing when there is no such sheet.
    pub(super) external: Option<&'a [String]>,
    pub(super) entities: &'a mut Entities,
    pub(super) log: &'a mut Log,
    /// Groups and repeats that are open, the form itself first.
    pub(super) stack: Vec<Open>,
    /// The list of a group that is shown as a table: nothing outside one, no name before its first question.
    pub(super) table_list: Option<Option<String>>,
    /// Questions that stand in the block of metadata.
    pub(super) meta: Vec<Item>,
    /// How often a name was given.
    pub(super) given: HashMap<String, usize>,
    pub(super) questions: HashSet<String>,
    pub(super) repeats: HashSet<String>,
    /// Names of instances that come from lists and files.
    pub(super) instances: HashSet<String>,
    /// Questions whose change sets off something, with the row that says so.
    pub(super) triggers: Vec<(String, u32)>,
    /// Lists and repeats that geometries are taken from, with the row that says so.
    pub(super) geometries: Vec<(String, u32)>,
}

impl Walk<'_> {
    pub(super) fn row(&mut self, row: &Row) {
        let mut row = row.clone();
        if let Some(disabled) = value::take(&mut row.values, "disabled") {
            self.log.warn(
                "xls_disabled_column",
                "disabled",
                self.survey.spot(row.number, &["disabled"]),
            );
            if disabled.text().and_then(yes_no) == Some(true) {
                return;
            }
        }
        if row.values.is_empty() {
            return;
        }
        let written = value::text(&row.values, "type").unwrap_or_default().to_owned();
        if written.is_empty() {
            let comment = value::get(&row.values, "name").is_none() && value::get(&row.values, "label").is_none();
            let spot = self.survey.spot(row.number, &["type"]);
            match comment {
                true => self.log.warn("xls_row_skipped", "", spot),
                false => self.log.error("xls_type_missing", "", spot),
            }
            return;
        }
        let kind_name = kinds::other_name(&written).unwrap_or(&written).to_owned();
        match kind_name.as_str() {
            "audit" => self.audit(&row),
            "form_title" | "set_form_title" => self.settings.title = name_of(&row).unwrap_or("None").into(),
            "form_id" | "set_form_id" => self.settings.id = name_of(&row).unwrap_or("None").into(),
            _ => self.part(&mut row, &kind_name),
        }
    }

    /// A row that is a question, or begins or ends a group.
    fn part(&mut self, row: &mut Row, kind_name: &str) {
        let ends = sections::end(kind_name);
        let begins = sections::begin(kind_name);
        let name = match ends {
            Some(_) => None,
            None => self.name(row, kind_name),
        };
        self.save_to(row, name.as_deref(), begins.is_some(), ends.is_some());
        if let Some(control) = ends {
            self.end(control, row);
            return;
        }
        // a row without a usable name still opens its group, so that the end of the group finds it
        let name = name.unwrap_or_else(|| format!("unnamed_{}", row.number));
        match begins {
            Some((control, list)) => self.begin(control, list, row, &name),
            None => self.question(row, kind_name, &name),
        }
    }

    fn name(&mut self, row: &Row, kind_name: &str) -> Option<String> {
        let spot = self.survey.spot(row.number, &["name"]);
        let Some(name) = name_of(row) else {
            if kind_name == "note" {
                return self.claim(&format!("generated_note_name_{}", row.number), row.number);
            }
            self.log.error("xls_name_missing", kind_name, spot);
            return None;
        };
        if !names::is_name(name) {
            self.log.error("xls_bad_name", name, spot);
            return None;
        }
        self.claim(name, row.number)
    }

    /// Takes a name within the group that is open.
    fn claim(&mut self, name: &str, row: u32) -> Option<String> {
        *self.given.entry(name.to_owned()).or_default() += 1;
        let spot = self.survey.spot(row, &["name"]);
        let open = self.stack.last_mut()?;
        if name == "meta" {
            self.log.error("xls_name_reserved", name, spot);
        } else if !open.names.insert(name.to_owned()) {
            self.log.error("xls_name_twice", name, spot);
        } else if !open.lower.insert(name.to_lowercase()) {
            self.log.warn("xls_name_twice_but_for_case", name, spot);
        }
        Some(name.to_owned())
    }

    pub(super) fn add(&mut self, item: Item) {
        if let Some(open) = self.stack.last_mut() {
            open.item.children.push(item);
        }
    }

    pub(super) fn in_repeat(&self) -> bool {
        self.stack.iter().any(|open| open.item.role == Role::Repeat)
    }

    /// What every question has: trigger, default, parameters.
    fn common(&mut self, item: &mut Item, row: &Row) {
        item.trigger = self.trigger(row);
        if let Some(default) = item
            .default
            .as_deref()
            .filter(|default| lexer::is_dynamic(default, &item.kind_name))
        {
            let _ = default;
            item.dynamic = true;
            let events = [Some(FIRST_LOAD), self.in_repeat().then_some(NEW_REPEAT)];
            item.actions.extend(events.into_iter().flatten().map(|event| Act {
                kind: "setvalue",
                event,
                value: None,
            }));
        }
        let written = value::text(&row.values, "parameters").unwrap_or_default();
        match params::parse(written) {
            Some(parameters) => item.parameters = parameters,
            None => self.log.error(
                "xls_parameters_unreadable",
                written,
                self.survey.spot(row.number, &["parameters"]),
            ),
        }
    }

    fn trigger(&mut self, row: &Row) -> Vec<String> {
        let Some(written) = value::text(&row.values, "trigger").filter(|written| !written.is_empty()) else {
            return Vec::new();
        };
        let spot = self.survey.spot(row.number, &["trigger"]);
        let mut found = Vec::new();
        let bad = written.split(',').any(|part| {
            let references = references::all(part);
            found.extend(references.iter().filter_map(|reference| reference.name.clone()));
            references.len() > 1 || references.iter().any(|reference| reference.name.is_none())
        });
        if bad || !written.contains("${") {
            self.log.error("xls_trigger_unreadable", written, spot);
        }
        self.triggers
            .extend(found.iter().map(|name| (name.clone(), row.number)));
        found
    }

    fn audit(&mut self, row: &Row) {
        if let Some(name) = name_of(row).filter(|name| *name != "audit") {
            self.log
                .error("xls_audit_name", name, self.survey.spot(row.number, &["name"]));
        }
        let Some(kind) = kinds::kind("audit") else {
            return;
        };
        let mut item = Item::of_row(Role::Question(kind), "audit", "audit", row);
        self.common(&mut item, row);
        self.audit_parameters(&mut item);
        self.meta.push(item);
    }

    fn question(&mut self, row: &Row, kind_name: &str, name: &str) {
        self.questions.insert(name.to_owned());
        if let Some(select) = selects::parse(kind_name) {
            self.select(row, &select, name);
            return;
        }
        if matches!(kind_name, "group" | "repeat") {
            let role = if kind_name == "group" {
                Role::Group
            } else {
                Role::Repeat
            };
            self.add(Item::of_row(role, kind_name, name, row));
            return;
        }
        let kind_name = if is_osm(kind_name) { "osm" } else { kind_name };
        let spot = self.survey.spot(row.number, &["type"]);
        if kind_name == "include" {
            self.log.error("xls_include", name, spot);
            return;
        }
        let Some(kind) = kinds::kind(kind_name) else {
            let near = names::nearest(kind_name, kinds::COMMON.iter().copied());
            self.log
                .push(Trouble::error("xls_type_unknown", kind_name).at(spot).suggest(near));
            return;
        };
        if matches!(kind_name, "csv-external" | "xml-external") {
            let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
            self.instances.insert(stem.to_owned());
            self.add(Item::of_row(Role::External, kind_name, name, row));
            return;
        }
        let mut item = Item::of_row(Role::Question(kind), kind_name, name, row);
        self.common(&mut item, row);
        self.own_rules(&mut item);
        self.add(item);
    }

    /// What single types ask for.
    fn own_rules(&mut self, item: &mut Item) {
        let row = item.row;
        if item.chooses() {
            // a type for choosing without the name of a list
            self.log.error(
                "xls_list_not_named",
                item.kind_name.as_str(),
                self.survey.spot(row, &["type"]),
            );
        }
        let calculation = item.rule("calculate").is_some_and(|rule| !rule.is_empty());
        match item.kind_name.as_str() {
            "calculate" if !calculation && !item.dynamic => {
                self.log.error(
                    "xls_calculation_missing",
                    item.name.as_str(),
                    self.survey.spot(row, &["bind", "calculate"]),
                );
            }
            "subscriberid" | "simserial" => {
                self.log.warn(
                    "xls_device_field_old",
                    item.kind_name.as_str(),
                    self.survey.spot(row, &["type"]),
                );
            }
            "range" => self.range(item),
            "start-geopoint" => item.actions.push(act("setgeopoint", FIRST_LOAD)),
            "background-audio" => item.actions.push(act("recordaudio", INSTANCE_LOAD)),
            "background-geopoint" => {
                if item.trigger.is_empty() {
                    self.log.error(
                        "xls_trigger_missing",
                        item.name.as_str(),
                        self.survey.spot(row, &["trigger"]),
                    );
                }
                if item
                    .bind
                    .as_ref()
                    .is_some_and(|bind| value::get(bind, "calculate").is_some())
                {
                    let spot = self.survey.spot(row, &["bind", "calculate"]);
                    self.log.error("xls_calculation_unwanted", item.name.as_str(), spot);
                }
            }
            _ => {}
        }
        self.parameters(item);
    }

    /// What every choosing question has in common with the others.
    pub(super) fn select_item(&mut self, row: &Row, kind_name: &str, name: &str) -> Option<Item> {
        let mut item = Item::of_row(Role::Question(kinds::kind(kind_name)?), kind_name, name, row);
        self.common(&mut item, row);
        Some(item)
    }

    fn save_to(&mut self, row: &mut Row, name: Option<&str>, begins: bool, ends: bool) {
        let path: Vec<(String, Role)> = self
            .stack
            .iter()
            .skip(1)
            .map(|open| (open.item.name.clone(), open.item.role))
            .collect();
        let Some(Value::Map(bind)) = row
            .values
            .iter_mut()
            .find(|(key, _)| key == "bind")
            .map(|(_, bind)| bind)
        else {
            self.entities.mention(name, &path, row.number);
            return;
        };
        if let Some(written) = value::text(bind, "entities:saveto").map(str::to_owned) {
            let spot = self.survey.spot(row.number, &["bind", "entities:saveto"]);
            let property = self
                .entities
                .save_to(&written, begins || ends, &path, row.number, spot, self.log);
            value::put(bind, "entities:saveto", Value::Text(property));
        }
        self.entities.mention(name, &path, row.number);
    }
}

fn act(kind: &'static str, event: &'static str) -> Act {
    Act {
        kind,
        event,
        value: None,
    }
}

fn name_of(row: &Row) -> Option<&str> {
    value::text(&row.values, "name")
}

/// `osm LIST` anywhere in the type.
fn is_osm(kind_name: &str) -> bool {
    kind_name
        .split_once("osm ")
        .is_some_and(|(_, list)| list.starts_with(|c: char| !c.is_whitespace()))
}
