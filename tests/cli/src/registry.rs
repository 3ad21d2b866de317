//! `registry`: add, change, withdraw, show, search, locate.

use std::process::ExitCode;

use fushan_grid_core::app::Engine;
use fushan_grid_core::app::registry::Written;
use fushan_grid_core::model::record::Body;
use fushan_grid_core::model::schema::FieldType;
use fushan_grid_core::store::search::SearchQuery;
use serde_json::{Value, json};

use crate::args::RegistryCommand;
use crate::failure::Failure;
use crate::input;
use crate::show::Screen;

/// Carries a registry command out.
pub fn run(screen: &Screen, engine: &Engine, command: &RegistryCommand) -> Result<ExitCode, Failure> {
    match command {
        RegistryCommand::Add { kind, grid, fields } => {
            let body = typed(engine, kind, input::body(fields)?);
            written(screen, &engine.registry_add(kind, &grid.parse()?, body)?);
        }
        RegistryCommand::Change { id, fields } => {
            let id = id.parse()?;
            let kind = engine.record(id)?.record.kind;
            let set = typed(engine, &kind.0, input::body(fields)?);
            written(screen, &engine.registry_change(id, set)?);
        }
        RegistryCommand::Withdraw { id, reason } => {
            engine.registry_withdraw(id.parse()?, reason)?;
            screen.show(&json!({"withdrawn": id}), || {
                screen.say("已注销。", "Withdrawn.").to_owned()
            });
        }
        RegistryCommand::Show { id } => {
            let view = engine.record_masked(id.parse()?)?;
            screen.show(&json!(view), || crate::show::record_text(engine, screen, &view));
        }
        RegistryCommand::Search {
            text,
            kind,
            limit,
            after,
        } => search(screen, engine, text, kind, *limit, *after)?,
        RegistryCommand::Locate { place } => {
            let located = engine.locate(input::point(place)?)?;
            screen.show(&json!(located), || format!("{located:?}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn search(
    screen: &Screen,
    engine: &Engine,
    text: &str,
    kind: &Option<String>,
    limit: u32,
    after: Option<i64>,
) -> Result<(), Failure> {
    let query = SearchQuery {
        text: text.to_owned(),
        kind: kind.clone(),
        after,
        limit,
    };
    let page = engine.registry_search(&query)?;
    screen.show(&json!({"items": page.items, "next": page.next}), || {
        let mut lines: Vec<String> = page
            .items
            .iter()
            .map(|hit| crate::show::record_line(engine, screen, &hit.record))
            .collect();
        if let Some(next) = &page.next {
            lines.push(format!("… --after {next}"));
        }
        if lines.is_empty() {
            lines.push(screen.say("没有找到。", "Nothing found.").to_owned());
        }
        lines.join("\n")
    });
    Ok(())
}

fn written(screen: &Screen, written: &Written) {
    screen.show(&json!({"id": written.id, "warnings": written.warnings}), || {
        let mut text = written.id.to_string();
        for finding in &written.warnings {
            text.push_str(&format!(
                "\n{} {} [{}]",
                screen.say("注意:", "note:"),
                finding.field,
                finding.code
            ));
        }
        text
    });
}

/// Gives each text from the command line the type that the schema wants; what does not fit stays a text and is refused by
/// the rules.
fn typed(engine: &Engine, kind: &str, mut body: Body) -> Body {
    let dictionaries = engine.dictionaries();
    let Some(spec) = dictionaries.schema.kind(kind) else {
        return body;
    };
    for (name, value) in &mut body {
        let Some(Value::String(text)) = spec.field(name).map(|_| &*value) else {
            continue;
        };
        let number = match spec.field(name).map(|f| &f.ty) {
            Some(FieldType::Integer { .. } | FieldType::Timestamp) => text.parse::<i64>().ok(),
            _ => None,
        };
        if let Some(number) = number {
            *value = Value::from(number);
        }
    }
    body
}
