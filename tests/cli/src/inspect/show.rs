//! The verbs of `inspect` that only look.

use std::path::Path;
use std::process::ExitCode;

use fushan_grid_core::app::Engine;
use fushan_grid_core::app::inspect::Line;
use fushan_grid_core::app::messages::Lang;
use fushan_grid_core::forms::report::ReportLanguage;
use fushan_grid_core::model::record::Kind;
use fushan_grid_core::store::records::ListQuery;
use fushan_grid_core::store::sheets::Entry;
use serde_json::{Value, json};

use super::work::missing_line;
use crate::args::Fields;
use crate::failure::Failure;
use crate::input;
use crate::show::Screen;

/// Checklists and their versions.
pub fn forms(screen: &Screen, engine: &Engine) -> Result<ExitCode, Failure> {
    let forms = engine.forms()?;
    screen.show(&json!({"forms": forms}), || {
        let line = |form: &fushan_grid_core::store::forms::FormVersion| {
            let mark = if form.current { "*" } else { " " };
            let digest: String = form.digest.chars().take(12).collect();
            format!(
                "{mark} {}  {}  {}  {digest}",
                form.form,
                form.version.as_deref().unwrap_or("-"),
                form.title
            )
        };
        forms.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

/// A draft.
pub fn sheet(screen: &Screen, engine: &Engine, sheet: &str) -> Result<ExitCode, Failure> {
    let view = engine.inspect_show(sheet.parse()?)?;
    screen.show(&json!(view), || {
        let mut lines = vec![format!("{}  {}", view.sheet.id, view.form.title)];
        lines.extend(view.newer.iter().map(|newer| {
            format!(
                "{} {}",
                screen.say("清单有新版本", "a newer version is there:"),
                newer.digest
            )
        }));
        lines.extend(view.lines.iter().map(line));
        lines.extend(
            view.score
                .percent
                .map(|percent| format!("{} {percent}%", screen.say("得分", "score"))),
        );
        lines.extend(view.missing.iter().map(|missing| missing_line(screen, missing)));
        lines.join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

fn line(line: &Line) -> String {
    let mark = if line.hazard { "!" } else { " " };
    let choices: Vec<_> = line
        .choices
        .iter()
        .map(|(value, label)| format!("{value}={label}"))
        .collect();
    let answer = line.answer.as_deref().unwrap_or(if line.required { "*" } else { "" });
    let photos = if line.photos.is_empty() {
        String::new()
    } else {
        format!("  [{}]", line.photos.len())
    };
    format!(
        "{mark} {}  {}  {answer}{photos}  {}",
        line.path,
        line.label,
        choices.join(" ")
    )
}

/// What is missing.
pub fn missing(screen: &Screen, engine: &Engine, sheet: &str) -> Result<ExitCode, Failure> {
    let missing = engine.inspect_missing(sheet.parse()?)?;
    screen.show(&json!({"missing": missing}), || {
        missing
            .iter()
            .map(|missing| missing_line(screen, missing))
            .collect::<Vec<_>>()
            .join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

/// The last visit.
pub fn last(screen: &Screen, engine: &Engine, sheet: &str) -> Result<ExitCode, Failure> {
    let last = engine.inspect_last(sheet.parse()?)?;
    screen.show(&json!(last), || match &last {
        None => screen.say("没有上次检查。", "There was no visit before.").to_owned(),
        Some(last) => {
            let answers = last.answers.iter().map(|(path, value)| format!("  {path} = {value}"));
            let photos = last
                .photos
                .iter()
                .map(|photo| format!("  {} {} {}", photo.path, photo.role, photo.sha256));
            std::iter::once(last.day.clone())
                .chain(answers)
                .chain(photos)
                .collect::<Vec<_>>()
                .join("\n")
        }
    });
    Ok(ExitCode::SUCCESS)
}

/// The audit log: JSON, or CSV with the columns of ODK.
pub fn log(screen: &Screen, engine: &Engine, sheet: &str) -> Result<ExitCode, Failure> {
    let entries = engine.inspect_log(sheet.parse()?)?;
    screen.show(&json!(entries), || {
        let head = "event,node,start,end,latitude,longitude,accuracy,old-value,new-value,user,change-reason".to_owned();
        std::iter::once(head)
            .chain(entries.iter().map(csv))
            .collect::<Vec<_>>()
            .join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

fn csv(entry: &Entry) -> String {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let cells = [
        entry.event.clone(),
        entry.node.clone(),
        entry.start.to_string(),
        entry.end.map(|end| end.to_string()).unwrap_or_default(),
        number(entry.latitude),
        number(entry.longitude),
        number(entry.accuracy),
        entry.old_value.clone().unwrap_or_default(),
        entry.new_value.clone().unwrap_or_default(),
        entry.user.clone(),
        entry.change_reason.clone().unwrap_or_default(),
    ];
    cells.map(|cell| quoted(&cell)).join(",")
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// Drafts.
pub fn drafts(screen: &Screen, engine: &Engine) -> Result<ExitCode, Failure> {
    let drafts = engine.inspect_drafts()?;
    screen.show(&json!({"drafts": drafts}), || {
        let line = |sheet: &fushan_grid_core::store::sheets::Sheet| {
            format!("{}  {}  {}", sheet.id, sheet.touched_at, sheet.stopped_at)
        };
        drafts.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

/// Hazards that are not put right.
pub fn hazards(screen: &Screen, engine: &Engine) -> Result<ExitCode, Failure> {
    let query = ListQuery {
        kind: Kind::of(Kind::HAZARD),
        grid: None,
        state: None,
        after: None,
        limit: 1000,
    };
    let mut page = engine.list(&query)?;
    let state =
        |body: &fushan_grid_core::model::record::Body| body.get("state").and_then(Value::as_str).map(str::to_owned);
    page.items
        .retain(|view| matches!(state(&view.record.body).as_deref(), Some("RECTIFYING" | "RECHECK")));
    screen.show(&json!({"items": page.items}), || {
        let line = |view: &fushan_grid_core::store::records::View| {
            let text = |name: &str| view.record.body.get(name).and_then(Value::as_str).unwrap_or_default();
            format!(
                "{}  {}  {}  {}  {}",
                view.record.id,
                text("state"),
                text("due"),
                text("place_name"),
                text("title")
            )
        };
        page.items.iter().map(line).collect::<Vec<_>>().join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

/// A finished inspection.
pub fn report(screen: &Screen, engine: &Engine, inspection: &str, html: Option<&Path>) -> Result<ExitCode, Failure> {
    if let Some(file) = html {
        let language = match screen.lang {
            Lang::Zh => ReportLanguage::Chinese,
            Lang::En => ReportLanguage::English,
        };
        let page = engine.inspection_html(inspection.parse()?, language)?;
        std::fs::write(file, &page)?;
        screen.show(&json!({"file": file, "bytes": page.len()}), || {
            file.display().to_string()
        });
        return Ok(ExitCode::SUCCESS);
    }
    let id = inspection.parse()?;
    let report = engine.inspection_report(id)?;
    let sealed = engine.inspection_sealed(id)?;
    screen.show(&json!({"report": report, "sealed": sealed}), || {
        let text = |name: &str| report.body.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut lines = vec![format!(
            "{}  {}  {}  {}",
            text("title"),
            text("place_name"),
            text("day"),
            text("result")
        )];
        lines.extend(report.lines.iter().map(|line| match line.heading {
            true => format!("— {}", line.label),
            false => format!("  {}  {}", line.label, line.answer),
        }));
        let score = report
            .body
            .get("score")
            .and_then(|score| score.get("percent"))
            .and_then(Value::as_f64);
        lines.extend(score.map(|percent| format!("{} {percent}%", screen.say("得分", "score"))));
        lines.extend(report.hazards.iter().map(|hazard| {
            let text = |name: &str| hazard.get(name).and_then(Value::as_str).unwrap_or_default();
            format!(
                "{} {}  {}  {}",
                screen.say("隐患", "hazard"),
                text("title"),
                text("state"),
                text("due")
            )
        }));
        lines.join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

/// Records that may be the same.
pub fn duplicates(screen: &Screen, engine: &Engine, kind: &str, fields: &Fields) -> Result<ExitCode, Failure> {
    let found = engine.registry_duplicates(kind, &input::body(fields)?, None)?;
    screen.show(&json!({"items": found}), || {
        found
            .iter()
            .map(|same| format!("{}  {}", same.record, same.reasons.join(" ")))
            .collect::<Vec<_>>()
            .join("\n")
    });
    Ok(ExitCode::SUCCESS)
}
