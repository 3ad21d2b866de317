//! `demo`: the main job. A platform and two phones, a day without signal, settled without loss when it returns.

mod check;
mod day;
mod dossier;
mod kit;
mod photos;

pub use kit::write_district;
pub use photos::Camera;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;

use crate::failure::Failure;
use crate::show::Screen;

/// Plays the day; any loss is a failure.
pub fn run(screen: &Screen, photos: Option<&Path>, keep: Option<&Path>) -> Result<ExitCode, Failure> {
    let scratch = tempfile::tempdir()?;
    let folder = keep.unwrap_or(scratch.path());
    std::fs::create_dir_all(folder)?;
    let started = Instant::now();
    let mut day = day::Day::begin(*screen, folder, photos)?;
    day.morning()?;
    day.offline()?;
    day.inspects()?;
    day.signal_returns()?;
    day.settle()?;
    day.circulates()?;
    day.rechecks()?;
    day.crew_settles()?;
    let mut report = check::check(&mut day)?;
    report.extend(dossier::export(&mut day, folder)?);
    let seconds = started.elapsed().as_secs_f64();
    let facts = day.end()?;
    let document = json!({"passed": true, "seconds": seconds, "checks": report, "facts": facts});
    screen.show(&document, || {
        let mut lines: Vec<String> = report.iter().map(|line| format!("  ✓ {line}")).collect();
        lines.push(String::new());
        lines.extend(facts.iter().map(|(name, value)| format!("  {name:<44} {value:>12}")));
        lines.push(format!(
            "\n{} {seconds:.1} s",
            screen.say(
                "一天结束,没有丢失任何东西。用时",
                "The day is over and nothing was lost. It took"
            )
        ));
        lines.join("\n")
    });
    Ok(ExitCode::SUCCESS)
}
