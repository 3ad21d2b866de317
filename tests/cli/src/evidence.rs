//! `evidence`: add, verify, export; the rest is in `custody.rs`.

use std::process::ExitCode;

use fushan_grid_core::app::Engine;
use fushan_grid_core::app::evidence::Verdict;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::platform::Cancel;
use serde_json::json;

use crate::args::EvidenceCommand;
use crate::custody;
use crate::dossier;
use crate::failure::Failure;
use crate::phone;
use crate::show::Screen;

/// Carries an evidence command out.
pub fn run(screen: &Screen, engine: &Engine, command: &EvidenceCommand) -> Result<ExitCode, Failure> {
    match command {
        EvidenceCommand::Add {
            record,
            file,
            role,
            context,
        } => {
            let added = engine.evidence_take_file(record.parse()?, file, &context.context(role)?)?;
            screen.show(&json!(added), || {
                let mut lines = vec![format!("{}  {} B  {}", added.sha256, added.bytes, added.media_type)];
                lines.extend(custody::check_lines(screen, &added.checks));
                lines.join("\n")
            });
            Ok(ExitCode::SUCCESS)
        }
        // needs no phone: `main` carries it out
        #[cfg(feature = "c2pa")]
        EvidenceCommand::C2pa(args) => crate::credentials::run(screen, args),
        EvidenceCommand::Fetch { sha256, ca } => {
            let transport = phone::transport(&engine.platform_url()?, ca.as_deref())?;
            let hash = BlobHash::from_hex(sha256.trim_start_matches("sha256:"))?;
            engine.evidence_fetch_back(&transport, hash, &Cancel::new())?;
            screen.show(&json!({"sha256": hash}), || {
                screen
                    .say("原图已在手机上。", "The original is on this phone.")
                    .to_owned()
            });
            Ok(ExitCode::SUCCESS)
        }
        EvidenceCommand::Custody(command) => custody::run(screen, engine, command),
        EvidenceCommand::Verify { what: record, .. } => {
            let record: Option<RecordId> = record.as_deref().map(str::parse).transpose()?;
            let checked = engine.evidence_verify(record)?;
            let bad = checked
                .iter()
                .filter(|c| !matches!(c.verdict, Verdict::Intact | Verdict::OnPlatform))
                .count();
            screen.show(&json!({"photos": checked, "bad": bad}), || {
                let mut lines: Vec<_> = checked
                    .iter()
                    .map(|c| format!("{:?}  {}", c.verdict, c.sha256))
                    .collect();
                lines.push(format!(
                    "{} {}, {} {bad}",
                    screen.say("照片", "photos"),
                    checked.len(),
                    screen.say("有误", "bad")
                ));
                lines.join("\n")
            });
            Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::from(4) })
        }
        EvidenceCommand::Export {
            record,
            dir,
            tsa_certificates,
        } => dossier::export(screen, engine, record.parse()?, dir, tsa_certificates.as_deref()),
    }
}
