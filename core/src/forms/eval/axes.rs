//! Unions, and steps along the axes of XPath 1.0. They know nothing of the instance of a repeat that an expression stands in:
//! only the plain steps before them do.

use std::collections::HashMap;

use super::{EvalError, Here, NodeSet, Scope, Which};
use crate::forms::tree::{NodeId, Place, Tree};
use crate::forms::value::Value;
use crate::forms::xpath::{Axis, Expr, Far, Filter, Test};

/// A place that a path can be at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// The root above the first element.
    Top,
    /// An element or attribute.
    Node(NodeId),
    /// The text inside an element. Instances keep it in the element, which stands for it in what a path finds.
    Text(NodeId),
}

impl Spot {
    /// The node that stands for it.
    fn node(self) -> Option<NodeId> {
        match self {
            Self::Top => None,
            Self::Node(node) | Self::Text(node) => Some(node),
        }
    }
}

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
        let spots = all.nodes.into_iter().map(Spot::Node).collect();
        let ordered = self.in_document_order(self.tree_of(all.which)?, spots)?;
        all.nodes = ordered.into_iter().filter_map(Spot::node).collect();
        Ok(all)
    }

    /// The nodes of an expression that fulfil conditions, looked at as one set.
    pub(super) fn filtered(&self, filter: &Filter, here: Here) -> Result<NodeSet, EvalError> {
        let Value::Nodes(set) = self.eval(&filter.set, here)? else {
            return Err(EvalError::Unsupported("filter expression".into()));
        };
        let spots = set.nodes.into_iter().map(Spot::Node).collect();
        let kept = self.fulfilling(set.which, spots, &filter.predicates, here)?;
        Ok(NodeSet {
            which: set.which,
            nodes: kept.into_iter().filter_map(Spot::node).collect(),
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
            set = if sorted {
                next
            } else {
                self.in_document_order(tree, next)?
            };
        }
        Ok(set.into_iter().filter_map(Spot::node).collect())
    }

    /// What lies along an axis and is looked for, nearest first.
    fn along(&self, tree: &Tree, spot: Spot, step: &Far) -> Result<Vec<Spot>, EvalError> {
        let mut found = axis(tree, spot, step.axis);
        self.spend(found.len() + 1)?;
        found.retain(|spot| fits(tree, *spot, step));
        Ok(found)
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
                let Some(node) = spot.node() else { continue };
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
        for spot in below(tree, Spot::Top) {
            if let Spot::Node(node) = spot {
                let attributes = tree[node].attributes.iter();
                for node in std::iter::once(&node).chain(attributes) {
                    order.insert(*node, order.len());
                }
            }
        }
        spots.sort_by_key(|spot| {
            let place = spot.node().and_then(|node| order.get(&node).copied());
            (place, matches!(spot, Spot::Text(_)))
        });
        spots.dedup();
        Ok(spots)
    }
}

fn fits(tree: &Tree, spot: Spot, step: &Far) -> bool {
    match (step.test, spot) {
        (Test::Node, _) | (Test::Text, Spot::Text(_)) => true,
        (Test::Name(_) | Test::Any, Spot::Node(node)) => {
            let node = &tree[node];
            let principal = (node.place == Place::Attribute) == (step.axis == Axis::Attribute);
            principal && !matches!(step.test, Test::Name(name) if name != node.name)
        }
        _ => false,
    }
}

/// The places along an axis, nearest first.
fn axis(tree: &Tree, spot: Spot, axis: Axis) -> Vec<Spot> {
    let up = || std::iter::successors(above(tree, spot), |spot| above(tree, *spot));
    let levels = || std::iter::once(spot).chain(up());
    match axis {
        Axis::Child => children(tree, spot),
        Axis::Attribute => match spot {
            Spot::Node(node) => tree[node].attributes.iter().copied().map(Spot::Node).collect(),
            _ => Vec::new(),
        },
        Axis::Myself => vec![spot],
        Axis::Parent => above(tree, spot).into_iter().collect(),
        Axis::Ancestor => up().collect(),
        Axis::AncestorOrSelf => levels().collect(),
        Axis::Descendant => below(tree, spot),
        Axis::DescendantOrSelf => std::iter::once(spot).chain(below(tree, spot)).collect(),
        Axis::FollowingSibling => siblings(tree, spot, false),
        Axis::PrecedingSibling => siblings(tree, spot, true),
        Axis::Following => {
            // behind an attribute comes what its element holds
            let mut found = match above(tree, spot).filter(|_| is_attribute(tree, spot)) {
                Some(element) => below(tree, element),
                None => Vec::new(),
            };
            for sibling in levels().flat_map(|level| siblings(tree, level, false)) {
                found.push(sibling);
                found.extend(below(tree, sibling));
            }
            found
        }
        Axis::Preceding => {
            let mut found = Vec::new();
            for sibling in levels().flat_map(|level| siblings(tree, level, true)) {
                found.extend(below(tree, sibling).into_iter().rev());
                found.push(sibling);
            }
            found
        }
    }
}

fn is_attribute(tree: &Tree, spot: Spot) -> bool {
    matches!(spot, Spot::Node(node) if tree[node].place == Place::Attribute)
}

/// The place above; the root has none.
fn above(tree: &Tree, spot: Spot) -> Option<Spot> {
    match spot {
        Spot::Top => None,
        Spot::Node(node) => Some(tree[node].parent.map_or(Spot::Top, Spot::Node)),
        Spot::Text(node) => Some(Spot::Node(node)),
    }
}

/// Child elements that are data, or the text.
fn children(tree: &Tree, spot: Spot) -> Vec<Spot> {
    let node = match spot {
        Spot::Top => return tree.root().into_iter().map(Spot::Node).collect(),
        Spot::Node(node) => node,
        Spot::Text(_) => return Vec::new(),
    };
    let children = tree[node].children.iter().copied();
    let found: Vec<Spot> = children
        .filter(|child| tree[*child].is_data())
        .map(Spot::Node)
        .collect();
    let holds_text = found.is_empty() && tree[node].value.is_some() && !is_attribute(tree, spot);
    if holds_text { vec![Spot::Text(node)] } else { found }
}

/// Everything below, in the order of the document.
fn below(tree: &Tree, spot: Spot) -> Vec<Spot> {
    let mut found = Vec::new();
    let mut open = children(tree, spot);
    open.reverse();
    while let Some(spot) = open.pop() {
        found.push(spot);
        open.extend(children(tree, spot).into_iter().rev());
    }
    found
}

/// What stands beside, after or before, nearest first. Attributes have none.
fn siblings(tree: &Tree, spot: Spot, before: bool) -> Vec<Spot> {
    let Some(parent) = above(tree, spot).filter(|_| !is_attribute(tree, spot)) else {
        return Vec::new();
    };
    let mut all = children(tree, parent);
    let Some(at) = all.iter().position(|other| *other == spot) else {
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
