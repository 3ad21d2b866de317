//! The choices of a question, as they are now.

use super::{Answer, Here, NodeId, Outcome, Session};
use crate::forms::eval::{EvalError, NodeSet};
use crate::forms::form::{CompiledItemset, PartId, PartKind};

/// A choice that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// Address of an image.
    pub image: Option<String>,
}

impl Session {
    /// Whether all values are offered. An old answer that is offered no more is dropped, as ODK does when it looks.
    pub(super) fn check_choices(&mut self, part: PartId, node: NodeId, values: &[&str]) -> Result<(), Outcome> {
        let offered = match self.offered_values(part, node) {
            Ok(offered) => offered,
            Err(error) => {
                self.failed(node, error);
                return Err(Outcome::Failed);
            }
        };
        self.drop_withdrawn(part, node, &offered);
        if values.iter().all(|value| offered.iter().any(|known| known == value)) {
            Ok(())
        } else {
            Err(Outcome::NotAChoice)
        }
    }

    /// The values that a question offers now.
    pub(super) fn offered_values(&self, part: PartId, node: NodeId) -> Result<Vec<String>, EvalError> {
        let Some(PartKind::Question { choices, itemset, .. }) = self.form.part(part).map(|part| &part.kind) else {
            return Ok(Vec::new());
        };
        let Some(itemset) = itemset else {
            return Ok(choices.iter().map(|choice| choice.value.clone()).collect());
        };
        let scope = self.scope();
        let set = scope.itemset_nodes(itemset, Here::at(node))?;
        set.nodes
            .iter()
            .map(|entry| scope.itemset_value(itemset, set.which, *entry))
            .collect()
    }

    /// Takes choices out of an answer that are offered no more. Nothing is computed from that.
    pub(super) fn drop_withdrawn(&mut self, part: PartId, node: NodeId, offered: &[String]) {
        let dynamic = matches!(
            self.form.part(part).map(|part| &part.kind),
            Some(PartKind::Question { itemset: Some(_), .. })
        );
        if !dynamic {
            return;
        }
        let known = |value: &str| offered.iter().any(|offer| offer == value);
        let kept = match self.tree[node].value.take() {
            Some(Answer::Many(values)) => Some(Answer::Many(values.into_iter().filter(|value| known(value)).collect())),
            Some(other) => {
                let text = other.text(self.clock);
                known(&text).then(|| Answer::One(text.into()))
            }
            None => None,
        };
        self.tree[node].value = kept;
    }

    /// The choices of a question in the language shown, shuffled when the author wants it so.
    ///
    /// # Errors
    /// See [`EvalError`]: the filter cannot be computed.
    pub(super) fn offers(&self, part: PartId, node: NodeId) -> Result<Vec<Offer>, EvalError> {
        let Some(PartKind::Question { choices, itemset, .. }) = self.form.part(part).map(|part| &part.kind) else {
            return Ok(Vec::new());
        };
        let here = Here::at(node);
        let scope = self.scope();
        let Some(itemset) = itemset else {
            let offer = |choice: &crate::forms::form::CompiledChoice| Offer {
                value: choice.value.clone(),
                label: scope.label(&choice.label, here),
                image: scope.label_media(&choice.label, "image", here),
            };
            return Ok(choices.iter().map(offer).collect());
        };
        let set = self.in_order(itemset, scope.itemset_nodes(itemset, here)?, here)?;
        let offer = |entry: &NodeId| {
            Ok(Offer {
                value: scope.itemset_value(itemset, set.which, *entry)?,
                label: scope.itemset_label(itemset, set.which, *entry, here)?,
                image: scope.itemset_media(itemset, set.which, *entry, "image", here)?,
            })
        };
        set.nodes.iter().map(offer).collect()
    }

    fn in_order(&self, itemset: &CompiledItemset, mut set: NodeSet, here: Here) -> Result<NodeSet, EvalError> {
        if itemset.shuffled {
            let scope = self.scope();
            let seed = match &itemset.seed {
                Some(seed) => scope.seed_of(&scope.single(seed, here)?),
                None => scope.random_seed(),
            };
            crate::forms::eval::shuffle(&mut set.nodes, seed);
        }
        Ok(set)
    }
}
