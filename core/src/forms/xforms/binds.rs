//! Binds: type, rules, preloads, and the attributes of a checklist item.

use roxmltree::Node;

use super::{Reader, attr, jr_attr};
use crate::forms::definition::Bind;
use crate::forms::grid::{self, ItemRules};

impl Reader {
    pub(super) fn bind(&mut self, node: Node<'_, '_>) {
        let Some(nodeset) = attr(node, "nodeset").map(|path| path.trim().to_owned()) else {
            self.error(node, "form_bind_without_nodeset", "");
            return;
        };
        if let Some(id) = attr(node, "id")
            && self.bind_ids.insert(id.into(), nodeset.clone()).is_some()
        {
            self.error(node, "form_second_bind_id", id);
        }
        let text = |name: &str| attr(node, name).map(str::to_owned);
        let grid = self.item_rules(node);
        self.definition.binds.push(Bind {
            data_type: text("type"),
            relevant: text("relevant"),
            required: text("required"),
            required_message: text("requiredMsg"),
            readonly: text("readonly"),
            constraint: text("constraint"),
            constraint_message: text("constraintMsg"),
            calculate: text("calculate"),
            preload: jr_attr(node, "preload").map(Into::into),
            preload_params: jr_attr(node, "preloadParams").map(Into::into),
            save_to: text("saveto"),
            grid,
            nodeset,
        });
    }

    fn item_rules(&mut self, node: Node<'_, '_>) -> Option<Box<ItemRules>> {
        let mut rules = ItemRules::default();
        let mut any = false;
        for attribute in node.attributes().filter(|a| a.namespace() == Some(grid::NAMESPACE)) {
            any = true;
            if !rules.set(attribute.name(), attribute.value().trim()) {
                self.error(
                    node,
                    "form_bad_grid_attribute",
                    format!("grid:{}={}", attribute.name(), attribute.value()),
                );
            }
        }
        any.then(|| Box::new(rules))
    }
}
