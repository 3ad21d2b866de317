//! The evidence of the day for people outside: exported, verified link by link, and checked as a stranger would, with
//! `sha256sum` and `openssl` alone.

use std::path::Path;
use std::process::Command;

use fushan_grid_core::app::dossier::{Known, verify};

use super::day::Day;
use crate::dossier::stamps;
use crate::failure::Failure;

/// Exports the worker's first case and checks it twice. What is absent is told; what is wrong ends the day badly.
pub fn export(day: &mut Day, folder: &Path) -> Result<Vec<String>, Failure> {
    // leaves of the photos' bytes come to the receipts in the run after the upload
    day.settled("worker")?;
    let case = day.worker.photos.first().map(|(case, _, _)| *case);
    let case = case.ok_or_else(|| Failure::Check("no photo was taken".into()))?;
    let dir = folder.join("evidence");
    let written = day.worker.engine.evidence_dossier(case, &dir, None, &stamps)?;
    let report = verify(&dir, &Known::default(), &stamps)?;
    let tally = report.tally();
    if tally.fail > 0 || written.photos == 0 {
        return Err(Failure::Check(format!(
            "the exported evidence does not hold: {:?}",
            report.failures()
        )));
    }
    day.tell(
        &format!(
            "17:00 导出一宗事项的证据:{} 条记录、{} 张照片,供外人核验。",
            written.entries, written.photos
        ),
        &format!(
            "17:00 The evidence of a case is exported for outsiders: {} entries, {} photos.",
            written.entries, written.photos
        ),
    );
    let mut told = vec![format!(
        "exported evidence: {} links pass, none fails, {} are absent (no time-stamping authority, nobody vouched for the log's key)",
        tally.pass, tally.absent
    )];
    told.push(stranger(&dir)?);
    Ok(told)
}

/// Runs the commands of the folder's README.
fn stranger(dir: &Path) -> Result<String, Failure> {
    let installed = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !installed("openssl") || !installed("sha256sum") {
        return Ok("SKIPPED: a stranger's check needs sha256sum and openssl".to_owned());
    }
    let readme = std::fs::read_to_string(dir.join("README.en.md"))?;
    let commands = readme
        .split_once("```sh\n")
        .and_then(|(_, rest)| rest.split_once("```"));
    let (commands, _) = commands.ok_or_else(|| Failure::Check("the README has no commands".into()))?;
    let output = Command::new("sh").arg("-c").arg(commands).current_dir(dir).output()?;
    let shown = String::from_utf8_lossy(&output.stdout);
    let count = |what: &str| shown.lines().filter(|line| line.starts_with(what)).count();
    let (fits, wrong) = (count("OK"), count("FAILED") + count("BREAK"));
    if wrong > 0 || fits == 0 {
        return Err(Failure::Check(format!("a stranger finds the evidence wrong:\n{shown}")));
    }
    Ok(format!(
        "a stranger checks {fits} things with sha256sum and openssl alone, all fit"
    ))
}
