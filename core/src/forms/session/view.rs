//! What a shell shows of a form: questions with their texts, choices and looks, in the language chosen.

use std::collections::BTreeMap;

use super::{Here, NodeId, Offer, Place, Session, Why};
use crate::forms::definition::Control;
use crate::forms::eval::EvalError;
use crate::forms::form::{PartId, PartKind};
use crate::forms::grid::ItemRules;
use crate::forms::value::DataType;

/// One place as a shell shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Its path; that of the repeat for the offer of a new instance.
    pub path: String,
    /// Heading or question.
    pub label: Option<String>,
    /// Help.
    pub hint: Option<String>,
    /// Addresses of `image`, `audio` and `video` of the label.
    pub media: BTreeMap<&'static str, String>,
    /// Look, as the author wrote it: `minimal`, `field-list`, `signature`, …
    pub appearance: Option<String>,
    /// What it is.
    pub screen: Screen,
}

/// What a place is.
#[derive(Debug, Clone, PartialEq)]
pub enum Screen {
    /// A group or page.
    Group,
    /// An instance of a repeat.
    Repeat {
        /// Whether a person may remove it.
        removable: bool,
    },
    /// The offer of a new instance.
    NewRepeat,
    /// A question.
    Question(Box<QuestionView>),
}

/// A question as a shell shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionView {
    /// How it is answered.
    pub control: Control,
    /// Type of the answer.
    pub data_type: DataType,
    /// Kind of file of an upload, such as `image/*`.
    pub mediatype: Option<String>,
    /// Everything else the author wrote on the control: `start`, `end`, `step`, `max-pixels`, …
    pub attributes: BTreeMap<String, String>,
    /// The answer, as a submission holds it.
    pub answer: Option<String>,
    /// Whether an answer is required.
    pub required: bool,
    /// Whether it may only be read.
    pub readonly: bool,
    /// What can be chosen; the error of a filter that cannot be computed.
    pub choices: Result<Vec<Offer>, EvalError>,
    /// Checklist attributes.
    pub item: Option<ItemRules>,
    /// The property of an entity that the answer is saved to.
    pub save_to: Option<String>,
}

impl Session {
    /// Everything that is visible now, in order, in the language chosen.
    pub fn views(&mut self) -> Vec<View> {
        let places = self.places();
        places.into_iter().filter_map(|place| self.view(place)).collect()
    }

    /// One place.
    #[must_use]
    pub fn view(&self, place: Place) -> Option<View> {
        let (part_id, node) = match place {
            Place::Group(part, node)
            | Place::Repeat(part, node)
            | Place::NewRepeat(part, node)
            | Place::Question(part, node) => (part, node),
        };
        let part = self.form.part(part_id)?;
        let (scope, here) = (self.scope(), Here::at(node));
        let media = |kind: &'static str| {
            let address = scope.label_media(part.label.as_ref()?, kind, here)?;
            Some((kind, address))
        };
        Some(View {
            path: self.place_path(place),
            label: part.label.as_ref().map(|label| scope.label(label, here)),
            hint: part.hint.as_ref().map(|hint| scope.label(hint, here)),
            media: ["image", "audio", "video"].into_iter().filter_map(media).collect(),
            appearance: part.appearance.clone(),
            screen: match place {
                Place::Group(..) => Screen::Group,
                Place::Repeat(..) => Screen::Repeat {
                    removable: self.may_grow(part_id),
                },
                Place::NewRepeat(..) => Screen::NewRepeat,
                Place::Question(..) => Screen::Question(Box::new(self.question_view(part_id, node)?)),
            },
        })
    }

    fn question_view(&self, id: PartId, node: NodeId) -> Option<QuestionView> {
        let part = self.form.part(id)?;
        let PartKind::Question { control, mediatype, .. } = &part.kind else {
            return None;
        };
        let state = &self.tree[node];
        let shape = self.form.shape(state.shape)?;
        Some(QuestionView {
            control: *control,
            data_type: shape.data_type,
            mediatype: mediatype.clone(),
            attributes: part.attributes.clone(),
            answer: state.value.as_ref().map(|answer| answer.text(self.clock)),
            required: state.required(),
            readonly: !state.open(),
            choices: self.offers(id, node),
            item: shape.grid.as_ref().map(|grid| grid.rules.clone()),
            save_to: shape.save_to.clone(),
        })
    }

    /// What the author says when an answer is missing or refused, in the language shown.
    pub(super) fn message(&self, node: NodeId, why: Why) -> Option<String> {
        let shape = self.form.shape(self.tree[node].shape)?;
        let message = match why {
            Why::Required => shape.required_message.as_deref(),
            Why::Constraint => shape.constraint_message.as_deref(),
        }?;
        Some(
            match message
                .strip_prefix("jr:itext('")
                .and_then(|rest| rest.strip_suffix("')"))
            {
                Some(id) => self.scope().itext(id, Here::at(node)),
                None => message.to_owned(),
            },
        )
    }

    /// The checklist items that are relevant now: path, attributes, and whether the answer makes it a hazard or takes
    /// it out of the count. An item without an answer is neither.
    #[must_use]
    pub fn items(&self) -> Vec<ItemState> {
        let mut items = Vec::new();
        for node in self.data_nodes() {
            let grid = self
                .form
                .shape(self.tree[node].shape)
                .and_then(|shape| shape.grid.as_ref());
            let Some(grid) = grid.filter(|_| self.tree[node].relevant()) else {
                continue;
            };
            let answered = self.tree[node].value.is_some();
            let holds = |expr: &Option<crate::forms::xpath::Expr>| match expr {
                Some(expr) if answered => self
                    .scope()
                    .single(expr, Here::at(node))
                    .is_ok_and(|value| value.truth()),
                _ => false,
            };
            items.push(ItemState {
                path: self.path_of(node),
                rules: grid.rules.clone(),
                answered,
                failed: holds(&grid.fail_when),
                not_applicable: holds(&grid.na_when),
            });
        }
        items
    }
}

/// A checklist item and how it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemState {
    /// Its path.
    pub path: String,
    /// Its attributes.
    pub rules: ItemRules,
    /// Whether there is an answer.
    pub answered: bool,
    /// The answer makes it a hazard.
    pub failed: bool,
    /// The answer takes it out of the count.
    pub not_applicable: bool,
}
