//! The protocol, message by message: what a platform must answer whatever a phone sends.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;

use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::{DeviceId, GroupId, Incarnation, OpId, RecordId};
use fushan_grid_core::model::op::{Action, Group, Operation};
use fushan_grid_core::model::record::{Body, Kind, Scope};
use fushan_grid_core::model::time::{Hlc, UtcMillis};
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Method, Request, Response, Transport};
use fushan_grid_core::wire::enrol::{EnrolReply, EnrolRequest};
use fushan_grid_core::wire::fault::FaultReply;
use fushan_grid_core::wire::pull::{PullLine, PullRequest, ScopeCursor};
use fushan_grid_core::wire::push::{NumberedOp, OpStatus, PushReply, PushRequest};
use fushan_suite::field::{Field, GRID};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A phone by hand: it sends what a test wants it to send.
struct Bare {
    field: Field,
    transport: HttpTransport,
    token: String,
    device: DeviceId,
    incarnation: Incarnation,
}

impl Bare {
    fn enrolled() -> Self {
        let field = Field::start().unwrap();
        let transport = HttpTransport::new(&field.platform.url(), HttpConfig::default()).unwrap();
        let device = DeviceId::v7(UtcMillis(1), [1; 10]);
        let incarnation = Incarnation::v7(UtcMillis(1), [2; 10]);
        let code = field.code(&format!("s_{GRID}")).unwrap();
        let mut bare = Self {
            field,
            transport,
            token: String::new(),
            device,
            incarnation,
        };
        let reply = bare.post(
            "/v1/enrol",
            &EnrolRequest {
                code,
                device,
                incarnation,
                app: "test".into(),
            },
        );
        bare.token = serde_json::from_slice::<EnrolReply>(&reply.body).unwrap().token;
        bare
    }

