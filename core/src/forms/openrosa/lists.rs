//! The lists a server gives: of forms, and of the files of a form.

use roxmltree::{Document, Node, ParsingOptions};

use crate::model::fault::{Coded, Fault};

/// A form that a server offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FormEntry {
    /// Its id.
    pub form_id: String,
    /// Its name.
    pub name: String,
    /// Its version, if it has one.
    pub version: Option<String>,
    /// `md5:` and the digest of its document.
    pub hash: String,
    /// Where it is.
    pub download_url: String,
    /// Where the list of its files is, if it has any.
    pub manifest_url: Option<String>,
}

/// A file of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MediaFile {
    /// Its plain name.
    pub filename: String,
    /// `md5:` and the digest of its content.
    pub hash: String,
    /// Where it is.
    pub download_url: String,
}

/// Why a reply is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// It is no XML.
    #[error("the reply is no XML")]
    NotXml,
    /// It is another document.
    #[error("the reply is another document")]
    NotAList,
    /// An entry lacks its address, or names a file that is no plain name.
    #[error("an entry cannot be used: {0}")]
    Entry(String),
}

impl Coded for ListError {
    fn fault(&self) -> Fault {
        match self {
            Self::NotXml | Self::NotAList => Fault::of("openrosa_not_a_list"),
            Self::Entry(name) => Fault::of("openrosa_bad_entry").with("name", name),
        }
    }
}

/// Reads a list of forms (`<xforms>`).
///
/// # Errors
/// [`ListError`]
pub fn form_list(xml: &str) -> Result<Vec<FormEntry>, ListError> {
    let document = parse(xml)?;
    entries(&document, "xforms", "xform", |node| {
        let entry = FormEntry {
            form_id: text(node, "formID").unwrap_or_default(),
            name: text(node, "name").unwrap_or_default(),
            version: text(node, "version").filter(|version| !version.is_empty()),
            hash: text(node, "hash").unwrap_or_default(),
            download_url: text(node, "downloadUrl").unwrap_or_default(),
            manifest_url: text(node, "manifestUrl").filter(|url| !url.is_empty()),
        };
        let good = !entry.form_id.is_empty() && !entry.download_url.is_empty();
        if good {
            Ok(entry)
        } else {
            Err(ListError::Entry(entry.name))
        }
    })
}

/// Reads the list of the files of a form (`<manifest>`).
///
/// # Errors
/// [`ListError`]
pub fn manifest(xml: &str) -> Result<Vec<MediaFile>, ListError> {
    let document = parse(xml)?;
    entries(&document, "manifest", "mediaFile", |node| {
        let file = MediaFile {
            filename: text(node, "filename").unwrap_or_default(),
            hash: text(node, "hash").unwrap_or_default(),
            download_url: text(node, "downloadUrl").unwrap_or_default(),
        };
        let good = is_plain(&file.filename) && !file.download_url.is_empty();
        if good {
            Ok(file)
        } else {
            Err(ListError::Entry(file.filename))
        }
    })
}

fn parse(xml: &str) -> Result<Document<'_>, ListError> {
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: 500_000,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(xml.trim_start_matches('\u{feff}').trim(), options).map_err(|_| ListError::NotXml)
}

fn entries<T>(
    document: &Document<'_>,
    root: &str,
    entry: &str,
    read: impl Fn(Node<'_, '_>) -> Result<T, ListError>,
) -> Result<Vec<T>, ListError> {
    let top = document.root_element();
    if top.tag_name().name() != root {
        return Err(ListError::NotAList);
    }
    top.children()
        .filter(|node| node.tag_name().name() == entry)
        .map(read)
        .collect()
}

fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    let child = node.children().find(|child| child.tag_name().name() == name)?;
    Some(child.text().unwrap_or_default().trim().to_owned())
}

/// A name without folders: a server must not write elsewhere on this machine.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0', ':'])
}

/// Whether content is what its hash says; a hash of another kind or none says nothing.
#[must_use]
pub fn md5_fits(content: &[u8], hash: &str) -> bool {
    hash.strip_prefix("md5:")
        .is_none_or(|digest| super::auth::md5_hex(content).eq_ignore_ascii_case(digest))
}
