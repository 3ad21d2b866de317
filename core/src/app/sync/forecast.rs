//! Warns about operations that will not go through, as soon as a pull has brought the record they are on.

use serde_json::Value;

use crate::app::Engine;
use crate::app::error::AppError;
use crate::merge::{Context, Warning, forecast};
use crate::model::automaton::StepVerdict;
use crate::model::ids::RecordId;
use crate::model::op::Action;
use crate::model::record::Record;
use crate::model::schema::MergePolicy;
use crate::rules::workflow::{Facts, effects};
use crate::store::warnings;

/// Records judged at once.
const AT_ONCE: u32 = 100;

impl Engine {
    /// Operations of this phone that the platform will most likely not take as they are, with what has happened meanwhile. They
    /// are sent all the same; the platform decides.
    ///
    /// # Errors
    /// Those of the store.
    pub fn warnings(&self, record: Option<RecordId>) -> Result<Vec<(RecordId, Warning)>, AppError> {
        Ok(self.store.read(|r| warnings::list(r, record))?)
    }

    /// Judges the operations on records that have changed, by the very function the platform will judge them by.
    pub(super) fn forecast_pending(&self) -> Result<(), AppError> {
        loop {
            let due = self.store.read(|r| warnings::unjudged(r, AT_ONCE))?;
            if due.is_empty() {
                return Ok(());
            }
            let dictionaries = self.dictionaries();
            let actor = self.actor()?;
            let now = self.env.clock.wall();
            let judge = |record: &Record, action: &Action| -> StepVerdict {
                let code = record.body.get("category").and_then(Value::as_str);
                let category = code.and_then(|code| dictionaries.taxonomy.nearest(code));
                let facts = Facts::new(category, now, &dictionaries.limits, &dictionaries.calendar);
                dictionaries.workflow.judge(record, action, &actor, facts)
            };
            let policy = |kind: &str, field: &str| -> MergePolicy {
                let spec = dictionaries.schema.kind(kind).and_then(|k| k.field(field));
                spec.map(|f| f.merge).unwrap_or_default()
            };
            let found: Vec<(RecordId, Vec<Warning>)> = due
                .iter()
                .map(|unjudged| {
                    let ctx = Context {
                        now,
                        actor: &actor.staff,
                        conflict_id: unjudged.mirror.id,
                        judge: &judge,
                        effects: &effects,
                        policy: &policy,
                        may_correct: actor.may_correct(),
                        merged_into: None,
                    };
                    (unjudged.mirror.id, forecast(&unjudged.mirror, &unjudged.pending, &ctx))
                })
                .collect();
            self.store.write(|w| {
                for (record, warnings) in &found {
                    warnings::replace(w, *record, warnings)?;
                }
                Ok::<_, AppError>(())
            })?;
        }
    }
}
