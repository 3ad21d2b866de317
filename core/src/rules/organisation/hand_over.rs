//! All open work of one person goes to another in one action: everything moves, or nothing does and it is said what stands in the way.

use serde_json::Value;

use crate::model::fault::{Coded, Fault};
use crate::model::ids::{RecordId, StaffId};
use crate::model::incident::is_over;
use crate::model::record::{Body, Record};

/// Fields that put a case in a person's hands.
const HANDS: [&str; 3] = ["handler_user", "checker_user", "verifier_user"];

/// One case that changes hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The case.
    pub record: RecordId,
    /// Fields that name the new person.
    pub set: Body,
}

/// Why nothing is handed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandOverError {
    /// Both are the same person.
    #[error("both are the same person")]
    SamePerson,
    /// The new person would check what they have handled, or handle what they have accepted.
    #[error("{} cases cannot be theirs", .0.len())]
    Duties(Vec<RecordId>),
}

impl Coded for HandOverError {
    fn fault(&self) -> Fault {
        match self {
            Self::SamePerson => Fault::of("hand_over_same_person"),
            Self::Duties(records) => Fault::of("hand_over_duties").with("count", records.len()),
        }
    }
}

/// What moves when everything in the hands of one person goes to another. Records that are done stay as they are.
///
/// # Errors
/// [`HandOverError`]; then nothing moves.
pub fn hand_over(records: &[Record], from: &StaffId, to: &StaffId) -> Result<Vec<Move>, HandOverError> {
    if from == to {
        return Err(HandOverError::SamePerson);
    }
    let open = records.iter().filter(|r| !r.deleted && !is_over(&r.state));
    let (mut moves, mut barred) = (Vec::new(), Vec::new());
    for record in open {
        let named = |name: &&str| record.body.get(*name).and_then(Value::as_str) == Some(from.0.as_str());
        let fields: Vec<&str> = HANDS.into_iter().filter(named).collect();
        if fields.is_empty() {
            continue;
        }
        if fields.iter().any(|field| duties_collide(record, field, to)) {
            barred.push(record.id);
        }
        let set = fields
            .into_iter()
            .map(|name| (name.to_owned(), Value::from(to.0.as_str())));
        moves.push(Move {
            record: record.id,
            set: set.collect(),
        });
    }
    if barred.is_empty() {
        Ok(moves)
    } else {
        Err(HandOverError::Duties(barred))
    }
}

/// Acceptor and handler, handler and checker are different people.
fn duties_collide(record: &Record, field: &str, to: &StaffId) -> bool {
    let barred: &[&str] = match field {
        "handler_user" => &["T08_ACCEPT"],
        "checker_user" => &["T17_SIGN", "T24_FEEDBACK"],
        _ => return false,
    };
    let history = record.body.get("history").and_then(Value::as_array);
    history.into_iter().flatten().any(|line| {
        let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        text("actor") == to.0 && barred.contains(&text("event"))
    })
}
