//! `forms check`: would this form work?

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use fushan_grid_core::forms::{Cycles, FormClock, NoResources, Refused, Session, Setting, Trouble, Weight, compile};
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
        "troubles": troubles.iter().map(trouble).collect::<Vec<_>>(),
    });
    screen.show(&document, || {
        let verdict = if refused {
            screen.say("不能使用", "refused")
        } else {
            screen.say("可以使用", "ok")
        };
        let lines = troubles.iter().map(|trouble| format!("  {trouble}"));
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

fn trouble(trouble: &Trouble) -> Value {
    let spot = &trouble.spot;
    json!({
        "code": trouble.code,
        "weight": if trouble.weight == Weight::Error { "error" } else { "warning" },
        "subject": trouble.subject,
        "suggestion": trouble.suggestion,
        "sheet": spot.sheet, "row": spot.row, "column": spot.column, "heading": spot.heading,
        "span": spot.span,
    })
}
