//! The body: groups, repeats and questions.

use roxmltree::Node;

use super::{ACTIONS, Reader, attr, elements, jr_attr, local, own_text};
use crate::forms::definition::{Choice, Control, Element, Group, Itemset, Question, Repeat};

pub(super) fn is_control(name: &str) -> bool {
    matches!(name, "group" | "repeat") || control(name).is_some()
}

fn control(name: &str) -> Option<Control> {
    Some(match name {
        "input" => Control::Input,
        "secret" => Control::Secret,
        "range" => Control::Range,
        "select1" => Control::SelectOne,
        "select" => Control::SelectMany,
        "rank" => Control::Rank,
        "upload" => Control::Upload,
        "trigger" => Control::Trigger,
        _ => return None,
    })
}

/// A group that only wraps a repeat gives it its label and goes.
pub(super) fn collapse(elements: &mut [Element]) {
    for element in elements {
        if let Element::Group(group) = element
            && let [Element::Repeat(repeat)] = group.children.as_mut_slice()
        {
            let mut repeat = std::mem::take(repeat);
            repeat.label = group.label.take();
            *element = Element::Repeat(repeat);
        }
        match element {
            Element::Group(group) => collapse(&mut group.children),
            Element::Repeat(repeat) => collapse(&mut repeat.children),
            Element::Question(_) => {}
        }
    }
}

impl Reader {
    pub(super) fn element(&mut self, node: Node<'_, '_>) -> Option<Element> {
        match local(node) {
            "group" => Some(Element::Group(self.group(node))),
            "repeat" => self.repeat(node).map(Element::Repeat),
            name => {
                let control = control(name)?;
                self.question(node, control).map(Element::Question)
            }
        }
    }

    fn group(&mut self, node: Node<'_, '_>) -> Group {
        let mut group = Group {
            nodeset: self.path_of(node, &["ref", "nodeset"]),
            appearance: attr(node, "appearance").map(Into::into),
            ..Group::default()
        };
        self.inside(node, &mut |reader, child| match local(child) {
            "label" => group.label = reader.label(child),
            name if ACTIONS.contains(&name) => group.actions.extend(reader.action(child, true)),
            _ => group.children.extend(reader.element(child)),
        });
        group
    }

    fn repeat(&mut self, node: Node<'_, '_>) -> Option<Repeat> {
        let Some(nodeset) = self.path_of(node, &["nodeset"]) else {
            self.error(node, "form_repeat_without_nodeset", "");
            return None;
        };
        let count = jr_attr(node, "count").map(|path| path.trim().to_owned());
        let mut repeat = Repeat {
            nodeset,
            fixed: count.is_some() || jr_attr(node, "noAddRemove").is_some(),
            count,
            appearance: attr(node, "appearance").map(Into::into),
            ..Repeat::default()
        };
        self.inside(node, &mut |reader, child| match local(child) {
            "label" => {}
            name if ACTIONS.contains(&name) => repeat.actions.extend(reader.action(child, true)),
            _ => repeat.children.extend(reader.element(child)),
        });
        Some(repeat)
    }

    /// Visits labels, actions and controls inside a group, looking through elements that mean nothing here.
    fn inside(&mut self, node: Node<'_, '_>, take: &mut dyn FnMut(&mut Self, Node<'_, '_>)) {
        for child in elements(node) {
            let name = local(child);
            if name == "label" || is_control(name) || ACTIONS.contains(&name) {
                take(self, child);
            } else {
                self.inside(child, take);
            }
        }
    }

    fn question(&mut self, node: Node<'_, '_>, control: Control) -> Option<Question> {
        let nodeset = self.path_of(node, &["ref"]);
        if nodeset.is_none() && control != Control::Trigger {
            self.error(node, "form_question_without_ref", local(node));
            return None;
        }
        let own = ["ref", "bind", "appearance", "mediatype"];
        let mut question = Question {
            control,
            nodeset,
            mediatype: attr(node, "mediatype").map(Into::into),
            appearance: attr(node, "appearance").map(Into::into),
            attributes: node
                .attributes()
                .filter(|a| !own.contains(&a.name()))
                .map(|a| (a.name().to_owned(), a.value().to_owned()))
                .collect(),
            ..Question::default()
        };
        for child in elements(node) {
            self.part(child, &mut question);
        }
        self.check_choices(node, &question);
        Some(question)
    }

