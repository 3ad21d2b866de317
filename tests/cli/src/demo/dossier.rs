//! The evidence of the day for people outside: exported, verified link by link, and checked as a stranger would, with
//! `sha256sum` and `openssl` alone.

use std::path::Path;
use std::process::Command;

use fushan_grid_core::app::dossier::{Known, Report, Told, verify};

use super::day::Day;
use crate::dossier::OUTSIDE;
use crate::failure::Failure;

/// Exports the worker's first case and checks it twice. What is absent is told; what is wrong ends the day badly.
pub fn export(day: &mut Day, folder: &Path) -> Result<Vec<String>, Failure> {
    // leaves of the photos' bytes come to the receipts in the run after the upload, time-stamps in the run after the stamp
    day.settled("worker")?;
    let certificates = day.stamped()?;
    day.settled("worker")?;
    let case = day.worker.photos.first().map(|(case, _, _)| *case);
    let case = case.ok_or_else(|| Failure::Check("no photo was taken".into()))?;
    let dir = folder.join("evidence");
    let engine = &day.worker.engine;
    let written = engine.evidence_dossier(case, &dir, certificates.as_deref(), &OUTSIDE)?;
    let report = verify(&dir, &Known::default(), &OUTSIDE)?;
    let tally = report.tally();
    if tally.fail > 0 || written.photos == 0 {
        return Err(Failure::Check(format!(
            "the exported evidence does not hold: {:?}",
            report.failures()
        )));
    }
    day.tell(
        &format!(
            "17:00 导出一宗事项的证据:{} 条记录、{} 张照片、{} 个副本,供外人核验。",
            written.entries, written.photos, written.copies
        ),
        &format!(
            "17:00 The evidence of a case is exported for outsiders: {} entries, {} photos, {} copies.",
            written.entries, written.photos, written.copies
        ),
    );
    let stamps = report
        .links
        .iter()
        .filter(|l| l.link == "stamp" && l.told == Told::Pass)
        .count();
    if day.authority.is_some() && stamps == 0 {
        return Err(Failure::Check("there is an authority and no time-stamp".into()));
    }
    let mut told = vec![format!(
        "exported evidence: {} links pass, {stamps} of them time-stamps, none fails, {} are absent ({})",
        tally.pass,
        tally.absent,
        absent(&report).join(", ")
    )];
    told.push(stranger(&dir)?);
    Ok(told)
}

/// What is absent, each kind once.
fn absent(report: &Report) -> Vec<&str> {
    let absent = report.links.iter().filter(|link| link.told == Told::Absent);
    let mut codes: Vec<&str> = absent.map(|link| link.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
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
