//! Unions, and steps along the axes of XPath 1.0. They know nothing of the instance of a repeat that an expression stands in:
//! only the plain steps before them do.

use std::collections::HashMap;

use super::{EvalError, Here, NodeSet, Scope, Which};
use crate::forms::tree::{NodeId, Place, Tree};
use crate::forms::value::Value;
use crate::forms::xpath::{Axis, Expr, Far, Filter, Test};

/// A node, or the root above the first element.
pub(super) type Spot = Option<NodeId>;

impl Scope<'_> {
    /// The nodes of all operands, each once, in the order of the document.
    pub(super) fn union(&self, parts: &[Expr], here: Here) -> Result<NodeSet, EvalError> {
        let mut all = NodeSet {
            which: here.which,
            nodes: Vec::new(),
        };
        for part in parts {
            let Value::Nodes(set) = self.eval(part, here)? else {
                return Err(EvalError::BadArgument("|"));
            };
            if all.nodes.is_empty() {
                all.which = set.which;
            }
            if set.which != all.which && !set.nodes.is_empty() {
                return Err(EvalError::Unsupported("a | b of two instances".into()));
            }
            all.nodes.extend(set.nodes);
        }
        let spots = all.nodes.into_iter().map(Some).collect();
        let ordered = self.in_document_order(self.tree_of(all.which)?, spots)?;
        all.nodes = ordered.into_iter().flatten().collect();
        Ok(all)
    }

    /// The nodes of an expression that fulfil conditions, looked at as one set.
    pub(super) fn filtered(&self, filter: &Filter, here: Here) -> Result<NodeSet, EvalError> {
        let Value::Nodes(set) = self.eval(&filter.set, here)? else {
            return Err(EvalError::Unsupported("filter expression".into()));
        };
        let spots = set.nodes.into_iter().map(Some).collect();
        let kept = self.fulfilling(set.which, spots, &filter.predicates, here)?;
        Ok(NodeSet {
            which: set.which,
            nodes: kept.into_iter().flatten().collect(),
        })
    }

    /// Goes on from a set of places, step by step.
    pub(super) fn go_far(
        &self,
        which: Which,
        from: Vec<Spot>,
        steps: &[Far],
        here: Here,
    ) -> Result<Vec<NodeId>, EvalError> {
        let tree = self.tree_of(which)?;
        let mut set = from;
        for step in steps {
            let mut next = Vec::new();
            for spot in &set {
                let found = self.along(tree, *spot, step)?;
                next.extend(self.fulfilling(which, found, &step.predicates, here)?);
            }
            let sorted = set.len() < 2 && !step.axis.backwards();
            set = if sorted { next } else { self.in_document_order(tree, next)? };
        }
        Ok(set.into_iter().flatten().collect())
    }

    /// What lies along an axis and is looked for, nearest first.
    fn along(&self, tree: &Tree, spot: Spot, step: &Far) -> Result<Vec<Spot>, EvalError> {
        if step.test == Test::Text {
            return self.texts_along(tree, spot, step.axis);
        }
        let mut found = axis(tree, spot, step.axis);
        self.spend(found.len() + 1)?;
        found.retain(|spot| fits(tree, *spot, step));
        Ok(found)
    }

    /// Instances keep a text in the node that holds it, so that node stands for it.
    fn texts_along(&self, tree: &Tree, spot: Spot, way: Axis) -> Result<Vec<Spot>, EvalError> {
        let holders = match way {
            Axis::Child => vec![spot],
            Axis::Descendant | Axis::DescendantOrSelf => axis(tree, spot, Axis::DescendantOrSelf),
            _ => Vec::new(),
        };
        self.spend(holders.len() + 1)?;
        let holds = |spot: &Spot| spot.is_some_and(|node| tree[node].value.is_some() && tree[node].children.is_empty());
        Ok(holders.into_iter().filter(holds).collect())
    }

    /// Keeps what fulfils all conditions; a number is a place in the set.
    fn fulfilling(
        &self,
        which: Which,
        spots: Vec<Spot>,
        predicates: &[Expr],
        here: Here,
    ) -> Result<Vec<Spot>, EvalError> {
        let mut spots = spots;
        for predicate in predicates {
            let mut kept = Vec::new();
            for (position, spot) in spots.iter().enumerate() {
                self.spend(1)?;
                // the root above the first element fulfils nothing: conditions are asked of nodes
                let Some(node) = *spot else { continue };
                let there = Here {
                    which,
                    node,
                    position: Some(position),
                    ..here
                };
                let keep = match self.eval(predicate, there)? {
                    #[allow(clippy::cast_precision_loss)]
                    Value::Number(number) => (number - (position + 1) as f64).abs() < 1e-9,
                    Value::Nodes(set) => !set.nodes.is_empty(),
                    other => other.truth(),
                };
                if keep {
                    kept.push(*spot);
                }
            }
            spots = kept;
        }
        Ok(spots)
    }

    /// Each place once, in the order of the document.
    fn in_document_order(&self, tree: &Tree, mut spots: Vec<Spot>) -> Result<Vec<Spot>, EvalError> {
        if spots.len() < 2 {
            return Ok(spots);
        }
        self.spend(tree.made())?;
        let mut order = HashMap::new();
        for node in below(tree, None) {
            order.insert(node, order.len());
            for attribute in &tree[node].attributes {
                order.insert(*attribute, order.len());
            }
        }
        spots.sort_by_key(|spot| spot.map(|node| order.get(&node).copied()));
        spots.dedup();
        Ok(spots)
    }
}

