//! What follows from a change: rules that read it, rules that read those, in the order of the graph.

use super::{BTreeSet, EvalError, Here, Link, NodeId, Session};
use crate::forms::form::{Computation, Effect};
use crate::forms::tree::ShapeId;
use crate::forms::value::Answer;

/// Numbers of computations; their order is the order of the graph.
pub(super) type Steps = BTreeSet<usize>;

impl Session {
    /// Computes every rule of the form once, at every node.
    pub(super) fn compute_all(&mut self) {
        for step in 0..self.form.steps.len() {
            self.compute(step, &[]);
        }
    }

    /// Computes what reads a node whose answer or existence has changed. Returns what was computed.
    pub(super) fn follow(&mut self, shape: ShapeId, anchor: &[Link], everywhere: &Steps, done: &Steps) -> Steps {
        let first = self.form.readers.get(&shape).cloned().unwrap_or_default();
        self.run(first, anchor, everywhere, done)
    }

    /// Computes the rules of a new repeat and what follows from them.
    pub(super) fn compute_below(&mut self, repeat: ShapeId, anchor: &[Link]) -> Steps {
        let steps = self.form.steps.iter().enumerate();
        let own = steps
            .filter(|(_, step)| self.form.is_within(step.target, repeat))
            .map(|(index, _)| index)
            .collect();
        self.run(own, anchor, &Steps::new(), &Steps::new())
    }

    fn run(&mut self, first: Vec<usize>, anchor: &[Link], everywhere: &Steps, done: &Steps) -> Steps {
        let steps = self.closure(first);
        // what follows from a rule that was computed in all instances has to be computed in all of them
        let mut wide = Steps::new();
        for step in steps.difference(done).copied().collect::<Vec<_>>() {
            if wide.contains(&step) || self.form.steps.get(step).is_some_and(|step| step.wide) {
                wide.extend(self.form.followers.get(step).into_iter().flatten().copied());
                self.compute(step, &[]);
            } else {
                self.compute(step, if everywhere.contains(&step) { &[] } else { anchor });
            }
        }
        steps
    }

    fn closure(&self, first: Vec<usize>) -> Steps {
        let mut all = Steps::new();
        let mut pending = first;
        while let Some(step) = pending.pop() {
            if all.insert(step) {
                pending.extend(self.form.followers.get(step).into_iter().flatten());
            }
        }
        all
    }

    /// Rules inside a repeat that depend on how many instances there are: they are computed in all instances.
    pub(super) fn everywhere(&self, repeat: ShapeId) -> Steps {
        let first = self.form.readers.get(&repeat).cloned().unwrap_or_default();
        let direct: Steps = first.iter().copied().collect();
        let inside = |step: usize| {
            self.form
                .steps
                .get(step)
                .is_some_and(|s| self.form.is_within(s.target, repeat))
        };
        let mut outside = Steps::new();
        let mut all = Steps::new();
        for step in self.closure(first) {
            let own = self.form.steps.get(step).is_some_and(|s| s.target == repeat);
            if !inside(step) || own {
                outside.insert(step);
            }
            if inside(step) {
                let before = outside.iter().chain(&all).any(|earlier| {
                    self.form
                        .followers
                        .get(*earlier)
                        .is_some_and(|followers| followers.contains(&step))
                });
                if direct.contains(&step) || before {
                    all.insert(step);
                }
            }
        }
        all
    }

    fn compute(&mut self, index: usize, anchor: &[Link]) {
        let form = std::sync::Arc::clone(&self.form);
        let Some(step) = form.steps.get(index) else {
            return;
        };
        for node in self.scope().nodes_of(step.target, anchor) {
            if let Err(error) = self.apply(step, node) {
                self.failed(node, error);
            }
        }
    }

    fn apply(&mut self, step: &Computation, node: NodeId) -> Result<(), EvalError> {
        let value = self.scope().single(&step.expr, Here::at(node))?;
        match step.effect {
            Effect::Relevant => self.tree.set_relevant(node, value.truth()),
            Effect::Required => self.tree.set_required(node, value.truth()),
            Effect::Readonly => self.tree.set_open(node, !value.truth()),
            Effect::Calculate => {
                let data_type = self.form.data_type(step.target);
                let answer = Answer::of_result(&value, data_type, self.clock);
                self.tree[node].value = answer.map_err(|text| EvalError::DoesNotFit(text, "place"))?;
            }
        }
        Ok(())
    }
}
