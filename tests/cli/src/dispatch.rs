//! `dispatch`: where an incident would go and why; and a whole year's incidents through the rules at once.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Args, Subcommand};
use fushan_grid_core::app::{AppError, Engine};
use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::rules::dispatch::{Case, Decision, Outcome};
use serde_json::json;

use crate::failure::Failure;
use crate::show::Screen;

/// Dispatch verbs.
#[derive(Debug, Subcommand)]
pub enum DispatchCommand {
    /// Where an incident would go by the rules in force, and why: one of this phone, or the facts given.
    Explain {
        /// An incident of this phone.
        #[arg(conflicts_with = "category")]
        id: Option<String>,
        /// The facts.
        #[command(flatten)]
        facts: Facts,
    },
    /// Put many made-up incidents through the rules; shows where they went and how long it took.
    Run {
        /// How many.
        #[arg(long, default_value_t = 24_703)]
        count: u32,
        /// What chance starts from; the same seed makes the same incidents.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

/// What is known of a case. What is left out is unknown, not false.
#[derive(Debug, Args)]
pub struct Facts {
    /// Category, such as `D01.10`.
    #[arg(long, required_unless_present = "id")]
    category: Option<String>,
    /// 15-digit code of the grid.
    #[arg(long)]
    grid: Option<String>,
    /// Kind of a dedicated grid.
    #[arg(long)]
    grid_kind: Option<String>,
    /// Suspected severity: NONE, GENERAL, MAJOR, SERIOUS, EXTREME.
    #[arg(long)]
    severity: Option<String>,
    /// People involved.
    #[arg(long)]
    people: Option<u32>,
    /// In an estate with a property company.
    #[arg(long)]
    managed_estate: Option<bool>,
    /// Inside a home.
    #[arg(long)]
    at_home: Option<bool>,
    /// A season or warning that is declared.
    #[arg(long = "season")]
    seasons: Vec<String>,
    /// An organisation that has refused it.
    #[arg(long = "refused-by")]
    refused_by: Vec<String>,
}

/// Carries a dispatch command out.
pub fn run(screen: &Screen, engine: &Engine, command: &DispatchCommand) -> Result<ExitCode, Failure> {
    match command {
        DispatchCommand::Explain { id: Some(id), .. } => show(screen, &engine.likely_handler(id.parse()?)?),
        DispatchCommand::Explain { facts, .. } => show(screen, &engine.decide(case(engine, facts)?)),
        DispatchCommand::Run { count, seed } => many(screen, engine, *count, *seed),
    }
    Ok(ExitCode::SUCCESS)
}

fn case(engine: &Engine, facts: &Facts) -> Result<Case, Failure> {
    let code = facts.category.clone().unwrap_or_default();
    let dictionaries = engine.dictionaries();
    let class = code.split('.').next().unwrap_or_default();
    let category = dictionaries
        .taxonomy
        .category(&code)
        .or_else(|| dictionaries.taxonomy.category(class));
    let category = category.ok_or(AppError::UnknownCategory)?;
    Ok(Case {
        self_close: category.self_close,
        check_required: category.check_required,
        category: code,
        grid: facts.grid.as_deref().map(str::parse).transpose()?,
        grid_kind: facts.grid_kind.clone().unwrap_or_default(),
        severity: facts.severity.clone(),
        people: facts.people,
        managed_estate: facts.managed_estate,
        at_home: facts.at_home,
        seasons: facts.seasons.iter().cloned().collect(),
        refused_by: facts.refused_by.iter().cloned().collect(),
        ..Case::default()
    })
}

fn show(screen: &Screen, decision: &Decision) {
    screen.show(&json!(decision), || {
        let mut text = screen
            .say(&decision.explanation_zh, &decision.explanation_en)
            .to_owned();
        for other in &decision.alternatives {
            let applies = if other.applies {
                screen.say("适用", "applies")
            } else {
                screen.say("信息不足", "facts missing")
            };
            text.push_str(&format!("\n  {} {} ({applies})", other.rule, other.main));
        }
        if decision.life_at_risk {
            text.push_str(screen.say(
                "\n  生命危险:先打110/119/120",
                "\n  life at risk: call 110, 119 or 120 first",
            ));
        }
        text
    });
}

/// Made-up incidents of every category; the numbers follow from the seed alone.
fn many(screen: &Screen, engine: &Engine, count: u32, seed: u64) {
    let dictionaries = engine.dictionaries();
    let categories = &dictionaries.taxonomy.categories;
    let mut state = seed;
    let cases: Vec<Case> = (0..count)
        .map(|_| {
            let mut draw = |below: usize| dice(&mut state, below);
            let at = draw(categories.len());
            let category = categories.get(at);
            let severities = ["NONE", "GENERAL", "GENERAL", "GENERAL", "MAJOR", "SERIOUS"];
            let maybe = |n: usize| [None, Some(true), Some(false)].get(n).copied().flatten();
            Case {
                category: category.map(|c| c.code.clone()).unwrap_or_default(),
                self_close: category.is_some_and(|c| c.self_close),
                check_required: category.is_some_and(|c| c.check_required),
                grid: made_up_grid(draw(12), draw(27), draw(3)),
                grid_kind: if draw(20) == 0 {
                    "ENTERPRISE".into()
                } else {
                    String::new()
                },
                severity: severities.get(draw(severities.len())).map(|s| (*s).to_owned()),
                managed_estate: maybe(draw(3)),
                at_home: maybe(draw(3)),
                people: (draw(2) == 0).then(|| u32::try_from(draw(30)).unwrap_or(0)),
                seasons: (draw(3) == 0).then(|| "HEATING".to_owned()).into_iter().collect(),
                ..Case::default()
            }
        })
        .collect();
    let begun = Instant::now();
    let decisions: Vec<Decision> = cases.into_iter().map(|case| engine.decide(case)).collect();
    let seconds = begun.elapsed().as_secs_f64();
    let mut went: BTreeMap<String, u32> = BTreeMap::new();
    for decision in &decisions {
        let to = match &decision.outcome {
            Outcome::Handler { rule, main, .. } => format!("{rule} → {main}"),
            Outcome::Human { why, level, .. } => format!("→ dispatcher of level {level} ({why:?})"),
        };
        *went.entry(to).or_default() += 1;
    }
    let rate = f64::from(count) / seconds.max(1e-9);
    let document = json!({"count": count, "seed": seed, "seconds": seconds, "per_second": rate, "went": went});
    screen.show(&document, || {
        let mut lines: Vec<String> = went.iter().map(|(to, n)| format!("{n:>7}  {to}")).collect();
        lines.push(format!("{count} · {seconds:.3} s · {rate:.0}/s"));
        lines.join("\n")
    });
}

fn made_up_grid(town: usize, community: usize, grid: usize) -> Option<GridCode> {
    format!("370611{:03}{:03}{:03}", town + 1, community + 1, 901 + grid)
        .parse()
        .ok()
}

/// A splitmix step: small, and the same everywhere.
fn dice(state: &mut u64, below: usize) -> usize {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((z ^ (z >> 31)) % below.max(1) as u64).unwrap_or(0)
}
