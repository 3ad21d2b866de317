//! The rules the platform decides by: the engine's own, with the district's dictionaries.

use std::sync::{Arc, PoisonError, RwLock};

use fushan_grid_core::merge::{Context, Outcome, Resolution, Versioned, decide, resolve};
use fushan_grid_core::model::automaton::StepVerdict;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::incident::{Category, Taxonomy};
use fushan_grid_core::model::op::{Action, Choice, Operation};
use fushan_grid_core::model::org::RoleBook;
use fushan_grid_core::model::record::{Body, Kind, Record};
use fushan_grid_core::model::schema::{MergePolicy, RegistrySchema};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::planted::{Bug, planted};
use fushan_grid_core::rules::deadline::{Calendar, LimitBook};
use fushan_grid_core::rules::finding::Severity;
use fushan_grid_core::rules::validate::{china_day, validate_record};
use fushan_grid_core::rules::workflow::{Actor, Facts, Workflow, effects, is_owned};
use serde_json::Value;

use crate::around::Around;

/// Who an operation comes from, when it is judged, and the id a conflict would get.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) actor: &'a Actor,
    pub(crate) now: UtcMillis,
    pub(crate) conflict_id: RecordId,
    /// What a step concerns besides its record.
    pub(crate) around: &'a Around,
}

/// The dictionaries of guards that a district publishes anew while the platform runs.
#[derive(Debug, Clone)]
pub(crate) struct Dictionaries {
    pub(crate) taxonomy: Taxonomy,
    pub(crate) limits: LimitBook,
    pub(crate) calendar: Calendar,
}

/// Those in force, shared between whoever reads packs and whoever judges by them.
pub(crate) type InForce = Arc<RwLock<Arc<Dictionaries>>>;

/// The district's dictionaries, and decisions by them.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    pub(crate) schema: RegistrySchema,
    pub(crate) workflow: Workflow,
    pub(crate) roles: RoleBook,
    pub(crate) in_force: InForce,
}

impl Judge {
    /// A judge by dictionaries that may be followed by others.
    pub(crate) fn new(schema: RegistrySchema, workflow: Workflow, roles: RoleBook, dictionaries: Dictionaries) -> Self {
        Self {
            schema,
            workflow,
            roles,
            in_force: Arc::new(RwLock::new(Arc::new(dictionaries))),
        }
    }

    /// Fields of the operation that break a rule, by code.
    pub(crate) fn invalid(&self, current: Option<&Versioned>, op: &Operation, now: UtcMillis) -> Vec<String> {
        let owned = owned(op);
        if !owned.is_empty() {
            return owned;
        }
        let after = match (&op.action, current) {
            (Action::Create { body, .. }, _) => body.clone(),
            (Action::Patch { set, .. }, Some(current)) => joined(&current.record.body, set),
            _ => return Vec::new(),
        };
        if self.schema.kind(&op.kind.0).is_none() {
            return Vec::new();
        }
        let findings = validate_record(&self.schema, &op.kind.0, &after, china_day(now));
        let errors = findings.into_iter().filter(|f| f.severity == Severity::Error);
        // a field that was wrong before and is not touched must not stand in the way
        let touched = |name: &String| match &op.action {
            Action::Patch { set, .. } => set.contains_key(name),
            _ => true,
        };
        errors.map(|f| f.field).filter(touched).collect()
    }

    /// Whether records of this kind may come from a phone.
    pub(crate) fn knows(&self, kind: &Kind) -> bool {
        let of_the_field = [
            Kind::INCIDENT,
            Kind::CONFLICT,
            Kind::INSPECTION,
            Kind::HAZARD,
            Kind::PATROL,
        ];
        of_the_field.contains(&kind.0.as_str()) || self.schema.kind(&kind.0).is_some()
    }

    /// Decides on an operation. `merged_into` is the incident that the current one lives on in.
    pub(crate) fn decide(
        &self,
        current: Option<&Versioned>,
        merged_into: Option<&Versioned>,
        op: &Operation,
        base_rev: Option<i64>,
        moment: &Moment<'_>,
    ) -> Outcome {
        self.with(moment, |ctx| {
            let ctx = Context { merged_into, ..*ctx };
            if planted(Bug::DeviceClockWins) {
                let policy = |kind: &str, field: &str| match (ctx.policy)(kind, field) {
                    MergePolicy::Lww if op.at < ctx.now => MergePolicy::Platform,
                    other => other,
                };
                let ctx = Context { policy: &policy, ..ctx };
                return decide(current, op, base_rev, &ctx);
            }
            decide(current, op, base_rev, &ctx)
        })
    }

    pub(crate) fn resolve(
        &self,
        conflict: &Versioned,
        target: Option<&Versioned>,
        op: &Operation,
        choice: &Choice,
        moment: &Moment<'_>,
    ) -> Resolution {
        self.with(moment, |ctx| resolve(conflict, target, op, choice, ctx))
    }

    fn with<T>(&self, moment: &Moment<'_>, f: impl FnOnce(&Context<'_>) -> T) -> T {
        let Moment {
            actor,
            now,
            conflict_id,
            around,
        } = *moment;
        let books = Arc::clone(&self.in_force.read().unwrap_or_else(PoisonError::into_inner));
        let judge = |record: &Record, action: &Action| -> StepVerdict {
            let facts = Facts {
                master: around.master.as_ref().map(|master| &master.record),
                evidence_pending: around.evidence_pending,
                replied: around.replied,
                second: around.second.as_deref(),
                ..Facts::new(books.category(record), now, &books.limits, &books.calendar)
            };
            self.workflow.judge(record, action, actor, facts)
        };
        let policy = |kind: &str, field: &str| -> MergePolicy {
            self.schema
                .kind(kind)
                .and_then(|k| k.field(field))
                .map(|f| f.merge)
                .unwrap_or_default()
        };
        f(&Context {
            now,
            actor: &actor.staff,
            conflict_id,
            judge: &judge,
            effects: &effects,
            policy: &policy,
            may_correct: actor.may_correct(),
            merged_into: None,
        })
    }
}

impl Dictionaries {
    fn category(&self, record: &Record) -> Option<&Category> {
        let code = record.body.get("category")?.as_str()?;
        self.taxonomy.nearest(code)
    }
}

/// Fields of an incident that an edit or a list item touches although only steps change them.
fn owned(op: &Operation) -> Vec<String> {
    if !op.kind.is(Kind::INCIDENT) {
        return Vec::new();
    }
    let names: Vec<&String> = match &op.action {
        Action::Create { body, .. } => body.keys().collect(),
        Action::Patch { set, .. } => set.keys().collect(),
        Action::Append { list, .. } => vec![list],
        _ => Vec::new(),
    };
    names.into_iter().filter(|name| is_owned(name)).cloned().collect()
}

fn joined(body: &Body, set: &Body) -> Body {
    let mut after = body.clone();
    after.extend(set.clone());
    after.retain(|_, value: &mut Value| !value.is_null());
    after
}
