//! Takes an order: all of it in one transaction, or nothing.

use std::collections::BTreeMap;

use chrono::DateTime;
use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::ids::{OpId, RecordId, StaffId};
use fushan_grid_core::model::incident::CategorySnapshot;
use fushan_grid_core::model::op::{Action, Operation};
use fushan_grid_core::model::record::{Body, Kind, Record};
use fushan_grid_core::model::time::{Hlc, UtcMillis};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::channels::{Channel, Mapped};
use super::order::Order;
use super::suggest::{Hint, suggest};
use crate::books::Books;
use crate::operation::scopes_of;
use crate::store::{Stored, TakenOrder, Tx};

/// The step by which a channel's report comes in.
const INTAKE: &str = "T03_INTAKE";

/// The answer to an order; the same one for every repeat of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Taken {
    /// The order's own number.
    pub(crate) order_no: String,
    /// The incident.
    pub(crate) record: RecordId,
    /// The district's case number.
    pub(crate) case_no: String,
    /// Category that its class came to.
    pub(crate) category: String,
    /// Whether a line of the mapping table named it; else a person looks.
    pub(crate) mapped: bool,
    /// Grid, when the place told one.
    pub(crate) grid: Option<String>,
    /// Open reports that may be of the same thing.
    pub(crate) duplicates: Vec<Hint>,
}

/// Why an order is not taken. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A rule of the contract, by its code.
    Broken(&'static str),
    /// The number is taken by an order of other content.
    Conflict,
}

/// Takes an order of a channel.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    books: &Books,
    channel: &Channel,
    order: &Order,
    now: UtcMillis,
) -> Stored<Result<Taken, Refused>> {
    if let Some(rule) = order.broken() {
        return Ok(Err(Refused::Broken(rule)));
    }
    let hash = order.digest();
    if let Some(before) = tx.channel_order(&channel.code, &order.order_no)? {
        return Ok(match before.hash == hash {
            true => Ok(serde_json::from_str(&before.answer)?),
            false => Err(Refused::Conflict),
        });
    }
    let mapped = match mapped(books, channel, order) {
        Ok(mapped) => mapped,
        Err(rule) => return Ok(Err(Refused::Broken(rule))),
    };
    let day = DateTime::from_timestamp_millis(now.plus(i64::from(books.calendar.offset_minutes()) * 60_000).0);
    let day = day.map(|day| day.format("%Y%m%d").to_string()).unwrap_or_default();
    let case_no = tx.next_case_no(&books.channels.district, &day)?;
    let record = record_of(books, channel, order, &mapped, &case_no, now);
    let record = match record {
        Ok(record) => record,
        Err(rule) => return Ok(Err(Refused::Broken(rule))),
    };
    let duplicates = suggest(tx, &record, now)?;
    let taken = Taken {
        order_no: order.order_no.clone(),
        record: record.id,
        case_no,
        category: mapped.category,
        mapped: mapped.known,
        grid: record.grid.as_ref().map(ToString::to_string),
        duplicates,
    };
    write(tx, channel, order, &record, &taken, hash, now)?;
    Ok(Ok(taken))
}

fn write(
    tx: &mut Tx<'_>,
    channel: &Channel,
    order: &Order,
    record: &Record,
    taken: &Taken,
    hash: [u8; 32],
    now: UtcMillis,
) -> Stored<()> {
    let versioned = Versioned {
        record: record.clone(),
        field_rev: BTreeMap::new(),
    };
    tx.put(&versioned, &scopes_of(record))?;
    tx.history(
        &operation(record, now),
        1,
        &StaffId(format!("channel:{}", channel.code)),
        None,
        now,
    )?;
    tx.put_channel_order(&TakenOrder {
        channel: channel.code.clone(),
        order_no: order.order_no.clone(),
        hash,
        record: record.id,
        at: now,
        answer: serde_json::to_string(taken)?,
    })?;
    let need_reply = order.need_reply.unwrap_or(channel.need_reply);
    // nobody can be told who did not say who they are
    if need_reply && !order.anonymous {
        tx.owe_reply(&channel.code, &order.order_no, record.id)?;
    }
    if let Some(contact) = order.reporter.as_ref().filter(|_| !order.anonymous) {
        tx.put_contact(&channel.code, &order.order_no, &serde_json::to_string(contact)?)?;
    }
    Ok(())
}

