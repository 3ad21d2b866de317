//! Reading forms and the files beside them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fushan_grid_core::forms::{Cycles, Definition, Form, Refused, Resources, Trouble, compile};
use fushan_grid_core::forms::{authoring, xforms};

use crate::failure::Failure;

/// The files that a form refers to: beside it, then in a folder of files.
pub struct Folder {
    places: Vec<PathBuf>,
}

impl Folder {
    /// The folder of the form, and one more.
    pub fn of(form: &Path, media: Option<&Path>) -> Self {
        let beside = form.parent().map(Path::to_owned);
        Self {
            places: beside.into_iter().chain(media.map(Path::to_owned)).collect(),
        }
    }
}

impl Resources for Folder {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        let plain = Path::new(name).file_name()?;
        self.places
            .iter()
            .find_map(|place| std::fs::read(place.join(plain)).ok())
    }
}

/// Reads a form from XForms XML, GF/1 JSON or a workbook, whichever it is, with warnings for its author.
pub fn definition(path: &Path) -> Result<Result<(Definition, Vec<Trouble>), Refused>, Failure> {
    let bytes = std::fs::read(path)?;
    if let Some(name) = workbook_name(path) {
        return Ok(authoring::import(name, &bytes).map(|read| (read.definition, read.warnings)));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return Ok(Err(Refused::because("form_not_text", "")));
    };
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        let read = serde_json::from_str(&text).map_err(|error| Refused::because("form_not_json", error.to_string()));
        return Ok(read.map(|definition| (definition, Vec::new())));
    }
    Ok(xforms::import(&text).map(|imported| (imported.definition, imported.warnings)))
}

/// The name of a file that is a workbook.
fn workbook_name(path: &Path) -> Option<&str> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    let name = path.file_name()?.to_str()?;
    ["xlsx", "xlsm", "xls", "csv"]
        .contains(&ending.as_str())
        .then_some(name)
}

/// Troubles with the cells of the workbook that they are about, when the form is one.
pub fn located(path: &Path, troubles: Vec<Trouble>) -> Vec<Trouble> {
    let read = workbook_name(path).and_then(|name| authoring::import(name, &std::fs::read(path).ok()?).ok());
    match read {
        Some(read) => read.places.locate(troubles),
        None => troubles,
    }
}

/// Reads and compiles a form.
pub fn form(path: &Path, media: Option<&Path>, cycles: Cycles) -> Result<Result<Arc<Form>, Refused>, Failure> {
    let read = definition(path)?;
    Ok(read
        .and_then(|(definition, _)| compile(&definition, &Folder::of(path, media), cycles))
        .map(Arc::new))
}
