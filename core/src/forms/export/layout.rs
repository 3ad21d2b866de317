//! The shape of a form's answers: groups, repeats and fields with their types.

use std::collections::{BTreeMap, BTreeSet};

use crate::forms::definition::{Control, Definition, Element, ModelNode, Question};
use crate::forms::value::DataType;

/// A group or a repeat, or the form itself.
#[derive(Debug)]
pub(super) struct Level {
    pub(super) name: String,
    pub(super) parts: Vec<Part>,
}

/// What stands in a group.
#[derive(Debug)]
pub(super) enum Part {
    Field(Field),
    Group(Level),
    Repeat(Level),
}

/// A node that holds an answer.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) data_type: DataType,
    /// Several choices in one answer.
    pub(super) many: bool,
    /// All values it may have, when they stand in the form.
    pub(super) values: Option<Vec<String>>,
}

/// What body and binds say about nodes, by path.
#[derive(Default)]
struct Known<'a> {
    repeats: BTreeSet<&'a str>,
    questions: BTreeMap<&'a str, &'a Question>,
    types: BTreeMap<&'a str, DataType>,
}

pub(super) fn layout(definition: &Definition) -> Level {
    let mut known = Known::default();
    collect(&definition.body, &mut known);
    for bind in &definition.binds {
        known.types.insert(
            &bind.nodeset,
            bind.data_type.as_deref().map(DataType::named).unwrap_or_default(),
        );
    }
    level(
        &definition.model,
        &format!("/{}", definition.model.name),
        &known,
        definition,
    )
}

fn collect<'a>(elements: &'a [Element], known: &mut Known<'a>) {
    for element in elements {
        match element {
            Element::Group(group) => collect(&group.children, known),
            Element::Repeat(repeat) => {
                known.repeats.insert(&repeat.nodeset);
                collect(&repeat.children, known);
            }
            Element::Question(question) => {
                if let Some(path) = &question.nodeset {
                    known.questions.insert(path, question);
                }
            }
        }
    }
}

fn level(node: &ModelNode, path: &str, known: &Known<'_>, definition: &Definition) -> Level {
    let mut seen = BTreeSet::new();
    let mut parts = Vec::new();
    // a pattern and the instances of its repeat are one part
    for child in node.children.iter().filter(|child| seen.insert(child.name.clone())) {
        let path = format!("{path}/{}", child.name);
        if known.repeats.contains(path.as_str()) {
            parts.push(Part::Repeat(level(child, &path, known, definition)));
        } else if !child.children.is_empty() {
            parts.push(Part::Group(level(child, &path, known, definition)));
        } else {
            parts.push(Part::Field(field(&child.name, &path, known, definition)));
        }
    }
    Level {
        name: node.name.to_string(),
        parts,
    }
}

fn field(name: &str, path: &str, known: &Known<'_>, definition: &Definition) -> Field {
    let question = known.questions.get(path);
    Field {
        name: name.to_owned(),
        data_type: known.types.get(path).copied().unwrap_or_default(),
        many: question.is_some_and(|q| matches!(q.control, Control::SelectMany | Control::Rank)),
        values: question.and_then(|question| values(question, definition)),
    }
}

/// The values of a choice list that stands in the form and has no filter.
fn values(question: &Question, definition: &Definition) -> Option<Vec<String>> {
    if !question.choices.is_empty() {
        return Some(question.choices.iter().map(|choice| choice.value.clone()).collect());
    }
    let itemset = question.itemset.as_ref()?;
    let rest = itemset.nodeset.strip_prefix("instance('")?;
    let (id, path) = rest.split_once("')")?;
    if !path.starts_with("/root/item") {
        return None;
    }
    let list = definition.instances.iter().find(|instance| instance.id == id)?;
    let items = &list.root.as_ref()?.children;
    let value = |item: &ModelNode| {
        let node = item.children.iter().find(|child| *child.name == *itemset.value)?;
        Some(node.value.as_deref().unwrap_or_default().to_owned())
    };
    Some(items.iter().filter_map(value).collect())
}
