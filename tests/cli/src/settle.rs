//! Settling in detail: budgets, refused operations, diagnostics, the conflict table.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use fushan_grid_core::app::Engine;
use fushan_grid_core::app::sync::{Budget, Trigger};
use fushan_grid_core::model::policy::{Conditions, Network};
use fushan_platform::situations::Verdict;
use fushan_platform::{exchanges, situations};
use serde_json::{Value, json};

use crate::args::Fields;
use crate::failure::Failure;
use crate::input;
use crate::show::Screen;

/// What a run may use.
#[derive(Debug, Args)]
pub struct BudgetArgs {
    /// Stop after so many seconds.
    #[arg(long, default_value_t = 600)]
    budget_s: u32,
    /// Stop after so many bytes up and down.
    #[arg(long)]
    bytes: Option<u64>,
    /// Under which conditions.
    #[command(flatten)]
    conditions: ConditionArgs,
    /// Run as the system's schedule would: not before the wait after a failed run is over.
    #[arg(long)]
    scheduled: bool,
}

/// What decides which lanes may move.
#[derive(Debug, Clone, Copy, Args)]
pub struct ConditionArgs {
    /// The network: it decides which lanes may move.
    #[arg(long, value_enum, default_value = "unmetered")]
    network: NetworkArg,
    /// Battery in percent.
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=100))]
    battery: Option<u8>,
}

impl ConditionArgs {
    /// As the engine takes it.
    pub fn conditions(self) -> Conditions {
        Conditions {
            network: match self.network {
                NetworkArg::Unmetered => Network::Unmetered,
                NetworkArg::Metered => Network::Metered,
                NetworkArg::Roaming => Network::Roaming,
            },
            battery: self.battery,
            charging: false,
        }
    }
}

/// The network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum NetworkArg {
    /// Costs nothing by the byte.
    Unmetered,
    /// Paid by the byte.
    Metered,
    /// Paid by the byte, abroad.
    Roaming,
}

impl BudgetArgs {
    /// As the engine takes it.
    pub fn budget(&self) -> Budget {
        Budget {
            bytes: self.bytes,
            conditions: self.conditions.conditions(),
            trigger: if self.scheduled {
                Trigger::Schedule
            } else {
                Trigger::Worker
            },
            ..Budget::time(Duration::from_secs(self.budget_s.into()))
        }
    }
}

/// Verbs on refused operations.
#[derive(Debug, Subcommand)]
pub enum RefusedCommand {
    /// List them with their reasons.
    List,
    /// Queue one again, with fields mended.
    Requeue {
        /// Id of the operation.
        op: String,
        /// The fields.
        #[command(flatten)]
        fields: Fields,
    },
    /// Write one to a file, as it was sent.
    Export {
        /// Id of the operation.
        op: String,
        /// The file; it must not be there yet.
        file: PathBuf,
    },
    /// Drop one for good.
    Drop {
        /// Id of the operation.
        op: String,
    },
}

/// Carries a verb on refused operations out.
pub fn refused(screen: &Screen, engine: &Engine, command: &RefusedCommand) -> Result<ExitCode, Failure> {
    match command {
        RefusedCommand::List => {
            let letters = engine.sync_status()?.dead_letters;
            screen.show(&json!(letters), || {
                let lines: Vec<_> = letters
                    .iter()
                    .map(|l| format!("{}  {}  [{}] {}", l.op.op, l.op.kind, l.code, l.fields.join(" ")))
                    .collect();
                lines.join("\n")
            });
        }
        RefusedCommand::Requeue { op, fields } => {
            let queued = engine.requeue(op.parse()?, input::body(fields)?)?;
            screen.show(&json!({"queued": op, "operations": queued}), || {
                format!("{} {queued}", screen.say("已重新排队:", "Queued again:"))
            });
        }
        RefusedCommand::Export { op, file } => {
            let letter = engine.refused(op.parse()?)?;
            let text = serde_json::to_vec_pretty(&json!(letter)).unwrap_or_default();
            let mut options = std::fs::OpenOptions::new();
            let mut out = options.write(true).create_new(true).open(file)?;
            std::io::Write::write_all(&mut out, &text)?;
            screen.show(&json!({"file": file}), || file.display().to_string());
        }
        RefusedCommand::Drop { op } => {
            let dropped = engine.drop_refused(op.parse()?)?;
            screen.show(&json!({"dropped": dropped}), || {
                format!("{} {dropped}", screen.say("已放弃", "dropped"))
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the diagnostics document, always as JSON.
pub fn diagnostics(screen: &Screen, engine: &Engine, under: ConditionArgs) -> Result<ExitCode, Failure> {
    let document = engine.diagnostics(under.conditions())?;
    screen.show(&document, || {
        serde_json::to_string_pretty(&document).unwrap_or_default()
    });
    Ok(ExitCode::SUCCESS)
}

/// Prints what comes of each row of the conflict table: situations of one operation, then whole exchanges.
pub fn table(screen: &Screen) -> Result<ExitCode, Failure> {
    let rows = table_rows(screen).map_err(|_| Failure::Check("the conflict table cannot be played".to_owned()))?;
    let document: Vec<_> = rows.iter().map(|row| &row.document).collect();
    screen.show(&json!(document), || {
        rows.iter().map(|row| row.line.as_str()).collect::<Vec<_>>().join("\n")
    });
    let as_said = rows.iter().all(|row| row.as_said);
    Ok(if as_said { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A row of the conflict table with what came of it.
struct Row {
    document: Value,
    line: String,
    as_said: bool,
}

fn table_rows(screen: &Screen) -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let situations = situations::all()?;
    let decided = situations::decide_all(&situations)?;
    let exchanges = exchanges::all()?;
    let played = exchanges::play_all(&exchanges)?;
    let row = |id: &str, zh: &str, en: &str, expect: &Verdict, came: &Verdict| {
        let status = json!(came.status).as_str().unwrap_or_default().to_owned();
        let what = came.what.as_deref().or(came.code.as_deref()).unwrap_or_default();
        let fields = came.fields.as_deref().unwrap_or_default().join(" ");
        let as_said = came.fulfils(expect);
        Row {
            document: json!({"id": id, "zh": zh, "en": en, "verdict": came, "as_said": as_said}),
            line: format!("{status:<9} {what:<24} {fields:<14} {}", screen.say(zh, en)),
            as_said,
        }
    };
    let of_one = situations.iter().zip(&decided);
    let of_many = exchanges.iter().zip(&played);
    Ok(of_one
        .map(|(s, came)| row(&s.id, &s.zh, &s.en, &s.expect, came))
        .chain(of_many.map(|(e, came)| row(&e.id, &e.zh, &e.en, &e.expect, came)))
        .collect())
}
