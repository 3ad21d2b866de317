//! A compiled form: everything that never changes while forms are filled in. Shared by all sessions.

use std::collections::{BTreeMap, HashMap};

use super::definition::Control;
use super::grid::ItemRules;
use super::names::{Name, Names};
use super::tree::{NodeId, ShapeId, Tree};
use super::trouble::Trouble;
use super::value::DataType;
use super::xpath::{Expr, Path};

/// A compiled form. Make one with [`super::compile::compile`].
#[derive(Debug)]
pub struct Form {
    /// The form's id.
    pub id: String,
    /// The author's version, if any.
    pub version: Option<String>,
    /// Its title.
    pub title: String,
    /// SHA-256 of the canonical definition.
    pub digest: String,
    /// Warnings for the author.
    pub warnings: Vec<Trouble>,
    pub(super) names: Names,
    pub(super) tree: Tree,
    pub(super) namespaces: Vec<(String, String)>,
    pub(super) shapes: Vec<Shape>,
    pub(super) templates: HashMap<ShapeId, NodeId>,
    pub(super) steps: Vec<Computation>,
    pub(super) readers: HashMap<ShapeId, Vec<usize>>,
    pub(super) followers: Vec<Vec<usize>>,
    pub(super) repeat_relevance: HashMap<ShapeId, usize>,
    pub(super) instances: Vec<Instance>,
    /// Tables that `pulldata` reads.
    pub(super) resources: HashMap<String, Vec<u8>>,
    pub(super) parts: Vec<Part>,
    pub(super) top: Vec<PartId>,
    pub(super) actions: Vec<CompiledAction>,
    pub(super) languages: Vec<CompiledLanguage>,
    pub(super) submission: Option<ShapeId>,
    /// Compiled in the mode that reads expressions as Enketo does.
    pub(super) lenient: bool,
    /// Whether some repeat is counted.
    pub(super) counted: bool,
}

/// A generic place of the primary instance and its rules.
#[derive(Debug, Clone, Default)]
pub(super) struct Shape {
    pub(super) name: Option<Name>,
    pub(super) namespace: Option<Box<str>>,
    pub(super) parent: Option<ShapeId>,
    pub(super) attribute: bool,
    pub(super) repeat: bool,
    pub(super) data_type: DataType,
    pub(super) constraint: Option<Expr>,
    pub(super) constraint_message: Option<String>,
    pub(super) required_message: Option<String>,
    pub(super) preload: Option<(String, String)>,
    pub(super) save_to: Option<String>,
    pub(super) grid: Option<CompiledItem>,
    pub(super) questions: Vec<PartId>,
}

/// The checklist attributes of a node with their expressions.
#[derive(Debug, Clone)]
pub(super) struct CompiledItem {
    pub(super) rules: ItemRules,
    pub(super) fail_when: Option<Expr>,
    pub(super) na_when: Option<Expr>,
}

/// What a computation does with its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Relevant,
    Required,
    Readonly,
    Calculate,
}

/// A rule that is computed again when something it reads changes.
#[derive(Debug, Clone)]
pub(super) struct Computation {
    pub(super) effect: Effect,
    pub(super) target: ShapeId,
    pub(super) expr: Expr,
    pub(super) reads: Vec<ShapeId>,
    /// It may read other instances of a repeat than its own, so it is computed in all of them.
    pub(super) wide: bool,
}

/// A secondary instance.
#[derive(Debug)]
pub(super) struct Instance {
    pub(super) id: Box<str>,
    pub(super) tree: Tree,
    /// Its file was not there: nothing can be said about its content.
    pub(super) missing: bool,
}

/// A part of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartId(pub(super) usize);

/// A part of the body, compiled.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) kind: PartKind,
    pub(super) shape: Option<ShapeId>,
    pub(super) children: Vec<PartId>,
    pub(super) label: Option<CompiledLabel>,
    pub(super) hint: Option<CompiledLabel>,
    pub(super) appearance: Option<String>,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) actions: Vec<CompiledAction>,
}

