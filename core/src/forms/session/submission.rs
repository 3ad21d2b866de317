//! The document that is sent: relevant nodes, in the namespaces of the form.

use std::collections::BTreeSet;

use super::{At, NodeId, Session};
use crate::forms::names::Name;

impl Session {
    /// The submission as XML: what is relevant, or the part that the form says is sent.
    #[must_use]
    pub fn submission(&self) -> String {
        let whole = self.tree.root();
        let part = self
            .form
            .submission
            .and_then(|shape| self.scope().nodes_of(shape, &[]).first().copied());
        let mut out = String::from("<?xml version='1.0' encoding='UTF-8' ?>");
        if let Some(top) = part.or(whole) {
            self.element(top, true, None, &mut out);
        }
        out
    }

    fn element(&self, node: NodeId, top: bool, above: Option<&str>, out: &mut String) {
        let namespace = self.form.node_namespace(&self.tree, node);
        let name = self.form.names.text(self.tree[node].name);
        let prefix = namespace.and_then(|uri| self.prefix(uri));
        let tag = match prefix {
            Some(prefix) => format!("{prefix}:{name}"),
            None => name.to_owned(),
        };
        out.push('<');
        out.push_str(&tag);
        if top {
            for (prefix, uri) in &self.form.namespaces {
                attribute(&format!("xmlns:{prefix}"), uri, out);
            }
        }
        if prefix.is_none() && namespace != above {
            attribute("xmlns", namespace.unwrap_or(""), out);
        }
        self.attributes(node, out);
        let default = if prefix.is_none() { namespace } else { above };
        self.content(node, &tag, default, out);
    }

    fn prefix(&self, uri: &str) -> Option<&str> {
        self.form
            .namespaces
            .iter()
            .find(|(_, known)| known == uri)
            .map(|(prefix, _)| prefix.as_str())
    }

    fn attributes(&self, node: NodeId, out: &mut String) {
        for id in &self.tree[node].attributes {
            let name = self.form.names.text(self.tree[*id].name);
            let value = self.tree[*id]
                .value
                .as_ref()
                .map(|answer| answer.text(self.clock))
                .unwrap_or_default();
            match self.form.attribute_namespace(&self.tree, *id) {
                None => attribute(name, &value, out),
                Some(uri) => match self.prefix(uri) {
                    Some(prefix) => attribute(&format!("{prefix}:{name}"), &value, out),
                    None => {
                        attribute("xmlns:n", uri, out);
                        attribute(&format!("n:{name}"), &value, out);
                    }
                },
            }
        }
    }

    fn content(&self, node: NodeId, tag: &str, namespace: Option<&str>, out: &mut String) {
        let start = out.len();
        out.push('>');
        if let Some(answer) = &self.tree[node].value {
            escape(&answer.text(self.clock), out);
        } else {
            for child in self.in_blocks(node) {
                self.element(child, false, namespace, out);
            }
        }
        if out.len() == start + 1 {
            out.truncate(start);
            out.push_str(" />");
        } else {
            out.push_str("</");
            out.push_str(tag);
            out.push('>');
        }
    }

    /// The children that are sent; those of one name stand together.
    fn in_blocks(&self, node: NodeId) -> Vec<NodeId> {
        let all = &self.tree[node].children;
        let mut names: Vec<Name> = Vec::new();
        let mut known = BTreeSet::new();
        for child in all {
            let name = self.tree[*child].name;
            if known.insert(name) {
                names.push(name);
            }
        }
        let sent = |child: &NodeId| self.tree[*child].relevant() && self.tree[*child].place != At::Template;
        if names.len() == all.len() {
            return all.iter().copied().filter(sent).collect();
        }
        names
            .iter()
            .flat_map(|name| self.tree.children_named(node, *name).filter(sent))
            .collect()
    }
}

fn attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(value, out);
    out.push('"');
}

/// Text as XML writes it; characters that XML cannot hold are left out.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => out.push(c),
        }
    }
}
