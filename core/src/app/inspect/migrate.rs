//! Moving a draft to the current version of its checklist, with a report of what moved and what was lost, and the way back.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::InspectError;
use super::live::Live;
use super::photos::{questions, without_positions};
use super::rows;
use super::start::accepted;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::forms::{Definition, Outcome, Session};
use crate::model::ids::RecordId;
use crate::store::sheets::{self, Entry, Placed};

/// What a move did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// Digest of the version before.
    pub from: String,
    /// Digest of the version now.
    pub to: String,
    /// Paths that were taken over, as they are now.
    pub moved: Vec<String>,
    /// Answers and photos that have no place now; taking the move back brings them back.
    pub lost: Vec<Lost>,
}

/// Something that has no place in the sheet any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// Its path in the version before.
    pub path: String,
    /// The answer, or the digest of the photo.
    pub value: String,
    /// Why: a word of the form engine such as `no_such_question` or `constraint`, or `photo`.
    pub why: String,
}

impl Engine {
    /// Moves a draft to the version that new sheets use. Items keep their answers by their stable ids, other questions by
    /// their paths.
    ///
    /// # Errors
    /// [`InspectError::SameVersion`], [`InspectError::NotADraft`], [`AppError::NotFound`].
    pub fn inspect_migrate(&self, sheet: RecordId) -> Result<Moved, AppError> {
        let user = self.user()?;
        let now = self.moment()?;
        let setting = self.setting(None)?;
        self.with_live(sheet, |live| {
            let form = self.current_form(&live.known.definition.id)?;
            if form.digest == live.sheet.form {
                return Err(InspectError::SameVersion.into());
            }
            let known = self.known_form(&form.digest)?;
            let mut session = Session::open(known.form.clone(), setting);
            session.speak(live.session.language());
            let names = renamed(&live.known.definition, &known.definition);
            let answers = answered(live, &names);
            let (moved, mut lost) = carry(&mut session, &answers);
            // told under the name it had
            for lost in &mut lost {
                lost.path = old_name(&names, &lost.path);
            }
            let (photos, fixes) = self
                .store
                .read(|r| Ok::<_, AppError>((sheets::photos(r, sheet)?, sheets::fixes(r, sheet)?)))?;
            let placed = replaced(&session, &names, photos, &mut lost);
            let entry = Entry {
                event: "form update".into(),
                start: now.0,
                old_value: Some(live.sheet.form.clone()),
                new_value: Some(form.digest.clone()),
                user,
                ..Entry::default()
            };
            let report = Moved {
                from: std::mem::replace(&mut live.sheet.form, form.digest.clone()),
                to: form.digest,
                moved,
                lost,
            };
            live.known = known;
            live.session = session;
            let fresh = rows::flatten(&live.session.draft()).map_err(InspectError::from)?;
            self.store.write(|w| {
                sheets::keep_undo(w, sheet, &report.from)?;
                sheets::set_form(w, sheet, &report.to)?;
                sheets::replace_nodes(w, sheet, &fresh)?;
                for (old, new) in &placed {
                    sheets::forget_photo(w, sheet, old)?;
                    if let Some(new) = new {
                        sheets::put_photo(w, sheet, new)?;
                    }
                }
                for (path, note) in &fixes {
                    sheets::forget_fix(w, sheet, path)?;
                    sheets::put_fix(w, sheet, &new_name(&names, path), note)?;
                }
                Ok::<_, AppError>(sheets::log(w, sheet, &entry)?)
            })?;
            live.rows = fresh;
            Ok(report)
        })
    }

    /// Takes the last move back. Answers given since are not in the sheet any more: they are returned, and stay in the audit
    /// log.
    ///
    /// # Errors
    /// [`InspectError::NothingToUndo`], [`InspectError::NotADraft`], [`AppError::NotFound`].
    pub fn inspect_migrate_undo(&self, sheet: RecordId) -> Result<Vec<(String, String)>, AppError> {
        let user = self.user()?;
        let now = self.moment()?;
        self.with_live(sheet, |live| {
            let since = live.session.answers();
            let entry = Entry {
                event: "form update undone".into(),
                start: now.0,
                old_value: Some(live.sheet.form.clone()),
                user,
                ..Entry::default()
            };
            let undone = self.store.write(|w| {
                let Some(undo) = sheets::take_undo(w, sheet)? else {
                    return Ok::<_, AppError>(false);
                };
                sheets::set_form(w, sheet, &undo.form)?;
                sheets::log(w, sheet, &entry)?;
                Ok(true)
            })?;
            if !undone {
                return Err(InspectError::NothingToUndo.into());
            }
            *live = self.recall(self.sheet(sheet)?)?;
            let back: BTreeMap<String, String> = live.session.answers().into_iter().collect();
            Ok(since
                .into_iter()
                .filter(|(path, value)| back.get(path) != Some(value))
                .collect())
        })
    }
}

