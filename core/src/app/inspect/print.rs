//! A finished inspection for printing: one HTML document with its photos, scores, hazards and signatures.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::Value;

use super::correct::text;
use super::photos::{upload_of, without_positions};
use super::report::answer;
use crate::app::Engine;
use crate::app::error::AppError;
use crate::forms::report::{
    Fact, Hazard, Line, Mark, Picture, Points, Report, ReportLanguage, Section, Signature, html,
};
use crate::forms::score::Score;
use crate::forms::session::{ItemState, Screen, Session};
use crate::model::blob::BlobHash;
use crate::model::ids::RecordId;
use crate::model::record::{Body, Kind};
use crate::model::time::UtcMillis;
use crate::store::inspections;
use crate::store::sheets::Placed;

/// The largest thumbnail that is put into a report, in bytes.
const PICTURE_BYTES: u64 = 1024 * 1024;

impl Engine {
    /// A finished inspection as one HTML document that loads nothing. Photos that this phone does not hold are left out.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`super::InspectError::UnknownForm`] when the version of the form is not on this phone.
    pub fn inspection_html(&self, id: RecordId, language: ReportLanguage) -> Result<String, AppError> {
        let record = self.record(id)?.record;
        if !record.kind.is(Kind::INSPECTION) || !record.body.contains_key("result") {
            return Err(AppError::NotFound);
        }
        let body = &record.body;
        let digest = text(body, "form_digest");
        if self
            .store
            .read(|r| crate::store::forms::by_digest(r, &digest))?
            .is_none()
        {
            let form = text(body, "form");
            return Err(super::InspectError::UnknownForm { form }.into());
        }
        let known = self.known_form(&digest)?;
        let mut session = self.session_of(&record, known.form.clone())?;
        let album = self.album(body);
        let shown = |path: &str| -> Vec<Picture> {
            let upload = upload_of(&known.definition, path);
            let here = album.iter().filter(|(placed, _)| {
                (placed.path == path || Some(&placed.path) == upload.as_ref()) && placed.role != "signature"
            });
            here.map(|(_, picture)| picture.clone()).collect()
        };
        let score: Option<Score> = body
            .get("score")
            .and_then(|score| serde_json::from_value(score.clone()).ok());
        let report = Report {
            language,
            title: text(body, "title"),
            number: id.to_string(),
            form: format!("{} {}", text(body, "form"), digest),
            facts: facts(body, language),
            passed: Some(text(body, "result") == "PASS"),
            score: score.as_ref().map(|score| points(score.total)),
            sections: sections(&mut session, score.as_ref(), &shown),
            hazards: self.printed_hazards(id, &shown)?,
            signatures: signatures(&album),
            corrections: corrections(body),
        };
        Ok(html(&report))
    }

    /// Thumbnails of the photos that are placed, as far as this phone holds them.
    fn album(&self, body: &Body) -> Vec<(Placed, Picture)> {
        let placed = body
            .get("placed")
            .and_then(|placed| serde_json::from_value::<Vec<Placed>>(placed.clone()).ok());
        let attachments = body.get("attachments").and_then(Value::as_array);
        let thumbnail = |hash: &BlobHash| -> Option<BlobHash> {
            let cited = hash.to_string();
            let item = attachments?
                .iter()
                .find(|item| item.get("sha256").and_then(Value::as_str) == Some(&cited))?;
            item.get("thumbnail")?.as_str()?.parse().ok()
        };
        let picture = |placed: Placed| {
            let mut bytes = Vec::new();
            let small = self.evidence_open(thumbnail(&placed.sha256)?).ok()?;
            small.take(PICTURE_BYTES).read_to_end(&mut bytes).ok()?;
            let start: String = placed.sha256.hex().chars().take(12).collect();
            let caption = format!("{} {start}", placed.role);
            let media_type = "image/jpeg".to_owned();
            Some((
                placed,
                Picture {
                    media_type,
                    bytes,
                    caption,
                },
            ))
        };
        placed.into_iter().flatten().filter_map(picture).collect()
    }