    fn part(&mut self, child: Node<'_, '_>, question: &mut Question) {
        let chooses = chooses(question.control);
        match local(child) {
            "label" => question.label = self.label(child),
            "hint" => question.hint = self.label(child),
            "item" if chooses => question.choices.extend(self.choice(child)),
            "itemset" if chooses => question.itemset = self.itemset(child),
            name if ACTIONS.contains(&name) => question.actions.extend(self.action(child, true)),
            _ => {}
        }
    }

    fn check_choices(&mut self, node: Node<'_, '_>, question: &Question) {
        if !chooses(question.control) {
            return;
        }
        let subject = question.nodeset.clone().unwrap_or_default();
        match (question.choices.is_empty(), &question.itemset) {
            (false, Some(_)) => self.error(node, "form_two_choice_lists", subject),
            (true, None) => self.error(node, "form_no_choices", subject),
            _ => {}
        }
    }

    fn choice(&mut self, node: Node<'_, '_>) -> Option<Choice> {
        let (mut label, mut value) = (None, None);
        for child in elements(node) {
            match local(child) {
                "label" => label = self.label(child),
                "value" => value = Some(own_text(child).trim().to_owned()),
                _ => {}
            }
        }
        match (label, value) {
            (Some(label), Some(value)) => Some(Choice { value, label }),
            (None, _) => {
                self.error(node, "form_choice_without_label", "");
                None
            }
            (_, None) => {
                self.error(node, "form_choice_without_value", "");
                None
            }
        }
    }

    fn itemset(&mut self, node: Node<'_, '_>) -> Option<Itemset> {
        let Some(nodeset) = attr(node, "nodeset") else {
            self.error(node, "form_itemset_without_nodeset", "");
            return None;
        };
        let mut itemset = Itemset::default();
        let nodeset = nodeset.trim();
        if let Some(inner) = nodeset
            .strip_prefix("randomize(")
            .and_then(|rest| rest.strip_suffix(')'))
        {
            itemset.shuffled = true;
            let (path, seed) = split_seed(inner);
            itemset.nodeset = path.trim().into();
            itemset.seed = seed.map(|seed| seed.trim().into());
        } else {
            itemset.nodeset = nodeset.into();
        }
        for child in elements(node) {
            let path = attr(child, "ref").map(str::to_owned);
            match (local(child), path) {
                ("label", Some(path)) => {
                    let id = path.strip_prefix("jr:itext(").and_then(|rest| rest.strip_suffix(')'));
                    itemset.label_is_id = id.is_some();
                    itemset.label = id.unwrap_or(&path).into();
                }
                ("value", Some(path)) => itemset.value = path,
                ("copy", _) => self.error(child, "form_itemset_copy", ""),
                ("label" | "value", None) => self.error(child, "form_itemset_part_without_ref", local(child)),
                _ => {}
            }
        }
        if itemset.label.is_empty() || itemset.value.is_empty() {
            self.error(node, "form_itemset_incomplete", itemset.nodeset.as_str());
        }
        Some(itemset)
    }
}

fn chooses(control: Control) -> bool {
    matches!(control, Control::SelectOne | Control::SelectMany | Control::Rank)
}

/// Splits the arguments of `randomize(path, seed)` at the comma outside all brackets and quotes.
fn split_seed(inner: &str) -> (&str, Option<&str>) {
    let mut depth = 0_i32;
    let mut quote = None;
    let mut comma = None;
    for (at, c) in inner.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (None, ',') if depth == 0 => comma = Some(at),
            _ => {}
        }
    }
    match comma.and_then(|at| inner.split_at_checked(at)) {
        Some((path, seed)) => (path, seed.strip_prefix(',')),
        None => (inner, None),
    }
}
