//! `evidence export` and `evidence verify DIR`: a case's evidence as a folder for people outside, and its verification.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use fushan_grid_core::app::Engine;
use fushan_grid_core::app::dossier::{Known, Outside, Report, Told, verify as verify_folder};
use fushan_grid_core::app::messages::{code_of, message};
use fushan_grid_core::model::fault::{Coded as _, Fault};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::log::LogKey;
#[cfg(not(feature = "c2pa"))]
use fushan_grid_core::wire::manifest::Named256;
use fushan_platform::{attestation, timestamp};
use serde_json::json;

use crate::args::EvidenceCommand;
use crate::failure::Failure;
use crate::show::Screen;

/// Exit code of a folder in which a link is wrong.
const WRONG: u8 = 8;
/// Exit code of a folder in which a link is absent.
const ABSENT: u8 = 9;

/// What the reader knows from elsewhere.
#[derive(Debug, Args)]
pub struct KnownArgs {
    /// The log's key as the district publishes it, `name+hash+base64`; without it the one in the folder counts as not vouched for.
    #[arg(long, value_name = "KEY")]
    log_key: Option<String>,
    /// Certificates of the time-stamping authority, PEM; without them those in the folder are taken.
    #[arg(long, value_name = "FILE")]
    tsa_certificates: Option<PathBuf>,
    /// Roots of the key stores' certificates as their makers publish them, PEM; without them no key is vouched for by its maker.
    #[arg(long, value_name = "FILE")]
    attestation_roots: Option<PathBuf>,
    /// Authorities that vouch for who signs Content Credentials, PEM.
    #[arg(long, value_name = "FILE")]
    c2pa_anchors: Option<PathBuf>,
}

/// Checks of certificates, as the engine asks for them.
pub const OUTSIDE: Outside<'static> = Outside {
    stamps: &stamps,
    attestation: &attestation,
    credentials: &credentials,
};

#[cfg(feature = "c2pa")]
use crate::credentials::check as credentials;

#[cfg(not(feature = "c2pa"))]
fn credentials(_: &[u8], _: Named256, _: Option<&[u8]>) -> Result<(), (Told, &'static str)> {
    Err((Told::Absent, "c2pa_not_checked"))
}

fn stamps(reply: &[u8], data: &[u8], trusted: &[u8]) -> Result<UtcMillis, &'static str> {
    timestamp::verify(reply, data, trusted).map_err(timestamp::StampError::code)
}

fn attestation(chain: &[Vec<u8>], key: &[u8], roots: &[u8], at: UtcMillis) -> Result<(), &'static str> {
    attestation::verify(chain, key, roots, at)
        .map(|_| ())
        .map_err(attestation::AttestationError::code)
}

/// Whether the command is about an exported folder.
pub fn is_folder(command: &EvidenceCommand) -> bool {
    matches!(command, EvidenceCommand::Verify { what: Some(what), .. } if Path::new(what).is_dir())
}

/// Writes a case's folder.
pub fn export(
    screen: &Screen,
    engine: &Engine,
    record: RecordId,
    dir: &Path,
    certificates: Option<&Path>,
) -> Result<ExitCode, Failure> {
    let certificates = certificates.map(std::fs::read).transpose()?;
    let written = engine.evidence_dossier(record, dir, certificates.as_deref(), &OUTSIDE)?;
    screen.show(&json!({"dir": dir, "written": written}), || {
        format!(
            "{}\n{} {}, {} {}, {} {}, {} {}",
            dir.display(),
            written.entries,
            screen.say("条记录", "entries"),
            written.photos,
            screen.say("张照片", "photos"),
            written.photos_absent,
            screen.say("张照片已不在本机", "photos not on this phone any more"),
            written.copies,
            screen.say("个副本", "copies"),
        )
    });
    Ok(ExitCode::SUCCESS)
}

/// Verifies a folder; needs no phone.
pub fn verify(screen: &Screen, command: &EvidenceCommand) -> Result<ExitCode, Failure> {
    let EvidenceCommand::Verify { what: Some(dir), known } = command else {
        return Err(Failure::Input(Fault::of("not_found")));
    };
    let key = known.log_key.clone().map(LogKey::try_from).transpose();
    let known = Known {
        log_key: key.map_err(|e| Failure::Input(e.fault()))?,
        certificates: known.tsa_certificates.as_deref().map(std::fs::read).transpose()?,
        attestation_roots: known.attestation_roots.as_deref().map(std::fs::read).transpose()?,
        credential_anchors: known.c2pa_anchors.as_deref().map(std::fs::read).transpose()?,
    };
    let report = verify_folder(Path::new(dir), &known, &OUTSIDE)?;
    let tally = report.tally();
    let document = json!({"links": report.links, "findings": report.findings, "tally": tally});
    screen.show(&document, || lines(screen, &report).join("\n"));
    Ok(match (tally.fail, tally.absent) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(ABSENT),
        _ => ExitCode::from(WRONG),
    })
}

/// Every link on a line.
pub fn lines(screen: &Screen, report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = report
        .links
        .iter()
        .map(|link| {
            let told = match link.told {
                Told::Pass => screen.say("通过", "pass  "),
                Told::Fail => screen.say("不符", "FAIL  "),
                Told::Absent => screen.say("缺失", "absent"),
            };
            let why = code_of(&link.code).map(|code| message(&Fault::of(code), screen.lang).text);
            format!(
                "{told}  {:<5} {:<10} {} {}",
                link.at,
                link.link,
                link.code,
                why.unwrap_or_default()
            )
        })
        .collect();
    let found = screen.say("平台发现", "found by the platform");
    lines.extend(
        report
            .findings
            .iter()
            .map(|(at, code)| format!("  {at}  {found}: {code}")),
    );
    let tally = report.tally();
    lines.push(format!(
        "{} {} / {} {} / {} {}",
        screen.say("通过", "pass"),
        tally.pass,
        screen.say("不符", "fail"),
        tally.fail,
        screen.say("缺失", "absent"),
        tally.absent
    ));
    lines
}
