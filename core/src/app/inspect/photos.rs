//! Photos at items, and what was put right on the spot.

use std::path::Path;

use super::error::InspectError;
use super::live::Live;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::app::evidence::{Attached, CaptureContext, Keep};
use crate::forms::Outcome;
use crate::forms::definition::{Control, Definition, Element};
use crate::model::ids::RecordId;
use crate::store::sheets::{self, Entry, Placed};
use crate::wire::manifest::{EventKind, canonical};

/// Longest reason of a custody event.
const REASON_CHARS: usize = 200;

impl Engine {
    /// Takes a photo in from a file and places it at an item. Photo and place are one transaction: a kill leaves both or none.
    ///
    /// # Errors
    /// [`InspectError::Answer`] for a path the form does not have; those of [`Engine::evidence_add_file`].
    pub fn inspect_attach(&self, sheet: RecordId, path: &str, file: &Path, role: &str) -> Result<Attached, AppError> {
        self.inspect_take_file(sheet, path, file, &CaptureContext::of_role(role))
    }

    /// As [`Engine::inspect_attach`], with the circumstances of the photo.
    ///
    /// # Errors
    /// As [`Engine::inspect_attach`].
    pub fn inspect_take_file(
        &self,
        sheet: RecordId,
        path: &str,
        file: &Path,
        context: &CaptureContext,
    ) -> Result<Attached, AppError> {
        self.inspect_may_attach(sheet, path)?;
        self.evidence_take_file_with(sheet, file, context, |photo, keep| {
            self.place_with(sheet, path, photo, &context.role, keep)
        })
    }

    /// As [`Engine::inspect_attach`], from the photo's bytes as they come.
    ///
    /// # Errors
    /// As [`Engine::inspect_attach`].
    pub fn inspect_attach_from(
        &self,
        sheet: RecordId,
        path: &str,
        source: impl std::io::Read,
        role: &str,
    ) -> Result<Attached, AppError> {
        self.inspect_take(sheet, path, source, &CaptureContext::of_role(role))
    }

    /// As [`Engine::inspect_take_file`], from the photo's bytes as they come.
    ///
    /// # Errors
    /// As [`Engine::inspect_attach`].
    pub fn inspect_take(
        &self,
        sheet: RecordId,
        path: &str,
        source: impl std::io::Read,
        context: &CaptureContext,
    ) -> Result<Attached, AppError> {
        self.inspect_may_attach(sheet, path)?;
        self.evidence_take_with(sheet, source, context, |photo, keep| {
            self.place_with(sheet, path, photo, &context.role, keep)
        })
    }

    fn inspect_may_attach(&self, sheet: RecordId, path: &str) -> Result<(), AppError> {
        self.with_live(sheet, |live| {
            if live.session.node_at(path).is_some() {
                return Ok(());
            }
            Err(InspectError::Answer {
                path: path.to_owned(),
                outcome: Outcome::NoSuchQuestion,
                message: None,
            }
            .into())
        })
    }

    /// Places a photo that was taken in at an item, and answers the upload that asks for it.
    ///
    /// # Errors
    /// [`InspectError::NotADraft`], [`AppError::NotFound`].
    pub fn inspect_place(&self, sheet: RecordId, path: &str, photo: &Attached, role: &str) -> Result<(), AppError> {
        self.place_with(sheet, path, photo, role, &|_| Ok(()))
    }

    fn place_with(
        &self,
        sheet: RecordId,
        path: &str,
        photo: &Attached,
        role: &str,
        keep: Keep<'_>,
    ) -> Result<(), AppError> {
        let user = self.user()?;
        let now = self.moment()?;
        let placed = Placed {
            path: path.to_owned(),
            sha256: photo.sha256,
            role: role.to_owned(),
        };
        let extension = photo.media_type.rsplit('/').next().unwrap_or("bin");
        let name: String = photo.sha256.hex().chars().take(16).collect();
        let file = format!("{name}.{extension}");
        self.with_live(sheet, |live| {
            let upload = live.upload_of(path);
            if let Some(upload) = &upload {
                // an upload that does not count now keeps its photo without an answer
                live.session.answer(upload, &file);
            }
            let entry = Entry {
                event: "photo".into(),
                node: path.to_owned(),
                start: now.0,
                new_value: Some(photo.sha256.to_string()),
                user,
                ..Entry::default()
            };
            self.store.write(|w| {
                keep(w)?;
                live.commit(w)?;
                sheets::put_photo(w, sheet, &placed)?;
                sheets::touch(w, sheet, path, now)?;
                Ok(sheets::log(w, sheet, &entry)?)
            })
        })
    }

    /// Takes a photo from its item. It stays with the inspection as evidence that was taken.
    ///
    /// # Errors
    /// [`InspectError::NotADraft`], [`AppError::NotFound`].
    pub fn inspect_unplace(&self, sheet: RecordId, photo: &Placed) -> Result<(), AppError> {
        let by = self.staff_id()?;
        self.with_live(sheet, |_| {
            self.store.write(|w| {
                sheets::forget_photo(w, sheet, photo)?;
                self.log_event_by(w, EventKind::Detached, photo.sha256, reason_of(&photo.path), &by)
            })
        })
    }

