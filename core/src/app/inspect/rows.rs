//! A session's draft as rows, one a node, so that an answer writes only what it changed.
//!
//! The key of a row is the way to its node from the root, each step the place among its siblings in four digits of base 36:
//! keys sort as the document does.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::forms::session::{Changes, Draft, DraftError, Session};

/// Rows of a draft by key.
pub(super) type Rows = BTreeMap<String, String>;

/// Key of what a draft says beside its nodes.
const HEAD: &str = "";
const CHILDREN: &str = "c";

/// A draft as rows.
pub(super) fn flatten(draft: &Draft) -> Result<Rows, DraftError> {
    let mut document = serde_json::to_value(draft).map_err(|_| DraftError::Damaged)?;
    let root = document.get_mut("root").map(Value::take).ok_or(DraftError::Damaged)?;
    let mut rows = Rows::from([(HEAD.to_owned(), document.to_string())]);
    spread(root, "/".to_owned(), &mut rows);
    Ok(rows)
}

fn spread(mut node: Value, key: String, rows: &mut Rows) {
    let children = node.as_object_mut().and_then(|map| map.remove(CHILDREN));
    rows.insert(key.clone(), node.to_string());
    let Some(Value::Array(children)) = children else { return };
    for (place, child) in children.into_iter().enumerate() {
        spread(child, format!("{key}{}", step(place)), rows);
    }
}

/// A row to be written; `None` when it is gone.
pub(super) type Written = (String, Option<String>);

/// Brings rows to what a session holds now, and gives what has to be written for it. What a session did not touch is not
/// looked at.
pub(super) fn follow(rows: &mut Rows, session: &mut Session) -> Result<Vec<Written>, DraftError> {
    let nodes = match session.changes()? {
        Changes::Nodes(nodes) if !rows.is_empty() => nodes,
        _ => {
            let fresh = flatten(&session.draft())?;
            let written = difference(rows, &fresh);
            *rows = fresh;
            return Ok(written);
        }
    };
    let mut written = Vec::new();
    for changed in nodes {
        let key: String = std::iter::once("/".to_owned())
            .chain(changed.way.into_iter().map(step))
            .collect();
        let text = changed.node.to_string();
        if rows.get(&key) != Some(&text) {
            rows.insert(key.clone(), text.clone());
            written.push((key, Some(text)));
        }
    }
    Ok(written)
}

/// Four digits of base 36: room for 1.6 million siblings.
fn step(place: usize) -> String {
    let mut left = place;
    let mut digits = [b'0'; 4];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"
            .get(left % 36)
            .copied()
            .unwrap_or(b'0');
        left /= 36;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// The draft that rows came from.
pub(super) fn gather(rows: &Rows) -> Result<Draft, DraftError> {
    let read = |text: &String| serde_json::from_str::<Value>(text).map_err(|_| DraftError::Damaged);
    let mut document = rows.get(HEAD).ok_or(DraftError::Damaged).and_then(read)?;
    // the way from the root down to the node at hand, deepest last
    let mut open: Vec<(usize, Value)> = Vec::new();
    for (key, text) in rows.iter().filter(|(key, _)| key.as_str() != HEAD) {
        while open.last().is_some_and(|(length, _)| *length >= key.len()) {
            close(&mut open);
        }
        open.push((key.len(), read(text)?));
    }
    while open.len() > 1 {
        close(&mut open);
    }
    let root = open.pop().ok_or(DraftError::Damaged)?.1;
    document
        .as_object_mut()
        .ok_or(DraftError::Damaged)?
        .insert("root".into(), root);
    serde_json::from_value(document).map_err(|_| DraftError::Damaged)
}

/// Hangs the deepest open node below the one above it.
fn close(open: &mut Vec<(usize, Value)>) {
    let Some((_, child)) = open.pop() else { return };
    if let Some((_, Value::Object(parent))) = open.last_mut()
        && let Value::Array(children) = parent.entry(CHILDREN).or_insert_with(|| json!([]))
    {
        children.push(child);
    }
}

/// What has to be written to bring `old` to `new`.
fn difference(old: &Rows, new: &Rows) -> Vec<Written> {
    let written = new.iter().filter(|(key, value)| old.get(*key) != Some(*value));
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    let written = written.map(|(key, value)| (key.clone(), Some(value.clone())));
    written.chain(gone.map(|key| (key.clone(), None))).collect()
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
