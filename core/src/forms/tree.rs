//! Instances: trees of nodes in one arena, with the state that rules give to each node.

use std::ops::{Index, IndexMut};

use super::names::Name;
use super::value::Answer;

/// A node of one tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

/// The generic place of a node: the same for all instances of a repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShapeId(pub(super) u32);

impl ShapeId {
    /// The shape of nodes that no rule speaks of: secondary instances.
    pub const NONE: Self = Self(u32::MAX);
}

/// What a node is among its siblings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The n-th of its name, from zero.
    Nth(u32),
    /// The pattern that new instances of a repeat are copied from; no data.
    Template,
    /// An attribute.
    Attribute,
}

/// One node.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its local name.
    pub name: Name,
    /// Its parent; the root has none.
    pub parent: Option<NodeId>,
    /// Its generic place.
    pub shape: ShapeId,
    /// Its place among siblings of the same name.
    pub place: Place,
    /// Child elements in document order, templates included.
    pub children: Vec<NodeId>,
    /// Attributes in document order.
    pub attributes: Vec<NodeId>,
    /// The answer; an empty answer is none.
    pub value: Option<Answer>,
    state: u8,
}

const RELEVANT: u8 = 1;
const RELEVANT_ABOVE: u8 = 2;
const OPEN: u8 = 4;
const OPEN_ABOVE: u8 = 8;
const REQUIRED: u8 = 16;
/// Somebody may have changed the node since the last look; no part of what is stored.
const TOUCHED: u8 = 32;

impl Node {
    /// Whether the node counts: its own rule and those of all nodes above say so.
    #[must_use]
    pub fn relevant(&self) -> bool {
        self.state & (RELEVANT | RELEVANT_ABOVE) == RELEVANT | RELEVANT_ABOVE
    }

    /// Whether the node may be answered: neither it nor a node above is read-only.
    #[must_use]
    pub fn open(&self) -> bool {
        self.state & (OPEN | OPEN_ABOVE) == OPEN | OPEN_ABOVE
    }

    /// Whether an answer is required.
    #[must_use]
    pub fn required(&self) -> bool {
        self.state & REQUIRED != 0
    }

    /// The state that rules have given to the node, to be stored.
    pub(super) fn state(&self) -> u8 {
        self.state & !TOUCHED
    }

    /// Puts a stored state back.
    pub(super) fn restore(&mut self, state: u8) {
        self.state = state & !TOUCHED | self.state & TOUCHED;
    }

    /// The position among siblings of the same name, from zero; templates and attributes count as the first.
    #[must_use]
    pub fn nth(&self) -> u32 {
        match self.place {
            Place::Nth(nth) => nth,
            Place::Template | Place::Attribute => 0,
        }
    }

    /// Whether the node is data and no template.
    #[must_use]
    pub fn is_data(&self) -> bool {
        self.place != Place::Template
    }
}

/// A tree of nodes. The first node made is the root.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    /// Nodes that were reached for to be changed, each once.
    touched: Vec<NodeId>,
    /// Whether nodes came, went or changed places.
    reshaped: bool,
}

/// Ids come only from the tree that made them, and nodes are never dropped from the arena.
#[allow(clippy::indexing_slicing)]
impl Index<NodeId> for Tree {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}

#[allow(clippy::indexing_slicing)]
impl IndexMut<NodeId> for Tree {
    fn index_mut(&mut self, id: NodeId) -> &mut Node {
        let node = &mut self.nodes[id.0 as usize];
        if node.state & TOUCHED == 0 {
            node.state |= TOUCHED;
            self.touched.push(id);
        }
        node
    }
}

impl Tree {
    /// The root, when there is one.
    #[must_use]
    pub fn root(&self) -> Option<NodeId> {
        (!self.nodes.is_empty()).then_some(NodeId(0))
    }

    /// How many nodes were ever made.
    #[must_use]
    pub fn made(&self) -> usize {
        self.nodes.len()
    }

    /// Gives back memory that was reserved while the tree grew; what was changed until now is how it is.
    pub(super) fn shrink(&mut self) {
        self.take_changes();
        self.touched = Vec::new();
        self.nodes.shrink_to_fit();
    }

    /// The nodes that may have changed since the last call, or nothing when the tree has another shape now.
    pub(super) fn take_changes(&mut self) -> Option<Vec<NodeId>> {
        let mut touched = std::mem::take(&mut self.touched);
        // a guest is gone again
        touched.retain(|id| (id.0 as usize) < self.nodes.len());
        for id in &touched {
            if let Some(node) = self.nodes.get_mut(id.0 as usize) {
                node.state &= !TOUCHED;
            }
        }
        (!std::mem::take(&mut self.reshaped)).then_some(touched)
    }

    /// Makes the next look see a change of everything.
    pub(super) fn reshape(&mut self) {
        self.reshaped = true;
    }

