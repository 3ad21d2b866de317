//! `incident …`: the steps of the seven-step loop, for every role that holds a phone.

mod args;
mod read;

use std::process::ExitCode;

use fushan_grid_core::app::steps::Signal;
use fushan_grid_core::app::sync::{Budget, SyncOutcome, Unwatched};
use fushan_grid_core::app::{AppError, Engine};
use fushan_grid_core::model::fault::Fault;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::platform::{Cancel, HttpTransport};
use serde_json::{Value, json};

pub use args::StepCommand;

use crate::failure::Failure;
use crate::show::Screen;
use crate::{input, phone};

/// How long a step that needs signal waits for the platform.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Takes a step.
pub fn run(screen: &Screen, engine: &Engine, command: &StepCommand) -> Result<ExitCode, Failure> {
    let asked = read::read(command)?;
    let (event, _) = asked.step.clone().into_parts();
    let waits = engine.waits(&event);
    let transport = match waits {
        true => None,
        false => Some(phone::transport(&engine.platform_url()?, asked.ca)?),
    };
    if let Some(transport) = &transport {
        settle(engine, transport)?;
    }
    for (role, path) in input::photos(asked.photos)? {
        engine.evidence_add_file(asked.id, &path, &role)?;
    }
    let signal = if waits { Signal::Absent } else { Signal::Present };
    engine.incident_take(asked.id, asked.step, signal)?;
    if let Some(transport) = &transport {
        settle(engine, transport)?;
    }
    show(screen, engine, asked.id)
}

/// Settles with the platform; a step that needs signal is not taken without it.
fn settle(engine: &Engine, transport: &HttpTransport) -> Result<(), Failure> {
    let report = engine.sync_once(transport, Budget::time(PATIENCE), &Unwatched, &Cancel::new())?;
    match report.outcome {
        SyncOutcome::Done => Ok(()),
        _ => Err(Failure::Input(Fault::of("offline"))),
    }
}

/// The case as it is now; what the platform refused waits for a person.
fn show(screen: &Screen, engine: &Engine, id: RecordId) -> Result<ExitCode, Failure> {
    let view = match engine.record(id) {
        // the step has put it into other hands, and this phone holds only what is in its own
        Err(AppError::NotFound) => {
            screen.show(&json!({"id": id, "state": null, "left": true}), || {
                format!("{id}  {}", screen.say("已交出", "in other hands"))
            });
            return Ok(ExitCode::SUCCESS);
        }
        other => other?,
    };
    let body = &view.record.body;
    let status = engine.sync_status()?;
    let refused: Vec<Value> = status
        .dead_letters
        .iter()
        .filter(|letter| letter.op.record == id)
        .map(|letter| json!({"code": letter.code, "fields": letter.fields}))
        .collect();
    let document = json!({
        "id": id, "state": view.record.state, "level": body.get("level"), "owner_org": body.get("owner_org"),
        "handler_org": body.get("handler_org"), "waits": view.pending, "refused": refused
    });
    screen.show(&document, || {
        let owner = body.get("owner_org").and_then(Value::as_str).unwrap_or("-");
        let level = body.get("level").and_then(Value::as_u64).unwrap_or(1);
        let mut line = format!("{id}  {}  L{level}  {owner}", view.record.state);
        for letter in &refused {
            line.push_str(&format!(
                "\n{} {}",
                screen.say("平台未收:", "refused:"),
                letter.get("code").unwrap_or(&Value::Null)
            ));
        }
        line
    });
    Ok(if refused.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(7)
    })
}
