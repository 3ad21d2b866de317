//! `patrol`: a route walked, its track, check-ins, coverage.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use fushan_grid_core::app::Engine;
use fushan_grid_core::app::patrol::{Reading, Walked};
use fushan_grid_core::model::fault::Fault;
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::time::UtcMillis;
use serde::Deserialize;
use serde_json::json;

use crate::failure::Failure;
use crate::show::Screen;

/// Patrol verbs.
#[derive(Debug, Subcommand)]
pub enum PatrolCommand {
    /// Begin a walk along a route given as JSON.
    Start {
        /// The route.
        route: PathBuf,
    },
    /// Add readings from a JSON file: `[{"lon", "lat", "accuracy_m", "ms", "wall_ms", "mock"}]`, `ms` by a monotonic clock.
    Track {
        /// Id of the patrol.
        id: String,
        /// The readings.
        file: PathBuf,
        /// Reference system of the readings: CGCS2000, WGS84 or GCJ02. Without it they are refused.
        #[arg(long)]
        crs: Option<String>,
    },
    /// Check in at a planned point.
    CheckIn {
        /// Id of the patrol.
        id: String,
        /// Id of the point.
        point: String,
        /// The code scanned from the plate.
        #[arg(long)]
        code: Option<String>,
        /// Why neither position nor code fits.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Sum a walk up: length, coverage, attendance, signs of a faked position.
    Show {
        /// Id of the patrol.
        id: String,
    },
    /// End a walk; it travels with the next synchronisation.
    Finish {
        /// Id of the patrol.
        id: String,
    },
    /// List the walks of this phone.
    List,
}

#[derive(Deserialize)]
struct Given {
    lon: f64,
    lat: f64,
    accuracy_m: u16,
    ms: u64,
    wall_ms: i64,
    #[serde(default)]
    mock: bool,
}

/// Carries a patrol command out.
pub fn run(screen: &Screen, engine: &Engine, command: &PatrolCommand) -> Result<ExitCode, Failure> {
    match command {
        PatrolCommand::Start { route } => {
            let id = engine.patrol_start(&std::fs::read_to_string(route)?)?;
            screen.show(&json!({"id": id}), || id.to_string());
        }
        PatrolCommand::Track { id, file, crs } => {
            let readings = readings(file, crs.as_deref())?;
            engine.patrol_track(id.parse()?, &readings)?;
            screen.show(&json!({"id": id, "readings": readings.len()}), || {
                readings.len().to_string()
            });
        }
        PatrolCommand::CheckIn {
            id,
            point,
            code,
            reason,
        } => {
            let come = engine.patrol_check_in(id.parse()?, point, code.as_deref(), reason.as_deref())?;
            screen.show(&json!(come), || screen.say("已签到。", "Checked in.").to_owned());
        }
        PatrolCommand::Show { id } => shown(screen, &engine.patrol_show(id.parse()?)?),
        PatrolCommand::Finish { id } => shown(screen, &engine.patrol_finish(id.parse()?)?),
        PatrolCommand::List => {
            let all = engine.patrols()?;
            screen.show(&json!({"patrols": all}), || {
                let line = |p: &fushan_grid_core::store::patrols::Patrol| {
                    format!("{}  {}  {}", p.id, p.started_at, p.finished)
                };
                all.iter().map(line).collect::<Vec<_>>().join("\n")
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn readings(file: &Path, crs: Option<&str>) -> Result<Vec<Reading>, Failure> {
    let crs = Crs::from_tag(crs)?;
    let given: Vec<Given> = serde_json::from_str(&std::fs::read_to_string(file)?)
        .map_err(|_| Failure::Input(Fault::of("bad_argument").with("argument", "FILE")))?;
    let reading = |given: Given| {
        Ok(Reading {
            point: Point::from_degrees(given.lon, given.lat, crs)?,
            accuracy_m: given.accuracy_m,
            mock: given.mock,
            at: Some((given.ms, UtcMillis(given.wall_ms))),
        })
    };
    given.into_iter().map(reading).collect()
}

fn shown(screen: &Screen, walked: &Walked) {
    screen.show(&json!(walked), || {
        let mut lines = vec![format!(
            "{}  {} m  {}/{}",
            walked.patrol, walked.length_m, walked.kept, walked.readings
        )];
        lines.extend(walked.coverage.iter().map(|c| {
            format!(
                "{}  {} {}/{}  {} {}/{}",
                c.grid,
                screen.say("点位", "points"),
                c.passed,
                c.points,
                screen.say("网格", "cells"),
                c.seen,
                c.cells
            )
        }));
        let minutes = |ms: u64| ms / 60_000;
        lines.push(format!(
            "{} {} min, {} {} min",
            screen.say("在岗", "inside"),
            minutes(walked.attendance.inside_ms),
            screen.say("区外", "outside"),
            minutes(walked.attendance.outside_ms)
        ));
        lines.extend(walked.signs.iter().map(|sign| format!("! {}", json!(sign))));
        lines.extend(
            walked
                .open
                .iter()
                .map(|point| format!("{} {point}", screen.say("未到", "open"))),
        );
        lines.join("\n")
    });
}
