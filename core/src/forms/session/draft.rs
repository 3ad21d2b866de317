//! A session as a document: everything that is needed to go on exactly where the work stopped.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{At, Form, NodeId, Session, Setting};
use crate::forms::names::Name;
use crate::forms::tree::{ShapeId, Tree};
use crate::forms::value::Answer;
use crate::model::fault::{Coded, Fault};

/// A session that can be stored. Small: names, answers and states of the nodes that exist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Digest of the form that it was filled in with.
    pub form: String,
    /// Language shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    root: Saved,
}

/// One node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Saved {
    #[serde(rename = "n")]
    name: Box<str>,
    #[serde(rename = "s")]
    state: u8,
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<Saved>,
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    children: Vec<Saved>,
    #[serde(rename = "t", default, skip_serializing_if = "std::ops::Not::not")]
    template: bool,
}

/// What has changed since the last time that somebody asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Changes {
    /// Anything: the whole draft has to be looked at.
    All,
    /// At most these nodes.
    Nodes(Vec<ChangedNode>),
}

/// One node of a draft, as a draft holds it, without the nodes below.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedNode {
    /// The places among siblings on the way from the root.
    pub way: Vec<usize>,
    /// What the draft says of it.
    pub node: serde_json::Value,
}

/// Why a draft cannot be resumed as it is. Nothing of it is lost; a migration can move it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// It belongs to another version of the form.
    #[error("the draft belongs to another version of the form")]
    OtherForm,
    /// It names nodes that the form does not have.
    #[error("the draft does not fit its form")]
    Damaged,
}

impl Coded for DraftError {
    fn fault(&self) -> Fault {
        match self {
            Self::OtherForm => Fault::of("draft_other_form"),
            Self::Damaged => Fault::of("draft_damaged"),
        }
    }
}

impl Session {
    /// The session as a document.
    #[must_use]
    pub fn draft(&self) -> Draft {
        Draft {
            form: self.form.digest.clone(),
            language: self.language().map(Into::into),
            root: self.tree.root().map_or_else(Saved::nothing, |root| self.saved(root)),
        }
    }

    /// What may have changed since the last call, or since the draft that this session went on with. The first call after
    /// opening says all.
    ///
    /// # Errors
    /// [`DraftError::Damaged`] for an answer that cannot be written down.
    pub fn changes(&mut self) -> Result<Changes, DraftError> {
        let Some(touched) = self.tree.take_changes() else {
            return Ok(Changes::All);
        };
        let mut nodes = Vec::with_capacity(touched.len());
        for id in touched {
            // attributes stand in the row of their node
            let id = match self.tree[id].place {
                At::Attribute => self.tree[id].parent.unwrap_or(id),
                _ => id,
            };
            if let Some(way) = self.tree.way_to(id) {
                let node = serde_json::to_value(self.alone(id)).map_err(|_| DraftError::Damaged)?;
                nodes.push(ChangedNode { way, node });
            }
        }
        Ok(Changes::Nodes(nodes))
    }

    fn saved(&self, id: NodeId) -> Saved {
        Saved {
            children: self.tree[id].children.iter().map(|id| self.saved(*id)).collect(),
            ..self.alone(id)
        }
    }

    fn alone(&self, id: NodeId) -> Saved {
        let node = &self.tree[id];
        Saved {
            name: self.form.names.text(node.name).into(),
            state: node.state(),
            answer: node.value.clone(),
            attributes: node.attributes.iter().map(|id| self.saved(*id)).collect(),
            children: Vec::new(),
            template: node.place == At::Template,
        }
    }

    /// Goes on with a draft. No event fires and nothing is computed: all is as it was.
    ///
    /// # Errors
    /// See [`DraftError`].
    pub fn resume(form: Arc<Form>, setting: Setting, draft: &Draft) -> Result<Self, DraftError> {
        if draft.form != form.digest {
            return Err(DraftError::OtherForm);
        }
        let mut session = Self::bare(form, setting);
        session.speak(draft.language.as_deref());
        let mut planter = Planter::new(&session.form);
        planter
            .plant(&draft.root, None, At::Nth(0))
            .ok_or(DraftError::Damaged)?;
        session.tree = planter.tree;
        session.tree.take_changes();
        Ok(session)
    }

    /// The answers of a draft by path, to carry them into another version of the form.
    #[must_use]
    pub fn answers(&self) -> Vec<(String, String)> {
        let full = |node: &NodeId| self.tree[*node].value.is_some() && self.tree[*node].children.is_empty();
        let nodes = self.data_nodes().into_iter().filter(full);
        nodes
            .map(|node| {
                (
                    self.path_of(node),
                    self.tree[node]
                        .value
                        .as_ref()
                        .map(|a| a.text(self.clock))
                        .unwrap_or_default(),
                )
            })
            .collect()
    }
}

impl Saved {
    fn nothing() -> Self {
        Self {
            name: "".into(),
            state: 0,
            answer: None,
            attributes: Vec::new(),
            children: Vec::new(),
            template: false,
        }
    }
}

/// Grows a tree from a draft. Templates keep the ids that the form knows them by, so they are planted first.
struct Planter<'a> {
    form: &'a Form,
    shapes: HashMap<(Option<ShapeId>, Name, bool), ShapeId>,
    tree: Tree,
}

impl<'a> Planter<'a> {
    fn new(form: &'a Form) -> Self {
        let shapes = (0..form.shapes.len()).filter_map(|index| u32::try_from(index).ok().map(ShapeId));
        let shapes = shapes.filter_map(|id| {
            let shape = form.shape(id)?;
            Some(((shape.parent, shape.name?, shape.attribute), id))
        });
        Self {
            form,
            shapes: shapes.collect(),
            tree: form.tree.emptied(),
        }
    }

    fn plant(&mut self, saved: &Saved, parent: Option<NodeId>, place: At) -> Option<NodeId> {
        let name = self.form.names.find(&saved.name)?;
        let above = parent.map(|parent| self.tree[parent].shape);
        let shape = *self.shapes.get(&(above, name, place == At::Attribute))?;
        let known = self.form.templates.get(&shape).filter(|_| saved.template).copied();
        let id = match (known, parent) {
            (Some(template), Some(parent)) => self.tree.reuse(template, parent, name, shape, place),
            (None, None) => self.tree.reuse_root(name, shape),
            _ => self.tree.add(parent, name, shape, place),
        };
        self.tree[id].value.clone_from(&saved.answer);
        for attribute in &saved.attributes {
            self.plant(attribute, Some(id), At::Attribute)?;
        }
        let mut counts: HashMap<&str, u32> = HashMap::new();
        for child in &saved.children {
            let place = if child.template {
                At::Template
            } else {
                let nth = counts.entry(&child.name).or_default();
                *nth += 1;
                At::Nth(*nth - 1)
            };
            self.plant(child, Some(id), place)?;
        }
        self.tree[id].restore(saved.state);
        Some(id)
    }
}
