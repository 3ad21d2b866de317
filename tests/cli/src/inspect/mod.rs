//! `inspect`: a checklist filled in at a place, from check-in to report.

mod args;
mod bench;
mod show;
mod work;

pub use args::{InspectCommand, Spot};

use std::process::ExitCode;

use fushan_grid_core::app::Engine;
use fushan_grid_core::app::messages::{Lang, message};
use fushan_grid_core::model::fault::Fault;
use serde_json::json;

use crate::failure::Failure;
use crate::show::Screen;

/// Measures inspections; needs no phone's data.
pub fn bench(screen: &Screen, items: usize) -> Result<ExitCode, Failure> {
    bench::run(screen, items)
}

/// Carries an inspect command out.
pub fn run(screen: &Screen, engine: &Engine, command: &InspectCommand) -> Result<ExitCode, Failure> {
    match command {
        InspectCommand::Install { form } => work::install(screen, engine, form),
        InspectCommand::Forms => show::forms(screen, engine),
        InspectCommand::Start { .. } => work::start(screen, engine, command),
        InspectCommand::Recheck { hazard, spot } => work::recheck(screen, engine, hazard, spot),
        InspectCommand::Answer { sheet, path, value } => work::answer(screen, engine, sheet, path, value),
        InspectCommand::Repeat { sheet, path, remove } => {
            let sheet = sheet.parse()?;
            if *remove {
                engine.inspect_remove_repeat(sheet, path)?;
            } else {
                engine.inspect_add_repeat(sheet, path)?;
            }
            work::told(
                screen,
                &json!({"sheet": sheet, "path": path, "removed": remove}),
                "已更改。",
                "Changed.",
            )
        }
        InspectCommand::Attach {
            sheet,
            path,
            file,
            role,
        } => {
            let attached = engine.inspect_attach(sheet.parse()?, path, file, role)?;
            work::told(screen, &json!(attached), "照片已入库。", "The photo is taken in.")
        }
        InspectCommand::Fix { sheet, path, note } => {
            engine.inspect_fixed(sheet.parse()?, path, note)?;
            work::told(
                screen,
                &json!({"sheet": sheet, "path": path, "note": note}),
                "已记录当场整改。",
                "Noted.",
            )
        }
        InspectCommand::Show { sheet } => show::sheet(screen, engine, sheet),
        InspectCommand::Missing { sheet } => show::missing(screen, engine, sheet),
        InspectCommand::Last { sheet } => show::last(screen, engine, sheet),
        InspectCommand::Confirm { sheet, paths } => {
            let taken = engine.inspect_confirm(sheet.parse()?, paths)?;
            screen.show(&json!({"confirmed": taken}), || taken.join("\n"));
            Ok(ExitCode::SUCCESS)
        }
        InspectCommand::Log { sheet } => show::log(screen, engine, sheet),
        InspectCommand::Finish { sheet, none, note } => work::finish(screen, engine, sheet, *none, note),
        InspectCommand::Drop { sheet } => {
            engine.inspect_drop(sheet.parse()?)?;
            work::told(
                screen,
                &json!({"sheet": sheet, "dropped": true}),
                "已放弃。",
                "Given up.",
            )
        }
        InspectCommand::List => show::drafts(screen, engine),
        InspectCommand::Hazards => show::hazards(screen, engine),
        InspectCommand::Report { inspection, html } => show::report(screen, engine, inspection, html.as_deref()),
        InspectCommand::Migrate { sheet, undo } => work::migrate(screen, engine, sheet, *undo),
        InspectCommand::Correct { inspection, reason } => {
            let sheet = engine.inspect_correct(inspection.parse()?, reason)?;
            screen.show(&json!({"sheet": sheet, "corrects": inspection}), || sheet.to_string());
            Ok(ExitCode::SUCCESS)
        }
        InspectCommand::Duplicates { kind, fields } => show::duplicates(screen, engine, kind, fields),
    }
}

/// The text of a code that is not an error by itself.
fn text_of(code: &str, lang: Lang) -> String {
    match fushan_grid_core::app::messages::code_of(code) {
        Some(known) => message(&Fault::of(known), lang).text,
        None => code.to_owned(),
    }
}
