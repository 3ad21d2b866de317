//! All open work of one person goes to another in one action: everything moves, or nothing does and it is said what stands in the way.

use serde_json::Value;

use crate::model::fault::{Coded, Fault};
use crate::model::ids::{RecordId, StaffId};
use crate::model::incident::is_over;
use crate::model::record::{Body, Record};
use crate::rules::workflow::{Actor, belongs};

/// Fields that put a case in a person's hands, and the roles whose work that is (automaton, T17 and T24, T26, T07).
const HANDS: [(&str, &[&str]); 3] = [
    (
        "handler_user",
        &["DEPT_HANDLER", "DEPT_LEAD", "GRID_STAFF", "GRID_LEADER", "GRID_ASSIST"],
    ),
    ("checker_user", &["GRID_STAFF", "CHECKER"]),
    ("verifier_user", &["GRID_STAFF", "GRID_LEADER"]),
];

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
    /// The new person has no role for it, or does not work for the organisation or in the grid that has it.
    #[error("{} cases are not of their post", .0.len())]
    Standing(Vec<RecordId>),
}

impl Coded for HandOverError {
    fn fault(&self) -> Fault {
        match self {
            Self::SamePerson => Fault::of("hand_over_same_person"),
            Self::Duties(records) => Fault::of("hand_over_duties").with("count", records.len()),
            Self::Standing(records) => Fault::of("hand_over_standing").with("count", records.len()),
        }
    }
}

/// What moves when everything in the hands of one person goes to another. Records that are done stay as they are.
///
/// # Errors
/// [`HandOverError`]; then nothing moves.
pub fn hand_over(records: &[Record], from: &StaffId, to: &Actor) -> Result<Vec<Move>, HandOverError> {
    if *from == to.staff {
        return Err(HandOverError::SamePerson);
    }
    let open = records.iter().filter(|r| !r.deleted && !is_over(&r.state));
    let (mut moves, mut barred, mut strangers) = (Vec::new(), Vec::new(), Vec::new());
    for record in open {
        let named = |name: &str| record.body.get(name).and_then(Value::as_str) == Some(from.0.as_str());
        let fields: Vec<(&str, &[&str])> = HANDS.into_iter().filter(|(name, _)| named(name)).collect();
        if fields.is_empty() {
            continue;
        }
        if fields.iter().any(|(field, _)| duties_collide(record, field, &to.staff)) {
            barred.push(record.id);
        }
        if !fields.iter().all(|(field, roles)| stands(record, field, roles, to)) {
            strangers.push(record.id);
        }
        let set = fields
            .into_iter()
            .map(|(name, _)| (name.to_owned(), Value::from(to.staff.0.as_str())));
        moves.push(Move {
            record: record.id,
            set: set.collect(),
        });
    }
    match (strangers.is_empty(), barred.is_empty()) {
        (false, _) => Err(HandOverError::Standing(strangers)),
        (true, false) => Err(HandOverError::Duties(barred)),
        (true, true) => Ok(moves),
    }
}

/// Whether somebody could have been given the case in the first place: a role for it, and a place in the organisation or the grid
/// that has it.
fn stands(record: &Record, field: &str, roles: &[&str], to: &Actor) -> bool {
    let org = record.body.get("handler_org").and_then(Value::as_str);
    let of_org = || org.is_some_and(|org| belongs(to, org));
    let in_grid = || record.grid.as_ref().is_some_and(|grid| to.grids.contains(grid));
    let theirs = match (field, org) {
        ("handler_user", Some(_)) => of_org(),
        _ => in_grid(),
    };
    theirs && to.roles.iter().any(|role| roles.contains(&role.as_str()))
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
