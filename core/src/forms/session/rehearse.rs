//! A rehearsal: the whole form is stepped through once, relevant or not, so that errors of its logic show before a
//! worker stands at a door. ODK Validate judges forms in the same way.

use super::{NodeId, Session};
use crate::forms::definition::Control;
use crate::forms::form::{PartId, PartKind};
use crate::forms::trouble::Trouble;
use crate::model::fault::Coded;

impl Session {
    /// Steps through the form, adding one instance to every repeat and computing every choice list. Returns what is
    /// wrong; errors of the first load are part of it. The session is of no use for answers afterwards.
    pub fn rehearse(&mut self) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        if let Some(root) = self.tree.root() {
            let top = self.form.top.clone();
            let mut grown = Vec::new();
            self.rehearse_parts(&top, root, &mut grown, &mut troubles);
        }
        for failure in self.take_failures() {
            let suggestion = Some(failure.error.to_string());
            troubles.push(Trouble::error(failure.error.fault().code, failure.path).suggest(suggestion));
        }
        troubles
    }

    fn rehearse_parts(&mut self, parts: &[PartId], base: NodeId, grown: &mut Vec<PartId>, troubles: &mut Vec<Trouble>) {
        let form = std::sync::Arc::clone(&self.form);
        for id in parts {
            let Some(part) = form.part(*id) else { continue };
            match &part.kind {
                PartKind::Group if part.children.is_empty() => {
                    let path = part.shape.map(|shape| form.shape_text(shape)).unwrap_or_default();
                    troubles.push(Trouble::error("form_empty_group", path));
                }
                PartKind::Group => self.rehearse_parts(&part.children, base, grown, troubles),
                PartKind::Repeat { .. } => self.rehearse_repeat(*id, &part.children, base, grown, troubles),
                PartKind::Question { control, .. } => {
                    let node = part.shape.and_then(|shape| self.descend(base, shape));
                    if let (Control::SelectOne | Control::SelectMany, Some(node)) = (control, node) {
                        self.rehearse_choices(*id, node, troubles);
                    }
                }
            }
        }
    }

    fn rehearse_repeat(
        &mut self,
        id: PartId,
        children: &[PartId],
        base: NodeId,
        grown: &mut Vec<PartId>,
        troubles: &mut Vec<Trouble>,
    ) {
        let shape = self.part_shape(id);
        let above = self.form.shape(shape).and_then(|shape| shape.parent);
        let Some(parent) = above.and_then(|above| self.descend(base, above)) else {
            return;
        };
        let mut nth = 0;
        loop {
            if self.instances(parent, shape).len() <= nth {
                if grown.contains(&id) {
                    return;
                }
                grown.push(id);
                self.create(id, parent);
            }
            let Some(node) = self.instances(parent, shape).get(nth).copied() else {
                return;
            };
            self.rehearse_parts(children, node, grown, troubles);
            nth += 1;
        }
    }

    fn rehearse_choices(&mut self, id: PartId, node: NodeId, troubles: &mut Vec<Trouble>) {
        match self.offers(id, node) {
            Ok(offers) => {
                if offers.iter().any(|offer| offer.value.trim().is_empty()) {
                    troubles.push(Trouble::error("form_choice_without_value", self.path_of(node)));
                }
            }
            Err(error) => self.failed(node, error),
        }
    }
}
