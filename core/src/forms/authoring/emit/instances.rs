//! Secondary instances: choice lists, files, the record saved last.

use super::Writer;
use crate::forms::authoring::choices::List;
use crate::forms::authoring::item::Role;
use crate::forms::authoring::log::Log;
use crate::forms::authoring::names;
use crate::forms::authoring::outline::Id;
use crate::forms::authoring::paths::{LAST_SAVED, lines};
use crate::forms::authoring::references;
use crate::forms::authoring::selects::{FILES, ending};
use crate::forms::authoring::survey::Form;
use crate::forms::authoring::value;
use crate::forms::definition::{ModelNode, Secondary};
use crate::forms::trouble::Spot;

/// Rules that may look something up in a table.
const RULES: [&str; 5] = ["calculate", "constraint", "readonly", "required", "relevant"];

/// Lists whose choices come from a `search()` stand in their questions. One list cannot be used both ways.
pub(super) fn search_lists(form: &mut Form, log: &mut Log) {
    let (mut searched, mut plain): (Vec<(Id, String)>, Vec<String>) = (Vec::new(), Vec::new());
    for id in form.outline.ids() {
        let item = form.outline.item(id);
        let Some(list) = item.itemset.clone().filter(|_| item.chooses()) else {
            continue;
        };
        if item.appearance().is_some_and(is_search) {
            if FILES.contains(&ending(&list).1) {
                log.error(
                    "xls_search_in_file",
                    list,
                    form.survey.spot(item.row, &["control", "appearance"]),
                );
            } else {
                searched.push((id, list));
            }
        } else {
            plain.push(list);
        }
    }
    for (id, name) in searched {
        if plain.contains(&name) {
            let row = form.outline.item(id).row;
            log.error(
                "xls_search_list_shared",
                name.as_str(),
                form.survey.spot(row, &["control", "appearance"]),
            );
        }
        if let Some(list) = form.lists.get_mut(&name) {
            list.in_questions = true;
        }
        if let Some(item) = form.outline.item_mut(id) {
            item.parameters.push(("\u{0}search".into(), name));
            item.itemset = None;
        }
    }
}

fn is_search(appearance: &str) -> bool {
    appearance.chars().count() > 7
        && appearance
            .split_once("search(")
            .is_some_and(|(_, rest)| rest.contains(')'))
}

/// An instance and where it was asked for.
struct Found {
    secondary: Secondary,
    spot: Spot,
    external: bool,
}

