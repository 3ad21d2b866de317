//! Events: actions that set values, and preloads.

use super::{At, Here, Link, NodeId, Session};
use crate::forms::eval::EvalError;
use crate::forms::form::{CompiledAction, PartId, PartKind};
use crate::forms::tree::ShapeId;
use crate::forms::value::{Answer, DataType, Value};
use crate::forms::xpath::Path;

/// Actions may set each other off through changed values; forms that never come to rest are stopped.
const DEEPEST: u32 = 40;

impl Session {
    /// An event of the whole form: the model's actions, then those of the body at every place that exists.
    pub(super) fn fire_everywhere(&mut self, event: &str) {
        let form = std::sync::Arc::clone(&self.form);
        for action in &form.actions {
            self.act(action, event, &[]);
        }
        for part in form
            .parts
            .iter()
            .filter(|part| part.actions.iter().any(|action| action.at(event)))
        {
            let Some(shape) = part.shape else { continue };
            let question = matches!(part.kind, PartKind::Question { .. });
            let place = if question {
                form.shape(shape).and_then(|s| s.parent)
            } else {
                Some(shape)
            };
            let nodes = place.map(|place| self.scope().nodes_of(place, &[])).unwrap_or_default();
            for node in nodes {
                let anchor = self.anchor(node);
                part.actions.iter().for_each(|action| self.act(action, event, &anchor));
            }
        }
    }

    /// An event of one part, at a place.
    pub(super) fn fire(&mut self, part: Option<PartId>, event: &str, anchor: &[Link]) {
        let form = std::sync::Arc::clone(&self.form);
        let actions = match part {
            Some(id) => form.part(id).map_or(&[][..], |part| &part.actions),
            None => &form.actions,
        };
        for action in actions {
            self.act(action, event, anchor);
        }
    }

    fn act(&mut self, action: &CompiledAction, event: &str, anchor: &[Link]) {
        if !action.sets_value || !action.at(event) {
            return;
        }
        let nodes = match &action.picked {
            None => self.scope().nodes_of(action.target, anchor),
            Some(path) => self.picked(path, anchor),
        };
        match nodes.as_slice() {
            [] => {}
            [node] => {
                if let Err(error) = self.set_by_action(action, *node) {
                    self.failed(*node, error);
                }
            }
            [node, ..] => self.failed(*node, EvalError::Repeated(self.form.shape_text(action.target))),
        }
    }

    /// The nodes of a target with filters, seen from the place of the event.
    fn picked(&mut self, path: &Path, anchor: &[Link]) -> Vec<NodeId> {
        let place = anchor.iter().rev().find_map(|(_, node)| *node).or(self.tree.root());
        let Some(place) = place else {
            return Vec::new();
        };
        match self.scope().expand_all(path, Here::at(place)) {
            Ok(nodes) => nodes,
            Err(error) => {
                self.failed(place, error);
                Vec::new()
            }
        }
    }

    fn set_by_action(&mut self, action: &CompiledAction, node: NodeId) -> Result<(), EvalError> {
        if self.depth >= DEEPEST {
            return Err(EvalError::TooMuchWork);
        }
        let value = match &action.value {
            Some(expr) => self.scope().single(expr, Here::at(node))?,
            None => Value::Text(action.text.clone()),
        };
        let data_type = self.form.data_type(action.target);
        let misfit = |text| EvalError::DoesNotFit(text, "node");
        let answer = match Answer::of_result(&value, data_type, self.clock).map_err(misfit)? {
            Some(truth @ Answer::Boolean(_)) if self.form.lenient && data_type == DataType::Boolean => Some(truth),
            Some(answer) => Some(answer.cast(data_type, self.clock).map_err(misfit)?),
            None => None,
        };
        self.depth += 1;
        self.set(node, answer);
        self.depth -= 1;
        Ok(())
    }

    /// Puts an answer into a node, computes what follows, and tells the question there when the answer is another one.
    pub(super) fn set(&mut self, node: NodeId, answer: Option<Answer>) {
        let text = |answer: &Option<Answer>| answer.as_ref().map(|a| a.text(self.clock));
        let changed = text(&self.tree[node].value) != text(&answer);
        self.tree[node].value = answer;
        let anchor = self.anchor(node);
        let shape = self.tree[node].shape;
        self.follow(shape, &anchor, &Default::default(), &Default::default());
        let question = self
            .form
            .shape(shape)
            .and_then(|shape| shape.questions.first())
            .copied();
        if changed && question.is_some() {
            let above = anchor.split_last().map_or(&[][..], |(_, above)| above);
            self.fire(question, "xforms-value-changed", above);
        }
    }

    /// Fills in what the device knows, in a node and everything below it.
    pub(super) fn preload(&mut self, node: NodeId) {
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            if let Some(answer) = self.preloaded(self.tree[node].shape) {
                self.tree[node].value = Some(answer);
            }
            let below = self.tree[node].children.iter().copied();
            pending.extend(below.filter(|child| self.tree[*child].place != At::Template));
        }
    }

    fn preloaded(&self, shape: ShapeId) -> Option<Answer> {
        let (kind, param) = self.form.shape(shape)?.preload.as_ref()?;
        match (kind.as_str(), param.as_str()) {
            ("date", "today") => Some(Answer::Date(self.clock.midnight(self.clock.now_ms))),
            ("timestamp", "start") => Some(Answer::DateTime(self.clock.now_ms)),
            ("property", name) => self
                .properties
                .get(name)
                .filter(|value| !value.is_empty())
                .map(|value| Answer::Text(value.as_str().into())),
            ("uid", _) => Some(Answer::Text(self.scope().uuid().into())),
            _ => None,
        }
    }

    /// What happens when the form is finalised: its events, then end times.
    pub(super) fn end(&mut self) {
        self.fire_everywhere("xforms-revalidate");
        for node in self.data_nodes() {
            let preload = self
                .form
                .shape(self.tree[node].shape)
                .and_then(|shape| shape.preload.as_ref());
            if preload.is_some_and(|(kind, param)| kind == "timestamp" && param == "end") {
                self.tree[node].value = Some(Answer::DateTime(self.clock.now_ms));
            }
        }
    }

    /// Every node that is data, in document order; attributes left out.
    pub(super) fn data_nodes(&self) -> Vec<NodeId> {
        let mut nodes = Vec::new();
        let mut pending: Vec<NodeId> = self.tree.root().into_iter().collect();
        while let Some(node) = pending.pop() {
            nodes.push(node);
            let below = self.tree[node].children.iter().rev().copied();
            pending.extend(below.filter(|child| self.tree[*child].is_data()));
        }
        nodes
    }
}

impl CompiledAction {
    fn at(&self, event: &str) -> bool {
        self.events.iter().any(|known| known == event)
    }
}
