//! Operations that take effect together: the inspection with its hazards, their incidents, and what changes in the registry.

use std::collections::BTreeMap;

use crate::app::error::AppError;
use crate::app::pen::Pen;
use crate::model::blob::BlobRef;
use crate::model::ids::{OpId, RecordId};
use crate::model::op::{Action, Lane, Operation};
use crate::model::record::Kind;
use crate::store::Writer;
use crate::store::inspections::release_last;
use crate::store::ops::{self, NewOp};

/// Operations of one group at most; a push takes 200. An inspection with more goes in several groups, a hazard and its
/// incident always in the same one.
const GROUP: usize = 150;

/// Operations being put together.
pub(super) struct Bundle<'a, 'w> {
    pen: &'a Pen<'a, 'w>,
    units: Vec<Vec<NewOp>>,
    last: BTreeMap<RecordId, OpId>,
}

impl<'a, 'w> Bundle<'a, 'w> {
    pub(super) fn new(pen: &'a Pen<'a, 'w>) -> Self {
        Self {
            pen,
            units: vec![Vec::new()],
            last: BTreeMap::new(),
        }
    }

    /// A fresh id for an item of a list.
    pub(super) fn note_id(&self) -> RecordId {
        self.pen.record_id()
    }

    /// What follows must not be torn apart from each other, but may be from what came before.
    pub(super) fn next_unit(&mut self) {
        self.units.push(Vec::new());
    }

    /// Adds an operation that stands on the bundle's own earlier one on the same record, if any.
    pub(super) fn add(
        &mut self,
        kind: &Kind,
        record: RecordId,
        action: Action,
        lane: Lane,
        evidence: Vec<BlobRef>,
    ) -> Result<Operation, AppError> {
        let mut op = self.pen.operation(kind, record, action)?;
        if let Some(earlier) = self.last.insert(record, op.op) {
            op.base_op = Some(earlier);
            op.base_rev = None;
        }
        op.evidence = evidence;
        let kept = op.clone();
        if let Some(unit) = self.units.last_mut() {
            unit.push(NewOp { op, lane, draft: false });
        }
        Ok(kept)
    }

    /// Stores everything: the draft that makes the inspection leads, all others follow it without a gap.
    pub(super) fn store(self, w: &Writer<'_>, draft: Operation) -> Result<(), AppError> {
        let record = draft.record;
        let mut groups = vec![vec![NewOp {
            op: draft,
            lane: Lane::P1,
            draft: true,
        }]];
        let mut units = self.units;
        // what is urgent goes first and with the inspection: the platform refuses an incident whose inspection it does not know
        units.sort_by_key(|unit| unit.iter().map(|new| new.lane).min().unwrap_or(Lane::P4));
        for unit in units {
            match groups.last_mut() {
                Some(group) if group.len() + unit.len() <= GROUP => group.extend(unit),
                _ => groups.push(unit),
            }
        }
        for (number, group) in groups.into_iter().filter(|group| !group.is_empty()).enumerate() {
            let mut tied: Vec<Operation> = group.iter().map(|new| new.op.clone()).collect();
            self.pen.tie(&mut tied);
            let news = group.into_iter().zip(tied).map(|(new, op)| NewOp { op, ..new });
            let mut news: Vec<NewOp> = news.collect();
            if number == 0 {
                let draft = news.remove(0);
                ops::replace_draft(w, &draft.op)?;
                release_last(w, record)?;
            }
            ops::add(w, &news)?;
        }
        Ok(())
    }
}
