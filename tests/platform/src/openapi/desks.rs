//! The desks' doors: channels and their keys, replies, duplicates, placing, dispatch, timers, packs, records.

use serde_json::json;

use super::calls::{Call, act, get, post};
use super::schema;
use super::shape::{any_object, count, list, maybe, object, paged, text, uuid, whole, yes};
use crate::dispatching::{Deciding, Refusal};
use crate::http::{ActRequest, Asked, CodeRequest, Dismissal, KeyRequest, Placing, Publication, Shifts, Withdrawal};
use crate::intake::Told;
use crate::store::{DispatchRow, KeptOperation, KeyRow, RungRow, WaitRow};
use crate::timers::Ticked;
use fushan_grid_core::model::record::Record;

const PAGE: (&str, &str) = ("limit", "limit");
const AFTER: (&str, &str) = ("after", "^-?[0-9]{1,19}\\.[0-9a-f-]{36}\\.[0-9a-f-]{36}$");
const ID: (&str, &str) = (
    "id",
    "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
);

/// A reply to a citizen as it is told.
fn reply() -> serde_json::Value {
    object(&[
        ("channel", text()),
        ("order_no", text()),
        ("record", uuid()),
        ("attempts", count()),
        ("contacted", maybe(&yes())),
        ("solved", maybe(&yes())),
        (
            "satisfaction",
            maybe(&json!({"type": "integer", "minimum": 1, "maximum": 5})),
        ),
    ])
}

