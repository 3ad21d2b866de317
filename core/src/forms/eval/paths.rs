//! Paths to nodes. Absolute paths inside a repeat mean the current instance of it, as far as both go the same way.

use std::collections::HashMap;

use super::axes::Spot;
use super::{EvalError, NodeSet, Scope, Which};
use crate::forms::names::Name;
use crate::forms::tree::{NodeId, Place, ShapeId, Tree};
use crate::forms::value::Value;
use crate::forms::xpath::{Expr, Operator, Path, Start, Step};

/// Where an expression is computed.
#[derive(Debug, Clone, Copy)]
pub struct Here {
    /// The instance of the node.
    pub which: Which,
    /// The node that relative paths start from.
    pub node: NodeId,
    /// Its place in the set that a predicate looks at, from zero.
    pub position: Option<usize>,
    /// The node that the whole expression belongs to (`current()`).
    pub current: NodeId,
    /// The instance of that node.
    pub current_which: Which,
}

impl Here {
    /// At a node of the primary instance.
    #[must_use]
    pub fn at(node: NodeId) -> Self {
        Self::in_instance(Which::Main, node)
    }

    /// At a node of any instance.
    #[must_use]
    pub fn in_instance(which: Which, node: NodeId) -> Self {
        Self {
            which,
            node,
            position: None,
            current: node,
            current_which: which,
        }
    }
}

/// A level of an anchor: the shape, and the node when it exists.
pub(in crate::forms) type Link = (ShapeId, Option<NodeId>);

type Key = (usize, NodeId, Name, Name);

/// Entries of choice lists by the value of one child, made the first time a filter asks; and children by name.
#[derive(Debug, Default)]
pub(in crate::forms) struct ChoiceIndex {
    by_value: HashMap<Key, HashMap<String, Vec<NodeId>>>,
    /// Children of the primary instance by name, for nodes that have many.
    by_name: HashMap<NodeId, HashMap<Name, Vec<NodeId>>>,
}

/// From so many children on, an index of their names pays.
const MANY: usize = 12;

impl ChoiceIndex {
    /// To be called when children of a node come or go.
    pub(in crate::forms) fn forget(&mut self, parent: NodeId) {
        self.by_name.remove(&parent);
    }
}

