//! The model: instances, binds, actions and what is sent.

use roxmltree::Node;

use super::{ACTIONS, JAVAROSA, Reader, attr, elements, local, own_text};
use crate::forms::definition::{Attribute, ModelNode, Secondary};

impl Reader {
    pub(super) fn model(&mut self, node: Node<'_, '_>, root: Node<'_, '_>) {
        if self.model_found {
            self.warn(node, "form_second_model", "");
            return;
        }
        self.model_found = true;
        if !own_text(node).trim().is_empty() {
            self.error(node, "form_text_in_model", own_text(node).trim());
        }
        let mut later = Vec::new();
        let mut first = true;
        for child in elements(node) {
            match local(child) {
                "itext" => self.itext(child),
                "instance" => {
                    self.instance(child, first, root);
                    first = false;
                }
                "bind" => self.bind(child),
                name if name == "submission" || ACTIONS.contains(&name) => later.push(child),
                name => self.error(child, "form_unknown_in_model", name),
            }
        }
        for child in later {
            if local(child) == "submission" {
                // one with an id is another than the usual one
                if attr(child, "id").is_none() {
                    self.definition.submission = self.path_of(child, &["ref"]);
                }
            } else {
                let action = self.action(child, false);
                self.definition.actions.extend(action);
            }
        }
    }

    fn instance(&mut self, node: Node<'_, '_>, main: bool, document: Node<'_, '_>) {
        let source = attr(node, "src");
        let mut inside = elements(node);
        let root = if source.is_some() { None } else { inside.next() };
        if source.is_none() && inside.next().is_some() {
            self.error(node, "form_instance_two_roots", attr(node, "id").unwrap_or(""));
        }
        if !main {
            let root = root.map(|root| self.tree(root, root));
            self.definition.instances.push(Secondary {
                id: attr(node, "id").unwrap_or_default().into(),
                source: source.map(Into::into),
                root,
            });
            return;
        }
        let root = root.unwrap_or(node);
        self.definition.model = self.tree(root, root);
        self.definition.id = attr(root, "id").unwrap_or_default().into();
        self.definition.version = attr(root, "version").map(Into::into);
        self.namespaces(root, document);
    }

    /// The namespace of the root when it has one of its own, and the prefixes that stand at root and document.
    fn namespaces(&mut self, root: Node<'_, '_>, document: Node<'_, '_>) {
        let own = root
            .tag_name()
            .namespace()
            .filter(|uri| Some(*uri) != document.default_namespace());
        self.definition.model.namespace = own.map(Into::into);
        for declared in document.namespaces().chain(root.namespaces()) {
            let Some(prefix) = declared.name().filter(|prefix| *prefix != "xml") else {
                continue;
            };
            let entry = (prefix.to_owned(), declared.uri().to_owned());
            if !self.definition.namespaces.iter().any(|(known, _)| known == prefix) {
                self.definition.namespaces.push(entry);
            }
        }
    }

    fn tree(&mut self, node: Node<'_, '_>, root: Node<'_, '_>) -> ModelNode {
        let text = own_text(node);
        let mut children: Vec<ModelNode> = Vec::new();
        for child in elements(node) {
            let child_node = self.tree(child, root);
            if child_node.template && children.iter().any(|c| c.template && c.name == child_node.name) {
                self.error(child, "form_second_template", &*child_node.name);
            }
            children.push(child_node);
        }
        children.shrink_to_fit();
        let namespace = node.tag_name().namespace();
        let attributes = node
            .attributes()
            .filter(|a| a.namespace() != Some(JAVAROSA) || !matches!(a.name(), "template" | "recordset"));
        ModelNode {
            name: local(node).into(),
            namespace: namespace
                .filter(|uri| Some(*uri) != root.tag_name().namespace())
                .map(Into::into),
            value: (children.is_empty() && !text.trim().is_empty()).then(|| text.trim().into()),
            template: node.attribute((JAVAROSA, "template")).is_some(),
            attributes: attributes
                .map(|a| Attribute {
                    name: a.name().into(),
                    namespace: a.namespace().map(Into::into),
                    value: a.value().into(),
                })
                .collect(),
            children,
        }
    }
}
