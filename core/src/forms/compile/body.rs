//! The body: parts with their shapes, choices and actions.

use super::Compiler;
use crate::forms::definition::{Action, Control, Definition, Element, Group, Itemset, Question, Repeat};
use crate::forms::form::{CompiledAction, CompiledChoice, CompiledItemset, Part, PartId, PartKind};
use crate::forms::tree::ShapeId;
use crate::forms::value::DataType;

impl Compiler {
    pub(super) fn body(&mut self, definition: &Definition) {
        let root = self.tree.root().map(|id| self.tree[id].shape);
        self.top = definition
            .body
            .iter()
            .filter_map(|element| self.element(element, root))
            .collect();
        self.check_scopes();
    }

    fn element(&mut self, element: &Element, above: Option<ShapeId>) -> Option<PartId> {
        match element {
            Element::Group(group) => self.group(group, above),
            Element::Repeat(repeat) => self.repeat(repeat, above),
            Element::Question(question) => self.question(question, above),
        }
    }

    fn add(&mut self, part: Part) -> PartId {
        self.parts.push(part);
        PartId(self.parts.len() - 1)
    }

    fn children(&mut self, id: PartId, elements: &[Element], shape: Option<ShapeId>) {
        let children = elements
            .iter()
            .filter_map(|element| self.element(element, shape))
            .collect();
        if let Some(part) = self.parts.get_mut(id.0) {
            part.children = children;
        }
    }

    fn group(&mut self, group: &Group, above: Option<ShapeId>) -> Option<PartId> {
        let shape = match &group.nodeset {
            Some(path) => self.bound("form_group_without_node", path, above),
            None => above,
        };
        let label = self.label(group.label.as_ref());
        let id = self.add(Part {
            kind: PartKind::Group,
            shape,
            children: Vec::new(),
            label,
            hint: None,
            appearance: group.appearance.clone(),
            attributes: Default::default(),
            actions: Vec::new(),
        });
        self.own_actions(id, &group.actions);
        self.children(id, &group.children, shape);
        Some(id)
    }

    fn repeat(&mut self, repeat: &Repeat, above: Option<ShapeId>) -> Option<PartId> {
        let shape = self.bound("form_repeat_without_node", &repeat.nodeset, above)?;
        if self.chain(shape).len() <= 1 {
            self.error("form_repeat_at_root", repeat.nodeset.as_str());
        }
        if let Some(shape) = self.shape_mut(shape) {
            shape.repeat = true;
        }
        let count = match &repeat.count {
            Some(path) => Some(self.bound("form_count_without_node", path, Some(shape))?),
            None => None,
        };
        let label = self.label(repeat.label.as_ref());
        let id = self.add(Part {
            kind: PartKind::Repeat {
                count,
                fixed: repeat.fixed,
            },
            shape: Some(shape),
            children: Vec::new(),
            label,
            hint: None,
            appearance: repeat.appearance.clone(),
            attributes: Default::default(),
            actions: Vec::new(),
        });
        self.own_actions(id, &repeat.actions);
        self.children(id, &repeat.children, Some(shape));
        Some(id)
    }

    fn bound(&mut self, code: &'static str, path: &str, above: Option<ShapeId>) -> Option<ShapeId> {
        let before = self.troubles.len();
        let shape = self.resolve(path, above);
        if shape.is_none() && path != "/" && self.troubles.len() == before {
            self.error(code, path);
        }
        shape
    }

    fn question(&mut self, question: &Question, above: Option<ShapeId>) -> Option<PartId> {
        let shape = match &question.nodeset {
            Some(path) => Some(self.bound("form_question_without_node", path, above)?),
            None => None,
        };
        let label = self.label(question.label.as_ref());
        let hint = self.label(question.hint.as_ref());
        let mut choices = Vec::new();
        for choice in &question.choices {
            if let Some(label) = self.label(Some(&choice.label)) {
                choices.push(CompiledChoice {
                    value: choice.value.clone(),
                    label,
                });
            }
        }
        let itemset = match &question.itemset {
            Some(itemset) => Some(Box::new(self.itemset(itemset, shape)?)),
            None => None,
        };
        let id = self.add(Part {
            kind: PartKind::Question {
                control: question.control,
                choices,
                itemset,
                mediatype: question.mediatype.clone(),
            },
            shape,
            children: Vec::new(),
            label,
            hint,
            appearance: question.appearance.clone(),
            attributes: question.attributes.clone(),
            actions: Vec::new(),
        });
        self.own_actions(id, &question.actions);
        if let Some(shape) = shape.and_then(|shape| self.shape_mut(shape)) {
            shape.questions.push(id);
        }
        Some(id)
    }

    fn itemset(&mut self, itemset: &Itemset, from: Option<ShapeId>) -> Option<CompiledItemset> {
        let nodeset = self.path(&itemset.nodeset)?;
        let value = self.path(&itemset.value)?;
        let label = self.path(&itemset.label)?;
        self.check_itemset(itemset, &nodeset, [&value, &label], from);
        let seed = match &itemset.seed {
            Some(seed) => Some(self.expression(seed)?),
            None => None,
        };
        use crate::forms::xpath::Expr;
        Some(CompiledItemset {
            nodeset: Expr::Path(nodeset),
            value: Expr::Path(value),
            label: Expr::Path(label),
            label_is_id: itemset.label_is_id,
            shuffled: itemset.shuffled,
            seed,
        })
    }

    pub(super) fn actions(&mut self, definition: &Definition) {
        let root = self.tree.root().map(|id| self.tree[id].shape);
        self.actions = definition
            .actions
            .iter()
            .filter_map(|action| self.action(action, root))
            .collect();
    }

    fn own_actions(&mut self, id: PartId, actions: &[Action]) {
        let root = self.tree.root().map(|id| self.tree[id].shape);
        let actions = actions.iter().filter_map(|action| self.action(action, root)).collect();
        if let Some(part) = self.parts.get_mut(id.0) {
            part.actions = actions;
        }
    }

    fn action(&mut self, action: &Action, root: Option<ShapeId>) -> Option<CompiledAction> {
        let target = self.bound("form_action_without_node", &action.target, root)?;
        let picked = self
            .path(&action.target)
            .filter(|path| path.steps.iter().any(|step| !step.predicates.is_empty()));
        let value = match action.value.as_deref() {
            Some(source) if action.kind == "setvalue" && !source.trim().is_empty() => Some(self.expression(source)?),
            _ => None,
        };
        Some(CompiledAction {
            sets_value: action.kind == "setvalue",
            events: action.events.clone(),
            target,
            picked,
            value,
            text: action.text.clone().unwrap_or_default(),
        })
    }

    /// A select question makes its node hold choices when the author gave it no type, or called it text.
    pub(super) fn select_types(&mut self) {
        for wanted in [DataType::Choice, DataType::Choices] {
            for index in 0..self.parts.len() {
                let Some(part) = self.parts.get(index) else {
                    continue;
                };
                let makes = match part.kind {
                    PartKind::Question {
                        control: Control::SelectOne,
                        ..
                    } => DataType::Choice,
                    PartKind::Question {
                        control: Control::SelectMany | Control::Rank,
                        ..
                    } => DataType::Choices,
                    _ => continue,
                };
                let shape = part.shape;
                if let Some(shape) = shape.and_then(|shape| self.shape_mut(shape))
                    && makes == wanted
                    && matches!(shape.data_type, DataType::Untyped | DataType::Text)
                {
                    shape.data_type = wanted;
                }
            }
        }
    }
}