impl Scope<'_> {
    /// The nodes a path leads to, without those that do not count.
    pub(super) fn expand(&self, path: &Path, here: Here) -> Result<NodeSet, EvalError> {
        let (which, nodes) = self.reach(path, here)?;
        let tree = self.tree_of(which)?;
        let nodes = nodes.into_iter().filter(|node| tree[*node].relevant()).collect();
        Ok(NodeSet { which, nodes })
    }

    /// The nodes of the primary instance that a path leads to, also those that do not count.
    pub(in crate::forms) fn expand_all(&self, path: &Path, here: Here) -> Result<Vec<NodeId>, EvalError> {
        let (which, nodes) = self.reach(path, here)?;
        Ok(if which == Which::Main { nodes } else { Vec::new() })
    }

    fn reach(&self, path: &Path, here: Here) -> Result<(Which, Vec<NodeId>), EvalError> {
        let (which, near) = self.reach_near(path, here)?;
        if path.far.is_empty() {
            return Ok((which, near));
        }
        let at_top = path.is_at_top() && near.is_empty();
        let from = if at_top {
            vec![Spot::Top]
        } else {
            near.into_iter().map(Spot::Node).collect()
        };
        Ok((which, self.go_far(which, from, &path.far, here)?))
    }

    fn reach_near(&self, path: &Path, here: Here) -> Result<(Which, Vec<NodeId>), EvalError> {
        Ok(match &path.start {
            Start::Nodes(filter) => {
                let set = self.filtered(filter, here)?;
                (set.which, set.nodes)
            }
            Start::Root => (Which::Main, self.reach_down(Which::Main, &path.steps, here)?),
            Start::Instance(id) => {
                let index = self.form.instances.iter().position(|instance| instance.id == *id);
                let index = index.ok_or_else(|| EvalError::NoInstance(id.to_string()))?;
                let which = Which::Other(index);
                (which, self.reach_down(which, &path.steps, here)?)
            }
            Start::Up(levels) => (
                here.which,
                self.reach_from(here.which, here.node, *levels, &path.steps, here)?,
            ),
            Start::CurrentUp(levels) => {
                let which = here.current_which;
                (which, self.reach_from(which, here.current, *levels, &path.steps, here)?)
            }
        })
    }

    fn reach_from(
        &self,
        which: Which,
        node: NodeId,
        up: u32,
        steps: &[Step],
        here: Here,
    ) -> Result<Vec<NodeId>, EvalError> {
        let tree = self.tree_of(which)?;
        let Some(start) = tree.up(node, up) else {
            // one step above the root is where absolute paths start
            return match up.checked_sub(1).and_then(|up| tree.up(node, up)) {
                Some(_) => self.reach_down(which, steps, here),
                None => Err(EvalError::AboveRoot),
            };
        };
        let mut set = vec![start];
        for step in steps {
            set = self.below(which, tree, &set, step, here)?;
        }
        Ok(set)
    }

    fn reach_down(&self, which: Which, steps: &[Step], here: Here) -> Result<Vec<NodeId>, EvalError> {
        let tree = self.tree_of(which)?;
        // inside a filter over another instance, paths into the form are those of the node that asks
        let chain = match which {
            _ if here.which == which => tree.chain(here.node),
            _ if here.current_which == which => tree.chain(here.current),
            _ => Vec::new(),
        };
        let Some(root) = tree.root() else {
            return Ok(Vec::new());
        };
        let mut set = Vec::new();
        let (mut bound, mut exact) = (true, true);
        for (level, step) in steps.iter().enumerate() {
            let link = chain
                .get(level)
                .copied()
                .filter(|link| bound && same_step(tree, *link, step));
            bound = link.is_some();
            set = match link {
                Some(link) if step.predicates.is_empty() && exact => vec![link],
                Some(link) if step.predicates.is_empty() => {
                    let all = self.below(which, tree, &set, step, here)?;
                    all.into_iter()
                        .filter(|node| tree[*node].place == tree[link].place)
                        .collect()
                }
                _ if level == 0 => {
                    let named = step.name.is_none_or(|name| name == tree[root].name) && !step.attribute;
                    self.filter(
                        which,
                        if named { vec![root] } else { Vec::new() },
                        &step.predicates,
                        here,
                    )?
                }
                _ => self.below(which, tree, &set, step, here)?,
            };
            exact &= step.predicates.is_empty() && link.is_some();
        }
        Ok(set)
    }

    /// One step down from every node of a set.
    fn below(
        &self,
        which: Which,
        tree: &Tree,
        set: &[NodeId],
        step: &Step,
        here: Here,
    ) -> Result<Vec<NodeId>, EvalError> {
        let mut all = Vec::new();
        for parent in set {
            if let Some(found) = self.by_index(which, *parent, step, here)? {
                all.extend(found);
                continue;
            }
            let found = self.children(which, tree, *parent, step);
            self.spend(tree[*parent].children.len() + 1)?;
            all.extend(self.filter(which, found, &step.predicates, here)?);
        }
        Ok(all)
    }

    fn filter(
        &self,
        which: Which,
        nodes: Vec<NodeId>,
        predicates: &[Expr],
        here: Here,
    ) -> Result<Vec<NodeId>, EvalError> {
        let mut nodes = nodes;
        for predicate in predicates {
            let mut kept = Vec::new();
            for (position, node) in nodes.iter().enumerate() {
                self.spend(1)?;
                let there = Here {
                    which,
                    node: *node,
                    position: Some(position),
                    ..here
                };
                let keep = match self.eval(predicate, there)? {
                    Value::Boolean(yes) => yes,
                    // ODK's own engine takes conditions only; other engines take positions too
                    #[allow(clippy::cast_precision_loss)]
                    Value::Number(number) => self.form.lenient && (number - (position + 1) as f64).abs() < 1e-9,
                    _ => false,
                };
                if keep {
                    kept.push(*node);
                }
            }
            nodes = kept;
        }
        Ok(nodes)
    }

    /// A filter `name = something that is the same for all entries` on a secondary instance, by an index.
    fn by_index(
        &self,
        which: Which,
        parent: NodeId,
        step: &Step,
        here: Here,
    ) -> Result<Option<Vec<NodeId>>, EvalError> {
        let (Which::Other(instance), Some(name), [first, rest @ ..]) = (which, step.name, step.predicates.as_slice())
        else {
            return Ok(None);
        };
        let Some((field, wanted)) = equality(first) else {
            return Ok(None);
        };
        let Value::Text(wanted) = self.single(wanted, here)? else {
            return Ok(None);
        };
        let key = (instance, parent, name, field);
        if !self.index_entries(key, which)? {
            return Ok(None);
        }
        let found = self
            .index
            .borrow()
            .by_value
            .get(&key)
            .and_then(|values| values.get(&wanted))
            .cloned();
        self.filter(which, found.unwrap_or_default(), rest, here).map(Some)
    }

    /// Makes the index when it is not there. `false` when entries have several values for the field.
    fn index_entries(&self, key: Key, which: Which) -> Result<bool, EvalError> {
        if self.index.borrow().by_value.contains_key(&key) {
            return Ok(true);
        }
        let (_, parent, name, field) = key;
        let tree = self.tree_of(which)?;
        self.spend(tree[parent].children.len())?;
        let mut values: HashMap<String, Vec<NodeId>> = HashMap::new();
        for entry in tree.children_named(parent, name) {
            let cells: Vec<NodeId> = tree.children_named(entry, field).collect();
            let text = match cells.as_slice() {
                [] => String::new(),
                [cell] => tree[*cell]
                    .value
                    .as_ref()
                    .map(|v| v.text(self.clock))
                    .unwrap_or_default(),
                _ => return Ok(false),
            };
            values.entry(text).or_default().push(entry);
        }
        self.index.borrow_mut().by_value.insert(key, values);
        Ok(true)
    }

    /// The nodes of a shape, bound to an anchor as far as both go the same way.
    pub(in crate::forms) fn nodes_of(&self, shape: ShapeId, anchor: &[Link]) -> Vec<NodeId> {
        let path = self.form.shape_path(shape);
        let mut set: Vec<NodeId> = Vec::new();
        let mut bound = true;
        for (level, shape) in path.iter().enumerate() {
            let link = anchor.get(level).filter(|(known, _)| bound && known == shape);
            bound = link.is_some();
            set = match link {
                Some((_, node)) => node.iter().copied().collect(),
                None if level == 0 => self
                    .tree
                    .root()
                    .filter(|root| self.tree[*root].shape == *shape)
                    .into_iter()
                    .collect(),
                None => set.iter().flat_map(|parent| self.of_shape(*parent, *shape)).collect(),
            };
        }
        set
    }

    /// Children or attributes that a step leads to.
    fn children(&self, which: Which, tree: &Tree, parent: NodeId, step: &Step) -> Vec<NodeId> {
        let node = &tree[parent];
        if let (Which::Main, Some(name), false) = (which, step.name, step.attribute) {
            return self.named(parent, name);
        }
        let all = if step.attribute {
            &node.attributes
        } else {
            &node.children
        };
        let named = |child: &NodeId| step.name.is_none_or(|name| tree[*child].name == name);
        all.iter()
            .copied()
            .filter(|child| tree[*child].is_data() && named(child))
            .collect()
    }

    /// The children of a name in the primary instance; where there are many, by an index.
    pub(in crate::forms) fn named(&self, parent: NodeId, name: Name) -> Vec<NodeId> {
        if self.tree[parent].children.len() < MANY {
            return self.tree.children_named(parent, name).collect();
        }
        let mut index = self.index.borrow_mut();
        let by_name = index.by_name.entry(parent).or_insert_with(|| {
            let mut by_name: HashMap<Name, Vec<NodeId>> = HashMap::new();
            let children = self.tree[parent].children.iter().copied();
            for child in children.filter(|child| self.tree[*child].is_data()) {
                by_name.entry(self.tree[child].name).or_default().push(child);
            }
            by_name
        });
        by_name.get(&name).cloned().unwrap_or_default()
    }

    fn of_shape(&self, parent: NodeId, shape: ShapeId) -> Vec<NodeId> {
        if let Some((name, false)) = self.form.shape(shape).and_then(|s| Some((s.name?, s.attribute))) {
            return self.named(parent, name);
        }
        let node = &self.tree[parent];
        let all = node.children.iter().chain(&node.attributes);
        all.copied()
            .filter(|child| self.tree[*child].shape == shape && self.tree[*child].is_data())
            .collect()
    }
}