/// The calls.
pub(super) const CALLS: &[Call] = &[
    get(
        "/admin/v1/access-keys",
        "Tells which keys there are, by what they are for.",
        |g| object(&[("keys", list(&schema::<KeyRow>(g)))]),
    ),
    post(
        "/admin/v1/access-keys",
        "Issues a key of a channel, or without one a key of the hall's screen. It is told once.",
        schema::<KeyRequest>,
        |_| object(&[("key", text()), ("expires", whole())]),
    ),
    post(
        "/admin/v1/access-keys/withdraw",
        "Withdraws the keys of a channel or of all screens; with a label only those that carry it.",
        schema::<Withdrawal>,
        |_| object(&[("withdrawn", count())]),
    ),
    get(
        "/admin/v1/replies",
        "A page of the replies that nobody has given, the oldest order first.",
        |_| paged("replies", &reply()),
    )
    .with(&[PAGE, AFTER]),
    post(
        "/admin/v1/replies",
        "Notes what a caller learned of a citizen. On a closed incident it is the evaluation; `forbidden` names the rule that forbade it.",
        schema::<Told>,
        |_| {
            json!({"type": "object", "required": ["noted", "evaluated"], "additionalProperties": false,
                   "properties": {"noted": yes(), "evaluated": yes(), "forbidden": text()}})
        },
    ),
    get(
        "/admin/v1/replies/{id}",
        "The replies to the orders of one incident.",
        |_| paged("replies", &reply()),
    )
    .with(&[ID]),
    post(
        "/admin/v1/contact",
        "Tells how the citizen of an order is reached; who asked is logged.",
        schema::<Asked>,
        |_| object(&[("contact", any_object())]),
    ),
    get(
        "/admin/v1/duplicates",
        "A page of reports that may be of the same thing, the oldest suggestion first.",
        |_| {
            paged(
                "duplicates",
                &object(&[("record", uuid()), ("other", uuid()), ("distance_cm", count())]),
            )
        },
    )
    .with(&[PAGE, AFTER]),
    post(
        "/admin/v1/duplicates/dismiss",
        "Says that two reports are of different things.",
        schema::<Dismissal>,
        |_| object(&[("dismissed", yes())]),
    ),
    post(
        "/admin/v1/place",
        "Gives an incident that has none its grid, with a line in its history.",
        schema::<Placing>,
        |_| object(&[("placed", yes())]),
    ),
    get(
        "/admin/v1/incidents/{state}",
        "A page of the incidents in a state, the longest unchanged first.",
        |_| {
            let row = object(&[
                ("record", uuid()),
                ("case_no", text()),
                ("grid", text()),
                ("category", text()),
                ("level", count()),
                ("channel", text()),
                ("reported_at", whole()),
            ]);
            paged("incidents", &row)
        },
    )
    .with(&[("state", "^[A-Z]{1,16}$"), PAGE, AFTER]),
    get(
        "/admin/v1/dispatch/queue",
        "A page of what people decide, what is due first before the rest.",
        |g| paged("waiting", &schema::<WaitRow>(g)),
    )
    .with(&[PAGE, AFTER]),
    get("/admin/v1/dispatch/queue/{level}", "The same for one level.", |g| {
        paged("waiting", &schema::<WaitRow>(g))
    })
    .with(&[("level", "^[1-3]$"), PAGE, AFTER]),
    get(
        "/admin/v1/dispatch/table",
        "Where incidents went: decisions by outcome and organisation.",
        |_| {
            let row = object(&[("outcome", text()), ("main", text()), ("incidents", count())]);
            object(&[("table", list(&row))])
        },
    ),
    get(
        "/admin/v1/dispatch/proposals",
        "Lines of the responsibility list that joint decisions propose.",
        |_| object(&[("proposals", list(&any_object()))]),
    ),
    get(
        "/admin/v1/dispatch/explain/{id}",
        "Every decision on an incident, with rule, rule set and explanation.",
        |g| object(&[("decisions", list(&schema::<DispatchRow>(g)))]),
    )
    .with(&[ID]),
    post(
        "/admin/v1/dispatch/decide",
        "Dispatches by a person's decision; after two refusals of a round it is forced.",
        schema::<Deciding>,
        |g| object(&[("record", schema::<Record>(g))]),
    ),
    post(
        "/admin/v1/dispatch/refuse",
        "Sends an incident back and lets the rules decide again without who refused.",
        schema::<Refusal>,
        |_| {
            json!({"type": "object", "required": ["to", "level"], "properties": {
                "to": {"enum": ["handler", "human"]}, "level": count(), "rule": text(), "main": text(), "why": text()
            }})
        },
    ),
    post(
        "/admin/v1/duty",
        "Writes rosters: duty, call and leave.",
        schema::<Shifts>,
        |_| object(&[("shifts", count())]),
    ),
    get(
        "/admin/v1/duty/{org}",
        "Who of an organisation may be given a task now, with their load.",
        |_| {
            let row = object(&[("staff", text()), ("load", count()), ("open", count())]);
            object(&[("handlers", list(&row))])
        },
    )
    .with(&[("org", "^[a-z_]{1,32}$")]),
    act(
        "/admin/v1/tick",
        "Looks at everything whose time has come; the platform does so by itself.",
        schema::<Ticked>,
    ),
    get(
        "/admin/v1/rungs/{since}",
        "Rungs of the timeout ladder taken since a moment.",
        |g| object(&[("rungs", list(&schema::<RungRow>(g)))]),
    )
    .with(&[("since", "^[0-9]{1,13}$")]),
    post(
        "/admin/v1/packs",
        "Publishes a pack: areas, taxonomy, dispatch, seasons, limits, calendar, channels. One that contradicts changes nothing.",
        schema::<Publication>,
        |_| object(&[("name", text()), ("rev", count())]),
    ),
    post(
        "/admin/v1/codes",
        "Issues a one-time code for enrolment.",
        schema::<CodeRequest>,
        |_| object(&[("code", text()), ("expires", whole())]),
    ),
    post(
        "/admin/v1/act",
        "A desk acts on a record by the rules that bind everybody; a step that is forbidden is `rejected` with the rule's code.",
        schema::<ActRequest>,
        |g| {
            object(&[
                ("status", json!({"enum": ["applied", "rejected"]})),
                ("record", maybe(&schema::<Record>(g))),
                ("code", maybe(&text())),
            ])
        },
    ),
    get(
        "/admin/v1/records/{id}",
        "One record as the platform has it.",
        schema::<Record>,
    )
    .with(&[ID]),
    get(
        "/admin/v1/history/{id}",
        "What was done to a record, operation by operation.",
        |g| object(&[("operations", list(&schema::<KeptOperation>(g)))]),
    )
    .with(&[ID]),
];