impl Writer<'_> {
    pub(super) fn instances(&mut self) -> Vec<Secondary> {
        let form = self.form;
        let mut found: Vec<Found> = Vec::new();
        let mut last_saved = false;
        for id in form.outline.ids() {
            let item = form.outline.item(id);
            if item.role == Role::External {
                found.push(self.external(id));
            } else if item.kind().is_some() || item.is_section() {
                self.pulled(id, &mut found);
                self.file_list(id, &mut found);
                last_saved |= item.kind().is_some() && self.reads_last_saved(id);
            }
        }
        if last_saved {
            found.push(file(LAST_SAVED, "jr://instance/last-saved".into(), Spot::default()));
        }
        for list in form.lists.lists.iter().filter(|list| !list.in_questions) {
            let spot = form
                .lists
                .table
                .spot(list.choices.first().map_or(0, |choice| choice.row), &["list name"]);
            let root = self.list(list);
            found.push(Found {
                secondary: Secondary {
                    id: list.name.clone(),
                    source: None,
                    root: Some(root),
                },
                spot,
                external: false,
            });
        }
        self.distinct(found)
    }

    /// The same instance may be asked for often; two different ones under one name are an error.
    fn distinct(&mut self, found: Vec<Found>) -> Vec<Secondary> {
        let mut kept: Vec<(Secondary, bool)> = Vec::new();
        for Found {
            secondary,
            spot,
            external,
        } in found
        {
            match kept.iter().find(|(known, _)| known.id == secondary.id) {
                None => kept.push((secondary, external)),
                Some((known, was)) if known.source != secondary.source || *was && external => {
                    self.log.error("xls_instance_twice", secondary.id, spot);
                }
                Some(_) => {}
            }
        }
        kept.into_iter().map(|(secondary, _)| secondary).collect()
    }

    fn external(&self, id: Id) -> Found {
        let item = self.outline().item(id);
        let (folder, file_ending) = if item.kind_name.starts_with("csv") {
            ("file-csv", "csv")
        } else {
            ("file", "xml")
        };
        let source = format!("jr://{folder}/{}.{file_ending}", item.name);
        Found {
            external: true,
            ..file(&item.name, source, self.spot(id, &["name"]))
        }
    }

    /// Tables that `pulldata()` looks into.
    fn pulled(&self, id: Id, found: &mut Vec<Found>) {
        let item = self.outline().item(id);
        let rules = RULES
            .iter()
            .filter_map(|key| Some((vec!["bind", *key], item.rule(key)?)));
        let others = [("choice_filter", &item.choice_filter), ("default", &item.default)];
        let others = others.into_iter().filter(|_| item.kind().is_some());
        let others = others.filter_map(|(column, text)| Some((vec![column], text.as_deref()?)));
        for (parts, text) in rules.chain(others).filter(|(_, text)| text.contains("pulldata(")) {
            for name in pulled_names(text) {
                found.push(file(&name, format!("jr://file-csv/{name}.csv"), self.spot(id, &parts)));
            }
        }
    }

    fn file_list(&self, id: Id, found: &mut Vec<Found>) {
        let item = self.outline().item(id);
        let Some(name) = item.itemset.as_deref().filter(|_| item.chooses()) else {
            return;
        };
        let (stem, file_ending) = ending(name);
        if FILES.contains(&file_ending) {
            let folder = if file_ending == ".csv" { "file-csv" } else { "file" };
            found.push(file(stem, format!("jr://{folder}/{name}"), self.spot(id, &["type"])));
        }
    }

    fn reads_last_saved(&self, id: Id) -> bool {
        let item = self.outline().item(id);
        let texts = [item.default.as_deref(), item.choice_filter.as_deref()]
            .into_iter()
            .flatten();
        let rules = RULES.iter().filter_map(|key| item.rule(key));
        texts
            .chain(rules)
            .any(|text| references::all(text).iter().any(|reference| reference.last_saved))
    }

    fn list(&mut self, list: &List) -> ModelNode {
        let texts = list.has_texts();
        let mut root = leaf("root", "");
        for (index, choice) in list.choices.iter().enumerate() {
            let mut item = leaf("item", "");
            if texts {
                item.children.push(leaf("itextId", &format!("{}-{index}", list.name)));
            }
            item.children.push(leaf("name", &choice.name));
            if let Some(label) = choice.label.as_ref().and_then(value::Value::text).filter(|_| !texts) {
                item.children.push(leaf("label", label));
            }
            for (key, value) in &choice.extra {
                if !names::is_name(key) {
                    let spot = self.form.lists.table.spot(choice.row, &[key]);
                    self.log
                        .error("xls_bad_name", key.as_str(), Spot { row: Some(1), ..spot });
                }
                let mut node = leaf(names::local(key), super::model::plain(value));
                if key.contains(':') {
                    let spot = self.form.lists.table.spot(choice.row, &[key]);
                    node.namespace = self.address(key, spot).map(Into::into);
                }
                item.children.push(node);
            }
            if let Some(option) = &choice.sms_option {
                item.children.push(leaf("sms_option", option));
            }
            root.children.push(item);
        }
        root
    }
}

fn leaf(name: &str, text: &str) -> ModelNode {
    let text = lines(text);
    let text = text.trim();
    ModelNode {
        name: name.into(),
        value: (!text.is_empty()).then(|| text.into()),
        ..ModelNode::default()
    }
}

fn file(id: &str, source: String, spot: Spot) -> Found {
    Found {
        secondary: Secondary {
            id: id.into(),
            source: Some(source),
            root: None,
        },
        spot,
        external: false,
    }
}

/// The first argument of every `pulldata(`.
fn pulled_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in text.split("pulldata").skip(1) {
        let argument = part
            .trim_start()
            .strip_prefix('(')
            .and_then(|rest| rest.split_once(','));
        let argument = argument.map(|(first, _)| first).filter(|first| !first.contains('\n'));
        names.extend(argument.map(|first| first.replace(['\'', '"'], "").trim().to_owned()));
    }
    names
}
