//! The operators' doors: people and phones, what phones have let go of, the supervisor's side of the evidence, checklists.

use fushan_grid_core::model::op::Operation;
use fushan_grid_core::model::record::Record;
use serde_json::json;

use super::calls::{Call, act, get, post};
use super::schema;
use super::shape::{any_object, count, list, maybe, object, text, uuid, whole, yes};
use crate::http::{AssignRequest, Decision, PruneRequest, PublishRequest, Revocation, WipeRequest};

fn flags() -> serde_json::Value {
    let row = object(&[
        ("entry", text()),
        ("code", text()),
        ("case", text()),
        ("grid", text()),
        ("detail", text()),
        ("raised_at", whole()),
        ("closed_at", maybe(&whole())),
        ("decision", maybe(&text())),
        ("decided_by", maybe(&text())),
    ]);
    object(&[("flags", list(&row))])
}

/// The calls.
pub(super) const CALLS: &[Call] = &[
    post(
        "/admin/v1/staff",
        "Says where somebody works, in which roles and for which organisations.",
        schema::<AssignRequest>,
        |_| object(&[("version", count())]),
    ),
    get(
        "/admin/v1/devices",
        "All phones: last contact, what they are behind, what they say is waiting.",
        |_| list(&any_object()),
    ),
    act(
        "/admin/v1/devices/{id}/revoke",
        "Withdraws a phone's credentials.",
        |_| object(&[("revoked", uuid())]),
    )
    .with(&[(
        "id",
        "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
    )]),
    post(
        "/admin/v1/wipe",
        "Orders a phone to be wiped at its next contact, or takes the order back.",
        schema::<WipeRequest>,
        |_| object(&[("ordered", maybe(&whole()))]),
    ),
    get(
        "/admin/v1/epoch",
        "Tells the life of the data that new scopes begin in.",
        |_| object(&[("epoch", whole())]),
    ),
    act(
        "/admin/v1/epoch",
        "Begins a new life of the data, after a restore from a backup.",
        |_| object(&[("epoch", whole())]),
    ),
    post(
        "/admin/v1/prune",
        "Lets tombstones of a scope go up to a number.",
        schema::<PruneRequest>,
        |_| object(&[("gone", count())]),
    ),
    get(
        "/admin/v1/purges",
        "What phones have said to be gone from them.",
        |_| list(&object(&[("device", uuid()), ("scope", text()), ("records", count())])),
    ),
    get("/admin/v1/handed-over", "Refused operations of lost scopes.", |g| {
        list(&schema::<Operation>(g))
    }),
    get("/admin/v1/scopes/{scope}", "All records of a scope.", |g| {
        list(&schema::<Record>(g))
    })
    .with(&[("scope", "any")]),
    get("/admin/v1/ledger", "Answers given, by phone and status.", |_| {
        any_object()
    }),
    get(
        "/admin/v1/flags",
        "Open flags of the evidence, the oldest first.",
        |_| flags(),
    ),
    get("/admin/v1/flags/{which}", "Flags that were decided.", |_| flags()).with(&[("which", "^closed$")]),
    post(
        "/admin/v1/flags",
        "Closes a flag with a decision, which goes into the log.",
        schema::<Decision>,
        |_| object(&[("closed", yes())]),
    ),
    get(
        "/admin/v1/conflicts",
        "Open conflicts, and of which a supervisor is asked.",
        |_| object(&[("conflicts", list(&any_object()))]),
    ),
    get(
        "/admin/v1/chains",
        "Every chain of evidence with what is missing from it.",
        |_| object(&[("chains", list(&any_object()))]),
    ),
    get(
        "/admin/v1/log/{index}",
        "A leaf of the log with its proof, by its number.",
        |_| any_object(),
    )
    .with(&[("index", "^[0-9]{1,9}$")]),
    post(
        "/admin/v1/keys/revoke",
        "Lets a key count no more from a place of its chain on.",
        schema::<Revocation>,
        |_| object(&[("revoked", yes())]),
    ),
    act(
        "/admin/v1/stamp",
        "Stamps the log's head now, unless the day has its stamp.",
        |_| json!({"type": "object", "required": ["state"], "properties": {"state": text()}}),
    ),
    post(
        "/admin/v1/forms",
        "Publishes a version of a checklist to all phones.",
        schema::<PublishRequest>,
        |_| {
            object(&[
                ("form", text()),
                ("version", text()),
                ("digest", text()),
                ("parts", count()),
            ])
        },
    ),
];
