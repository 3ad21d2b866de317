//! The conformance kit: the contract of `docs/sync-protocol.md`, rule by rule, against any platform over HTTP.
//!
//! It enrols phones of its own through the operators' door, writes a few records marked as tests, and reads nothing else.
// indexing a JSON document gives null where nothing is, it does not panic
#![allow(clippy::indexing_slicing)]

mod bench;
mod limits;
mod merge;
mod pull;
mod push;
mod report;
mod rule;
mod scopes;
mod sessions;
mod shapes;
mod uploads;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::failure::Failure;
use crate::show::Screen;
use bench::Bench;
use report::Report;
use rule::Rule;

/// What the kit needs to know of a platform.
#[derive(Debug, Args)]
pub struct ConformanceArgs {
    /// Address of the platform; plain http only on this machine.
    #[arg(long)]
    pub url: String,
    /// Token of the operators' door.
    #[arg(long, env = "FUSHAN_ADMIN_TOKEN")]
    pub admin_token: String,
    /// Certificate of the district's authority, PEM.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// A worker of one grid.
    #[arg(long, default_value = "s_370611001901001")]
    pub worker: String,
    /// Somebody whose grids include that one and another.
    #[arg(long, default_value = "l_370611001901")]
    pub leader: String,
    /// A worker of another grid of the leader's.
    #[arg(long, default_value = "s_370611001901002")]
    pub neighbour: String,
    /// Leave the report here, as JSON.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Only rules whose id begins like this.
    #[arg(long, default_value = "")]
    pub only: String,
}

/// Every rule, in the order of the protocol's sections.
fn rules() -> Vec<Rule> {
    let groups = [
        sessions::rules(),
        shapes::rules(),
        push::rules(),
        merge::rules(),
        pull::rules(),
        scopes::rules(),
        uploads::rules(),
        limits::rules(),
    ];
    groups.into_iter().flatten().collect()
}

/// Runs the kit. The exit code is 0 only when no rule is broken.
pub fn run(screen: &Screen, args: &ConformanceArgs) -> Result<ExitCode, Failure> {
    let bench = Bench::new(args)?;
    let mut report = Report::new(&args.url);
    for rule in rules().into_iter().filter(|r| r.id.starts_with(&args.only)) {
        let verdict = bench.judge(&rule);
        report.add(screen, &rule, verdict);
    }
    report.end(screen);
    if let Some(file) = &args.report {
        save(&report, file)?;
    }
    Ok(if report.broken() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn save(report: &Report, file: &Path) -> Result<(), Failure> {
    Ok(std::fs::write(file, format!("{:#}\n", report.document()))?)
}
