//! `evidence`: add, verify, export.

use std::process::ExitCode;

use fushan_grid_core::app::Engine;
use fushan_grid_core::app::evidence::Verdict;
use fushan_grid_core::model::ids::RecordId;
use serde_json::json;

use crate::args::EvidenceCommand;
use crate::failure::Failure;
use crate::show::Screen;

/// Carries an evidence command out.
pub fn run(screen: &Screen, engine: &Engine, command: &EvidenceCommand) -> Result<ExitCode, Failure> {
    match command {
        EvidenceCommand::Add { record, file, role } => {
            let added = engine.evidence_add_file(record.parse()?, file, role)?;
            screen.show(&json!(added), || {
                format!("{}  {} B  {}", added.sha256, added.bytes, added.media_type)
            });
            Ok(ExitCode::SUCCESS)
        }
        EvidenceCommand::Verify { record } => {
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
        EvidenceCommand::Export { record, dir } => {
            let files = engine.evidence_export(record.parse()?, dir)?;
            screen.show(&json!({"dir": dir, "files": files}), || {
                format!("{}\n{}", dir.display(), files.join("\n"))
            });
            Ok(ExitCode::SUCCESS)
        }
    }
}