    /// The places among siblings on the way from the root to a node; nothing when it does not hang in the tree.
    pub(super) fn way_to(&self, id: NodeId) -> Option<Vec<usize>> {
        let mut way = Vec::new();
        let mut at = id;
        while let Some(parent) = self[at].parent {
            way.push(self[parent].children.iter().position(|child| *child == at)?);
            at = parent;
        }
        way.reverse();
        (Some(at) == self.root()).then_some(way)
    }

    /// Every node of the arena.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// Makes a node below a parent, as its last child or attribute.
    pub fn add(&mut self, parent: Option<NodeId>, name: Name, shape: ShapeId, place: Place) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX - 1));
        self.reshaped = true;
        self.nodes.push(Node {
            name,
            parent,
            shape,
            place,
            children: Vec::new(),
            attributes: Vec::new(),
            value: None,
            state: RELEVANT | RELEVANT_ABOVE | OPEN | OPEN_ABOVE,
        });
        if let Some(parent) = parent {
            match place {
                Place::Attribute => self[parent].attributes.push(id),
                _ => self[parent].children.push(id),
            }
        }
        id
    }

    /// Child elements of a name that are data, in order.
    pub fn children_named(&self, parent: NodeId, name: Name) -> impl Iterator<Item = NodeId> + '_ {
        self[parent]
            .children
            .iter()
            .copied()
            .filter(move |id| self[*id].name == name && self[*id].is_data())
    }

    /// The n-th child of a name.
    #[must_use]
    pub fn child(&self, parent: NodeId, name: Name, nth: u32) -> Option<NodeId> {
        self.children_named(parent, name)
            .find(|id| self[*id].place == Place::Nth(nth))
    }

    /// The template child of a name.
    #[must_use]
    pub fn template(&self, parent: NodeId, name: Name) -> Option<NodeId> {
        self[parent]
            .children
            .iter()
            .copied()
            .find(|id| self[*id].name == name && !self[*id].is_data())
    }

    /// The attribute of a name.
    #[must_use]
    pub fn attribute(&self, parent: NodeId, name: Name) -> Option<NodeId> {
        self[parent]
            .attributes
            .iter()
            .copied()
            .find(|id| self[*id].name == name)
    }

    /// The node so many steps up.
    #[must_use]
    pub fn up(&self, id: NodeId, levels: u32) -> Option<NodeId> {
        (0..levels).try_fold(id, |node, _| self[node].parent)
    }

    /// The node and its ancestors, root first.
    #[must_use]
    pub fn chain(&self, id: NodeId) -> Vec<NodeId> {
        let mut chain: Vec<NodeId> = std::iter::successors(Some(id), |node| self[*node].parent).collect();
        chain.reverse();
        chain
    }

    /// Sets the node's own relevance and what follows from it below.
    pub fn set_relevant(&mut self, id: NodeId, yes: bool) {
        self.change(id, RELEVANT, yes, RELEVANT | RELEVANT_ABOVE, RELEVANT_ABOVE);
    }

    /// Sets whether the node may be answered, and what follows below.
    pub fn set_open(&mut self, id: NodeId, yes: bool) {
        self.change(id, OPEN, yes, OPEN | OPEN_ABOVE, OPEN_ABOVE);
    }

    /// Sets whether an answer is required.
    pub fn set_required(&mut self, id: NodeId, yes: bool) {
        let node = &mut self[id];
        node.state = if yes {
            node.state | REQUIRED
        } else {
            node.state & !REQUIRED
        };
    }

    fn change(&mut self, id: NodeId, bit: u8, yes: bool, both: u8, above: u8) {
        let mut pending = vec![(id, bit, yes)];
        while let Some((id, bit, yes)) = pending.pop() {
            let node = &mut self[id];
            let before = node.state & both == both;
            node.state = if yes { node.state | bit } else { node.state & !bit };
            let after = node.state & both == both;
            if before != after {
                let below = node.children.iter().chain(&node.attributes);
                pending.extend(below.map(|child| (*child, above, after)));
            }
        }
    }

    /// Adds a node that its parent does not list: a place to compute what would be true of an instance not made yet.
    pub(super) fn add_guest(&mut self, parent: NodeId, name: Name, shape: ShapeId, place: Place) -> NodeId {
        let before = self.reshaped;
        let id = self.add(Some(parent), name, shape, place);
        self[parent].children.pop();
        self.reshaped = before;
        id
    }

    /// Takes the guest away; it is the last node made.
    pub(super) fn remove_guest(&mut self, guest: NodeId) {
        if guest.0 as usize + 1 == self.nodes.len() {
            self.nodes.pop();
        }
    }

    /// The tree with all its ids but no content, to be planted anew.
    pub(super) fn emptied(&self) -> Self {
        let mut tree = self.clone();
        for node in &mut tree.nodes {
            node.children.clear();
            node.attributes.clear();
            node.value = None;
        }
        tree
    }

    /// Plants a node under the id that it had before.
    pub(super) fn reuse(&mut self, id: NodeId, parent: NodeId, name: Name, shape: ShapeId, place: Place) -> NodeId {
        self.reshaped = true;
        let node = &mut self[id];
        (node.name, node.parent, node.shape, node.place) = (name, Some(parent), shape, place);
        self[parent].children.push(id);
        id
    }

    /// Plants the root.
    pub(super) fn reuse_root(&mut self, name: Name, shape: ShapeId) -> NodeId {
        let id = NodeId(0);
        if self.nodes.is_empty() {
            return self.add(None, name, shape, Place::Nth(0));
        }
        (self[id].name, self[id].shape) = (name, shape);
        id
    }

    /// Takes patterns of repeats out of a subtree: new instances have none of their own.
    pub(super) fn drop_templates(&mut self, id: NodeId) {
        let data: Vec<NodeId> = self[id]
            .children
            .iter()
            .copied()
            .filter(|child| self[*child].is_data())
            .collect();
        self.reshaped = true;
        for child in &data {
            self.drop_templates(*child);
        }
        self[id].children = data;
    }

    /// Copies a subtree below a parent, right after the last sibling of its name, as the n-th of its name.
    pub fn copy_below(&mut self, source: NodeId, parent: NodeId, place: Place) -> NodeId {
        let copy = self.copy(source, parent);
        self[copy].place = place;
        let name = self[copy].name;
        let after = self[parent].children.iter().rposition(|id| self[*id].name == name);
        let at = after.map_or(self[parent].children.len(), |index| index + 1);
        self[parent].children.insert(at, copy);
        let (relevant, open) = (self[parent].relevant(), self[parent].open());
        self.change(
            copy,
            RELEVANT_ABOVE,
            relevant,
            RELEVANT | RELEVANT_ABOVE,
            RELEVANT_ABOVE,
        );
        self.change(copy, OPEN_ABOVE, open, OPEN | OPEN_ABOVE, OPEN_ABOVE);
        copy
    }

    fn copy(&mut self, source: NodeId, parent: NodeId) -> NodeId {
        self.reshaped = true;
        let mut node = self[source].clone();
        node.parent = Some(parent);
        // a copy was not reached for yet, whatever was done to its pattern
        node.state &= !TOUCHED;
        let (children, attributes) = (std::mem::take(&mut node.children), std::mem::take(&mut node.attributes));
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX - 1));
        self.nodes.push(node);
        for child in children {
            let child = self.copy(child, id);
            self[id].children.push(child);
        }
        for attribute in attributes {
            let attribute = self.copy(attribute, id);
            self[id].attributes.push(attribute);
        }
        id
    }

    /// Takes a child away from its parent; later siblings of its name move up.
    pub fn remove(&mut self, id: NodeId) {
        let Some(parent) = self[id].parent else {
            return;
        };
        self.reshaped = true;
        self[parent].children.retain(|child| *child != id);
        let name = self[id].name;
        let siblings: Vec<NodeId> = self.children_named(parent, name).collect();
        for (nth, sibling) in siblings.into_iter().enumerate() {
            self[sibling].place = Place::Nth(u32::try_from(nth).unwrap_or(u32::MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::Names;
    use super::*;

    #[test]
    fn what_is_not_relevant_above_is_not_relevant_below_until_it_comes_back() {
        let mut names = Names::default();
        let mut tree = Tree::default();
        let root = tree.add(None, names.intern("a"), ShapeId::NONE, Place::Nth(0));
        let group = tree.add(Some(root), names.intern("b"), ShapeId::NONE, Place::Nth(0));
        let leaf = tree.add(Some(group), names.intern("c"), ShapeId::NONE, Place::Nth(0));
        tree.set_relevant(leaf, false);
        tree.set_relevant(group, false);
        tree.set_relevant(leaf, true);
        assert!(!tree[leaf].relevant());
        tree.set_relevant(group, true);
        assert!(tree[leaf].relevant());
    }

    #[test]
    fn a_copy_takes_the_state_of_its_new_parent() {
        let mut names = Names::default();
        let mut tree = Tree::default();
        let root = tree.add(None, names.intern("a"), ShapeId::NONE, Place::Nth(0));
        let item = names.intern("b");
        let template = tree.add(Some(root), item, ShapeId::NONE, Place::Template);
        tree.set_relevant(root, false);
        tree.set_relevant(template, true);
        let copy = tree.copy_below(template, root, Place::Nth(0));
        assert!(!tree[copy].relevant());
        assert_eq!(tree.children_named(root, item).count(), 1);
    }
}
