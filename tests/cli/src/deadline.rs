//! `deadline explain`: when something is due, and why then.

use std::process::ExitCode;

use clap::Subcommand;
use fushan_grid_core::app::{AppError, Engine};
use fushan_grid_core::model::fault::Fault;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::deadline::{Card, DeadlineError, Limit, Stage, Standing, Verdict};
use serde_json::json;

use crate::failure::Failure;
use crate::show::Screen;

/// Deadline verbs.
#[derive(Debug, Subcommand)]
pub enum DeadlineCommand {
    /// When a limit ends, with the moments of the cards; or all limits of an incident and how they stand.
    Explain {
        /// An incident of this phone.
        id: Option<String>,
        /// When the limit starts, RFC 3339: `2026-09-01T10:00:00+08:00`.
        #[arg(long, required_unless_present = "id")]
        start: Option<String>,
        /// How long: `4 WORK_HOUR`; units MINUTE, CLOCK_HOUR, WORK_HOUR, WORK_DAY, NATURAL_DAY.
        #[arg(long, required_unless_present = "id")]
        limit: Option<String>,
    },
}

/// Carries a deadline command out.
pub fn run(screen: &Screen, engine: &Engine, command: &DeadlineCommand) -> Result<ExitCode, Failure> {
    match command {
        DeadlineCommand::Explain { id: Some(id), .. } => incident(screen, engine, id),
        DeadlineCommand::Explain { start, limit, .. } => {
            let start = start.as_deref().and_then(UtcMillis::parse_rfc3339);
            let start = start.ok_or_else(|| Failure::Input(Fault::of("not_a_moment")))?;
            let limit = limit.as_deref().unwrap_or_default().parse::<Limit>();
            let limit = limit.map_err(|error| AppError::from(DeadlineError::from(error)))?;
            let standing = engine.deadline(start, limit)?;
            let calendar = &engine.dictionaries().calendar;
            let document = json!({
                "start": calendar.shown(start), "limit": limit, "deadline": calendar.shown(standing.deadline),
                "yellow": standing.yellow_at.map(|at| calendar.shown(at)), "red": calendar.shown(standing.red_at),
                "calendar": calendar.version(),
            });
            screen.show(&document, || line(screen, engine, limit, &standing));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn incident(screen: &Screen, engine: &Engine, id: &str) -> Result<ExitCode, Failure> {
    let timers = engine.incident_deadlines(id.parse()?)?;
    let text = || {
        let lines = timers.iter().map(|timer| {
            let (stage, verdict) = (stage(screen, timer.stage), verdict(screen, timer.standing.verdict));
            format!(
                "{stage} · {verdict} · {}",
                line(screen, engine, timer.limit, &timer.standing)
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    screen.show(&json!({"timers": timers}), text);
    Ok(ExitCode::SUCCESS)
}

fn line(screen: &Screen, engine: &Engine, limit: Limit, standing: &Standing) -> String {
    let calendar = &engine.dictionaries().calendar;
    let mut text = format!("{limit} → {}", calendar.shown(standing.deadline));
    if let Some(yellow) = standing.yellow_at {
        text.push_str(&format!(
            " · {} {}",
            screen.say("黄牌", "yellow card"),
            calendar.shown(yellow)
        ));
    }
    text.push_str(&format!(
        " · {} {}",
        screen.say("红牌", "red card"),
        calendar.shown(standing.red_at)
    ));
    match standing.card {
        Some(Card::Yellow) => text.push_str(screen.say(" · 现为黄牌", " · now yellow")),
        Some(Card::Red) => text.push_str(screen.say(" · 现为红牌", " · now red")),
        None => {}
    }
    text
}

fn stage(screen: &Screen, stage: Stage) -> &'static str {
    match stage {
        Stage::Accept => screen.say("受理", "accept"),
        Stage::Verify => screen.say("核实", "verify"),
        Stage::Resubmit => screen.say("重报", "report again"),
        Stage::Dispatch => screen.say("分拨", "dispatch"),
        Stage::Sign => screen.say("签收", "sign"),
        Stage::Dispose => screen.say("处置", "dispose"),
        Stage::Check => screen.say("核查", "check"),
    }
}

fn verdict(screen: &Screen, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Running => screen.say("计时中", "running"),
        Verdict::Paused => screen.say("挂起", "paused"),
        Verdict::Overdue => screen.say("已超期", "overdue"),
        Verdict::Met => screen.say("按期", "in time"),
        Verdict::Late => screen.say("超期完成", "late"),
    }
}
