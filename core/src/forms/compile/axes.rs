//! What paths along any axis may read: the places they can lead to, without looking at data.

use super::Compiler;
use crate::forms::tree::ShapeId;
use crate::forms::xpath::{Axis, Far, Filter, Test};

/// A place, or the root above the first element.
type Level = Option<ShapeId>;

impl Compiler {
    /// What a filtered expression reads, and what the steps behind it lead to.
    pub(super) fn filter_reads(
        &self,
        filter: &Filter,
        far: &[Far],
        from: Level,
        current: ShapeId,
        out: &mut Vec<ShapeId>,
    ) {
        let mut first = Vec::new();
        self.reads(&filter.set, from, current, &mut first);
        for predicate in &filter.predicates {
            for shape in first.clone() {
                self.reads(predicate, Some(shape), current, out);
            }
        }
        self.far_reads(first.into_iter().map(Some).collect(), far, current, out);
    }

    /// What steps lead to from a set of places, and what their conditions read.
    pub(super) fn far_reads(&self, start: Vec<Level>, far: &[Far], current: ShapeId, out: &mut Vec<ShapeId>) {
        let mut set = start;
        for step in far {
            let mut next: Vec<Level> = Vec::new();
            for level in &set {
                let found = self.along(*level, step.axis, step.test);
                next.extend(found.into_iter().filter(|level| self.fits(*level, step)));
            }
            next.sort_unstable();
            next.dedup();
            // nothing of this form: conditions may still speak of it by absolute paths
            let inside: Vec<Level> = if next.is_empty() { vec![None] } else { next.clone() };
            for predicate in &step.predicates {
                for level in &inside {
                    self.reads(predicate, *level, current, out);
                }
            }
            set = next;
        }
        for shape in set.into_iter().flatten() {
            if !out.contains(&shape) {
                out.push(shape);
            }
        }
    }

    fn fits(&self, level: Level, step: &Far) -> bool {
        let Some(shape) = level.and_then(|id| self.shape(id)) else {
            return step.test == Test::Node;
        };
        match step.test {
            Test::Name(name) => shape.name == Some(name),
            Test::Any | Test::Node | Test::Text => true,
            Test::Nothing => false,
        }
    }

    fn along(&self, level: Level, axis: Axis, test: Test) -> Vec<Level> {
        let parent = level.and_then(|id| self.shape(id)).map(|shape| shape.parent);
        let up = || std::iter::successors(parent, |level| level.and_then(|id| self.shape(id)).map(|s| s.parent));
        match axis {
            // a text is kept in the node that holds it, so where there may be one the node itself is meant, too
            Axis::Child if matches!(test, Test::Text | Test::Node) => {
                self.below(level, false).into_iter().chain([level]).collect()
            }
            Axis::Parent if test == Test::Node => parent.into_iter().chain([level]).collect(),
            Axis::Child => self.below(level, false),
            Axis::Attribute => self.below(level, true),
            Axis::Myself => vec![level],
            Axis::Parent => parent.into_iter().collect(),
            Axis::Ancestor => up().collect(),
            Axis::AncestorOrSelf => std::iter::once(level).chain(up()).collect(),
            Axis::Descendant | Axis::DescendantOrSelf => {
                let mut found = vec![level];
                let mut next = 0;
                while let Some(level) = found.get(next).copied() {
                    found.extend(self.below(level, false));
                    next += 1;
                }
                let own = usize::from(axis == Axis::Descendant && !matches!(test, Test::Text | Test::Node));
                found.split_off(own)
            }
            Axis::FollowingSibling | Axis::PrecedingSibling => {
                parent.map_or_else(Vec::new, |parent| self.below(parent, false))
            }
            Axis::Following | Axis::Preceding => self.along(None, Axis::Descendant, test),
        }
    }

    fn below(&self, level: Level, attributes: bool) -> Vec<Level> {
        let shapes = self.shapes.iter().enumerate();
        let children = shapes.filter(|(_, shape)| shape.parent == level && shape.attribute == attributes);
        let ids = children.filter_map(|(index, _)| u32::try_from(index).ok().map(ShapeId));
        ids.map(Some).collect()
    }
}
