//! Answering a question.

use super::{Answer, NodeId, Session, Value};
use crate::forms::definition::Control;
use crate::forms::eval::{EvalError, Here};
use crate::forms::form::{PartId, PartKind};
use crate::forms::value::DataType;

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Accepted,
    /// The answer is required and cannot be cleared.
    Required,
    /// The answer breaks the constraint; the old one stays.
    Constraint,
    /// No such choice is offered; the old answer stays.
    NotAChoice,
    /// The text cannot be an answer of this type; the old answer stays.
    BadType,
    /// The question may only be read.
    ReadOnly,
    /// The question is not relevant now.
    NotRelevant,
    /// The form has no such question.
    NoSuchQuestion,
    /// The repeat is counted, or may not be changed, or is not there.
    NotAllowed,
    /// A rule of the form has an error, so the answer cannot be judged; the old one stays.
    Failed,
}

impl Outcome {
    /// The stable word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Required => "required",
            Self::Constraint => "constraint",
            Self::NotAChoice => "not_a_choice",
            Self::BadType => "bad_type",
            Self::ReadOnly => "read_only",
            Self::NotRelevant => "not_relevant",
            Self::NoSuchQuestion => "no_such_question",
            Self::NotAllowed => "not_allowed",
            Self::Failed => "error",
        }
    }
}

impl Session {
    /// Answers the question at a path with the text that a submission would hold; the empty text clears the answer.
    pub fn answer(&mut self, path: &str, value: &str) -> Outcome {
        let Some((part, node)) = self.question(path) else {
            return if self.knows_question(path) {
                Outcome::NotRelevant
            } else {
                Outcome::NoSuchQuestion
            };
        };
        if !self.tree[node].open() {
            return Outcome::ReadOnly;
        }
        let answer = match self.read(part, node, value) {
            Ok(answer) => answer,
            Err(outcome) => return outcome,
        };
        let outcome = self.give(node, answer);
        if outcome == Outcome::Accepted {
            self.settle();
        }
        outcome
    }

    /// Tries an answer against rule and constraint, and puts it in.
    pub(super) fn give(&mut self, node: NodeId, answer: Option<Answer>) -> Outcome {
        let Some(answer) = answer else {
            if self.tree[node].required() {
                return Outcome::Required;
            }
            if self.tree[node].value.is_some() {
                self.set(node, None);
            }
            return Outcome::Accepted;
        };
        match self.admits(node, &answer) {
            Ok(true) => {
                self.set(node, Some(answer));
                Outcome::Accepted
            }
            Ok(false) => Outcome::Constraint,
            Err(error) => {
                self.failed(node, error);
                Outcome::Failed
            }
        }
    }

    pub(super) fn admits(&self, node: NodeId, answer: &Answer) -> Result<bool, EvalError> {
        let shape = self.form.shape(self.tree[node].shape);
        let Some(constraint) = shape.and_then(|shape| shape.constraint.as_ref()) else {
            return Ok(true);
        };
        let mut scope = self.scope();
        scope.candidate = Some((node, answer.value()));
        Ok(scope.single(constraint, Here::at(node))?.truth())
    }

    /// The question of a path that can be answered now.
    pub(super) fn question(&self, path: &str) -> Option<(PartId, NodeId)> {
        let node = self.node_at(path).filter(|node| self.tree[*node].relevant())?;
        let shape = self.form.shape(self.tree[node].shape)?;
        let part = shape.questions.first().copied()?;
        (self.path_of(node) == path).then_some((part, node))
    }

    fn knows_question(&self, path: &str) -> bool {
        let mut generic = String::new();
        for step in path.split('/').skip(1) {
            generic.push('/');
            generic.push_str(step.split('[').next().unwrap_or(step));
        }
        let mut shapes = (0..self.form.shapes.len()).filter_map(|index| u32::try_from(index).ok());
        shapes.any(|index| {
            let id = crate::forms::tree::ShapeId(index);
            self.form.shape(id).is_some_and(|s| !s.questions.is_empty()) && self.form.shape_text(id) == generic
        })
    }

    fn read(&mut self, part: PartId, node: NodeId, value: &str) -> Result<Option<Answer>, Outcome> {
        if value.is_empty() {
            return Ok(None);
        }
        let form = std::sync::Arc::clone(&self.form);
        let Some(PartKind::Question { control, .. }) = form.part(part).map(|part| &part.kind) else {
            return Err(Outcome::NoSuchQuestion);
        };
        match control {
            Control::SelectOne => {
                self.check_choices(part, node, &[value])?;
                Ok(Some(Answer::One(value.into())))
            }
            Control::SelectMany | Control::Rank => {
                let values: Vec<&str> = value.split_whitespace().collect();
                self.check_choices(part, node, &values)?;
                Ok(Some(Answer::Many(values.into_iter().map(Into::into).collect())))
            }
            Control::Input | Control::Secret | Control::Range => self.typed(node, value).map(Some),
            Control::Upload | Control::Trigger => Ok(Some(Answer::Text(value.into()))),
        }
    }

    fn typed(&self, node: NodeId, value: &str) -> Result<Answer, Outcome> {
        match self.form.data_type(self.tree[node].shape) {
            data_type @ (DataType::Integer
            | DataType::Long
            | DataType::Decimal
            | DataType::Date
            | DataType::Time
            | DataType::DateTime
            | DataType::GeoPoint
            | DataType::GeoTrace
            | DataType::GeoShape) => Answer::read(value, data_type, self.clock).ok_or(Outcome::BadType),
            _ => Ok(Answer::Text(value.into())),
        }
    }

    /// The answer at a path as text; nothing when there is none or the node is not relevant.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<String> {
        let node = &self.tree[self.node_at(path)?];
        node.value
            .as_ref()
            .filter(|_| node.relevant())
            .map(|answer| answer.text(self.clock))
    }

    /// The answer at a path as a number, for scores; nothing when there is none or it is no number.
    #[must_use]
    pub fn number(&self, path: &str) -> Option<f64> {
        let node = &self.tree[self.node_at(path)?];
        let value: Value = node.value.as_ref().filter(|_| node.relevant())?.value();
        Some(value.number(self.clock)).filter(|number| !number.is_nan())
    }
}
