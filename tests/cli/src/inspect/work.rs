//! The verbs of `inspect` that change something.

use std::path::Path;
use std::process::ExitCode;

use fushan_grid_core::app::inspect::{InspectError, Missing, NewSheet, Stamp};
use fushan_grid_core::app::{AppError, Engine};
use fushan_grid_core::forms::Definition;
use fushan_grid_core::model::ids::RecordId;
use serde_json::{Value, json};

use super::args::{InspectCommand, None as Nothing, Spot};
use super::text_of;
use crate::failure::Failure;
use crate::show::Screen;

/// One line of success.
pub fn told(screen: &Screen, document: &Value, zh: &str, en: &str) -> Result<ExitCode, Failure> {
    screen.show(document, || screen.say(zh, en).to_owned());
    Ok(ExitCode::SUCCESS)
}

/// Installs a checklist from a file.
pub fn install(screen: &Screen, engine: &Engine, path: &Path) -> Result<ExitCode, Failure> {
    let read = crate::forms::definition(path)?;
    let (definition, _): (Definition, _) = read.map_err(|refused| AppError::from(InspectError::from(refused)))?;
    let document = serde_json::to_string(&definition).map_err(|_| AppError::from(InspectError::NotAForm))?;
    let installed = engine.form_install_with(&document, &crate::forms::Folder::of(path, None))?;
    screen.show(&json!(installed), || {
        format!("{}  {}", installed.version.form, installed.version.digest)
    });
    Ok(ExitCode::SUCCESS)
}

/// Begins a sheet.
pub fn start(screen: &Screen, engine: &Engine, command: &InspectCommand) -> Result<ExitCode, Failure> {
    let InspectCommand::Start {
        form,
        place,
        visit,
        language,
        spot,
    } = command
    else {
        return Err(Failure::Check("not a start".into()));
    };
    let id = |text: &Option<String>| text.as_deref().map(str::parse::<RecordId>).transpose();
    let sheet = engine.inspect_start(&NewSheet {
        form: form.clone(),
        place: id(place)?,
        arrival: spot.arrival()?,
        visit: id(visit)?,
        language: language.clone(),
    })?;
    begun(screen, engine, sheet)
}

/// Begins a recheck.
pub fn recheck(screen: &Screen, engine: &Engine, hazard: &str, spot: &Spot) -> Result<ExitCode, Failure> {
    let sheet = engine.inspect_recheck(hazard.parse()?, spot.arrival()?)?;
    begun(screen, engine, sheet)
}

fn begun(screen: &Screen, engine: &Engine, sheet: RecordId) -> Result<ExitCode, Failure> {
    let view = engine.inspect_show(sheet)?;
    let document = json!({"sheet": sheet, "visit": view.sheet.visit, "form": view.form.form});
    screen.show(&document, || format!("{sheet}  {}", view.form.title));
    Ok(ExitCode::SUCCESS)
}

/// Answers a question; what the form's author says to a refusal is shown beside the reason.
pub fn answer(screen: &Screen, engine: &Engine, sheet: &str, path: &str, value: &str) -> Result<ExitCode, Failure> {
    let answered = engine.inspect_answer(sheet.parse()?, path, value, Stamp::default())?;
    screen.show(&json!(answered), || {
        let mark = if answered.hazard {
            screen.say("  隐患", "  hazard")
        } else {
            ""
        };
        format!("{path} = {}{mark}", answered.value.as_deref().unwrap_or_default())
    });
    Ok(ExitCode::SUCCESS)
}

/// Finishes a sheet.
pub fn finish(
    screen: &Screen,
    engine: &Engine,
    sheet: &str,
    none: Option<Nothing>,
    note: &str,
) -> Result<ExitCode, Failure> {
    let id = sheet.parse()?;
    let done = match none {
        Some(none) => engine.inspect_no_answer(id, none.into(), note)?,
        None => engine.inspect_finish(id)?,
    };
    screen.show(&json!(done), || {
        let percent = done.score.percent.map(|p| format!(" {p}%")).unwrap_or_default();
        let mut lines = vec![format!("{id}  {}{percent}", done.result)];
        lines.extend(
            done.hazards
                .iter()
                .map(|id| format!("  {} {id}", screen.say("隐患", "hazard"))),
        );
        lines.extend(
            done.incidents
                .iter()
                .map(|id| format!("  {} {id}", screen.say("事件", "incident"))),
        );
        lines.extend(
            done.cleared
                .iter()
                .map(|id| format!("  {} {id}", screen.say("已消除", "cleared"))),
        );
        lines.join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

/// Moves a draft to the current version, or back.
pub fn migrate(screen: &Screen, engine: &Engine, sheet: &str, undo: bool) -> Result<ExitCode, Failure> {
    let id = sheet.parse()?;
    if undo {
        let since = engine.inspect_migrate_undo(id)?;
        screen.show(&json!({"sheet": id, "given_since": since}), || {
            let head = screen.say(
                "已撤回迁移。此后填写、不在表中的答案:",
                "Taken back. Answers given since, no longer in the sheet:",
            );
            let lines = since.iter().map(|(path, value)| format!("  {path} = {value}"));
            std::iter::once(head.to_owned())
                .chain(lines)
                .collect::<Vec<_>>()
                .join("\n")
        });
        return Ok(ExitCode::SUCCESS);
    }
    let moved = engine.inspect_migrate(id)?;
    screen.show(&json!(moved), || {
        let head = format!("{} {}", screen.say("已迁移", "moved"), moved.moved.len());
        let lost = moved.lost.iter();
        let lines = lost.map(|l| {
            format!(
                "  {} {} = {} ({})",
                screen.say("未能迁移", "lost"),
                l.path,
                l.value,
                l.why
            )
        });
        std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

/// One line of a jump list.
pub fn missing_line(screen: &Screen, missing: &Missing) -> String {
    let why = missing
        .message
        .clone()
        .unwrap_or_else(|| text_of(&missing.code, screen.lang));
    let photos = missing
        .photos
        .map(|(needed, there)| format!(" {there}/{needed}"))
        .unwrap_or_default();
    format!("{}  {}  {why}{photos} [{}]", missing.path, missing.label, missing.code)
}
