//! A sheet as a screen shows it, and the jump list of what is missing.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Purpose;
use super::error::Missing;
use super::live::Live;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::forms::definition::Control;
use crate::forms::score::{Judged, Score, score};
use crate::forms::session::{QuestionView, Screen, View, Why};
use crate::model::blob::BlobHash;
use crate::model::ids::RecordId;
use crate::store::forms::{self, FormVersion};
use crate::store::sheets::{self, Placed, Sheet};

/// One line of a sheet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Path.
    pub path: String,
    /// `group`, `repeat`, `new_repeat`, or how the question is answered.
    pub kind: String,
    /// Heading or question, in the language of the sheet.
    pub label: String,
    /// The answer.
    pub answer: Option<String>,
    /// Choices: value and label.
    pub choices: Vec<(String, String)>,
    /// Whether an answer is required.
    pub required: bool,
    /// Whether it may only be read.
    pub readonly: bool,
    /// Whether the answer is a hazard.
    pub hazard: bool,
    /// Photos placed here.
    pub photos: Vec<Placed>,
    /// What was done on the spot.
    pub fixed: Option<String>,
}

/// A sheet as a screen shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SheetView {
    /// The sheet.
    pub sheet: Sheet,
    /// What it is for.
    pub purpose: Purpose,
    /// The version it is filled in with.
    pub form: FormVersion,
    /// The version that new sheets use, when this one is on an older one.
    pub newer: Option<FormVersion>,
    /// Everything that can be reached now.
    pub lines: Vec<Line>,
    /// What it comes to so far.
    pub score: Score,
    /// What stands in the way of finishing.
    pub missing: Vec<Missing>,
    /// Photos that were taken in and placed nowhere.
    pub loose: Vec<BlobHash>,
}

impl Engine {
    /// Drafts, the one touched last first: where the work stopped, and when.
    ///
    /// # Errors
    /// Those of the store.
    pub fn inspect_drafts(&self) -> Result<Vec<Sheet>, AppError> {
        Ok(self.store.read(sheets::drafts)?)
    }

    /// A draft as a screen shows it.
    ///
    /// # Errors
    /// [`super::InspectError::NotADraft`], [`AppError::NotFound`].
    pub fn inspect_show(&self, id: RecordId) -> Result<SheetView, AppError> {
        let taken = self.taken_in(id)?;
        self.with_live(id, |live| {
            let (photos, fixes, form, newer) = self.store.read(|r| {
                let form = forms::by_digest(r, &live.sheet.form)?.ok_or(AppError::NotFound)?;
                let newer = forms::current(r, &form.form)?.filter(|newer| newer.digest != form.digest);
                Ok::<_, AppError>((sheets::photos(r, id)?, sheets::fixes(r, id)?, form, newer))
            })?;
            let sheet = self.sheet(id)?;
            let lines = live.lines(&photos, &fixes);
            let missing = live.missing(&photos, &fixes);
            Ok(SheetView {
                purpose: Purpose::of(&sheet.doc),
                sheet,
                form,
                newer,
                lines,
                score: score(&live.judged()),
                missing,
                loose: taken
                    .into_iter()
                    .filter(|hash| photos.iter().all(|p| p.sha256 != *hash))
                    .collect(),
            })
        })
    }

    /// What stands in the way of finishing a draft, in the order of the form.
    ///
    /// # Errors
    /// As [`Engine::inspect_show`].
    pub fn inspect_missing(&self, id: RecordId) -> Result<Vec<Missing>, AppError> {
        Ok(self.inspect_show(id)?.missing)
    }

    /// Who answered what and when: the audit log of a sheet.
    ///
    /// # Errors
    /// Those of the store.
    pub fn inspect_log(&self, id: RecordId) -> Result<Vec<sheets::Entry>, AppError> {
        Ok(self.store.read(|r| sheets::logged(r, id))?)
    }

    /// Gives a draft up. Its answers stay in the store and nothing is sent.
    ///
    /// # Errors
    /// [`super::InspectError::NotADraft`], [`AppError::NotFound`].
    pub fn inspect_drop(&self, id: RecordId) -> Result<(), AppError> {
        let now = self.moment()?;
        self.with_live(id, |live| {
            self.store.write(|w| {
                sheets::end(w, id, sheets::SheetState::Dropped, now)?;
                Ok::<_, AppError>(crate::store::ops::drop_draft(w, id)?)
            })?;
            live.sheet.state = sheets::SheetState::Dropped;
            Ok(())
        })
    }

    /// Digests of the photos that were taken in for an inspection.
    fn taken_in(&self, id: RecordId) -> Result<Vec<BlobHash>, AppError> {
        let body = self.record(id)?.record.body;
        let items = body
            .get("attachments")
            .and_then(|list| list.as_array())
            .cloned()
            .unwrap_or_default();
        Ok(items
            .iter()
            .filter_map(|item| item.get("sha256")?.as_str()?.parse().ok())
            .collect())
    }
}

