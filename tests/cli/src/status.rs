//! `status`: what waits, what is stuck, when the last run was.

use std::process::ExitCode;

use fushan_grid_core::app::Engine;
use fushan_grid_core::app::status::{LaneStatus, SyncStatus};
use serde_json::json;

use crate::failure::Failure;
use crate::settle::ConditionArgs;
use crate::show::Screen;

/// Shows the state towards the platform, and which lanes may move under the given conditions.
pub fn run(screen: &Screen, engine: &Engine, under: ConditionArgs) -> Result<ExitCode, Failure> {
    let status = engine.sync_status_under(under.conditions())?;
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
        lines.extend(
            status
                .lanes
                .iter()
                .filter(|lane| lane.waiting.bytes > 0)
                .map(|lane| lane_line(screen, lane)),
        );
        lines.extend(trouble(screen, &status));
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

fn lane_line(screen: &Screen, lane: &LaneStatus) -> String {
    let blocked = lane
        .blocked
        .map(|why| format!(" [{}]", json!(why).as_str().unwrap_or_default()));
    format!(
        "  {:?}  {} {} · {} {} · {} B · {} {}{}",
        lane.lane,
        lane.waiting.ops,
        screen.say("操作", "operations"),
        lane.waiting.photos,
        screen.say("照片", "photos"),
        lane.waiting.bytes,
        screen.say("最久", "oldest"),
        span(lane.oldest_ms.unwrap_or(0)),
        blocked.unwrap_or_default()
    )
}

/// What keeps work from going on, each in a line of its own; nothing when all is well.
fn trouble(screen: &Screen, status: &SyncStatus) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(code) = &status.needs_upgrade {
        lines.push(format!("  {} [{code}]", screen.say("请升级应用", "upgrade the app")));
    }
    if let Some(left) = status.next_attempt_ms.filter(|left| *left > 0) {
        let says = screen.say("下次自动尝试:", "next attempt in");
        lines.push(format!("  {says} {}", span(left)));
    }
    for (code, count) in &status.stuck {
        lines.push(format!("  {} {count} [{code}]", screen.say("照片受阻", "photos stuck")));
    }
    for (scope, waiting) in &status.letting_go {
        let says = screen.say("正在清除", "letting go of");
        let waits = screen.say("条仍待送达", "records still wait");
        lines.push(format!("  {says} {scope} · {waiting} {waits}"));
    }
    if status.warnings > 0 {
        let says = screen.say("平台可能不接受", "the platform will likely not take");
        lines.push(format!("  {says} {}", status.warnings));
    }
    lines
}

/// A span of time in its largest whole unit.
fn span(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}