fn mapped(books: &Books, channel: &Channel, order: &Order) -> Result<Mapped, &'static str> {
    let Some(code) = &order.category else {
        return Ok(books.channels.map(&channel.code, order.class.as_deref()));
    };
    if !channel.may_name_category || books.category(code).is_none() {
        return Err("order_category_unknown");
    }
    Ok(Mapped {
        category: code.clone(),
        urgency: None,
        severity: None,
        known: true,
    })
}

/// An id that follows from channel and number, so that two processes that take the same order make the same record.
fn id_of(channel: &str, order_no: &str, now: UtcMillis) -> RecordId {
    RecordId::of_digest(now, &Sha256::digest(format!("{channel}\n{order_no}")))
}

fn record_of(
    books: &Books,
    channel: &Channel,
    order: &Order,
    mapped: &Mapped,
    case_no: &str,
    now: UtcMillis,
) -> Result<Record, &'static str> {
    let category = books.category(&mapped.category).ok_or("order_category_unknown")?;
    let point = order.place.as_ref().map(super::order::Place::point).transpose()?;
    let grid = order
        .grid
        .clone()
        .or_else(|| point.and_then(|point| books.grid_at(point)));
    if grid.as_ref().is_some_and(|grid| books.area(grid.as_str()).is_none()) {
        return Err("order_grid_unknown");
    }
    let filed_under = CategorySnapshot {
        code: mapped.category.clone(),
        zh: category.zh.clone(),
        en: category.en.clone(),
        version: books.taxonomy.version.clone(),
    };
    let urgency = order.urgency.clone().or_else(|| mapped.urgency.clone());
    let id = id_of(&channel.code, &order.order_no, now);
    let mut body = json!({
        "case_no": case_no,
        "title": order.title.clone().unwrap_or_else(|| category.zh.clone()),
        "description": order.description.trim(),
        "category": mapped.category,
        "filed_under": filed_under,
        "channel": channel.source,
        "intake": {"channel": channel.code, "mapping": books.channels.version, "mapped": mapped.known},
        "order_no": order.order_no,
        "urgency": urgency.unwrap_or_else(|| category.urgency.clone()),
        "severity": order.severity.clone().or_else(|| mapped.severity.clone()),
        "point": point,
        "address": order.address,
        "happened_at": order.happened_at,
        "anonymous": order.anonymous,
        "need_reply": order.need_reply.unwrap_or(channel.need_reply),
        "citizen": format!("c_{:.8}", id.0.simple().to_string().chars().rev().collect::<String>()),
        "appeals": order.appeals,
        // the district has it until a desk accepts it at a level
        "owner_org": books.channels.district,
        "external_codes": order.class.as_ref().map(|class| json!([
            {"standard_ref": format!("channel:{}", channel.code), "kind": "class", "code": class, "name": class}
        ])),
        "history": [{"seq": 1, "event": INTAKE, "from": "NONE", "to": "REPORTED", "role": "SYSTEM", "at": now,
                     "args": {"channel": channel.code, "order_no": order.order_no}}],
    });
    if let Value::Object(body) = &mut body {
        body.extend(order.facts.clone());
        body.retain(|_, value| !value.is_null());
    }
    Ok(Record {
        id,
        kind: Kind::of(Kind::INCIDENT),
        grid,
        rev: 1,
        state: "REPORTED".to_owned(),
        body: body.as_object().cloned().unwrap_or_else(Body::new),
        deleted: false,
    })
}

/// The intake as an operation, for the history that audits read.
fn operation(record: &Record, now: UtcMillis) -> Operation {
    let args = json!({"channel": record.body.get("intake"), "order_no": record.body.get("order_no")});
    Operation {
        op: OpId(record.id.0),
        kind: record.kind.clone(),
        record: record.id,
        action: Action::Transition {
            event: INTAKE.to_owned(),
            from: "NONE".to_owned(),
            to: record.state.clone(),
            role: "SYSTEM".to_owned(),
            args: args.as_object().cloned().unwrap_or_default(),
            base: Body::new(),
            set: Body::new(),
        },
        base_rev: None,
        base_op: None,
        group: None,
        evidence: Vec::new(),
        hlc: Hlc::default().tick(now),
        at: now,
        schema: 1,
    }
}