/// What a part is.
#[derive(Debug)]
pub(super) enum PartKind {
    Group,
    Repeat {
        count: Option<ShapeId>,
        fixed: bool,
    },
    Question {
        control: Control,
        choices: Vec<CompiledChoice>,
        itemset: Option<Box<CompiledItemset>>,
        mediatype: Option<String>,
    },
}

#[derive(Debug)]
pub(super) struct CompiledChoice {
    pub(super) value: String,
    pub(super) label: CompiledLabel,
}

#[derive(Debug)]
pub(super) struct CompiledItemset {
    pub(super) nodeset: Expr,
    pub(super) value: Expr,
    pub(super) label: Expr,
    pub(super) label_is_id: bool,
    pub(super) shuffled: bool,
    pub(super) seed: Option<Expr>,
}

#[derive(Debug, Clone)]
pub(super) enum CompiledLabel {
    Words(Vec<CompiledPiece>),
    Id(String),
}

#[derive(Debug, Clone)]
pub(super) enum CompiledPiece {
    Plain(String),
    Output(Expr),
}

/// One form of a text (`None` for the words) and its content.
pub(super) type CompiledText = (Option<String>, Vec<CompiledPiece>);

#[derive(Debug, Default)]
pub(super) struct CompiledLanguage {
    pub(super) name: String,
    pub(super) default: bool,
    /// The forms of each text, by its id.
    pub(super) texts: HashMap<String, Vec<CompiledText>>,
}

#[derive(Debug)]
pub(super) struct CompiledAction {
    pub(super) sets_value: bool,
    pub(super) events: Vec<String>,
    pub(super) target: ShapeId,
    /// The path of the target when it picks among nodes by filters.
    pub(super) picked: Option<Path>,
    pub(super) value: Option<Expr>,
    pub(super) text: String,
}

impl Form {
    pub(super) fn shape(&self, id: ShapeId) -> Option<&Shape> {
        self.shapes.get(id.0 as usize)
    }

    pub(super) fn part(&self, id: PartId) -> Option<&Part> {
        self.parts.get(id.0)
    }

    pub(super) fn data_type(&self, id: ShapeId) -> DataType {
        self.shape(id).map(|shape| shape.data_type).unwrap_or_default()
    }

    /// The names from the root down to a shape.
    pub(super) fn shape_path(&self, id: ShapeId) -> Vec<ShapeId> {
        let mut path: Vec<ShapeId> = std::iter::successors(Some(id), |s| self.shape(*s)?.parent).collect();
        path.reverse();
        path
    }

    /// The path of a shape as authors write it.
    pub(super) fn shape_text(&self, id: ShapeId) -> String {
        let mut text = String::new();
        for shape in self.shape_path(id).into_iter().filter_map(|id| self.shape(id)) {
            text.push_str(if shape.attribute { "/@" } else { "/" });
            text.push_str(shape.name.map_or("", |name| self.names.text(name)));
        }
        text
    }

    /// The namespace of an element: its own, else that of the root.
    pub(super) fn node_namespace(&self, tree: &Tree, node: NodeId) -> Option<&str> {
        let own = self
            .shape(tree[node].shape)
            .and_then(|shape| shape.namespace.as_deref());
        let root = || self.shape(tree[tree.root()?].shape)?.namespace.as_deref();
        own.or_else(root)
    }

    /// The namespace of an attribute; most have none.
    pub(super) fn attribute_namespace(&self, tree: &Tree, node: NodeId) -> Option<&str> {
        self.shape(tree[node].shape)
            .and_then(|shape| shape.namespace.as_deref())
    }

    /// Whether one shape lies at or below another.
    pub(super) fn is_within(&self, id: ShapeId, above: ShapeId) -> bool {
        std::iter::successors(Some(id), |s| self.shape(*s)?.parent).any(|s| s == above)
    }

    /// The names of the languages, default first.
    #[must_use]
    pub fn languages(&self) -> Vec<&str> {
        let mut languages: Vec<&CompiledLanguage> = self.languages.iter().collect();
        languages.sort_by_key(|language| !language.default);
        languages.iter().map(|language| language.name.as_str()).collect()
    }
}
