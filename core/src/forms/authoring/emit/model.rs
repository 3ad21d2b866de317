//! The primary instance: nodes with defaults, patterns of repeats.

use super::{Writer, XFORMS};
use crate::forms::authoring::item::{Item, Role};
use crate::forms::authoring::lexer;
use crate::forms::authoring::names::local;
use crate::forms::authoring::outline::Id;
use crate::forms::authoring::paths::{How, in_attribute, lines};
use crate::forms::authoring::value::Value;
use crate::forms::definition::{Attribute, ModelNode};
use crate::forms::trouble::Spot;

impl Writer<'_> {
    pub(super) fn model(&mut self) -> ModelNode {
        let mut root = self.node(0, false);
        let settings = &self.form.settings;
        let mut written: Vec<(String, String)> = Vec::new();
        for (name, value) in settings.map("attribute").cloned().unwrap_or_default() {
            written.push((name, value.text().unwrap_or_default().to_owned()));
        }
        for (name, value) in [
            ("id", Some(settings.id.as_str())),
            ("version", settings.text("version")),
            ("odk:prefix", settings.text("prefix")),
            ("odk:delimiter", settings.text("delimiter")),
        ] {
            let Some(value) = value.filter(|value| !value.is_empty()) else {
                continue;
            };
            match written.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => *known = value.into(),
                None => written.push((name.into(), value.into())),
            }
        }
        for (name, value) in written {
            let spot = self.form.settings.table.spot(2, &["attribute", &name]);
            self.attribute(&mut root, &name, &value, spot);
        }
        root.namespace = self
            .form
            .settings
            .text("instance_xmlns")
            .filter(|a| *a != XFORMS && !a.is_empty())
            .map(Into::into);
        root
    }

    fn attribute(&mut self, node: &mut ModelNode, name: &str, value: &str, spot: Spot) {
        if name == "xmlns" || name.starts_with("xmlns:") {
            return;
        }
        let namespace = self.address(name, spot);
        node.attributes.push(Attribute {
            name: local(name).into(),
            namespace: namespace.map(Into::into),
            value: in_attribute(value).into(),
        });
    }

    /// A node with what is inside. Inside a first instance of a repeat, nested repeats get no pattern of their own.
    fn node(&mut self, id: Id, in_instance: bool) -> ModelNode {
        let form = self.form;
        let item = form.outline.item(id);
        let mut node = self.bare(id, item);
        for (name, value) in &item.instance {
            let text = self.text_of(value, name, id, &["instance", name]);
            let text = form.outline.resolve(&text, Some(id), How::default());
            self.attribute(&mut node, name, &text, self.spot(id, &["instance", name]));
        }
        for child in form.outline.children(id) {
            match form.outline.item(*child).role {
                Role::External => {}
                Role::Attribute => {
                    let attribute = form.outline.item(*child);
                    let (name, value) = (attribute.name.clone(), attribute.value.clone());
                    self.attribute(&mut node, &name, &value, Spot::default());
                }
                Role::Repeat if !in_instance => {
                    node.children.push(self.pattern(*child));
                    node.children.push(self.node(*child, true));
                }
                _ => node.children.push(self.node(*child, in_instance)),
            }
        }
        if node.children.is_empty() {
            node.value = default(item);
        }
        node
    }

    fn bare(&mut self, id: Id, item: &Item) -> ModelNode {
        let namespace = self.address(&item.name, self.spot(id, &["name"]));
        ModelNode {
            name: local(&item.name).into(),
            namespace: namespace.map(Into::into),
            ..ModelNode::default()
        }
    }

    /// The pattern that new instances of a repeat are copied from.
    fn pattern(&mut self, id: Id) -> ModelNode {
        let form = self.form;
        let mut node = self.bare(id, form.outline.item(id));
        node.template = true;
        for child in form.outline.children(id) {
            match form.outline.item(*child).role {
                Role::External => {}
                Role::Repeat => node.children.push(self.pattern(*child)),
                _ => node.children.push(self.node(*child, false)),
            }
        }
        node
    }
}

/// A fixed default answer; a computed one is set by an action.
fn default(item: &Item) -> Option<Box<str>> {
    let default = item
        .default
        .as_deref()
        .filter(|default| !lexer::is_dynamic(default, &item.kind_name))?;
    let default = lines(default);
    let default = default.trim();
    (!default.is_empty()).then(|| default.into())
}

/// The text of a value that has only one.
pub(super) fn plain(value: &Value) -> &str {
    value.text().unwrap_or_default()
}
