//! `status`: what waits, what is stuck, when the last run was.

use std::process::ExitCode;

use fushan_grid_core::app::Engine;
use serde_json::json;

use crate::failure::Failure;
use crate::show::Screen;

/// Shows the state towards the platform.
pub fn run(screen: &Screen, engine: &Engine) -> Result<ExitCode, Failure> {
    let status = engine.sync_status()?;
    screen.show(&json!(status), || {
        let ops = &status.ops;
        let mut lines = vec![
            format!(
                "{} {} · {} {} · {} {} · {} {}",
                screen.say("草稿", "drafts"),
                ops.draft,
                screen.say("待发送", "waiting"),
                ops.unsent(),
                screen.say("冲突", "conflicts"),
                status.conflicts,
                screen.say("被拒", "refused"),
                ops.dead
            ),
            format!(
                "{} {} · {} {} ({} B) · {} {}",
                screen.say("照片已存", "photos stored"),
                status.photos.stored,
                screen.say("待上传", "to upload"),
                status.photos.due,
                status.photos.bytes_due,
                screen.say("有问题", "stuck"),
                status.photos.problems
            ),
        ];
        lines.extend(status.lanes.iter().filter(|lane| lane.waiting.bytes > 0).map(|lane| {
            let blocked = lane
                .blocked
                .map(|why| format!(" [{}]", json!(why).as_str().unwrap_or_default()));
            format!(
                "  {:?}  {} {} · {} {} · {} B{}",
                lane.lane,
                lane.waiting.ops,
                screen.say("操作", "operations"),
                lane.waiting.photos,
                screen.say("照片", "photos"),
                lane.waiting.bytes,
                blocked.unwrap_or_default()
            )
        }));
        lines.extend(status.followed.iter().map(|scope| {
            let sound = if scope.sound { "=" } else { "≠" };
            format!("  {}  {} / {} {sound}", scope.scope, scope.held, scope.count)
        }));
        for letter in &status.dead_letters {
            lines.push(format!(
                "  {} {} [{}] {}",
                letter.op.op,
                letter.op.record,
                letter.code,
                letter.fields.join(" ")
            ));
        }
        lines.extend(
            status
                .runs
                .first()
                .map(|(at, report)| format!("{at}  {}", report["outcome"])),
        );
        lines.join("\n")
    });
    let waits = status.ops.dead > 0 || status.conflicts > 0;
    Ok(if waits { ExitCode::from(7) } else { ExitCode::SUCCESS })
}
