//! GF/1: a form as one JSON document. Everything a phone needs, nothing that only an author needs.
//!
//! A version of a form is named by the digest of its canonical JSON, so two forms with the same id and version but
//! other content are always told apart. Expressions are texts of the ODK XPath subset and are compiled at load.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::grid::ItemRules;

/// The format that this engine reads and writes.
pub const FORMAT: &str = "GF/1";

/// A form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Always `GF/1`.
    pub format: String,
    /// The form's id, from the root node.
    pub id: String,
    /// The version an author gave it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its title.
    pub title: String,
    /// The primary instance: the nodes that answers go to, with defaults.
    pub model: ModelNode,
    /// Prefixes and addresses of namespaces, as the submission declares them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<(String, String)>,
    /// Rules of nodes.
    #[serde(default)]
    pub binds: Vec<Bind>,
    /// Texts by language; empty when texts stand in the body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Language>,
    /// Secondary instances: choice lists and tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<Secondary>,
    /// Files that the form reads, by name: tables and lists (CSV, XML, GeoJSON). What is here goes before a file beside the
    /// form, so that the digest names the lists too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// What happens at events, outside any question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// The part that is sent, when it is not the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<String>,
    /// Pages, groups, repeats and questions in order.
    pub body: Vec<Element>,
}

/// A node of an instance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelNode {
    /// Local name.
    pub name: Box<str>,
    /// Namespace; absent for that of the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Box<str>>,
    /// Default answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Box<str>>,
    /// Marks the pattern of a repeat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub template: bool,
    /// Attributes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Child nodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<ModelNode>,
}

/// An attribute of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// Local name.
    pub name: Box<str>,
    /// Namespace, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Box<str>>,
    /// Its value.
    pub value: Box<str>,
}

/// The rules of a node. All conditions and calculations are expressions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bind {
    /// Path of the node.
    pub nodeset: String,
    /// Type of the answer.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub data_type: Option<String>,
    /// When the node counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relevant: Option<String>,
    /// When an answer is required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<String>,
    /// What is said when it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_message: Option<String>,
    /// When the node may not be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readonly: Option<String>,
    /// What an answer must fulfil.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<String>,
    /// What is said when it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint_message: Option<String>,
    /// How the answer is computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calculate: Option<String>,
    /// What fills the node when the form is opened: `date`, `timestamp`, `property`, `uid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preload: Option<String>,
    /// The argument of the preload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preload_params: Option<String>,
    /// The property of an entity that the answer is saved to (`entities:saveto`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub save_to: Option<String>,
    /// The attributes of a checklist item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grid: Option<Box<ItemRules>>,
}

/// A language and its texts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Language {
    /// Its name, as authors wrote it.
    pub name: String,
    /// Whether it is shown first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// Texts by id, each in one or more forms.
    pub texts: BTreeMap<String, Vec<TextForm>>,
}

/// One form of a text: the words, or the address of an image, an audio or a video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextForm {
    /// `image`, `audio`, `video`, `short`, `long`; absent for the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// The content.
    pub text: Words,
}

/// Words with computed parts.
pub type Words = Vec<Piece>;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Fixed words.
    Plain(String),
    /// The value of an expression.
    Output(String),
}

/// What is shown: words in place, or the id of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Words in place.
    Words(Words),
    /// Id of a text.
    Id(String),
}

/// A secondary instance: inside the form, or in a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Secondary {
    /// Its name in `instance('…')`.
    pub id: String,
    /// Address of its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<ModelNode>,
}

/// Something that happens at an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// `setvalue`, `setgeopoint` or `recordaudio`.
    pub kind: String,
    /// Names of the events.
    pub events: Vec<String>,
    /// Path of the node that changes.
    pub target: String,
    /// Expression of the new value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Fixed new value, when there is no expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A part of the body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", try_from = "AnyElement")]
pub enum Element {
    /// A group; a page when it appears as one.
    Group(Group),
    /// A group that may occur many times.
    Repeat(Repeat),
    /// A question.
    Question(Question),
}

/// A group of questions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Path of its node; groups without one only hold together what is shown together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodeset: Option<String>,
    /// Its heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// How it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appearance: Option<String>,
    /// What is inside.
    pub children: Vec<Element>,
    /// What happens at events.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
}

