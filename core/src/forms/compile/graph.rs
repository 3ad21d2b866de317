//! The order of computations: each after everything it reads, by levels, circles refused.

use std::collections::HashMap;

use super::{Compiler, Cycles};
use crate::forms::form::{Computation, Effect};
use crate::forms::tree::ShapeId;

/// Computations in order, and who follows whom.
pub(super) struct Order {
    pub(super) steps: Vec<Computation>,
    pub(super) readers: HashMap<ShapeId, Vec<usize>>,
    pub(super) followers: Vec<Vec<usize>>,
    pub(super) repeat_relevance: HashMap<ShapeId, usize>,
}

impl Compiler {
    pub(super) fn order(&mut self, cycles: Cycles) -> Order {
        let computations = std::mem::take(&mut self.computations);
        let below = self.children_of_shapes();
        let followers = follow(&computations, &below);
        let (levels, circle) = levels(&followers);
        if !circle.is_empty() {
            let names: Vec<String> = circle
                .iter()
                .filter_map(|i| computations.get(*i))
                .map(|c| self.shape_text(c.target))
                .collect();
            match cycles {
                Cycles::Strict => self.error("form_cycle", names.join(" ")),
                Cycles::EnketoCompatible => self.warn("form_cycle", names.join(" ")),
            }
        }
        let order: Vec<usize> = levels.into_iter().chain(circle).collect();
        let mut place = vec![0; computations.len()];
        for (new, old) in order.iter().enumerate() {
            if let Some(slot) = place.get_mut(*old) {
                *slot = new;
            }
        }
        let moved = |list: &[usize]| {
            list.iter()
                .filter_map(|old| place.get(*old).copied())
                .collect::<Vec<_>>()
        };
        let steps: Vec<Computation> = order.iter().filter_map(|old| computations.get(*old).cloned()).collect();
        let followers = order
            .iter()
            .map(|old| moved(followers.get(*old).map_or(&[], Vec::as_slice)))
            .collect();
        let repeat_relevance = steps
            .iter()
            .enumerate()
            .filter(|(_, step)| step.effect == Effect::Relevant && self.shape(step.target).is_some_and(|s| s.repeat))
            .map(|(index, step)| (step.target, index))
            .collect();
        Order {
            readers: readers(&steps),
            steps,
            followers,
            repeat_relevance,
        }
    }

    fn children_of_shapes(&self) -> HashMap<ShapeId, Vec<ShapeId>> {
        let mut below: HashMap<ShapeId, Vec<ShapeId>> = HashMap::new();
        for (index, shape) in self.shapes.iter().enumerate() {
            if let (Some(parent), Ok(index)) = (shape.parent, u32::try_from(index))
                && !shape.attribute
            {
                below.entry(parent).or_default().push(ShapeId(index));
            }
        }
        below
    }
}

fn readers(steps: &[Computation]) -> HashMap<ShapeId, Vec<usize>> {
    let mut readers: HashMap<ShapeId, Vec<usize>> = HashMap::new();
    for (index, step) in steps.iter().enumerate() {
        for shape in &step.reads {
            readers.entry(*shape).or_default().push(index);
        }
    }
    readers
}

/// For each computation, those that read what it changes. Relevance changes everything below its node.
fn follow(steps: &[Computation], below: &HashMap<ShapeId, Vec<ShapeId>>) -> Vec<Vec<usize>> {
    let readers = readers(steps);
    let mut all = Vec::with_capacity(steps.len());
    for step in steps {
        let mut changed = vec![step.target];
        let mut next = 0;
        while step.effect == Effect::Relevant && next < changed.len() {
            if let Some(children) = changed.get(next).and_then(|shape| below.get(shape)) {
                changed.extend(children);
            }
            next += 1;
        }
        let mut followers: Vec<usize> = changed
            .iter()
            .filter_map(|shape| readers.get(shape))
            .flatten()
            .copied()
            .collect();
        followers.sort_unstable();
        followers.dedup();
        all.push(followers);
    }
    all
}

/// Computations by level, then those that stand in a circle or behind one.
fn levels(followers: &[Vec<usize>]) -> (Vec<usize>, Vec<usize>) {
    let mut waiting_for = vec![0_usize; followers.len()];
    for target in followers.iter().flatten() {
        if let Some(count) = waiting_for.get_mut(*target) {
            *count += 1;
        }
    }
    let mut level: Vec<usize> = (0..followers.len())
        .filter(|i| waiting_for.get(*i) == Some(&0))
        .collect();
    let mut order = Vec::with_capacity(followers.len());
    while !level.is_empty() {
        let mut next = Vec::new();
        for done in &level {
            order.push(*done);
            for target in followers.get(*done).into_iter().flatten() {
                if let Some(count) = waiting_for.get_mut(*target) {
                    *count -= 1;
                    if *count == 0 {
                        next.push(*target);
                    }
                }
            }
        }
        next.sort_unstable();
        level = next;
    }
    let circle = (0..followers.len())
        .filter(|i| waiting_for.get(*i).is_some_and(|count| *count > 0))
        .collect();
    (order, circle)
}

#[cfg(test)]
mod tests {
    use super::levels;

    #[test]
    fn what_reads_comes_after_what_is_read_and_circles_come_last() {
        let (order, circle) = levels(&[vec![1, 2], vec![2], vec![], vec![4], vec![3]]);
        assert_eq!(order, [0, 1, 2]);
        assert_eq!(circle, [3, 4]);
    }
}