fn fits(tree: &Tree, spot: Spot, step: &Far) -> bool {
    let Some(node) = spot else {
        return step.test == Test::Node;
    };
    let node = &tree[node];
    let principal = (node.place == Place::Attribute) == (step.axis == Axis::Attribute);
    match step.test {
        Test::Name(name) => principal && node.name == name,
        Test::Any => principal,
        Test::Node => true,
        Test::Text | Test::Nothing => false,
    }
}

/// The places along an axis, nearest first.
fn axis(tree: &Tree, spot: Spot, axis: Axis) -> Vec<Spot> {
    let up = || std::iter::successors(above(tree, spot), |spot| above(tree, *spot));
    match axis {
        Axis::Child => children(tree, spot).into_iter().map(Some).collect(),
        Axis::Attribute => spot.map_or_else(Vec::new, |node| tree[node].attributes.iter().copied().map(Some).collect()),
        Axis::Myself => vec![spot],
        Axis::Parent => above(tree, spot).into_iter().collect(),
        Axis::Ancestor => up().collect(),
        Axis::AncestorOrSelf => std::iter::once(spot).chain(up()).collect(),
        Axis::Descendant => below(tree, spot).into_iter().map(Some).collect(),
        Axis::DescendantOrSelf => {
            let below = below(tree, spot).into_iter().map(Some);
            std::iter::once(spot).chain(below).collect()
        }
        Axis::FollowingSibling => siblings(tree, spot, false).into_iter().map(Some).collect(),
        Axis::PrecedingSibling => siblings(tree, spot, true).into_iter().map(Some).collect(),
        Axis::Following => {
            let own = spot.filter(|node| tree[*node].place == Place::Attribute);
            let mut found = own.map_or_else(Vec::new, |node| below(tree, tree[node].parent));
            for level in std::iter::once(spot).chain(up()) {
                for sibling in siblings(tree, level, false) {
                    found.push(sibling);
                    found.extend(below(tree, Some(sibling)));
                }
            }
            found.into_iter().map(Some).collect()
        }
        Axis::Preceding => {
            let mut found = Vec::new();
            for level in std::iter::once(spot).chain(up()) {
                for sibling in siblings(tree, level, true) {
                    found.extend(below(tree, Some(sibling)).into_iter().rev());
                    found.push(sibling);
                }
            }
            found.into_iter().map(Some).collect()
        }
    }
}

/// The place above; the root has none.
fn above(tree: &Tree, spot: Spot) -> Option<Spot> {
    spot.map(|node| tree[node].parent)
}

/// Child elements that are data.
fn children(tree: &Tree, spot: Spot) -> Vec<NodeId> {
    let Some(node) = spot else {
        return tree.root().into_iter().collect();
    };
    let all = tree[node].children.iter().copied();
    all.filter(|child| tree[*child].is_data()).collect()
}

/// All elements below, in the order of the document.
fn below(tree: &Tree, spot: Spot) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut open = children(tree, spot);
    open.reverse();
    while let Some(node) = open.pop() {
        found.push(node);
        open.extend(children(tree, Some(node)).into_iter().rev());
    }
    found
}

/// The elements beside a node, after it or before it, nearest first. Attributes have none.
fn siblings(tree: &Tree, spot: Spot, before: bool) -> Vec<NodeId> {
    let Some(node) = spot.filter(|node| tree[*node].place != Place::Attribute) else {
        return Vec::new();
    };
    if tree[node].parent.is_none() {
        return Vec::new();
    }
    let mut all = children(tree, tree[node].parent);
    let Some(at) = all.iter().position(|other| *other == node) else {
        return Vec::new();
    };
    if before {
        all.truncate(at);
        all.reverse();
        all
    } else {
        all.split_off(at + 1)
    }
}