    /// Notes that a hazard was put right before the worker's eyes; finishing asks for a photo before and one after. An empty
    /// note takes it back.
    ///
    /// # Errors
    /// [`InspectError::NotFixable`] when it is no hazard, or its item does not allow it.
    pub fn inspect_fixed(&self, sheet: RecordId, path: &str, note: &str) -> Result<(), AppError> {
        let user = self.user()?;
        let now = self.moment()?;
        self.with_live(sheet, |live| {
            let items = live.session.items();
            let item = items.iter().find(|item| item.path == path);
            let fixable = item.is_some_and(|i| i.failed && !i.not_applicable && i.rules.on_the_spot);
            if !fixable && !note.is_empty() {
                return Err(InspectError::NotFixable.into());
            }
            let entry = Entry {
                event: "fixed".into(),
                node: path.to_owned(),
                start: now.0,
                new_value: Some(note.to_owned()),
                user,
                ..Entry::default()
            };
            self.store.write(|w| {
                if note.is_empty() {
                    sheets::forget_fix(w, sheet, path)?;
                } else {
                    sheets::put_fix(w, sheet, path, note)?;
                }
                Ok(sheets::log(w, sheet, &entry)?)
            })
        })
    }

    /// Removes an instance of a repeat; photos of later instances move up with them, those of the removed one stay with the
    /// inspection without a place.
    ///
    /// # Errors
    /// [`InspectError::Answer`] when the form does not allow it.
    pub fn inspect_remove_repeat(&self, sheet: RecordId, path: &str) -> Result<(), AppError> {
        let by = self.staff_id()?;
        let change = |live: &mut Live| live.session.remove_repeat(path);
        self.repeat_step(sheet, path, "delete repeat", change, |w| {
            for photo in sheets::photos(w, sheet)? {
                let Some(moved) = moved_up(&photo.path, path) else {
                    continue;
                };
                sheets::forget_photo(w, sheet, &photo)?;
                match moved {
                    Some(path) => sheets::put_photo(w, sheet, &Placed { path, ..photo })?,
                    None => self.log_event_by(w, EventKind::Detached, photo.sha256, reason_of(&photo.path), &by)?,
                }
            }
            for (at, note) in sheets::fixes(w, sheet)? {
                let Some(moved) = moved_up(&at, path) else { continue };
                sheets::forget_fix(w, sheet, &at)?;
                if let Some(moved) = moved {
                    sheets::put_fix(w, sheet, &moved, &note)?;
                }
            }
            Ok(())
        })
    }
}

/// The item that a photo was taken from, as the custody log says it.
fn reason_of(path: &str) -> Option<String> {
    Some(canonical::plain(path, REASON_CHARS))
}

/// Where a path goes when an instance of a repeat is removed: nothing when it stays, `Some(None)` when it was inside.
fn moved_up(path: &str, removed: &str) -> Option<Option<String>> {
    let (repeat, nth) = removed.strip_suffix(']')?.rsplit_once('[')?;
    let nth: u32 = nth.parse().ok()?;
    let (at, rest) = path.strip_prefix(repeat)?.strip_prefix('[')?.split_once(']')?;
    let at: u32 = at.parse().ok()?;
    match at.cmp(&nth) {
        std::cmp::Ordering::Less => None,
        std::cmp::Ordering::Equal => Some(None),
        std::cmp::Ordering::Greater => Some(Some(format!("{repeat}[{}]{rest}", at - 1))),
    }
}

impl Live {
    /// The upload that takes the photos of a path.
    pub(super) fn upload_of(&self, path: &str) -> Option<String> {
        upload_of(&self.known.definition, path)
    }
}

/// The upload that takes the photos of a path: the path itself, or the one that its item names.
pub(super) fn upload_of(definition: &Definition, path: &str) -> Option<String> {
    let nodeset = without_positions(path);
    if is_upload(definition, &nodeset) {
        return Some(path.to_owned());
    }
    let bind = definition.binds.iter().find(|bind| bind.nodeset == nodeset)?;
    let named = bind.grid.as_ref()?.photo_ref.as_deref()?;
    Some(beside(path, named))
}

/// A path without the positions of repeats.
pub(super) fn without_positions(path: &str) -> String {
    let steps = path.split('/').map(|step| step.split('[').next().unwrap_or(step));
    steps.collect::<Vec<_>>().join("/")
}

/// A path without positions, seen from another: it takes over the positions of the steps they share.
pub(super) fn beside(from: &str, path: &str) -> String {
    let mut shared = true;
    let mut own = from.split('/');
    let steps = path.split('/').map(|step| {
        let here = own.next().unwrap_or_default();
        shared &= here.split('[').next() == Some(step);
        if shared { here } else { step }
    });
    steps.collect::<Vec<_>>().join("/")
}

fn is_upload(definition: &Definition, nodeset: &str) -> bool {
    questions(&definition.body).any(|(control, at)| control == Control::Upload && at == nodeset)
}

/// Control and path of every question.
pub(super) fn questions(body: &[Element]) -> Box<dyn Iterator<Item = (Control, &str)> + '_> {
    Box::new(body.iter().flat_map(|element| match element {
        Element::Group(group) => questions(&group.children),
        Element::Repeat(repeat) => questions(&repeat.children),
        Element::Question(question) => {
            Box::new(question.nodeset.as_deref().map(|at| (question.control, at)).into_iter())
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_follow_their_repeat_when_an_earlier_one_is_removed() {
        assert_eq!(moved_up("/d/r[3]/q", "/d/r[2]"), Some(Some("/d/r[2]/q".into())));
        assert_eq!(moved_up("/d/r[2]/q", "/d/r[2]"), Some(None));
        assert_eq!(moved_up("/d/r[1]/q", "/d/r[2]"), None);
        assert_eq!(moved_up("/d/room[3]/q", "/d/r[2]"), None);
    }

    #[test]
    fn an_upload_beside_an_item_is_that_of_the_same_instance() {
        assert_eq!(beside("/d/r[2]/q", "/d/r/photo"), "/d/r[2]/photo");
        assert_eq!(beside("/d/r[2]/q", "/d/other/photo"), "/d/other/photo");
    }
}
