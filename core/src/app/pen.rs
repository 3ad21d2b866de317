//! Writes operations down: ids, stamps, and what they are based on.

use crate::model::env::{Env, ten_random};
use crate::model::ids::{GroupId, OpId, RecordId};
use crate::model::op::{Action, Group, Operation};
use crate::model::record::Kind;
use crate::model::time::UtcMillis;
use crate::store::{StoreError, Writer, identity, ops};

/// Makes the operations of one use case, inside its transaction.
pub(super) struct Pen<'a, 'w> {
    writer: &'a Writer<'w>,
    env: &'a Env,
    schema: u32,
    /// Wall clock of the use case.
    pub(super) now: UtcMillis,
}

impl<'a, 'w> Pen<'a, 'w> {
    pub(super) fn new(writer: &'a Writer<'w>, env: &'a Env, schema: u32) -> Self {
        Self {
            writer,
            env,
            schema,
            now: env.clock.wall(),
        }
    }

    /// A fresh record id.
    pub(super) fn record_id(&self) -> RecordId {
        RecordId::v7(self.now, ten_random(&*self.env.entropy))
    }

    /// An operation based on what the store knows of the record: a revision, or the phone's own earlier operation.
    pub(super) fn operation(&self, kind: &Kind, record: RecordId, action: Action) -> Result<Operation, StoreError> {
        let base = ops::base_of(self.writer, record)?;
        Ok(Operation {
            op: OpId::v7(self.now, ten_random(&*self.env.entropy)),
            kind: kind.clone(),
            record,
            action,
            base_rev: base.rev,
            base_op: base.op,
            group: None,
            evidence: Vec::new(),
            hlc: identity::tick_hlc(self.writer, self.now)?,
            at: self.now,
            schema: self.schema,
        })
    }

    /// Ties operations together: all take effect or none.
    pub(super) fn tie(&self, ops: &mut [Operation]) {
        let id = GroupId::v7(self.now, ten_random(&*self.env.entropy));
        let of = u32::try_from(ops.len()).unwrap_or(u32::MAX);
        for (index, op) in (0..).zip(ops) {
            op.group = Some(Group { id, index, of });
        }
    }
}
