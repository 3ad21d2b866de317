//! `incident`: report, submit, self-close, withdraw, change, note, list, show.

use std::process::ExitCode;

use fushan_grid_core::app::Engine;
use fushan_grid_core::app::incident::NewIncident;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Kind;
use fushan_grid_core::store::records::ListQuery;
use serde_json::json;

use crate::args::IncidentCommand;
use crate::failure::Failure;
use crate::input;
use crate::show::{Screen, record_line, record_text};

/// Carries an incident command out.
pub fn run(screen: &Screen, engine: &Engine, command: &IncidentCommand) -> Result<ExitCode, Failure> {
    match command {
        IncidentCommand::Step(step) => return crate::steps::run(screen, engine, step),
        IncidentCommand::Report { photos, submit, .. } => {
            let id = engine.incident_draft(new_incident(command)?)?;
            attach(engine, id, photos)?;
            if *submit {
                engine.incident_submit(id)?;
            }
            done(screen, engine, id)?;
        }
        IncidentCommand::Submit { id } => {
            engine.incident_submit(id.parse()?)?;
            done(screen, engine, id.parse()?)?;
        }
        IncidentCommand::SelfClose { id, result, photos } => {
            let id = id.parse()?;
            attach(engine, id, photos)?;
            engine.incident_self_close(id, result)?;
            done(screen, engine, id)?;
        }
        IncidentCommand::Withdraw { id, reason } => {
            engine.incident_withdraw(id.parse()?, reason)?;
            screen.show(&json!({"id": id, "withdrawn": true}), || {
                screen.say("已撤回。", "Withdrawn.").to_owned()
            });
        }
        IncidentCommand::Change { id, fields } => {
            engine.incident_change(id.parse()?, input::body(fields)?)?;
            done(screen, engine, id.parse()?)?;
        }
        IncidentCommand::Note { id, text } => {
            engine.incident_note(id.parse()?, text)?;
            done(screen, engine, id.parse()?)?;
        }
        IncidentCommand::List {
            state,
            grid,
            limit,
            after,
        } => {
            let query = ListQuery {
                kind: Kind::of(Kind::INCIDENT),
                grid: grid.as_deref().map(str::parse).transpose()?,
                state: state.clone(),
                after: after.as_deref().map(str::parse).transpose()?,
                limit: *limit,
            };
            let page = engine.list(&query)?;
            screen.show(&json!({"items": page.items, "next": page.next}), || {
                let mut lines: Vec<_> = page
                    .items
                    .iter()
                    .map(|v| record_line(engine, screen, &v.record))
                    .collect();
                lines.extend(page.next.map(|next| format!("… --after {next}")));
                lines.join("\n")
            });
        }
        IncidentCommand::Show { id } => {
            let view = engine.record(id.parse()?)?;
            screen.show(&json!(view), || record_text(engine, screen, &view));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn new_incident(command: &IncidentCommand) -> Result<NewIncident, Failure> {
    let IncidentCommand::Report {
        category,
        title,
        description,
        place,
        severity,
        ..
    } = command
    else {
        return Err(Failure::Check("not a report".into()));
    };
    Ok(NewIncident {
        category: category.clone(),
        title: title.clone(),
        description: description.clone(),
        point: input::point(place)?,
        accuracy_m: None,
        severity: severity.clone(),
        found_at: None,
    })
}

/// Takes photos in, in the order they were named.
fn attach(engine: &Engine, id: RecordId, photos: &[String]) -> Result<(), Failure> {
    for (role, path) in input::photos(photos)? {
        engine.evidence_add_file(id, &path, &role)?;
    }
    Ok(())
}

fn done(screen: &Screen, engine: &Engine, id: RecordId) -> Result<(), Failure> {
    let view = engine.record(id)?;
    screen.show(&json!({"id": id, "state": view.record.state}), || {
        format!("{id}  {}", view.record.state)
    });
    Ok(())
}
