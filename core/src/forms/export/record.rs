//! A submission as a tree of names and answers.

use roxmltree::{Document, Node, ParsingOptions};

use crate::model::fault::{Coded, Fault};

/// One filled-in form, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its instance id; empty when the form has none.
    pub id: String,
    pub(super) root: Filled,
}

/// A node of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) children: Vec<Filled>,
}

/// Why a document is no submission.
#[derive(Debug, thiserror::Error)]
#[error("this is no submission: {0}")]
pub struct RecordError(roxmltree::Error);

impl Coded for RecordError {
    fn fault(&self) -> Fault {
        Fault::of("export_not_a_submission")
    }
}

/// No submission nests deeper.
const DEEPEST: u32 = 64;

impl Record {
    /// Reads a submission document.
    ///
    /// # Errors
    /// A text that is no XML, or has entities of its own.
    pub fn read(xml: &str) -> Result<Self, RecordError> {
        let options = ParsingOptions {
            allow_dtd: false,
            nodes_limit: 2_000_000,
            ..ParsingOptions::default()
        };
        let document = Document::parse_with_options(xml, options).map_err(RecordError)?;
        let root = filled(document.root_element(), 0);
        let meta = root.children("meta").next();
        let id = meta
            .and_then(|meta| meta.children("instanceID").next())
            .map(|node| node.value.clone());
        Ok(Self {
            id: id.unwrap_or_default(),
            root,
        })
    }
}

impl Filled {
    pub(super) fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

fn filled(node: Node<'_, '_>, depth: u32) -> Filled {
    let inside = node.children().filter(|child| child.is_element() && depth < DEEPEST);
    Filled {
        name: node.tag_name().name().to_owned(),
        value: node.text().unwrap_or_default().to_owned(),
        children: inside.map(|child| filled(child, depth + 1)).collect(),
    }
}
