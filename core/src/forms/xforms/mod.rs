//! ODK XForms documents (what Central, Kobo and Enketo serve) to GF/1.
//!
//! What is accepted and refused follows the ODK XForms specification as ODK's own engine reads it.

mod binds;
mod body;
mod model;
mod texts;

use roxmltree::{Document, Node, ParsingOptions};

use super::definition::{Action, Definition, FORMAT};
use super::trouble::{Refused, Spot, Trouble, Weight};

/// The largest document that is read, in bytes.
pub const LARGEST: usize = 24 << 20;

const JAVAROSA: &str = "http://openrosa.org/javarosa";
const ACTIONS: [&str; 3] = ["setvalue", "setgeopoint", "recordaudio"];
const EVENTS: [&str; 7] = [
    "odk-instance-first-load",
    "odk-instance-load",
    "odk-new-repeat",
    "xforms-value-changed",
    "xforms-ready",
    "xforms-revalidate",
    "jr-insert",
];

/// A form read from a document, with what its author should know.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The form.
    pub definition: Definition,
    /// Warnings.
    pub warnings: Vec<Trouble>,
}

/// Reads an XForms document.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub fn import(xml: &str) -> Result<Imported, Refused> {
    if xml.len() > LARGEST {
        return Err(Refused::because("form_too_large", LARGEST.to_string()));
    }
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: 4_000_000,
        ..ParsingOptions::default()
    };
    if !depth_is_sane(xml) {
        return Err(Refused::because("form_too_deep", ""));
    }
    let document =
        Document::parse_with_options(xml.trim_start_matches('\u{feff}').trim_start(), options).map_err(|error| {
            Refused(vec![Trouble::error("form_not_xml", error.to_string()).at(Spot {
                row: Some(error.pos().row),
                column: Some(error.pos().col),
                ..Spot::default()
            })])
        })?;
    let mut reader = Reader::default();
    reader.document(document.root_element());
    let failed = reader.troubles.iter().any(|trouble| trouble.weight == Weight::Error);
    if failed {
        return Err(Refused(reader.troubles));
    }
    Ok(Imported {
        definition: reader.definition,
        warnings: reader.troubles,
    })
}

/// Whether elements nest no deeper than a form ever does, found before the document is parsed.
fn depth_is_sane(xml: &str) -> bool {
    let mut depth = 0_i64;
    let mut rest = xml;
    while let Some((_, after)) = rest.split_once('<') {
        depth += match after.as_bytes().first() {
            Some(b'/') => -1,
            Some(b'!' | b'?') => 0,
            _ => i64::from(!after.split_once('>').is_some_and(|(tag, _)| tag.ends_with('/'))),
        };
        if depth > 256 {
            return false;
        }
        rest = after;
    }
    true
}

/// What is known while a document is read.
#[derive(Default)]
struct Reader {
    definition: Definition,
    troubles: Vec<Trouble>,
    model_found: bool,
    /// Paths of binds by id.
    bind_ids: std::collections::HashMap<String, String>,
}

impl Reader {
    fn document(&mut self, root: Node<'_, '_>) {
        self.definition.format = FORMAT.into();
        self.descend(root, root);
        if !self.model_found {
            self.error(root, "form_no_model", "");
        } else if self.definition.model.name.is_empty() {
            self.error(root, "form_no_instance", "");
        }
        let title = self.definition.title.clone();
        self.definition.title = title.trim().into();
        body::collapse(&mut self.definition.body);
    }

    /// Top level: title, model and controls, whatever stands around them.
    fn descend(&mut self, node: Node<'_, '_>, root: Node<'_, '_>) {
        match local(node) {
            "title" => self.definition.title = own_text(node),
            "model" => self.model(node, root),
            "meta" => {}
            name if body::is_control(name) => {
                if let Some(element) = self.element(node) {
                    self.definition.body.push(element);
                }
            }
            "label" => self.error(node, "form_label_outside_group", ""),
            name if ACTIONS.contains(&name) => {
                let action = self.action(node, false);
                self.definition.actions.extend(action);
            }
            _ => elements(node).for_each(|child| self.descend(child, root)),
        }
    }

    fn error(&mut self, node: Node<'_, '_>, code: &'static str, subject: impl Into<String>) {
        let trouble = Trouble::error(code, subject).at(spot(node));
        self.troubles.push(trouble);
    }

    fn warn(&mut self, node: Node<'_, '_>, code: &'static str, subject: impl Into<String>) {
        let trouble = Trouble::warning(code, subject).at(spot(node));
        self.troubles.push(trouble);
    }

    /// The path an element speaks of: by `bind`, or by the attribute of that name.
    fn path_of(&mut self, node: Node<'_, '_>, names: &[&str]) -> Option<String> {
        if let Some(id) = attr(node, "bind") {
            let path = self.bind_ids.get(id).cloned();
            if path.is_none() {
                self.error(node, "form_unknown_bind", id);
            }
            return path;
        }
        names
            .iter()
            .find_map(|name| attr(node, name))
            .map(|path| path.trim().to_owned())
    }

    fn action(&mut self, node: Node<'_, '_>, in_body: bool) -> Option<Action> {
        let events: Vec<String> = attr(node, "event")
            .unwrap_or("")
            .split_whitespace()
            .map(Into::into)
            .collect();
        let unknown: Vec<&str> = events
            .iter()
            .map(String::as_str)
            .filter(|e| !EVENTS.contains(e))
            .collect();
        if !unknown.is_empty() || events.is_empty() {
            self.error(node, "form_unknown_event", unknown.join(" "));
            return None;
        }
        if !in_body && events.iter().any(|event| event == "odk-new-repeat") {
            self.error(node, "form_new_repeat_outside_repeat", "");
        }
        let Some(target) = self.path_of(node, &["ref"]) else {
            self.error(node, "form_action_without_target", "");
            return None;
        };
        let value = attr(node, "value").map(str::to_owned);
        Some(Action {
            kind: local(node).into(),
            events,
            target,
            text: value.is_none().then(|| own_text(node)),
            value,
        })
    }
}

fn local<'a>(node: Node<'a, '_>) -> &'a str {
    node.tag_name().name()
}

/// An attribute by local name, whatever its namespace.
fn attr<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes().find(|a| a.name() == name).map(|a| a.value())
}

/// An attribute of the JavaRosa namespace.
fn jr_attr<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attribute((JAVAROSA, name))
}

fn elements<'a, 'd: 'a>(node: Node<'a, 'd>) -> impl Iterator<Item = Node<'a, 'd>> {
    node.children().filter(Node::is_element)
}

/// The text directly inside an element.
fn own_text(node: Node<'_, '_>) -> String {
    node.children()
        .filter_map(|child| child.is_text().then(|| child.text()).flatten())
        .collect()
}

fn spot(node: Node<'_, '_>) -> Spot {
    let at = node.document().text_pos_at(node.range().start);
    Spot {
        row: Some(at.row),
        column: Some(at.col),
        ..Spot::default()
    }
}
