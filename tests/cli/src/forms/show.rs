//! `forms show`: what a form asks when it is opened.

use std::path::Path;
use std::process::ExitCode;

use fushan_grid_core::forms::session::{Offer, QuestionView, Screen as Kind, View};
use fushan_grid_core::forms::{Cycles, Session};
use serde_json::{Value, json};

use super::{check, source};
use crate::failure::Failure;
use crate::host;
use crate::show::Screen;

/// Opens a form and shows what is visible.
pub fn run(screen: &Screen, form: &Path, media: Option<&Path>, language: Option<&str>) -> Result<ExitCode, Failure> {
    let compiled = source::form(form, media, Cycles::Strict)?.map_err(Failure::Refused)?;
    let mut session = Session::open(compiled.clone(), check::setting(host::form_clock()));
    session.speak(language);
    let views = session.views();
    let document = json!({
        "id": compiled.id,
        "version": compiled.version,
        "title": compiled.title,
        "digest": compiled.digest,
        "languages": compiled.languages(),
        "language": session.language(),
        "visible": views.iter().map(view).collect::<Vec<_>>(),
    });
    screen.show(&document, || {
        let version = compiled.version.as_deref().unwrap_or("");
        let head = format!("{} {version} — {}", compiled.id, compiled.title);
        let lines = views.iter().map(line);
        std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

/// A place as JSON.
fn view(view: &View) -> Value {
    let mut document = json!({
        "path": view.path,
        "label": view.label,
        "hint": view.hint,
        "media": view.media,
        "appearance": view.appearance,
    });
    let more = match &view.screen {
        Kind::Group => json!({"kind": "group"}),
        Kind::Repeat { removable } => json!({"kind": "repeat", "removable": removable}),
        Kind::NewRepeat => json!({"kind": "new_repeat"}),
        Kind::Question(question) => self::question(question),
    };
    if let (Some(document), Value::Object(more)) = (document.as_object_mut(), more) {
        document.extend(more);
    }
    document
}

fn question(question: &QuestionView) -> Value {
    let choices = match &question.choices {
        Ok(choices) => choices.iter().map(choice).collect(),
        Err(error) => json!({"error": error.to_string()}),
    };
    json!({
        "kind": "question",
        "control": question.control,
        "type": format!("{:?}", question.data_type),
        "mediatype": question.mediatype,
        "attributes": question.attributes,
        "answer": question.answer,
        "required": question.required,
        "readonly": question.readonly,
        "choices": choices,
        "item": question.item,
        "save_to": question.save_to,
    })
}

fn choice(offer: &Offer) -> Value {
    json!({"value": offer.value, "label": offer.label, "image": offer.image})
}

fn line(view: &View) -> String {
    let depth = view.path.matches('/').count().saturating_sub(2);
    let label = view.label.as_deref().unwrap_or("");
    let note = match &view.screen {
        Kind::Group => "▸".to_owned(),
        Kind::Repeat { .. } => "▸▸".to_owned(),
        Kind::NewRepeat => "+".to_owned(),
        Kind::Question(question) => {
            let star = if question.required { "*" } else { "" };
            let choices = match question.choices.as_ref().map_or(0, Vec::len) {
                0 => String::new(),
                count => format!(" ({count})"),
            };
            format!("{:?}{choices}{star}", question.data_type)
        }
    };
    format!("{}{note} {}  {label}", "  ".repeat(depth), view.path)
}