    fn printed_hazards(&self, id: RecordId, shown: &dyn Fn(&str) -> Vec<Picture>) -> Result<Vec<Hazard>, AppError> {
        let hazards = self.store.read(|r| inspections::hazards_of(r, id))?;
        let printed = hazards.into_iter().map(|view| {
            let body = &view.record.body;
            let severity = body
                .get("severity")
                .and_then(Value::as_u64)
                .and_then(|s| u8::try_from(s).ok());
            let incident = text(body, "incident");
            Hazard {
                number: text(body, "item"),
                text: format!("{} {}", text(body, "title"), text(body, "answer")),
                severity: severity.unwrap_or(0),
                outcome: [text(body, "state"), text(body, "on_site"), incident]
                    .join(" ")
                    .trim()
                    .to_owned(),
                due: text(body, "due"),
                photos: shown(&text(body, "path")),
            }
        });
        Ok(printed.collect())
    }
}

fn points(points: crate::forms::score::Points) -> Points {
    Points {
        got: points.got,
        of: points.of,
    }
}

fn facts(body: &Body, language: ReportLanguage) -> Vec<Fact> {
    let names = match language {
        ReportLanguage::Chinese => ["检查对象", "检查日期", "检查人", "结束时间", "签到"],
        ReportLanguage::English => ["Place", "Day", "Inspector", "Finished at", "Check-in"],
    };
    let at = body
        .get("finished_at")
        .and_then(Value::as_i64)
        .map(|at| UtcMillis(at).to_string());
    let come = body.get("check_in").and_then(Value::as_object).map(|come| {
        let metres = come
            .get("distance_m")
            .and_then(Value::as_u64)
            .map(|m| format!(" {m} m"))
            .unwrap_or_default();
        format!("{}{metres} {}", text(come, "method"), text(come, "reason"))
    });
    let values = [
        text(body, "place_name"),
        text(body, "day"),
        text(body, "inspector"),
        at.unwrap_or_default(),
        come.unwrap_or_default(),
    ];
    let pairs = names
        .into_iter()
        .zip(values)
        .filter(|(_, value)| !value.trim().is_empty());
    pairs
        .map(|(name, value)| Fact {
            name: name.to_owned(),
            value: value.trim().to_owned(),
        })
        .collect()
}

/// Questions below the headings they stand under.
fn sections(session: &mut Session, score: Option<&Score>, shown: &dyn Fn(&str) -> Vec<Picture>) -> Vec<Section> {
    let items: BTreeMap<String, ItemState> = session
        .items()
        .into_iter()
        .map(|item| (item.path.clone(), item))
        .collect();
    let mut sections = vec![Section::default()];
    for view in session.views() {
        let upload =
            matches!(&view.screen, Screen::Question(q) if q.control == crate::forms::definition::Control::Upload);
        let Some(told) = answer(view) else { continue };
        if told.heading {
            sections.push(Section {
                title: told.label,
                score: score
                    .and_then(|score| score.sections.get(&told.path))
                    .copied()
                    .map(points),
                lines: Vec::new(),
            });
            continue;
        }
        let item = items.get(&told.path);
        // a photo beside an item is shown with the item
        if upload && item.is_none() {
            continue;
        }
        let line = Line {
            number: item.and_then(|item| item.rules.item.clone()).unwrap_or_default(),
            question: told.label,
            answer: if upload { String::new() } else { told.answer },
            mark: mark(item),
            photos: shown(&told.path),
        };
        if let Some(section) = sections.last_mut() {
            section.lines.push(line);
        }
    }
    sections.retain(|section| !section.lines.is_empty());
    sections
}

fn mark(item: Option<&ItemState>) -> Mark {
    match item {
        Some(item) if item.not_applicable => Mark::NotApplicable,
        Some(item) if item.failed => Mark::Hazard(item.rules.severity.unwrap_or(2)),
        Some(item) if item.answered && item.rules.fail_when.is_some() => Mark::Good,
        _ => Mark::None,
    }
}

fn signatures(album: &[(Placed, Picture)]) -> Vec<Signature> {
    let signed = album.iter().filter(|(placed, _)| placed.role == "signature");
    let signature = |(placed, picture): &(Placed, Picture)| Signature {
        role: without_positions(&placed.path)
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned(),
        picture: Some(picture.clone()),
        ..Signature::default()
    };
    let found: Vec<Signature> = signed.map(signature).collect();
    // an empty line to sign on paper when nobody signed on the phone
    if found.is_empty() {
        vec![Signature::default()]
    } else {
        found
    }
}

fn corrections(body: &Body) -> Vec<Fact> {
    let reason = text(body, "reason");
    if reason.is_empty() {
        return Vec::new();
    }
    vec![Fact {
        name: text(body, "of"),
        value: reason,
    }]
}
