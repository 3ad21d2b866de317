//! `report`: weekly and monthly figures, for people and for spreadsheets.

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use fushan_grid_core::app::Engine;
use fushan_grid_core::app::report::PhoneReport;
use fushan_grid_core::rules::report::{PeriodKind, csv, page};
use serde_json::json;

use crate::failure::Failure;
use crate::show::Screen;

/// Report verbs.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// The week, Monday to Sunday, that a day lies in.
    Weekly(What),
    /// The calendar month that a day lies in.
    Monthly(What),
}

/// What to report on.
#[derive(Debug, Args)]
pub struct What {
    /// A day of the period, such as `2026-09-01`.
    #[arg(long)]
    from: NaiveDate,
    /// The area: code of a grid, a community, a town or the district.
    #[arg(long)]
    level: String,
    /// Form of the report.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Write it to this file.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Lines for a terminal.
    Text,
    /// One JSON document.
    Json,
    /// Comma-separated values.
    Csv,
    /// A page with charts and a map, for A4.
    Html,
}

/// Carries a report command out.
pub fn run(screen: &Screen, engine: &Engine, command: &ReportCommand) -> Result<ExitCode, Failure> {
    let (kind, what) = match command {
        ReportCommand::Weekly(what) => (PeriodKind::Week, what),
        ReportCommand::Monthly(what) => (PeriodKind::Month, what),
    };
    let made = engine.period_report(kind, what.from, &what.level)?;
    let format = if screen.json && what.format == Format::Text {
        Format::Json
    } else {
        what.format
    };
    let text = match format {
        Format::Text => lines(screen, &made),
        Format::Json => format!("{:#}", json!({"report": made.report, "left_out": made.left_out})),
        Format::Csv => csv(&made.report),
        Format::Html => page(
            &made.report,
            &title(screen, kind, &what.level),
            &made.grids,
            &made.names,
        ),
    };
    match &what.output {
        Some(file) => std::fs::write(file, text).map_err(Failure::Machine)?,
        None => println!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn title(screen: &Screen, kind: PeriodKind, area: &str) -> String {
    let name = match kind {
        PeriodKind::Week => screen.say("周报", "Weekly report"),
        PeriodKind::Month => screen.say("月报", "Monthly report"),
    };
    format!("{name} {area}")
}

fn lines(screen: &Screen, made: &PhoneReport) -> String {
    let report = &made.report;
    let mut text = format!(
        "{} – {} · {}",
        report.period.first, report.period.next, report.definitions
    );
    for row in &report.rows {
        text.push_str(&format!(
            "\n{:<7} {:>12}  {}",
            row.code,
            row.now.to_string(),
            screen.say(row.zh, row.en)
        ));
    }
    if made.left_out > 0 {
        text.push_str(&format!("\n{} {}", screen.say("未计入", "left out"), made.left_out));
    }
    text
}
