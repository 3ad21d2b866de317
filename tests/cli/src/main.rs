//! `fushan-grid`: the engine from a terminal, for testers. Uses the engine's public doors only, and so proves them.
#![allow(clippy::print_stdout, clippy::print_stderr)]
// a program has no outside: `pub` here means the other modules
#![allow(unreachable_pub)]

mod args;
mod bench;
mod bench_log;
mod bench_photos;
mod conflicts;
mod conformance;
#[cfg(feature = "c2pa")]
mod credentials;
mod custody;
mod deadline;
mod demo;
mod dispatch;
mod dossier;
mod evidence;
mod failure;
mod forms;
mod host;
mod incident;
mod input;
mod inspect;
mod mobilise;
mod org;
mod patrol;
mod phone;
mod plan;
mod recover;
mod registry;
mod report;
mod settle;
mod show;
mod signer;
mod status;
mod steps;

use std::process::ExitCode;

use clap::Parser;
use fushan_grid_core::app::messages::Lang;

use args::{Cli, Command, ConflictCommand, LangArg};
use failure::Failure;
use show::Screen;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let lang = match cli.lang {
        LangArg::Zh => Lang::Zh,
        LangArg::En => Lang::En,
    };
    let screen = Screen { json: cli.json, lang };
    match run(&cli, &screen) {
        Ok(code) => code,
        Err(failure) => failure.report(&screen),
    }
}

fn run(cli: &Cli, screen: &Screen) -> Result<ExitCode, Failure> {
    match &cli.command {
        Command::Demo { photos, keep } => demo::run(screen, photos.as_deref(), keep.as_deref()),
        Command::BenchPhotos { hashes, photos } => bench_photos::run(screen, *hashes, photos.as_deref()),
        Command::BenchLog { entries } => bench_log::run(screen, *entries),
        Command::Bench { rows } => bench::run(screen, *rows),
        Command::Forms(command) => forms::run(screen, command),
        Command::BenchInspect { items } => inspect::bench(screen, *items),
        Command::Init { recovery_key } => phone::init(screen, &cli.data, recovery_key.as_deref()),
        Command::Recover(args) => recover::run(screen, &cli.data, args),
        Command::Enrol { url, ca, code } => phone::enrol(screen, &cli.data, url, ca.as_deref(), code),
        Command::Sync { budget, ca } => phone::sync(screen, &cli.data, budget, ca.as_deref()),
        Command::Repair => phone::repair(screen, &cli.data),
        Command::Refused(command) => settle::refused(screen, &phone::open(&cli.data)?, command),
        Command::Diagnostics(under) => settle::diagnostics(screen, &phone::open(&cli.data)?, *under),
        Command::Unlock { url, ca, code } => phone::unlock(screen, &cli.data, url, ca.as_deref(), code),
        Command::Conflicts(ConflictCommand::Table) => settle::table(screen),
        Command::Status(under) => status::run(screen, &phone::open(&cli.data)?, *under),
        Command::Registry(command) => registry::run(screen, &phone::open(&cli.data)?, command),
        Command::Incident(command) => incident::run(screen, &phone::open(&cli.data)?, command),
        #[cfg(feature = "c2pa")]
        Command::Evidence(args::EvidenceCommand::C2pa(args)) => credentials::run(screen, args),
        Command::Evidence(command) if dossier::is_folder(command) => dossier::verify(screen, command),
        Command::Inspect(command) => inspect::run(screen, &phone::open(&cli.data)?, command),
        Command::Plan(command) => plan::run(screen, &phone::open(&cli.data)?, command),
        Command::Patrol(command) => patrol::run(screen, &phone::open(&cli.data)?, command),
        Command::Evidence(command) => evidence::run(screen, &phone::open(&cli.data)?, command),
        Command::Dispatch(command) => dispatch::run(screen, &phone::open(&cli.data)?, command),
        Command::Report(command) => report::run(screen, &phone::open(&cli.data)?, command),
        Command::Deadline(command) => deadline::run(screen, &phone::open(&cli.data)?, command),
        Command::Conflicts(command) => conflicts::run(screen, &phone::open(&cli.data)?, command),
        Command::Org(args) => org::run(screen, args),
        Command::Mobilise(command) => mobilise::run(screen, &cli.data, command),
        Command::Conformance(args) => conformance::run(screen, args),
    }
}
