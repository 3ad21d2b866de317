//! `forms check`: would this form work?

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use fushan_grid_core::app::messages::message;
use fushan_grid_core::forms::{Cycles, FormClock, NoResources, Refused, Session, Setting, Trouble, Weight, compile};
use fushan_grid_core::model::fault::Coded;
use serde_json::{Value, json};

use super::chance::Dice;
use super::source;
use crate::failure::Failure;
use crate::host;
use crate::show::Screen;

/// Judges a form. The verdict never depends on files; what is wrong with those that are there comes as warnings.
pub fn run(screen: &Screen, form: &Path, media: Option<&Path>, enketo: bool) -> Result<ExitCode, Failure> {
    let cycles = if enketo {
        Cycles::EnketoCompatible
    } else {
        Cycles::Strict
    };
    let (troubles, digest) = match source::definition(form)? {
        Err(refused) => (refused.0, None),
        Ok((definition, mut troubles)) => match compile(&definition, &NoResources, cycles) {
            Err(Refused(more)) => {
                troubles.extend(more);
                (troubles, None)
            }
            Ok(compiled) => {
                troubles.extend(compiled.warnings.iter().cloned());
                let digest = compiled.digest.clone();
                let mut session = Session::open(Arc::new(compiled), setting(host::form_clock()));
                troubles.extend(session.rehearse());
                if let Err(Refused(files)) = compile(&definition, &source::Folder::of(form, media), cycles) {
                    troubles.extend(files.into_iter().map(|trouble| Trouble {
                        weight: Weight::Warning,
                        ..trouble
                    }));
                }
                (troubles, Some(digest))
            }
        },
    };
    let troubles = source::located(form, troubles);
    let refused = troubles.iter().any(|trouble| trouble.weight == Weight::Error);
    let errors: Vec<String> = troubles
        .iter()
        .filter(|t| t.weight == Weight::Error)
        .map(ToString::to_string)
        .collect();
    let document = json!({
        "load": if refused { "refused" } else { "ok" },
        "error": refused.then(|| errors.join("; ")),
        "mode": if enketo { "enketo-compatible" } else { "strict" },
        "digest": digest,
        "troubles": documents(screen, &troubles),
    });
    screen.show(&document, || {
        let verdict = if refused {
            screen.say("不能使用", "refused")
        } else {
            screen.say("可以使用", "ok")
        };
        let lines = lines(screen, form, &troubles);
        std::iter::once(verdict.to_owned())
            .chain(lines)
            .collect::<Vec<_>>()
            .join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

/// A session of nobody, at a moment.
pub fn setting(clock: FormClock) -> Setting {
    Setting {
        clock,
        properties: HashMap::new(),
        language: None,
        chance: Box::new(Dice::thrown()),
    }
}

/// Troubles as documents, with their texts.
pub fn documents(screen: &Screen, troubles: &[Trouble]) -> Value {
    troubles.iter().map(|one| trouble(screen, one)).collect()
}

/// Troubles for people: weight, place, what is wrong, what was probably meant.
pub fn lines(screen: &Screen, form: &Path, troubles: &[Trouble]) -> Vec<String> {
    let file = form.file_name().unwrap_or_default().to_string_lossy();
    let line = |trouble: &Trouble| {
        let weight = match trouble.weight {
            Weight::Error => screen.say("错误", "error"),
            Weight::Warning => screen.say("提示", "warning"),
        };
        let meant = trouble
            .suggestion
            .as_ref()
            .map(|meant| screen.say("是否应为", "perhaps").to_owned() + " " + meant);
        let text = message(&trouble.fault(), screen.lang).text;
        let meant = meant.map(|meant| format!(" — {meant}")).unwrap_or_default();
        format!("  {weight} {file}{} [{}] {text}{meant}", place(trouble), trouble.code)
    };
    troubles.iter().map(line).collect()
}

/// Sheet, cell and characters as authors count them: columns by letter, characters from one.
fn place(trouble: &Trouble) -> String {
    let spot = &trouble.spot;
    let mut place = spot
        .sheet
        .as_ref()
        .map(|sheet| format!(" {sheet}!"))
        .unwrap_or_default();
    if let (Some(_), Some(column)) = (&spot.sheet, spot.column) {
        place.push_str(&letters(column));
    }
    if let Some(row) = spot.row {
        let column = spot
            .column
            .filter(|_| spot.sheet.is_none())
            .map(|column| format!(":{column}"));
        let colon = if spot.sheet.is_none() { ":" } else { "" };
        place.push_str(&format!("{colon}{row}{}", column.unwrap_or_default()));
    }
    if let Some((start, length)) = spot.span {
        place.push_str(&format!("({}–{})", start + 1, start + length));
    }
    place
}

/// The letters of a column of a sheet: 1 is A, 27 is AA.
fn letters(column: u32) -> String {
    let mut left = column;
    let mut letters = String::new();
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or_default();
        letters.insert(0, char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    letters
}

fn trouble(screen: &Screen, trouble: &Trouble) -> Value {
    let spot = &trouble.spot;
    json!({
        "code": trouble.code,
        "weight": if trouble.weight == Weight::Error { "error" } else { "warning" },
        "subject": trouble.subject,
        "text": message(&trouble.fault(), screen.lang).text,
        "suggestion": trouble.suggestion,
        "sheet": spot.sheet, "row": spot.row, "column": spot.column, "heading": spot.heading,
        "span": spot.span,
    })
}
