//! Files of a form: those it carries, and taking in those that lie beside it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{Cycles, Resources, compile_named};
use crate::forms::definition::Definition;
use crate::forms::trouble::{Refused, Trouble};

/// What a form carries goes before what lies beside it.
pub(super) struct Own<'a>(pub(super) &'a BTreeMap<String, String>, pub(super) &'a dyn Resources);

impl Resources for Own<'_> {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        let own = self.0.get(name).map(|text| text.clone().into_bytes());
        own.or_else(|| self.1.read(name))
    }
}

/// Notes what is asked for, found or not.
struct Noting<'a> {
    from: &'a dyn Resources,
    asked: RefCell<BTreeMap<String, Option<Vec<u8>>>>,
}

impl Resources for Noting<'_> {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        let found = self.from.read(name);
        self.asked.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }
}

/// The form with every file that it reads inside it, so that one document is the whole form.
///
/// # Errors
/// `form_file_missing` for each file that is not there, `form_bad_file` for one that is no text; and as [`super::compile`].
pub fn with_files(definition: &Definition, resources: &dyn Resources) -> Result<Definition, Refused> {
    let noting = Noting {
        from: resources,
        asked: RefCell::default(),
    };
    compile_named(definition, &noting, Cycles::EnketoCompatible, "")?;
    let mut whole = definition.clone();
    let mut troubles = Vec::new();
    for (name, found) in noting.asked.into_inner() {
        match found.map(String::from_utf8) {
            Some(Ok(text)) => drop(whole.files.insert(name, text)),
            Some(Err(_)) => troubles.push(Trouble::error("form_bad_file", name)),
            None if is_file(&name) => troubles.push(Trouble::error("form_file_missing", name)),
            // what the device knows, such as the last answers sent
            None => {}
        }
    }
    if troubles.is_empty() {
        Ok(whole)
    } else {
        Err(Refused(troubles))
    }
}

fn is_file(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    ["csv", "xml", "geojson"].contains(&ending.as_str())
}
