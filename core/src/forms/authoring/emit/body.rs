//! The body: groups, repeats and questions with their choices.

use std::collections::{BTreeMap, HashMap};

use super::binds::action;
use super::{Writer, texts};
use crate::forms::authoring::item::{Item, Role, VALUE_CHANGED};
use crate::forms::authoring::names::local;
use crate::forms::authoring::outline::{Id, Outline};
use crate::forms::authoring::paths::{How, in_attribute};
use crate::forms::authoring::references;
use crate::forms::authoring::selects::{FILES, ending};
use crate::forms::authoring::value::{self, Value};
use crate::forms::definition::{Action, Choice, Control, Element, Group, Itemset, Label, Question, Repeat};

/// What the change of a question sets off: the node that changes and the rule of its new value, by question.
pub(super) type Triggers = HashMap<String, Vec<(Id, String, bool)>>;

pub(super) fn triggers(outline: &Outline) -> Triggers {
    let mut triggers = Triggers::new();
    for id in outline.ids() {
        let item = outline.item(id);
        for name in &item.trigger {
            let rule = item.rule("calculate").unwrap_or_default().to_owned();
            let locates = item.kind_name == "background-geopoint";
            triggers.entry(name.clone()).or_default().push((id, rule, locates));
        }
    }
    triggers
}

