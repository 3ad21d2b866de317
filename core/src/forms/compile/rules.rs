//! Binds: static rules, computations and what they read.

use super::Compiler;
use crate::forms::definition::{Bind, Definition};
use crate::forms::form::{CompiledItem, Computation, Effect};
use crate::forms::names::Name;
use crate::forms::tree::{NodeId, ShapeId};
use crate::forms::value::DataType;
use crate::forms::xpath::{Expr, Path, Start};

impl Compiler {
    pub(super) fn binds(&mut self, definition: &Definition) {
        let root = self.tree.root().map(|id| self.tree[id].shape);
        for bind in &definition.binds {
            match self.resolve(&bind.nodeset, root) {
                Some(shape) => self.bind(bind, shape),
                None => {
                    self.warn("form_bind_without_node", bind.nodeset.clone());
                    self.check_only(bind);
                }
            }
        }
    }

    /// A bind of no node does nothing, but what is wrong with its expressions is still wrong.
    fn check_only(&mut self, bind: &Bind) {
        let sources = [
            &bind.relevant,
            &bind.required,
            &bind.readonly,
            &bind.constraint,
            &bind.calculate,
        ];
        for source in sources.into_iter().flatten() {
            self.expression(source);
        }
    }

    fn bind(&mut self, bind: &Bind, id: ShapeId) {
        let constraint = bind.constraint.as_deref().and_then(|source| self.expression(source));
        let grid = bind.grid.as_deref().map(|rules| CompiledItem {
            fail_when: rules.fail_when.as_deref().and_then(|source| self.expression(source)),
            na_when: rules.na_when.as_deref().and_then(|source| self.expression(source)),
            rules: rules.clone(),
        });
        if let Some(shape) = self.shape_mut(id) {
            shape.data_type = bind.data_type.as_deref().map(DataType::named).unwrap_or_default();
            if constraint.is_some() {
                shape.constraint = constraint;
                shape.constraint_message.clone_from(&bind.constraint_message);
            }
            shape.required_message.clone_from(&bind.required_message);
            shape.preload = bind
                .preload
                .clone()
                .map(|kind| (kind, bind.preload_params.clone().unwrap_or_default()));
            shape.save_to.clone_from(&bind.save_to);
            shape.grid = grid.or_else(|| shape.grid.take());
        }
        self.condition(bind.relevant.as_deref(), Effect::Relevant, id);
        self.condition(bind.required.as_deref(), Effect::Required, id);
        self.condition(bind.readonly.as_deref(), Effect::Readonly, id);
        if let Some(source) = bind.calculate.as_deref() {
            self.computation(source, Effect::Calculate, id);
        }
    }

    fn condition(&mut self, source: Option<&str>, effect: Effect, id: ShapeId) {
        match source {
            None => {}
            Some("true()") => self.state(id, effect, true),
            Some("false()") => self.state(id, effect, false),
            Some(source) => self.computation(source, effect, id),
        }
    }

    fn state(&mut self, id: ShapeId, effect: Effect, yes: bool) {
        let nodes: Vec<NodeId> = self.tree.ids().filter(|node| self.tree[*node].shape == id).collect();
        for node in nodes {
            match effect {
                Effect::Relevant => self.tree.set_relevant(node, yes),
                Effect::Required => self.tree.set_required(node, yes),
                Effect::Readonly => self.tree.set_open(node, !yes),
                Effect::Calculate => {}
            }
        }
    }

    fn computation(&mut self, source: &str, effect: Effect, target: ShapeId) {
        let Some(expr) = self.expression(source) else {
            return;
        };
        let mut reads = Vec::new();
        self.reads(&expr, Some(target), target, &mut reads);
        let mut wide = false;
        expr.walk(&mut |inner| wide |= matches!(inner, Expr::Path(path) if !path.is_plain()));
        self.computations.push(Computation {
            wide,
            effect,
            target,
            expr,
            reads,
        });
    }

