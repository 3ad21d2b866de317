//! `plan`: plans of visits and today's list.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use fushan_grid_core::app::Engine;
use fushan_grid_core::model::fault::Fault;
use fushan_grid_core::rules::plan::Visit;
use serde_json::json;

use crate::failure::Failure;
use crate::inspect::Spot;
use crate::show::Screen;

/// Plan verbs.
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// Keep a plan from a JSON file; one of the same id is replaced, one that contradicts itself is refused whole.
    Put {
        /// The file.
        file: PathBuf,
    },
    /// List the plans in force.
    List,
    /// Remove a plan of this phone.
    Remove {
        /// Its id.
        id: String,
    },
    /// Today's visits: one a place, the most urgent and nearest first.
    Today {
        /// Another day, YYYY-MM-DD.
        #[arg(long)]
        day: Option<String>,
        /// Where the worker is.
        #[command(flatten)]
        spot: Spot,
    },
}

/// Carries a plan command out.
pub fn run(screen: &Screen, engine: &Engine, command: &PlanCommand) -> Result<ExitCode, Failure> {
    match command {
        PlanCommand::Put { file } => {
            let plan = engine.plan_put(&std::fs::read_to_string(file)?)?;
            screen.show(&json!(plan), || format!("{}  {}", plan.id, plan.name));
        }
        PlanCommand::List => {
            let plans = engine.plans()?;
            screen.show(&json!({"plans": plans}), || {
                let line = |plan: &fushan_grid_core::rules::plan::Plan| {
                    format!(
                        "{}  {}  {}  {}",
                        plan.id,
                        plan.name,
                        plan.department,
                        plan.forms.join(" ")
                    )
                };
                plans.iter().map(line).collect::<Vec<_>>().join("\n")
            });
        }
        PlanCommand::Remove { id } => {
            engine.plan_remove(id)?;
            screen.show(&json!({"id": id, "removed": true}), || {
                screen.say("已删除。", "Removed.").to_owned()
            });
        }
        PlanCommand::Today { day, spot } => {
            let bad = |_| Failure::Input(Fault::of("bad_argument").with("argument", "--day"));
            let here = spot.point()?;
            let visits = match day {
                Some(day) => engine.plan_on(day.parse().map_err(bad)?, here)?,
                None => engine.plan_today(here)?,
            };
            screen.show(&json!({"visits": visits}), || {
                visits.iter().map(line).collect::<Vec<_>>().join("\n")
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(visit: &Visit) -> String {
    let forms: Vec<_> = visit.forms.iter().map(|form| form.form.as_str()).collect();
    let metres = visit
        .distance_m
        .map(|metres| format!("  {metres} m"))
        .unwrap_or_default();
    let urgency = json!(visit.urgency);
    let urgency = urgency.as_str().unwrap_or_default();
    format!(
        "{}  {urgency}  {}  {}  {}{metres}",
        visit.record,
        visit.due,
        visit.name,
        forms.join(" ")
    )
}
