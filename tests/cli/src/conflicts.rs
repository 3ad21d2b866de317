//! `conflicts`: list, show, resolve.

use std::process::ExitCode;

use fushan_grid_core::app::Engine;
use fushan_grid_core::model::op::Choice;
use serde_json::json;

use crate::args::{ConflictCommand, Take};
use crate::failure::Failure;
use crate::input;
use crate::show::Screen;

/// Carries a conflict command out.
pub fn run(screen: &Screen, engine: &Engine, command: &ConflictCommand) -> Result<ExitCode, Failure> {
    match command {
        ConflictCommand::Table => return crate::settle::table(screen),
        ConflictCommand::List => {
            let open = engine.conflicts_open()?;
            screen.show(&json!(open), || {
                let lines: Vec<_> = open
                    .iter()
                    .map(|c| format!("{}  {}  {}", c.id, c.what, c.record))
                    .collect();
                if lines.is_empty() {
                    screen.say("没有冲突。", "No conflicts.").to_owned()
                } else {
                    lines.join("\n")
                }
            });
        }
        ConflictCommand::Show { id } => {
            let conflict = engine.conflict(id.parse()?)?;
            screen.show(&json!(conflict), || {
                let mut text = format!("{}  {}  {}", conflict.id, conflict.what, conflict.record);
                for (field, sides) in &conflict.fields {
                    text.push_str(&format!(
                        "\n  {field}\n    {}{}\n    {}{}\n    {}{}",
                        screen.say("原来: ", "before:   "),
                        sides.base,
                        screen.say("平台: ", "platform: "),
                        sides.platform,
                        screen.say("手机: ", "phone:    "),
                        sides.phone
                    ));
                }
                text
            });
        }
        ConflictCommand::Resolve { id, take, fields } => {
            let choice = match take {
                Take::Platform => Choice::Platform,
                Take::Phone => Choice::Phone,
                Take::Values => Choice::Values {
                    set: input::body(fields)?,
                },
            };
            engine.conflict_resolve(id.parse()?, choice)?;
            screen.show(&json!({"queued": id}), || {
                screen
                    .say(
                        "已记录,下次同步时送达平台。",
                        "Noted; it goes to the platform with the next sync.",
                    )
                    .to_owned()
            });
        }
    }
    Ok(ExitCode::SUCCESS)
}
