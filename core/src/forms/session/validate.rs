//! Validation: every reachable question is answered once more with what it has.

use super::{NodeId, Outcome, Place, Session};
use crate::forms::form::{PartId, PartKind};

/// Why a question stands in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It has no answer and needs one.
    Required,
    /// Its answer breaks its constraint.
    Constraint,
}

impl Why {
    /// The stable word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Constraint => "constraint",
        }
    }
}

/// A question that stands in the way of finalising.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its path.
    pub path: String,
    /// Why.
    pub why: Why,
    /// What the author says about it, in the language shown.
    pub message: Option<String>,
}

impl Session {
    /// The first question that stands in the way, if any. Computes again what reads the answers, as ODK does.
    pub fn validate(&mut self) -> Option<Refusal> {
        let mut refused = None;
        self.walk(&mut |session, place| {
            if let Place::Question(part, node) = place {
                refused = session.answer_again(part, node).map(|why| (node, why));
            }
            refused.is_none()
        });
        refused.map(|(node, why)| self.refusal(node, why))
    }

    /// Every question that stands in the way now, in the order of the form. Changes nothing but counted repeats.
    pub fn missing(&mut self) -> Vec<Refusal> {
        let questions = self.places();
        let mut missing = Vec::new();
        for place in questions {
            if let Place::Question(_, node) = place
                && let Some(why) = self.objection(node)
            {
                missing.push(self.refusal(node, why));
            }
        }
        missing
    }

    /// Validates and, when nothing stands in the way, runs the events of the end of the form.
    ///
    /// # Errors
    /// The first question that stands in the way.
    pub fn finalize(&mut self) -> Result<(), Refusal> {
        if let Some(refusal) = self.validate() {
            return Err(refusal);
        }
        self.end();
        Ok(())
    }

    fn answer_again(&mut self, part: PartId, node: NodeId) -> Option<Why> {
        let dynamic = matches!(
            self.form.part(part).map(|part| &part.kind),
            Some(PartKind::Question { itemset: Some(_), .. })
        );
        if dynamic {
            match self.offered_values(part, node) {
                Ok(offered) => self.drop_withdrawn(part, node, &offered),
                Err(error) => self.failed(node, error),
            }
        }
        match self.give(node, self.tree[node].value.clone()) {
            Outcome::Required => Some(Why::Required),
            Outcome::Constraint => Some(Why::Constraint),
            _ => None,
        }
    }

    fn objection(&self, node: NodeId) -> Option<Why> {
        match &self.tree[node].value {
            None => self.tree[node].required().then_some(Why::Required),
            Some(answer) => matches!(self.admits(node, answer), Ok(false)).then_some(Why::Constraint),
        }
    }

    fn refusal(&self, node: NodeId, why: Why) -> Refusal {
        Refusal {
            path: self.path_of(node),
            why,
            message: self.message(node, why),
        }
    }
}