impl Writer<'_> {
    pub(super) fn sections(&mut self, id: Id) -> Vec<Element> {
        let form = self.form;
        let mut elements = Vec::new();
        for child in form.outline.children(id) {
            let item = form.outline.item(*child);
            match item.role {
                Role::Group if item.bodyless => {}
                Role::Group => elements.push(Element::Group(self.group(*child, item))),
                Role::Repeat => elements.push(Element::Repeat(self.repeat(*child, item))),
                Role::Question(_) => elements.extend(self.question(*child, item).map(Element::Question)),
                _ => {}
            }
        }
        elements
    }

    /// Attributes of the control as written, references replaced.
    fn attributes(&mut self, id: Id, item: &Item) -> Vec<(String, String)> {
        let mut written = Vec::new();
        for (key, value) in &item.control {
            let text = self.text_of(value, key, id, &["control", key]);
            if key.contains(':') {
                self.address(key, self.spot(id, &["control", key]));
            }
            let text = self.outline().resolve(&text, Some(id), How::default());
            written.push((key.clone(), in_attribute(&text)));
        }
        written
    }

    fn group(&mut self, id: Id, item: &Item) -> Group {
        let written = self.attributes(id, item);
        Group {
            nodeset: Some(self.outline().path(id)),
            label: item
                .label
                .is_some()
                .then(|| self.label(id, item))
                .or_else(|| is_blank(item)),
            appearance: first(&written, "appearance"),
            children: self.sections(id),
            actions: Vec::new(),
        }
    }

    fn repeat(&mut self, id: Id, item: &Item) -> Repeat {
        let written = self.attributes(id, item);
        let exact = |name: &str| {
            written
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, text)| text.clone())
        };
        let count = exact("jr:count").map(|count| count.trim().to_owned());
        Repeat {
            nodeset: self.outline().path(id),
            label: Some(self.label(id, item)),
            fixed: count.is_some() || exact("jr:noAddRemove").is_some(),
            count,
            appearance: first(&written, "appearance"),
            children: self.sections(id),
            actions: self.repeat_actions(id),
        }
    }

    /// Defaults of everything in a repeat that no inner repeat takes care of.
    fn repeat_actions(&mut self, repeat: Id) -> Vec<Action> {
        let form = self.form;
        let own = form
            .outline
            .ids()
            .filter(|id| form.outline.repeat_around(*id) == Some(repeat));
        let mut actions = Vec::new();
        for id in own {
            let item = form.outline.item(id);
            if item.kind().is_some() || item.role == Role::Attribute {
                actions.extend(self.own_actions(id, true));
            }
        }
        actions
    }

    fn label(&self, id: Id, item: &Item) -> Label {
        if texts::has_text_label(item) {
            return Label::Id(format!("{}:label", self.outline().path(id)));
        }
        let text = item.label.as_ref().and_then(Value::text).unwrap_or_default();
        Label::Words(self.outline().words(text, Some(id)))
    }

    fn question(&mut self, id: Id, item: &Item) -> Option<Question> {
        let kind = item.kind()?;
        let own_hint = Value::Text(kind.hint.into());
        let hint = item.hint.as_ref().or((!kind.hint.is_empty()).then_some(&own_hint));
        let spoken = item.label.is_some() || hint.is_some() || item.appearance() == Some("label");
        let calculated = item
            .bind
            .as_ref()
            .is_some_and(|bind| value::get(bind, "calculate").is_some());
        let silent = (calculated || !item.trigger.is_empty()) && !spoken;
        if item.kind_name == "calculate" || silent {
            self.check_not_trigger(item);
            return None;
        }
        let control = control(kind.control)?;
        self.check_spoken(id, item, hint.is_some());
        let written = self.attributes(id, item);
        let mut question = Question {
            control,
            nodeset: Some(self.outline().path(id)),
            mediatype: first(&written, "mediatype").or((!kind.mediatype.is_empty()).then(|| kind.mediatype.into())),
            appearance: first(&written, "appearance"),
            attributes: others(&written),
            ..Question::default()
        };
        let labelled = item.label.is_some() || !item.media.is_empty() || item.guidance.is_some() || hint.is_some();
        question.label = labelled.then(|| self.label(id, item)).or_else(|| is_blank(item));
        question.hint = match hint {
            _ if texts::has_text_hint(item) => Some(Label::Id(format!("{}:hint", self.outline().path(id)))),
            Some(hint) => Some(Label::Words(
                self.outline().words(hint.text().unwrap_or_default(), Some(id)),
            )),
            None => None,
        };
        self.choices(id, item, &mut question);
        question.actions = self.set_off(id, item);
        Some(question)
    }

    /// Something that nobody sees cannot be changed by anybody.
    fn check_not_trigger(&mut self, item: &Item) {
        let names: Vec<Id> = self
            .triggers
            .get(&item.name)
            .into_iter()
            .flatten()
            .filter(|(_, _, l)| !l)
            .map(|(id, ..)| *id)
            .collect();
        for target in names {
            let spot = self.spot(target, &["trigger"]);
            self.log.error("xls_trigger_unseen", item.name.as_str(), spot);
        }
    }

    fn check_spoken(&mut self, id: Id, item: &Item, hinted: bool) {
        let marked_label = item.appearance() == Some("label");
        if item.label.is_none() && item.media.is_empty() && !hinted && !marked_label {
            let spot = self.spot(id, &["label"]);
            self.log.error("xls_label_missing", item.name.as_str(), spot);
        }
        let has = |kind: &str| item.media.iter().any(|(key, _)| key == kind);
        if has("big-image") && !has("image") {
            let spot = self.spot(id, &["media", "big-image"]);
            self.log.error("xls_big_image_alone", item.name.as_str(), spot);
        }
    }

    fn set_off(&mut self, id: Id, item: &Item) -> Vec<Action> {
        let form = self.form;
        let all = self.triggers.get(&item.name).cloned().unwrap_or_default();
        let values = all.iter().filter(|(_, _, locates)| !locates).map(|(target, rule, _)| {
            let value = form.outline.resolve(rule, Some(id), How::default());
            action("setvalue", VALUE_CHANGED, form.outline.path(*target), Some(value))
        });
        let places = all.iter().filter(|(_, _, locates)| *locates);
        let places = places.map(|(target, ..)| action("setgeopoint", VALUE_CHANGED, form.outline.path(*target), None));
        values.chain(places).collect()
    }

    fn choices(&mut self, id: Id, item: &Item, question: &mut Question) {
        if let Some(list) = item.parameter("\u{0}search").map(str::to_owned) {
            question.choices = self.own_choices(&list, item);
        } else if item.kind_name == "select one external" {
            let list = item.itemset.as_deref().unwrap_or_default();
            let how = How {
                current: true,
                outside: false,
            };
            let filter = item.choice_filter.as_deref().filter(|filter| !filter.is_empty());
            let filter = filter.map(|filter| format!("[{}]", self.outline().resolve(filter, Some(id), how)));
            let query = format!("instance('{list}')/root/item{}", filter.unwrap_or_default());
            question.attributes.insert("query".into(), in_attribute(&query));
        } else if item.chooses() {
            question.itemset = Some(self.itemset(id, item));
        }
    }

    fn own_choices(&self, list: &str, item: &Item) -> Vec<Choice> {
        let Some(list) = self.form.lists.get(list) else {
            return Vec::new();
        };
        let texts = list.has_texts();
        let label = |index: usize, label: Option<&Value>| match label {
            _ if texts => Label::Id(format!("{}-{index}", list.name)),
            Some(Value::Text(text)) if item.label.is_some() => Label::Words(self.outline().words(text, None)),
            _ => Label::Words(Vec::new()),
        };
        let choices = list.choices.iter().enumerate();
        choices
            .map(|(index, choice)| Choice {
                value: choice.name.trim().into(),
                label: label(index, choice.label.as_ref()),
            })
            .collect()
    }

    fn itemset(&self, id: Id, item: &Item) -> Itemset {
        let name = item.itemset.as_deref().unwrap_or_default();
        let mut itemset = self.source(id, item, name);
        let outside = references::any(name);
        if let Some(filter) = item.choice_filter.as_deref().filter(|filter| !filter.is_empty()) {
            let how = How { current: true, outside };
            let mut filter = self.outline().resolve(filter, Some(id), how);
            if outside {
                let (nodes, _) = itemset.nodeset.split_once('[').unwrap_or((&itemset.nodeset, ""));
                filter = filter.replace(&format!("current()/{nodes}"), ".").replace(nodes, ".");
                itemset.nodeset = nodes.to_owned();
            }
            itemset.nodeset.push_str(&format!("[{filter}]"));
        }
        if item.parameter("randomize") == Some("true") {
            itemset.shuffled = true;
            itemset.seed = item
                .parameter("seed")
                .map(|seed| in_attribute(self.outline().resolve(seed, Some(id), How::default()).trim()));
        }
        itemset.nodeset = in_attribute(&itemset.nodeset).trim().to_owned();
        itemset
    }

    /// Where choices come from, and what of each is stored and shown.
    fn source(&self, id: Id, item: &Item, name: &str) -> Itemset {
        let (stem, file_ending) = ending(name);
        if FILES.contains(&file_ending) {
            let (value, label) = if file_ending == ".geojson" {
                ("id", "title")
            } else {
                ("name", "label")
            };
            return Itemset {
                nodeset: format!("instance('{stem}')/root/item"),
                value: item.parameter("value").unwrap_or(value).into(),
                label: item.parameter("label").unwrap_or(label).into(),
                ..Itemset::default()
            };
        }
        if references::any(name) {
            let how = How {
                current: false,
                outside: true,
            };
            let path = self.outline().resolve(name, Some(id), how);
            let (nodes, leaf) = path.trim().rsplit_once('/').unwrap_or(("", path.trim()));
            return Itemset {
                nodeset: format!("{nodes}[./{leaf} != '']"),
                value: leaf.into(),
                label: leaf.into(),
                ..Itemset::default()
            };
        }
        let texts = self.form.lists.get(name).is_some_and(|list| list.has_texts());
        Itemset {
            nodeset: format!("instance('{name}')/root/item"),
            value: "name".into(),
            label: if texts { "itextId" } else { "label" }.into(),
            label_is_id: texts,
            ..Itemset::default()
        }
    }
}

/// A part marked as the labels of a table is labelled by nothing.
fn is_blank(item: &Item) -> Option<Label> {
    (item.appearance() == Some("label")).then(|| Label::Words(Vec::new()))
}

fn control(name: &str) -> Option<Control> {
    Some(match name {
        "input" => Control::Input,
        "range" => Control::Range,
        "select1" => Control::SelectOne,
        "select" => Control::SelectMany,
        "odk:rank" => Control::Rank,
        "upload" => Control::Upload,
        "trigger" => Control::Trigger,
        _ => return None,
    })
}

fn first(written: &[(String, String)], name: &str) -> Option<String> {
    written
        .iter()
        .find(|(key, _)| local(key) == name)
        .map(|(_, text)| text.clone())
}

/// Everything else on a control, for the shell.
fn others(written: &[(String, String)]) -> BTreeMap<String, String> {
    let own = ["ref", "bind", "appearance", "mediatype", "tag"];
    let others = written
        .iter()
        .map(|(key, text)| (local(key), text))
        .filter(|(key, _)| !own.contains(key));
    others.map(|(key, text)| (key.to_owned(), text.clone())).collect()
}
