//! Whatever a cell refers to must exist, and be one thing.

use std::collections::HashMap;

use super::columns::{Column, Table};
use super::log::Log;
use super::names;
use super::questions::Walk;
use super::references;
use crate::forms::trouble::{Spot, Trouble};

/// Every `${name}` of a sheet is the name of exactly one question.
pub(super) fn references(table: &Table, given: &HashMap<String, usize>, log: &mut Log) {
    for row in &table.rows {
        for (index, text) in &row.cells {
            let Some(column) = table
                .columns
                .get(*index)
                .filter(|column| may_refer(table.sheet, column))
            else {
                continue;
            };
            for reference in references::all(text) {
                let spot = Spot {
                    span: Some((reference.start, reference.length)),
                    ..table.spot_of(row.number, Some(column))
                };
                if let Some(trouble) = judge(&reference, text, given) {
                    log.push(trouble.at(spot));
                }
            }
        }
    }
}

fn judge(reference: &references::Reference, text: &str, given: &HashMap<String, usize>) -> Option<Trouble> {
    let Some(name) = reference.name.as_deref() else {
        let written: String = text.chars().skip(reference.start).take(reference.length).collect();
        return Some(Trouble::error("xls_reference_unreadable", written));
    };
    match given.get(name) {
        None => {
            let near = names::nearest(name, given.keys().map(String::as_str)).map(|near| format!("${{{near}}}"));
            Some(Trouble::error("xls_reference_unknown", format!("${{{name}}}")).suggest(near))
        }
        Some(1) => None,
        Some(_) => Some(Trouble::error("xls_reference_ambiguous", format!("${{{name}}}"))),
    }
}

fn may_refer(sheet: &str, column: &Column) -> bool {
    let first = column.parts.first().map_or("", String::as_str);
    match sheet {
        "survey" => !matches!(first, "type" | "name" | "trigger"),
        "choices" => first == "label",
        "entities" => !matches!(first, "dataset" | "repeat"),
        _ => true,
    }
}

/// Triggers are questions; geometries come from lists, files or repeats.
pub(super) fn targets(walk: &Walk<'_>) -> Vec<Trouble> {
    let mut found = Vec::new();
    for (name, row) in walk.triggers.iter().filter(|(name, _)| !walk.questions.contains(name)) {
        let near = names::nearest(name, walk.questions.iter().map(String::as_str)).map(|near| format!("${{{near}}}"));
        let spot = walk.survey.spot(*row, &["trigger"]);
        found.push(
            Trouble::error("xls_reference_unknown", format!("${{{name}}}"))
                .at(spot)
                .suggest(near),
        );
    }
    for (from, row) in &walk.geometries {
        let is_repeat = references::only(from).is_some_and(|name| walk.repeats.contains(&name));
        let is_entity = walk.entities.declared.iter().any(|known| known.dataset == *from);
        if !(is_repeat || is_entity || walk.instances.contains(from) || walk.lists.get(from).is_some()) {
            let spot = walk.survey.spot(*row, &["parameters"]);
            found.push(Trouble::error("xls_geometry_unknown", from.as_str()).at(spot));
        }
    }
    found
}
