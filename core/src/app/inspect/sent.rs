//! Checklists that the district has sent: each version is installed once, when all its parts are there and it compiles here.
//! Drafts stay with the version they were begun on.

use serde::Serialize;

use super::InspectError;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::app::sync::APP;
use crate::forms::{Cycles, Definition, NoResources, compile_named, digest_of};
use crate::model::fault::Coded as _;
use crate::store::Reader;
use crate::store::forms::{self, FormVersion};
use crate::store::packs::{self, FormsTaken};
use crate::wire::forms::{FormHead, FormPart, head_prefix, part_name};

/// What became of the checklists that the district has sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct FormsSent {
    /// Now in use.
    pub installed: Vec<FormVersion>,
    /// Cannot be used here: name of the pack and code of the reason. The version before stays in use.
    pub refused: Vec<(String, &'static str)>,
    /// Not all parts are there yet.
    pub waiting: Vec<String>,
}

/// A version that was read out of packs.
struct Read {
    document: String,
    version: FormVersion,
}

impl Engine {
    /// Takes checklists out of the district's packs. Done at the end of every synchronisation that brought packs, and when a
    /// sheet is begun; asked again without news, it looks at nothing.
    ///
    /// # Errors
    /// Those of the store. A checklist that cannot be used is no error: it is told, and tried again with the next pack or program.
    pub fn forms_update(&self) -> Result<FormsSent, AppError> {
        let (mut known, changes) = self.store.read(packs::forms_taken)?;
        let mut sent = FormsSent::default();
        if known.changes == changes && known.app == APP {
            return Ok(sent);
        }
        let mut fresh = Vec::new();
        for (pack, head) in self.store.read(|r| heads(r, &known))? {
            let Some(document) = self.store.read(|r| assembled(r, &head))? else {
                sent.waiting.push(pack);
                continue;
            };
            match read(document, &head.digest) {
                Ok(read) => {
                    known.taken.insert(pack, head.digest);
                    sent.installed.push(read.version.clone());
                    fresh.push(read);
                }
                Err(error) => sent.refused.push((pack, error.fault().code)),
            }
        }
        (known.changes, known.app) = (changes, APP.to_owned());
        let now = self.env.clock.wall();
        self.store.write(|w| {
            for read in &fresh {
                forms::install(w, &read.version, &read.document, now)?;
            }
            Ok::<_, AppError>(packs::set_forms_taken(w, &known)?)
        })?;
        Ok(sent)
    }
}

/// Heads of versions that were not taken yet.
fn heads(r: &Reader<'_>, known: &FormsTaken) -> Result<Vec<(String, FormHead)>, AppError> {
    let mut heads = Vec::new();
    for name in packs::names(r, head_prefix())? {
        let content = packs::active(r, &name)?.map(|pack| pack.content).unwrap_or_default();
        // a head that does not read names no version
        let Ok(head) = serde_json::from_value::<FormHead>(content) else {
            continue;
        };
        if known.taken.get(&name) != Some(&head.digest) {
            heads.push((name, head));
        }
    }
    Ok(heads)
}

/// The document, when all parts are there.
fn assembled(r: &Reader<'_>, head: &FormHead) -> Result<Option<String>, AppError> {
    let mut document = String::new();
    for number in 0..head.parts {
        let part = packs::active(r, &part_name(&head.digest, number))?;
        let Some(part) = part.and_then(|pack| serde_json::from_value::<FormPart>(pack.content).ok()) else {
            return Ok(None);
        };
        document.push_str(&part.text);
    }
    Ok(Some(document))
}

/// Reads and compiles, so that nothing is installed that a worker could not fill in.
fn read(document: String, digest: &str) -> Result<Read, InspectError> {
    if digest_of(&document) != digest {
        return Err(InspectError::WrongDigest);
    }
    let definition: Definition = serde_json::from_str(&document).map_err(|_| InspectError::NotAForm)?;
    compile_named(&definition, &NoResources, Cycles::Strict, digest)?;
    let version = FormVersion {
        digest: digest.to_owned(),
        form: definition.id,
        version: definition.version,
        title: definition.title,
        current: true,
    };
    Ok(Read { document, version })
}