/// A group that may occur many times.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Repeat {
    /// Path of its nodes.
    pub nodeset: String,
    /// Its heading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// Path of the node that says how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
    /// Nobody may add or remove one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fixed: bool,
    /// How it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appearance: Option<String>,
    /// What is inside.
    pub children: Vec<Element>,
    /// What happens at events.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Typed text, number, date, place.
    #[default]
    Input,
    /// Typed and not shown.
    Secret,
    /// A number on a scale.
    Range,
    /// One choice.
    SelectOne,
    /// Any number of choices.
    SelectMany,
    /// All choices in an order.
    Rank,
    /// A file: photo, sound, film, signature.
    Upload,
    /// An acknowledgement.
    Trigger,
}

/// A question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Question {
    /// How it is answered.
    pub control: Control,
    /// Path of its node; only an acknowledgement may have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodeset: Option<String>,
    /// The question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Label>,
    /// Help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Label>,
    /// Fixed choices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Choices from an instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub itemset: Option<Itemset>,
    /// Kind of file of an upload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mediatype: Option<String>,
    /// How it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appearance: Option<String>,
    /// Everything else the author wrote on the control (`start`, `end`, `step`, `max-pixels`, …), for the shell.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// What happens at events.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
}

/// A fixed choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: Label,
}

/// Choices that come from nodes of an instance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Itemset {
    /// Path of the nodes, with filters.
    pub nodeset: String,
    /// Path from a node to its value.
    pub value: String,
    /// Path from a node to its label.
    pub label: String,
    /// The label is the id of a text.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub label_is_id: bool,
    /// The order is by chance.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shuffled: bool,
    /// Expression of the seed of that order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<String>,
}

impl Definition {
    /// The canonical JSON (RFC 8785): what a store keeps and a platform hands out.
    ///
    /// # Errors
    /// A document that cannot be written as JSON.
    pub fn canonical(&self) -> Result<String, serde_json::Error> {
        serde_json_canonicalizer::to_string(self)
    }

    /// The SHA-256 of the canonical JSON, in hexadecimal: the name of this very content.
    ///
    /// # Errors
    /// A document that cannot be written as JSON.
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        Ok(digest_of(&self.canonical()?))
    }
}

/// The name of a document that is canonical JSON already.
#[must_use]
pub fn digest_of(canonical: &str) -> String {
    let digest = Sha256::digest(canonical);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A part of the body before its kind is looked at. The tag of an enum may stand behind its content, so reading one directly
/// would copy everything once for each level that it lies deep.
#[derive(Default, Deserialize)]
#[serde(default)]
struct AnyElement {
    kind: String,
    control: Control,
    nodeset: Option<String>,
    label: Option<Label>,
    hint: Option<Label>,
    choices: Vec<Choice>,
    itemset: Option<Itemset>,
    mediatype: Option<String>,
    appearance: Option<String>,
    attributes: BTreeMap<String, String>,
    actions: Vec<Action>,
    children: Vec<Element>,
    count: Option<String>,
    fixed: bool,
}

impl TryFrom<AnyElement> for Element {
    type Error = String;

    fn try_from(any: AnyElement) -> Result<Self, String> {
        Ok(match any.kind.as_str() {
            "group" => Self::Group(Group {
                nodeset: any.nodeset,
                label: any.label,
                appearance: any.appearance,
                children: any.children,
                actions: any.actions,
            }),
            "repeat" => Self::Repeat(Repeat {
                nodeset: any.nodeset.unwrap_or_default(),
                label: any.label,
                count: any.count,
                fixed: any.fixed,
                appearance: any.appearance,
                children: any.children,
                actions: any.actions,
            }),
            "question" => Self::Question(Question {
                control: any.control,
                nodeset: any.nodeset,
                label: any.label,
                hint: any.hint,
                choices: any.choices,
                itemset: any.itemset,
                mediatype: any.mediatype,
                appearance: any.appearance,
                attributes: any.attributes,
                actions: any.actions,
            }),
            other => return Err(format!("no kind of element: {other}")),
        })
    }
}