fn same_step(tree: &Tree, link: NodeId, step: &Step) -> bool {
    let node = &tree[link];
    let is_attribute = node.place == Place::Attribute;
    is_attribute == step.attribute && step.name.is_none_or(|name| name == node.name)
}

/// `name = expression` where the expression is the same for every entry.
fn equality(predicate: &Expr) -> Option<(Name, &Expr)> {
    let Expr::Binary(Operator::Equal, left, right) = predicate else {
        return None;
    };
    keyed(left, right).or_else(|| keyed(right, left))
}

fn keyed<'a>(field: &Expr, other: &'a Expr) -> Option<(Name, &'a Expr)> {
    Some((single_child(field)?, other)).filter(|(_, other)| is_constant(other))
}

fn single_child(expr: &Expr) -> Option<Name> {
    match expr {
        Expr::Path(Path {
            start: Start::Up(0),
            steps,
            far,
        }) if far.is_empty() => match steps.as_slice() {
            [step] if !step.attribute && step.predicates.is_empty() => step.name,
            _ => None,
        },
        _ => None,
    }
}

fn is_constant(expr: &Expr) -> bool {
    let mut constant = true;
    expr.walk(&mut |inner| match inner {
        Expr::Path(path) => constant &= !matches!(path.start, Start::Up(_)),
        Expr::Call(name, args) => {
            constant &= !args.is_empty() && !matches!(&**name, "once" | "position" | "indexed-repeat");
        }
        _ => {}
    });
    constant
}
