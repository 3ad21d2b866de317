//! Repeats: instances made and removed, and those that a count asks for.

use super::{At, Here, Link, NodeId, Outcome, Session};
use crate::forms::eval::EvalError;
use crate::forms::form::{PartId, PartKind};
use crate::forms::number;
use crate::forms::tree::ShapeId;
use crate::forms::value::Answer;

/// So many instances of one repeat are made and no more; a form that asks for more is in error.
pub const MOST_INSTANCES: u32 = 2_000;
/// So many nodes may a form have: repeats inside repeats multiply.
const MOST_NODES: usize = 1_000_000;

impl Session {
    /// Adds an instance at the end of a repeat. The path names the repeat without its last position.
    pub fn add_repeat(&mut self, path: &str) -> Outcome {
        let Some((part, parent)) = self.repeat_at(path) else {
            return Outcome::NotAllowed;
        };
        let shape = self.part_shape(part);
        let nth = self.instances(parent, shape).len();
        if !self.may_grow(part) || !self.would_be_relevant(part, parent, nth) {
            return Outcome::NotAllowed;
        }
        if self.create(part, parent).is_none() {
            return Outcome::NotAllowed;
        }
        self.settle();
        Outcome::Accepted
    }

    /// Removes an instance of a repeat; later ones move up.
    pub fn remove_repeat(&mut self, path: &str) -> Outcome {
        let Some(node) = self.node_at(path) else {
            return Outcome::NotAllowed;
        };
        let part = self
            .repeat_part(self.tree[node].shape)
            .filter(|part| self.may_grow(*part));
        if part.is_none() || !self.tree[node].relevant() || !path.trim_end().ends_with(']') {
            return Outcome::NotAllowed;
        }
        self.delete(node);
        self.settle();
        Outcome::Accepted
    }

    /// Creates the instances that counts ask for, wherever they are relevant.
    pub(super) fn settle(&mut self) {
        if self.form.counted {
            self.walk(&mut |_, _| true);
        }
    }

    pub(super) fn repeat_part(&self, shape: ShapeId) -> Option<PartId> {
        let mut parts = self.form.parts.iter().enumerate();
        parts
            .find(|(_, part)| part.shape == Some(shape) && matches!(part.kind, PartKind::Repeat { .. }))
            .map(|(index, _)| PartId(index))
    }

    pub(super) fn part_shape(&self, part: PartId) -> ShapeId {
        self.form
            .part(part)
            .and_then(|part| part.shape)
            .unwrap_or(ShapeId::NONE)
    }

    /// Whether people may add and remove instances.
    pub(super) fn may_grow(&self, part: PartId) -> bool {
        let kind = self.form.part(part).map(|part| &part.kind);
        matches!(
            kind,
            Some(PartKind::Repeat {
                count: None,
                fixed: false
            })
        )
    }

    /// The instances of a repeat below a parent.
    pub(super) fn instances(&self, parent: NodeId, shape: ShapeId) -> Vec<NodeId> {
        let all = self.tree[parent].children.iter().copied();
        all.filter(|child| self.tree[*child].shape == shape && self.tree[*child].is_data())
            .collect()
    }

    pub(super) fn create(&mut self, part: PartId, parent: NodeId) -> Option<NodeId> {
        let shape = self.part_shape(part);
        let template = *self.form.templates.get(&shape)?;
        let nth = u32::try_from(self.instances(parent, shape).len()).ok()?;
        if nth >= MOST_INSTANCES || self.tree.made() > MOST_NODES {
            self.failed(parent, EvalError::TooManyRepeats);
            return None;
        }
        let node = self.tree.copy_below(template, parent, At::Nth(nth));
        self.tree.drop_templates(node);
        self.index.borrow_mut().forget(parent);
        self.preload(node);
        let anchor = self.anchor(node);
        self.fire(None, "jr-insert", &anchor);
        self.fire(None, "odk-new-repeat", &anchor);
        self.fire(Some(part), "odk-new-repeat", &anchor);
        let everywhere = self.everywhere(shape);
        let mut done = self.follow(shape, &anchor, &everywhere, &Default::default());
        done.extend(self.compute_below(shape, &anchor));
        for child in self.tree[node].children.clone() {
            let anchor = self.anchor(child);
            self.follow(self.tree[child].shape, &anchor, &Default::default(), &done);
        }
        Some(node)
    }