impl Live {
    /// The checklist items as they stand.
    pub(super) fn judged(&self) -> Vec<Judged> {
        let items = self.session.items().into_iter();
        items
            .map(|state| Judged {
                item: state
                    .rules
                    .item
                    .clone()
                    .unwrap_or_else(|| super::photos::without_positions(&state.path)),
                section: state
                    .path
                    .rsplit_once('/')
                    .map(|(above, _)| above.to_owned())
                    .unwrap_or_default(),
                path: state.path,
                rules: state.rules,
                relevant: true,
                answered: state.answered,
                failed: state.failed,
                not_applicable: state.not_applicable,
            })
            .collect()
    }

    /// Labels of all questions that can be reached, by path.
    pub(super) fn labels(&mut self) -> BTreeMap<String, String> {
        let views = self.session.views().into_iter();
        views.map(|view| (view.path, view.label.unwrap_or_default())).collect()
    }

    fn lines(&mut self, photos: &[Placed], fixes: &BTreeMap<String, String>) -> Vec<Line> {
        let hazards: Vec<String> = self
            .judged()
            .into_iter()
            .filter(Judged::is_hazard)
            .map(|judged| judged.path)
            .collect();
        self.session
            .views()
            .into_iter()
            .map(|view| line(view, photos, fixes, &hazards))
            .collect()
    }

    /// What stands in the way: the form's own rules first, then photos and the spot.
    pub(super) fn missing(&mut self, photos: &[Placed], fixes: &BTreeMap<String, String>) -> Vec<Missing> {
        let views = self.session.views();
        let order: BTreeMap<&str, usize> = views
            .iter()
            .enumerate()
            .map(|(n, view)| (view.path.as_str(), n))
            .collect();
        let label = |path: &str| {
            let view = order.get(path).and_then(|n| views.get(*n));
            view.and_then(|view| view.label.clone()).unwrap_or_default()
        };
        let mut missing: Vec<Missing> = self
            .session
            .missing()
            .into_iter()
            .map(|refusal| Missing {
                label: label(&refusal.path),
                path: refusal.path,
                code: match refusal.why {
                    Why::Required => "missing_required".into(),
                    Why::Constraint => "missing_constraint".into(),
                },
                message: refusal.message,
                photos: None,
            })
            .collect();
        for item in self.judged() {
            let here = self.photos_of(&item.path, photos);
            let there = u32::try_from(here.len()).unwrap_or(u32::MAX);
            let needed = item.photos_needed();
            let lack = |code: &str, photos| Missing {
                path: item.path.clone(),
                label: label(&item.path),
                code: code.into(),
                message: None,
                photos,
            };
            if there < needed {
                missing.push(lack("missing_photos", Some((needed, there))));
            }
            let both = ["before", "after"]
                .iter()
                .all(|role| here.iter().any(|photo| photo.role == *role));
            if item.is_hazard() && fixes.contains_key(&item.path) && !both {
                missing.push(lack("missing_before_after", None));
            }
        }
        missing.sort_by_key(|lack| order.get(lack.path.as_str()).copied().unwrap_or(usize::MAX));
        missing
    }

    /// Photos of an item: those placed at it and at the upload it names.
    pub(super) fn photos_of<'p>(&self, path: &str, photos: &'p [Placed]) -> Vec<&'p Placed> {
        let upload = self.upload_of(path);
        photos
            .iter()
            .filter(|photo| photo.path == path || Some(&photo.path) == upload.as_ref())
            .collect()
    }
}

fn line(view: View, photos: &[Placed], fixes: &BTreeMap<String, String>, hazards: &[String]) -> Line {
    let mut line = Line {
        kind: String::new(),
        label: view.label.unwrap_or_default(),
        answer: None,
        choices: Vec::new(),
        required: false,
        readonly: false,
        hazard: hazards.contains(&view.path),
        photos: photos.iter().filter(|photo| photo.path == view.path).cloned().collect(),
        fixed: fixes.get(&view.path).cloned(),
        path: view.path,
    };
    match view.screen {
        Screen::Group => line.kind = "group".into(),
        Screen::Repeat { .. } => line.kind = "repeat".into(),
        Screen::NewRepeat => line.kind = "new_repeat".into(),
        Screen::Question(question) => fill(&mut line, *question),
    }
    line
}

fn fill(line: &mut Line, question: QuestionView) {
    line.kind = match question.control {
        Control::Input => "input",
        Control::Secret => "secret",
        Control::Range => "range",
        Control::SelectOne => "select_one",
        Control::SelectMany => "select_many",
        Control::Rank => "rank",
        Control::Upload => "upload",
        Control::Trigger => "trigger",
    }
    .into();
    line.answer = question.answer;
    line.required = question.required;
    line.readonly = question.readonly;
    let offers = question.choices.unwrap_or_default();
    line.choices = offers.into_iter().map(|offer| (offer.value, offer.label)).collect();
}
