//! Walking through a form: what can be reached now, in order; and paths of nodes as people and scripts write them.

use super::{NodeId, Session};
use crate::forms::form::{PartId, PartKind};
use crate::forms::tree::{Place as At, ShapeId};

/// Something that can be reached now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A group, or a page.
    Group(PartId, NodeId),
    /// An instance of a repeat.
    Repeat(PartId, NodeId),
    /// The offer to add an instance at the end of a repeat, below a parent.
    NewRepeat(PartId, NodeId),
    /// A question.
    Question(PartId, NodeId),
}

type Visit<'a> = &'a mut dyn FnMut(&mut Session, Place) -> bool;

impl Session {
    /// Everything that can be reached now, in the order of the form. Not relevant parts are left out.
    pub fn places(&mut self) -> Vec<Place> {
        let mut places = Vec::new();
        self.walk(&mut |_, place| {
            places.push(place);
            true
        });
        places
    }

    /// Visits places in order, making instances that counts ask for on the way, until the visitor has enough.
    pub(super) fn walk(&mut self, visit: Visit<'_>) {
        if let Some(root) = self.tree.root() {
            let top = self.form.top.clone();
            self.walk_parts(&top, root, visit);
        }
    }

    fn walk_parts(&mut self, parts: &[PartId], base: NodeId, visit: Visit<'_>) -> bool {
        let form = std::sync::Arc::clone(&self.form);
        parts.iter().all(|id| {
            let Some(part) = form.part(*id) else {
                return true;
            };
            match &part.kind {
                PartKind::Repeat { .. } => self.walk_repeat(*id, &part.children, base, visit),
                PartKind::Group => {
                    let node = part.shape.and_then(|shape| self.descend(base, shape));
                    let seen = node.filter(|node| self.tree[*node].relevant());
                    seen.is_none_or(|node| visit(self, Place::Group(*id, node)))
                        && self.walk_parts(&part.children, base, visit)
                }
                PartKind::Question { .. } => {
                    let node = part.shape.and_then(|shape| self.descend(base, shape));
                    let seen = node.filter(|node| self.tree[*node].relevant());
                    seen.is_none_or(|node| visit(self, Place::Question(*id, node)))
                }
            }
        })
    }

    fn walk_repeat(&mut self, id: PartId, children: &[PartId], base: NodeId, visit: Visit<'_>) -> bool {
        let shape = self.part_shape(id);
        let above = self.form.shape(shape).and_then(|shape| shape.parent);
        let Some(parent) = above.and_then(|above| self.descend(base, above)) else {
            return true;
        };
        for nth in 0.. {
            let existing = self.instances(parent, shape).get(nth).copied();
            let node = match existing {
                Some(node) => node,
                None => match self.offered(id, parent, nth) {
                    Offered::Nothing => return true,
                    Offered::Choice => return visit(self, Place::NewRepeat(id, parent)),
                    Offered::Made(node) => node,
                },
            };
            let seen = self.tree[node].relevant();
            if seen && !visit(self, Place::Repeat(id, node)) || !self.walk_parts(children, node, visit) {
                return false;
            }
        }
        true
    }

    fn offered(&mut self, id: PartId, parent: NodeId, nth: usize) -> Offered {
        let wanted = self.wanted(id, parent);
        let possible = wanted.map_or_else(|| self.may_grow(id), |wanted| u64::from(wanted) > nth as u64);
        if !possible || !self.would_be_relevant(id, parent, nth) {
            return Offered::Nothing;
        }
        match wanted {
            None => Offered::Choice,
            Some(_) => self.create(id, parent).map_or(Offered::Nothing, Offered::Made),
        }
    }

    /// The node of a shape at or below a node, by first instances.
    pub(super) fn descend(&self, base: NodeId, shape: ShapeId) -> Option<NodeId> {
        let path = self.form.shape_path(shape);
        let start = path.iter().rposition(|step| *step == self.tree[base].shape);
        let (mut node, rest) = match start {
            Some(at) => (base, path.get(at + 1..)?),
            None => {
                let root = self.tree.root()?;
                (
                    root,
                    path.get(1..).filter(|_| path.first() == Some(&self.tree[root].shape))?,
                )
            }
        };
        for step in rest {
            node = self.child_of_shape(node, *step)?;
        }
        Some(node)
    }

    /// `/data/child[2]/age`: a position, counted from one, at every repeat and nowhere else.
    #[must_use]
    pub fn path_of(&self, node: NodeId) -> String {
        let mut path = String::new();
        for node in self.tree.chain(node) {
            let node = &self.tree[node];
            path.push_str(if node.place == At::Attribute { "/@" } else { "/" });
            path.push_str(self.form.names.text(node.name));
            if self.form.shape(node.shape).is_some_and(|shape| shape.repeat) {
                path.push_str(&format!("[{}]", node.nth() + 1));
            }
        }
        path
    }

    /// The path of a place.
    #[must_use]
    pub fn place_path(&self, place: Place) -> String {
        match place {
            Place::Group(_, node) | Place::Repeat(_, node) | Place::Question(_, node) => self.path_of(node),
            Place::NewRepeat(part, parent) => {
                let shape = self.form.shape(self.part_shape(part));
                let name = shape
                    .and_then(|shape| shape.name)
                    .map_or("", |name| self.form.names.text(name));
                format!("{}/{name}", self.path_of(parent))
            }
        }
    }

    /// The node of a path; a step without position means the first.
    #[must_use]
    pub fn node_at(&self, path: &str) -> Option<NodeId> {
        let mut at: Option<NodeId> = None;
        for step in path.trim().strip_prefix('/')?.split('/') {
            let (name, nth) = split_position(step)?;
            let attribute = name.strip_prefix('@');
            let name = self.form.names.find(attribute.unwrap_or(name))?;
            at = Some(match at {
                None => self
                    .tree
                    .root()
                    .filter(|root| self.tree[*root].name == name && nth == 0)?,
                Some(parent) if attribute.is_some() => self.tree.attribute(parent, name)?,
                Some(parent) => self.tree.child(parent, name, nth)?,
            });
        }
        at
    }
}

enum Offered {
    Nothing,
    Choice,
    Made(NodeId),
}

/// Splits `child[2]` into name and position from zero.
fn split_position(step: &str) -> Option<(&str, u32)> {
    match step.split_once('[') {
        None => Some((step, 0)),
        Some((name, rest)) => Some((
            name,
            rest.strip_suffix(']')?.trim().parse::<u32>().ok()?.checked_sub(1)?,
        )),
    }
}
