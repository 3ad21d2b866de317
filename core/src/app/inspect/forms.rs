//! Checklists on this phone: installed by digest, compiled once and shared by all sheets.

use std::sync::{Arc, OnceLock, PoisonError};

use serde::Serialize;

use super::error::InspectError;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::forms::{Cycles, Definition, Form, NoResources, Resources, compile_named, digest_of, shipped, with_files};
use crate::store::forms::{self, FormVersion};

/// A version of a checklist that was installed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InstalledForm {
    /// The version.
    #[serde(flatten)]
    pub version: FormVersion,
    /// Whether this phone did not have it before.
    pub new: bool,
}

/// What ships with the engine, read once for each run of the app; a test of `forms::shipped` says that all of it is sound.
fn shipped_versions() -> &'static [FormVersion] {
    static VERSIONS: OnceLock<Vec<FormVersion>> = OnceLock::new();
    VERSIONS.get_or_init(|| {
        let read = |document| {
            let definition: Definition = serde_json::from_str(document).ok()?;
            let digest = digest_of(&definition.canonical().ok()?);
            Some(FormVersion {
                digest,
                form: definition.id,
                version: definition.version,
                title: definition.title,
                current: true,
            })
        };
        shipped::all().filter_map(|shipped| read(shipped.document)).collect()
    })
}

/// A definition with what was compiled from it.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) definition: Definition,
    pub(super) form: Arc<Form>,
}

impl Engine {
    /// Installs a checklist given as GF/1; new sheets use it from now on, drafts stay with the version they were begun on.
    ///
    /// # Errors
    /// [`InspectError::NotAForm`], or [`InspectError::Refused`] with everything that is wrong; the version in use stays.
    pub fn form_install(&self, document: &str) -> Result<InstalledForm, AppError> {
        self.form_install_with(document, &NoResources)
    }

    /// As [`Engine::form_install`], with the files that the checklist reads (CSV, XML, GeoJSON). They become part of the version:
    /// another list is another digest.
    ///
    /// # Errors
    /// As [`Engine::form_install`]; `form_file_missing` names each file that is not there.
    pub fn form_install_with(&self, document: &str, files: &dyn Resources) -> Result<InstalledForm, AppError> {
        let definition: Definition = serde_json::from_str(document).map_err(|_| InspectError::NotAForm)?;
        let definition = with_files(&definition, files).map_err(InspectError::from)?;
        let canonical = definition.canonical().map_err(|_| InspectError::NotAForm)?;
        let digest = digest_of(&canonical);
        let form = compile_named(&definition, &NoResources, Cycles::Strict, &digest).map_err(InspectError::from)?;
        let version = FormVersion {
            digest: form.digest.clone(),
            form: definition.id.clone(),
            version: definition.version.clone(),
            title: definition.title.clone(),
            current: true,
        };
        let now = self.env.clock.wall();
        let new = self.store.write(|w| {
            let new = forms::by_digest(w, &version.digest)?.is_none();
            forms::install(w, &version, &canonical, now)?;
            Ok::<_, AppError>(new)
        })?;
        Ok(InstalledForm { version, new })
    }

    /// All versions of all checklists on this phone, and those that ship with the engine where the phone has none of its own:
    /// a worker may begin with any of them.
    ///
    /// # Errors
    /// Those of the store.
    pub fn forms(&self) -> Result<Vec<FormVersion>, AppError> {
        let mut versions = self.store.read(forms::all)?;
        for shipped in shipped_versions() {
            if versions.iter().all(|version| version.form != shipped.form) {
                versions.push(shipped.clone());
            }
        }
        Ok(versions)
    }

    /// The version that new sheets of a checklist use: the installed one, else the one that ships with the engine, which is
    /// installed then. The checklist is named by the id of its form or, when shipped, by its code.
    pub(super) fn current_form(&self, name: &str) -> Result<FormVersion, AppError> {
        self.forms_update()?;
        let shipped = shipped::find(name);
        let form = shipped.map_or(name, |shipped| shipped.form);
        if let Some(version) = self.store.read(|r| forms::current(r, form))? {
            return Ok(version);
        }
        let shipped = shipped.ok_or_else(|| InspectError::UnknownForm { form: name.to_owned() })?;
        Ok(self.form_install(shipped.document)?.version)
    }

    /// A version, compiled. Compiling is done once for each version and run of the app.
    pub(super) fn known_form(&self, digest: &str) -> Result<Arc<Known>, AppError> {
        let mut known = self.filling.forms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(digest) {
            return Ok(Arc::clone(known));
        }
        let document = self.store.read(|r| forms::content(r, digest))?;
        let definition: Definition = serde_json::from_str(&document).map_err(|_| InspectError::NotAForm)?;
        // its name was computed when it was installed
        let form = compile_named(&definition, &NoResources, Cycles::Strict, digest).map_err(InspectError::from)?;
        let fresh = Arc::new(Known {
            definition,
            form: Arc::new(form),
        });
        known.insert(digest.to_owned(), Arc::clone(&fresh));
        Ok(fresh)
    }
}
