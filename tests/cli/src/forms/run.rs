//! `forms run --script`: carries out the steps of a walk and tells what became of each.

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use fushan_grid_core::forms::session::Refusal;
use fushan_grid_core::forms::{Cycles, FormClock, Session, Setting};
use fushan_grid_core::model::fault::Fault;
use serde_json::{Value, json};

use super::chance::Dice;
use super::source;
use crate::failure::Failure;
use crate::show::Screen;

/// Fills a form in from a script.
pub fn script(screen: &Screen, form: &Path, media: Option<&Path>, script: &Path) -> Result<ExitCode, Failure> {
    let walk: Value = serde_json::from_slice(&std::fs::read(script)?)
        .map_err(|_| Failure::Input(Fault::of("bad_json").with("file", script.display())))?;
    let document = match source::form(form, media, Cycles::Strict)? {
        Err(refused) => json!({"load": "refused", "error": refused.to_string()}),
        Ok(compiled) => {
            let clock = walk
                .pointer("/clock/start")
                .and_then(Value::as_str)
                .and_then(FormClock::parse);
            let clock = clock.ok_or_else(|| Failure::Input(Fault::of("bad_clock")))?;
            let session = Session::open(compiled, setting(&walk, clock));
            carry_out(session, &walk, clock)
        }
    };
    screen.show(&document, || text(&document));
    Ok(ExitCode::SUCCESS)
}

fn setting(walk: &Value, clock: FormClock) -> Setting {
    let given = walk.get("properties").and_then(Value::as_object).into_iter().flatten();
    let properties: HashMap<String, String> = given
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect();
    Setting {
        clock,
        properties,
        language: None,
        chance: Box::new(
            walk.get("seed")
                .and_then(Value::as_u64)
                .map_or_else(Dice::thrown, Dice::seeded),
        ),
    }
}

fn carry_out(mut session: Session, walk: &Value, start: FormClock) -> Value {
    let step_ms = walk.pointer("/clock/step_ms").and_then(Value::as_i64).unwrap_or(60_000);
    session.speak(walk.get("language").and_then(Value::as_str));
    let steps = walk
        .get("steps")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut clock = start;
    let mut outcomes = Vec::new();
    for step in steps {
        clock = clock.later(step_ms);
        session.at(clock);
        outcomes.push(outcome(&mut session, step));
    }
    session.at(clock.later(step_ms));
    let finalize = match session.finalize() {
        Ok(()) => json!({"outcome": "ok"}),
        Err(refusal) => refused(&refusal),
    };
    let failures: Vec<Value> = session
        .take_failures()
        .iter()
        .map(|failure| json!({"path": failure.path, "error": failure.error.to_string()}))
        .collect();
    json!({"load": "ok", "outcomes": outcomes, "finalize": finalize, "submission": session.submission(), "failures": failures})
}

/// Carries out one step and tells what became of it.
fn outcome(session: &mut Session, step: &Value) -> Value {
    let text = |kind: &str, name: &str| {
        let value = step.get(kind).and_then(|step| step.get(name)).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    if step.get("answer").is_some() {
        json!(session.answer(&text("answer", "path"), &text("answer", "value")).word())
    } else if step.get("add_repeat").is_some() {
        json!(session.add_repeat(&text("add_repeat", "path")).word())
    } else if step.get("remove_repeat").is_some() {
        json!(session.remove_repeat(&text("remove_repeat", "path")).word())
    } else if step.get("validate").is_some() {
        session
            .validate()
            .map_or_else(|| json!({"outcome": "ok"}), |refusal| refused(&refusal))
    } else {
        json!("unknown_step")
    }
}

fn refused(refusal: &Refusal) -> Value {
    json!({"outcome": "refused", "path": refusal.path, "why": refusal.why.word()})
}

fn text(document: &Value) -> String {
    let word = |name: &str| {
        document
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut lines = vec![word("load")];
    for outcome in document.get("outcomes").and_then(Value::as_array).into_iter().flatten() {
        lines.push(format!("  {outcome}"));
    }
    lines.push(word("submission"));
    lines.join("\n")
}