    /// The shapes an expression reads. `from` is what a relative path starts at: nothing inside another instance.
    pub(super) fn reads(&self, expr: &Expr, from: Option<ShapeId>, current: ShapeId, out: &mut Vec<ShapeId>) {
        match expr {
            Expr::Path(path) => self.path_reads(path, from, current, out),
            Expr::Call(_, args) => args.iter().for_each(|arg| self.reads(arg, from, current, out)),
            Expr::Binary(_, left, right) => {
                self.reads(left, from, current, out);
                self.reads(right, from, current, out);
            }
            Expr::Negative(inner) => self.reads(inner, from, current, out),
            Expr::Union(parts) => parts.iter().for_each(|part| self.reads(part, from, current, out)),
            _ => {}
        }
    }

    fn path_reads(&self, path: &Path, from: Option<ShapeId>, current: ShapeId, out: &mut Vec<ShapeId>) {
        if let Start::Nodes(filter) = &path.start {
            return self.filter_reads(filter, &path.far, from, current, out);
        }
        let mut at = match &path.start {
            Start::Nodes(_) => return,
            Start::Root => Where::Above,
            Start::Up(levels) => self.up(from, *levels),
            Start::CurrentUp(levels) => self.up(Some(current), *levels),
            Start::Instance(_) => Where::Elsewhere,
        };
        let mut before = at;
        for step in &path.steps {
            before = at;
            at = self.step(at, step.name, step.attribute);
            let inside = match at {
                Where::At(shape) => Some(shape),
                _ => None,
            };
            for predicate in &step.predicates {
                self.reads(predicate, inside, current, out);
            }
        }
        if !path.far.is_empty() {
            let start = match (at, path.steps.last()) {
                (Where::At(shape), _) => vec![Some(shape)],
                (Where::Above, _) => vec![None],
                (_, Some(step)) if step.name.is_none() && !step.attribute => {
                    self.children_of(before).into_iter().map(Some).collect()
                }
                (Where::Elsewhere, _) => Vec::new(),
            };
            return self.far_reads(start, &path.far, current, out);
        }
        let found = match (at, path.steps.last()) {
            (Where::At(shape), _) => vec![shape],
            (_, Some(step)) if step.name.is_none() && !step.attribute => self.children_of(before),
            _ => Vec::new(),
        };
        for shape in found {
            if !out.contains(&shape) {
                out.push(shape);
            }
        }
    }

    /// Every child of a place, for a step that names none.
    fn children_of(&self, place: Where) -> Vec<ShapeId> {
        let Where::At(parent) = place else {
            return Vec::new();
        };
        let shapes = self.shapes.iter().enumerate();
        let children = shapes.filter(|(_, shape)| shape.parent == Some(parent) && !shape.attribute);
        children
            .filter_map(|(index, _)| u32::try_from(index).ok().map(ShapeId))
            .collect()
    }

    fn up(&self, from: Option<ShapeId>, levels: u32) -> Where {
        let Some(from) = from else {
            return Where::Elsewhere;
        };
        let found = (0..levels).try_fold(Some(from), |at, _| {
            at.map(|shape| self.shape(shape).and_then(|s| s.parent))
        });
        match found {
            Some(Some(shape)) => Where::At(shape),
            Some(None) => Where::Above,
            None => Where::Elsewhere,
        }
    }

    fn step(&self, at: Where, name: Option<Name>, attribute: bool) -> Where {
        let parent = match at {
            Where::Above => None,
            Where::At(shape) => Some(shape),
            Where::Elsewhere => return Where::Elsewhere,
        };
        let found = name.and_then(|name| self.known_shapes.get(&(parent, name, attribute)));
        found.map_or(Where::Elsewhere, |shape| Where::At(*shape))
    }
}

/// Where a path stands while it is followed without looking at data.
#[derive(Clone, Copy)]
enum Where {
    /// Above the root node.
    Above,
    At(ShapeId),
    /// In another instance, or at no node of this form.
    Elsewhere,
}