    fn delete(&mut self, node: NodeId) {
        let Some(parent) = self.tree[node].parent else {
            return;
        };
        let (shape, nth) = (self.tree[node].shape, self.tree[node].nth());
        let children: Vec<ShapeId> = self.tree[node]
            .children
            .iter()
            .map(|child| self.tree[*child].shape)
            .collect();
        self.tree.remove(node);
        self.index.borrow_mut().forget(parent);
        // the place of what is gone: now that of the instance that moved up
        let mut anchor = self.anchor(parent);
        let moved = self
            .instances(parent, shape)
            .into_iter()
            .find(|other| self.tree[*other].nth() == nth);
        anchor.push((shape, moved));
        let everywhere = self.everywhere(shape);
        let done = self.follow(shape, &anchor, &everywhere, &Default::default());
        for child in children {
            let below = moved.and_then(|moved| self.child_of_shape(moved, child));
            let mut anchor = anchor.clone();
            anchor.push((child, below));
            self.follow(child, &anchor, &Default::default(), &done);
        }
    }

    pub(super) fn child_of_shape(&self, parent: NodeId, shape: ShapeId) -> Option<NodeId> {
        if let Some((name, false)) = self.form.shape(shape).and_then(|s| Some((s.name?, s.attribute))) {
            return self.scope().named(parent, name).first().copied();
        }
        let node = &self.tree[parent];
        let all = node.children.iter().chain(&node.attributes).copied();
        all.into_iter()
            .find(|child| self.tree[*child].shape == shape && self.tree[*child].is_data())
    }

    /// Whether an instance that does not exist yet would count: its rule, its parent and its pattern say so.
    pub(super) fn would_be_relevant(&mut self, part: PartId, parent: NodeId, nth: usize) -> bool {
        let shape = self.part_shape(part);
        let Some(template) = self.form.templates.get(&shape).copied() else {
            return false;
        };
        let form = std::sync::Arc::clone(&self.form);
        if let Some(step) = form
            .repeat_relevance
            .get(&shape)
            .and_then(|index| form.steps.get(*index))
        {
            let name = self.tree[template].name;
            let place = At::Nth(u32::try_from(nth).unwrap_or(u32::MAX));
            let guest = self.tree.add_guest(parent, name, shape, place);
            let value = self.scope().single(&step.expr, Here::at(guest));
            self.tree.remove_guest(guest);
            match value {
                Ok(value) if value.truth() => {}
                Ok(_) => return false,
                Err(error) => {
                    self.failed(parent, error);
                    return false;
                }
            }
        }
        self.tree[parent].relevant() && self.tree[template].relevant()
    }

    /// How many instances the count of a repeat asks for; nothing when the repeat has no count.
    pub(super) fn wanted(&self, part: PartId, parent: NodeId) -> Option<u32> {
        let Some(PartKind::Repeat { count: Some(count), .. }) = self.form.part(part).map(|part| &part.kind) else {
            return None;
        };
        let anchor: Vec<Link> = self.anchor(parent);
        let number = match self.scope().nodes_of(*count, &anchor).as_slice() {
            [node] => self.tree[*node].value.as_ref().map_or(0.0, |answer| self.whole(answer)),
            _ => 0.0,
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        Some(number.clamp(0.0, f64::from(u32::MAX)) as u32)
    }

    fn whole(&self, answer: &Answer) -> f64 {
        let number = number::parse(&answer.text(self.clock));
        if number.is_nan() { 0.0 } else { number.trunc() }
    }

    /// The repeat of a path that names it without its last position, and the node that holds it.
    fn repeat_at(&self, path: &str) -> Option<(PartId, NodeId)> {
        let (above, name) = path.rsplit_once('/')?;
        let parent = self.node_at(above)?;
        let name = self.form.names.find(name)?;
        let template = self.form.templates.iter().find(|(shape, _)| {
            let shape = self.form.shape(**shape);
            shape.is_some_and(|s| s.name == Some(name) && s.parent == Some(self.tree[parent].shape))
        })?;
        Some((self.repeat_part(*template.0)?, parent))
    }
}