    fn send(&self, method: Method, path: &str, more: &[(&'static str, String)], body: Vec<u8>) -> Response {
        let mut headers = vec![("authorization", format!("Bearer {}", self.token))];
        headers.extend(more.iter().cloned());
        let request = Request {
            method,
            path: path.into(),
            headers,
            body,
        };
        self.transport.send(&request, &Cancel::new()).unwrap()
    }

    fn post(&self, path: &str, message: &impl Serialize) -> Response {
        self.send(Method::Post, path, &[], serde_json::to_vec(message).unwrap())
    }

    fn push(&self, ops: Vec<NumberedOp>) -> Response {
        let (device, incarnation) = (self.device, self.incarnation);
        self.post(
            "/v1/push",
            &PushRequest {
                device,
                incarnation,
                acked_through: 0,
                sent_at: UtcMillis(0),
                ops,
            },
        )
    }

    fn statuses(&self, ops: Vec<NumberedOp>) -> Vec<(OpStatus, Option<String>)> {
        let reply: PushReply = serde_json::from_slice(&self.push(ops).body).unwrap();
        reply.results.into_iter().map(|r| (r.status, r.code)).collect()
    }

    fn record(&self, n: u8) -> Value {
        self.field
            .operate(&format!("/admin/v1/records/{}", id(n)), &Value::Null)
            .unwrap()
    }
}

fn id(n: u8) -> RecordId {
    RecordId::v7(UtcMillis(5), [n; 10])
}

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

fn create(n: u64, record: u8, name: &str) -> NumberedOp {
    let action = Action::Create {
        grid: GRID.parse().unwrap(),
        body: body(json!({"name": name})),
    };
    NumberedOp {
        n,
        op: operation(n, record, action),
    }
}

fn operation(n: u64, record: u8, action: Action) -> Operation {
    Operation {
        op: OpId::v7(UtcMillis(7), [u8::try_from(n).unwrap(); 10]),
        kind: Kind::of("person"),
        record: id(record),
        action,
        base_rev: None,
        base_op: None,
        group: None,
        evidence: Vec::new(),
        hlc: Hlc(n),
        at: UtcMillis(0),
        schema: 7,
    }
}

fn fault(reply: &Response) -> (u16, String, Option<u64>) {
    let fault: FaultReply = serde_json::from_slice(&reply.body).unwrap();
    (reply.status, fault.error.code, fault.error.expected_n)
}

#[test]
fn a_gap_in_the_numbers_is_held_with_the_number_to_start_at() {
    let phone = Bare::enrolled();
    assert_eq!(
        fault(&phone.push(vec![create(2, 2, "甲乙")])),
        (409, "held".into(), Some(1))
    );
    assert_eq!(phone.statuses(vec![create(1, 1, "甲乙")]), [(OpStatus::Applied, None)]);
    assert_eq!(
        fault(&phone.push(vec![create(2, 2, "甲乙"), create(4, 4, "甲乙")])),
        (409, "held".into(), Some(2))
    );
    assert_eq!(
        phone.record(2)["error"]["code"],
        "not_found",
        "nothing of a held push is taken"
    );
}

#[test]
fn a_repeat_gets_its_receipt_and_another_content_under_its_id_is_refused() {
    let phone = Bare::enrolled();
    assert_eq!(phone.statuses(vec![create(1, 1, "甲乙")]), [(OpStatus::Applied, None)]);
    for _ in 0..3 {
        assert_eq!(phone.statuses(vec![create(1, 1, "甲乙")]), [(OpStatus::Applied, None)]);
    }
    let other = phone.statuses(vec![create(1, 1, "丙丁")]);
    assert_eq!(other, [(OpStatus::Rejected, Some("idempotency_mismatch".into()))]);
    let record = phone.record(1);
    assert_eq!(
        (record["rev"].as_i64(), record["body"]["name"].as_str()),
        (Some(1), Some("甲乙"))
    );
}

#[test]
fn a_number_used_again_for_another_operation_tells_of_a_cloned_database() {
    let phone = Bare::enrolled();
    phone.statuses(vec![create(1, 1, "甲乙")]);
    let mut clone = create(1, 9, "丙丁");
    clone.op.op = OpId::v7(UtcMillis(8), [99; 10]);
    assert_eq!(fault(&phone.push(vec![clone])).1, "forked");
}

#[test]
fn a_group_takes_effect_together_or_not_at_all() {
    let phone = Bare::enrolled();
    let group = |index, of| {
        Some(Group {
            id: GroupId::v7(UtcMillis(1), [7; 10]),
            index,
            of,
        })
    };
    let with = |mut op: NumberedOp, group| {
        op.op.group = group;
        op
    };
    let nameless = {
        let action = Action::Create {
            grid: GRID.parse().unwrap(),
            body: Body::new(),
        };
        NumberedOp {
            n: 2,
            op: operation(2, 2, action),
        }
    };
    let results = phone.statuses(vec![
        with(create(1, 1, "甲乙"), group(0, 2)),
        with(nameless, group(1, 2)),
    ]);
    assert_eq!(
        results,
        [
            (OpStatus::Rejected, Some("group_refused".into())),
            (OpStatus::Rejected, Some("validation".into())),
        ]
    );
    assert_eq!(phone.record(1)["error"]["code"], "not_found");
    let alone = phone.statuses(vec![with(create(3, 3, "甲乙"), group(0, 2))]);
    assert_eq!(alone, [(OpStatus::Rejected, Some("group_incomplete".into()))]);
}

#[test]
fn an_incident_out_of_an_inspection_is_taken_with_it_and_not_without() {
    let phone = Bare::enrolled();
    let grid = || GRID.parse().unwrap();
    let group = |group: u8, index, of| {
        Some(Group {
            id: GroupId::v7(UtcMillis(1), [group; 10]),
            index,
            of,
        })
    };
    let op = |n: u64, kind: &str, record, action, group| {
        let mut op = operation(n, record, action);
        (op.kind, op.group) = (Kind::of(kind), group);
        NumberedOp { n, op }
    };
    let incident = |n, record, tie| {
        let found = json!({"category": "A01.02", "point": {"lon_e7": 1_212_640_000, "lat_e7": 375_020_000},
            "description": "出口堵塞", "channel": "INSPECTION", "inspection_ref": id(9), "title": "出口"});
        let body = body(found);
        op(n, "incident", record, Action::Create { grid: grid(), body }, tie)
    };
    let submit = |n: u64, record, tie| {
        let action = Action::Transition {
            event: "T02_SUBMIT".into(),
            from: "DRAFT".into(),
            to: "REPORTED".into(),
            role: "GRID_STAFF".into(),
            args: Body::new(),
            base: Body::new(),
            set: Body::new(),
        };
        let mut submit = op(n, "incident", record, action, tie);
        submit.op.base_op = Some(OpId::v7(UtcMillis(7), [u8::try_from(n - 1).unwrap(); 10]));
        submit
    };
    let alone = phone.statuses(vec![incident(1, 5, group(1, 0, 2)), submit(2, 5, group(1, 1, 2))]);
    assert_eq!(
        alone,
        [
            (OpStatus::Rejected, Some("group_refused".into())),
            (OpStatus::Rejected, Some("inspection_unknown".into())),
        ]
    );
    let made = Action::Create {
        grid: grid(),
        body: body(json!({"form": "FIRE9", "result": "HAZARD"})),
    };
    let together = phone.statuses(vec![
        op(3, "inspection", 9, made, group(2, 0, 3)),
        incident(4, 6, group(2, 1, 3)),
        submit(5, 6, group(2, 2, 3)),
    ]);
    assert!(
        together.iter().all(|(status, _)| *status == OpStatus::Applied),
        "{together:?}"
    );
    let later = phone.statuses(vec![incident(6, 7, group(3, 0, 2)), submit(7, 7, group(3, 1, 2))]);
    assert!(
        later.iter().all(|(status, _)| *status == OpStatus::Applied),
        "{later:?}"
    );
}

#[test]
fn an_operation_may_stand_on_an_earlier_one_of_its_phone() {
    let phone = Bare::enrolled();
    let set = |n: u64, base: &str, name: &str| {
        let action = Action::Patch {
            base: body(json!({"name": base})),
            set: body(json!({"name": name})),
        };
        let base_op = Some(OpId::v7(UtcMillis(7), [u8::try_from(n - 1).unwrap(); 10]));
        NumberedOp {
            n,
            op: Operation {
                base_op,
                ..operation(n, 1, action)
            },
        }
    };
    let results = phone.statuses(vec![
        create(1, 1, "甲乙"),
        set(2, "甲乙", "丙丁"),
        set(3, "丙丁", "戊己"),
    ]);
    assert!(
        results.iter().all(|(status, _)| *status == OpStatus::Applied),
        "{results:?}"
    );
    assert_eq!(phone.record(1)["rev"], 3);
}

/// Pulls a scope with replies of at most `max_bytes` until it is complete.
fn pulled(phone: &Bare, scope: &Scope, max_bytes: u64) -> BTreeMap<String, (i64, Value)> {
    let mut cursor = ScopeCursor {
        scope: scope.clone(),
        epoch: 0,
        since: 0,
        unfinished: false,
    };
    let mut records = BTreeMap::new();
    for _ in 0..500 {
        let request = PullRequest {
            device: phone.device,
            scopes: vec![cursor.clone()],
            scope_set_version: 1,
            max_bytes,
            wait_ms: 0,
            sent_at: UtcMillis(0),
        };
        let reply = phone.post("/v1/pull", &request);
        let mut finished = false;
        for line in std::str::from_utf8(&reply.body).unwrap().lines() {
            match serde_json::from_str(line).unwrap() {
                PullLine::Put { record, .. } => {
                    records.insert(record.id.to_string(), (record.rev, json!(record.body)));
                }
                PullLine::Gone { id, .. } | PullLine::Leave { id, .. } => {
                    records.remove(&id.to_string());
                }
                PullLine::ScopeDone {
                    epoch, seq, complete, ..
                } => {
                    cursor.epoch = epoch;
                    cursor.since = seq;
                    finished = complete;
                }
                _ => {}
            }
        }
        if finished {
            return records;
        }
    }
    panic!("the pull did not come to an end")
}

#[test]
fn every_size_of_page_gives_the_same_picture() {
    let phone = Bare::enrolled();
    let mut ops: Vec<NumberedOp> = (1..=30).map(|n| create(u64::from(n), n, &format!("甲乙{n}"))).collect();
    let withdraw = Operation {
        base_rev: Some(1),
        ..operation(31, 4, Action::Withdraw { reason: "x".into() })
    };
    ops.push(NumberedOp { n: 31, op: withdraw });
    phone.statuses(ops);
    let scope = Scope::grid(&GRID.parse().unwrap());
    let whole = pulled(&phone, &scope, 10_000_000);
    assert!(whole.len() > 29 && !whole.contains_key(&id(4).to_string()));
    for max_bytes in [1, 100, 301, 999, 2_500, 7_777] {
        assert_eq!(pulled(&phone, &scope, max_bytes), whole, "{max_bytes}");
    }
}

#[test]
fn a_cursor_of_another_epoch_or_beyond_the_head_starts_again() {
    let phone = Bare::enrolled();
    for (epoch, since) in [(99, 1), (1, 1_000_000)] {
        let request = PullRequest {
            device: phone.device,
            scopes: vec![ScopeCursor {
                scope: Scope::district(),
                epoch,
                since,
                unfinished: false,
            }],
            scope_set_version: 1,
            max_bytes: 10_000_000,
            wait_ms: 0,
            sent_at: UtcMillis(0),
        };
        let reply = phone.post("/v1/pull", &request);
        let text = String::from_utf8(reply.body).unwrap();
        assert!(
            text.contains("\"line\":\"resync\"") && text.contains("\"line\":\"put\""),
            "{epoch} {since}"
        );
    }
}

#[test]
fn a_scope_that_is_not_ones_own_is_not_told() {
    let phone = Bare::enrolled();
    let request = PullRequest {
        device: phone.device,
        scopes: vec![ScopeCursor {
            scope: Scope("grid:370611001902001".into()),
            epoch: 0,
            since: 0,
            unfinished: false,
        }],
        scope_set_version: 1,
        max_bytes: 10_000_000,
        wait_ms: 0,
        sent_at: UtcMillis(0),
    };
    let text = String::from_utf8(phone.post("/v1/pull", &request).body).unwrap();
    assert!(!text.contains("\"line\":\"put\""), "{text}");
}

#[test]
fn a_photo_with_another_digest_than_announced_is_never_stored() {
    let phone = Bare::enrolled();
    let announced = BlobHash(Sha256::digest(b"what was announced").into());
    let digest = {
        use std::fmt::Write as _;
        let mut text = String::new();
        // base64 of the digest, by hand: tests add no dependency for it
        const SET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for chunk in announced.0.chunks(3) {
            let n = chunk.iter().fold(0_u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
            for i in 0..4 {
                let c = if i <= chunk.len() {
                    SET[(n >> (18 - 6 * i) & 63) as usize]
                } else {
                    b'='
                };
                write!(text, "{}", char::from(c)).unwrap();
            }
        }
        format!("sha-256=:{text}:")
    };
    let created = phone.send(
        Method::Post,
        "/v1/uploads",
        &[
            ("upload-length", "5".into()),
            ("repr-digest", digest),
            ("tus-resumable", "1.0.0".into()),
        ],
        Vec::new(),
    );
    assert_eq!(created.status, 201);
    let path = created.headers["location"].clone();
    let tus = || ("tus-resumable", "1.0.0".to_owned());
    let at = |offset: &str| {
        let chunk = "application/offset+octet-stream".to_owned();
        vec![tus(), ("content-type", chunk), ("upload-offset", offset.to_owned())]
    };
    let off = phone.send(Method::Patch, &path, &at("3"), b"hello".to_vec());
    assert_eq!((off.status, off.headers["upload-offset"].as_str()), (409, "0"));
    let wrong = phone.send(Method::Patch, &path, &at("0"), b"hello".to_vec());
    assert_eq!(fault(&wrong).1, "digest_mismatch");
    assert_eq!(phone.send(Method::Head, &path, &[tus()], Vec::new()).status, 404);
    let probe = phone.post(
        "/v1/blobs/probe",
        &json!({"blobs": [{"sha256": announced, "bytes": 5}]}),
    );
    assert!(String::from_utf8(probe.body).unwrap().contains("missing"));
}
