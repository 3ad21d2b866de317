//! Checks across body and model: repeats contain what they repeat, choice lists have what they show.

use super::Compiler;
use crate::forms::definition::Itemset;
use crate::forms::form::{PartId, PartKind};
use crate::forms::tree::{NodeId, ShapeId, Tree};
use crate::forms::xpath::{Path, Start};

impl Compiler {
    /// Every part of a repeat lies inside its node and inside no closer repeat.
    pub(super) fn check_scopes(&mut self) {
        for part in self.top.clone() {
            self.check_scope(part, None);
        }
    }

    fn check_scope(&mut self, id: PartId, repeat: Option<ShapeId>) {
        let Some(part) = self.parts.get(id.0) else {
            return;
        };
        let is_repeat = matches!(part.kind, PartKind::Repeat { .. });
        let children = part.children.clone();
        if let Some(shape) = part.shape {
            self.check_member(shape, repeat, is_repeat);
        }
        let scope = if is_repeat { part_shape(self, id) } else { repeat };
        for child in children {
            self.check_scope(child, scope);
        }
    }

    fn check_member(&mut self, shape: ShapeId, repeat: Option<ShapeId>, is_repeat: bool) {
        let chain = self.chain(shape);
        let scope = repeat.map_or(0, |repeat| self.chain(repeat).len());
        if let Some(repeat) = repeat
            && !chain.contains(&repeat)
        {
            self.error("form_member_outside_repeat", self.shape_text(shape));
        } else if is_repeat && repeat == Some(shape) {
            self.error("form_repeat_twice", self.shape_text(shape));
        } else {
            let closer = chain.iter().enumerate().skip(scope).any(|(index, between)| {
                self.shape(*between).is_some_and(|s| s.repeat) && !(is_repeat && index + 1 == chain.len())
            });
            if closer {
                self.error("form_member_of_closer_repeat", self.shape_text(shape));
            }
        }
    }

    /// The list of an itemset exists and its first entry has value and label.
    pub(super) fn check_itemset(
        &mut self,
        itemset: &Itemset,
        nodeset: &Path,
        parts: [&Path; 2],
        from: Option<ShapeId>,
    ) {
        let Start::Instance(id) = &nodeset.start else {
            if nodeset.is_plain() && self.resolve_path(nodeset, from).is_none() {
                self.warn("form_itemset_without_node", itemset.nodeset.clone());
            }
            return;
        };
        let Some(instance) = self.instances.iter().find(|instance| instance.id == *id) else {
            self.error("form_unknown_instance", &**id);
            return;
        };
        if instance.missing || !nodeset.is_plain() {
            return;
        }
        let tree = &instance.tree;
        let first = tree.root().and_then(|root| follow(tree, root, nodeset, true));
        let lacking: Vec<String> = parts
            .iter()
            .zip([&itemset.value, &itemset.label])
            .filter(|(path, _)| first.and_then(|node| follow(tree, node, path, false)).is_none())
            .map(|(_, source)| format!("{}/{source}", itemset.nodeset))
            .collect();
        for subject in lacking {
            self.error("form_itemset_part_missing", subject);
        }
    }
}

fn part_shape(compiler: &Compiler, id: PartId) -> Option<ShapeId> {
    compiler.parts.get(id.0).and_then(|part| part.shape)
}

/// The first node a path leads to, looking at names only.
fn follow(tree: &Tree, from: NodeId, path: &Path, absolute: bool) -> Option<NodeId> {
    let mut steps = path.steps.iter();
    if absolute
        && steps
            .next()
            .is_some_and(|step| step.name.is_some_and(|name| name != tree[from].name))
    {
        return None;
    }
    let start = match path.start {
        Start::Up(levels) | Start::CurrentUp(levels) => tree.up(from, levels)?,
        _ => from,
    };
    steps.try_fold(start, |node, step| match (step.name, step.attribute) {
        (Some(name), true) => tree.attribute(node, name),
        (Some(name), false) => tree.children_named(node, name).next(),
        (None, _) => tree[node].children.first().copied(),
    })
}