/// Paths of items that have another name in the new version, by their stable ids: old to new, without positions.
fn renamed(old: &Definition, new: &Definition) -> BTreeMap<String, String> {
    let by_item = |definition: &Definition| -> BTreeMap<String, String> {
        let binds = definition.binds.iter();
        binds
            .filter_map(|bind| Some((bind.grid.as_ref()?.item.clone()?, bind.nodeset.clone())))
            .collect()
    };
    let new = by_item(new);
    let pairs = by_item(old)
        .into_iter()
        .filter_map(|(item, path)| Some((path, new.get(&item)?.clone())));
    pairs.filter(|(old, new)| old != new).collect()
}

fn new_name(names: &BTreeMap<String, String>, path: &str) -> String {
    match names.get(&without_positions(path)) {
        Some(new) => super::photos::beside(path, new),
        None => path.to_owned(),
    }
}

fn old_name(names: &BTreeMap<String, String>, path: &str) -> String {
    let generic = without_positions(path);
    let old = names.iter().find(|(_, new)| **new == generic).map(|(old, _)| old);
    old.map_or_else(|| path.to_owned(), |old| super::photos::beside(path, old))
}

/// What people answered, under the names of the new version; what the form computes is computed anew.
fn answered(live: &Live, names: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let asked: Vec<&str> = questions(&live.known.definition.body).map(|(_, path)| path).collect();
    let answers = live.session.answers().into_iter();
    let by_people = answers.filter(|(path, _)| asked.contains(&without_positions(path).as_str()));
    by_people.map(|(path, value)| (new_name(names, &path), value)).collect()
}

/// Answers a session with what another one held. An answer may make later questions relevant, so it goes round until nothing
/// more is taken. Gives the paths that were taken, and the rest with the reason.
pub(super) fn carry(session: &mut Session, answers: &[(String, String)]) -> (Vec<String>, Vec<Lost>) {
    let mut moved = Vec::new();
    let mut open: Vec<&(String, String)> = answers.iter().collect();
    loop {
        let before = open.len();
        let mut left = Vec::new();
        for answer in open {
            grow(session, &answer.0);
            if accepted(session.answer(&answer.0, &answer.1)) {
                moved.push(answer.0.clone());
            } else {
                left.push(answer);
            }
        }
        open = left;
        if open.is_empty() || open.len() == before {
            break;
        }
    }
    let lost = open.into_iter().filter_map(|(path, value)| {
        let outcome = session.answer(path, value);
        // what may only be read is computed by the form itself
        (outcome != Outcome::ReadOnly).then(|| Lost {
            path: path.clone(),
            value: value.clone(),
            why: outcome.word().to_owned(),
        })
    });
    let lost = lost.collect();
    (moved, lost)
}

/// Adds the instances of repeats that a path asks for.
fn grow(session: &mut Session, path: &str) {
    for (at, _) in path.match_indices(']') {
        let Some(instance) = path.get(..=at) else { continue };
        let Some((repeat, _)) = instance.rsplit_once('[') else {
            continue;
        };
        while session.node_at(instance).is_none() && accepted(session.add_repeat(repeat)) {}
    }
}

/// Where photos go: each with its new place, or none.
fn replaced(
    session: &Session,
    names: &BTreeMap<String, String>,
    photos: Vec<Placed>,
    lost: &mut Vec<Lost>,
) -> Vec<(Placed, Option<Placed>)> {
    let place = |old: Placed| {
        let path = new_name(names, &old.path);
        let new = session.node_at(&path).map(|_| Placed { path, ..old.clone() });
        (old, new)
    };
    let placed: Vec<(Placed, Option<Placed>)> = photos.into_iter().map(place).collect();
    lost.extend(placed.iter().filter(|(_, new)| new.is_none()).map(|(old, _)| Lost {
        path: old.path.clone(),
        value: old.sha256.to_string(),
        why: "photo".into(),
    }));
    placed
}
