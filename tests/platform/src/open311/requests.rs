//! Service requests: posted into the intake, read out of the incidents.

use std::collections::BTreeMap;

use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::incident::is_over;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::model::time::UtcMillis;
use serde_json::{Map, Value, json};

use super::CHANNEL;
use super::document::Document;
use crate::books::Books;
use crate::intake::{Contact, Order, Place};
use crate::store::{Stored, Tx};

/// Most requests in one answer, and the longest span without other filters, as the standard has them.
const MOST: u32 = 1_000;
const SPAN_MS: i64 = 90 * 86_400_000;

/// What was posted, by the standard's names.
pub(crate) struct Posted(pub(crate) BTreeMap<String, String>);

impl Posted {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|text| text.trim()).filter(|text| !text.is_empty())
    }

    /// The order that it comes to, under a number of our own. The code of what is missing or wrong otherwise.
    pub(crate) fn order(&self, books: &Books, order_no: String) -> Result<Order, &'static str> {
        let code = self.get("service_code").ok_or("service_code_missing")?;
        if books.taxonomy.category(code).is_none() {
            return Err("service_code_unknown");
        }
        let number = |name: &str| {
            self.get(name)
                .map(str::parse::<f64>)
                .transpose()
                .map_err(|_| "lat_long_invalid")
        };
        // clients take positions from a phone's receiver
        let place = number("lat")?.zip(number("long")?).map(|(lat, lon)| Place {
            lon,
            lat,
            crs: "WGS84".to_owned(),
        });
        let address = self.get("address_string").or_else(|| self.get("address_id"));
        if place.is_none() && address.is_none() {
            return Err("address_missing");
        }
        let name = [self.get("last_name"), self.get("first_name")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("");
        let contact = Contact {
            name: Some(name).filter(|name| !name.is_empty()),
            phone: self.get("phone").map(str::to_owned),
            email: self.get("email").map(str::to_owned),
        };
        Ok(Order {
            order_no,
            class: None,
            category: Some(code.to_owned()),
            title: None,
            description: self.get("description").ok_or("description_missing")?.to_owned(),
            address: address.map(str::to_owned),
            place,
            grid: None,
            urgency: None,
            severity: None,
            happened_at: None,
            anonymous: contact.is_empty(),
            need_reply: None,
            reporter: Some(contact).filter(|contact| !contact.is_empty()),
            appeals: None,
            facts: self.facts(),
        })
    }

    /// Attributes of the service definition, as `attribute[code]`.
    fn facts(&self) -> Map<String, Value> {
        let of = |name: &str| self.get(&format!("attribute[{name}]"));
        let mut facts = Map::new();
        for name in ["managed_estate", "at_home"] {
            if let Some(yes) = of(name).and_then(|text| text.parse::<bool>().ok()) {
                facts.insert(name.to_owned(), yes.into());
            }
        }
        if let Some(people) = of("involved_count").and_then(|text| text.parse::<u32>().ok()) {
            facts.insert("involved_count".to_owned(), people.into());
        }
        facts
    }
}

/// Filters of the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    ids: Vec<String>,
    services: Vec<String>,
    statuses: Vec<String>,
    from: Option<UtcMillis>,
    to: Option<UtcMillis>,
}

impl Filter {
    /// Reads a query. The code of what is wrong.
    pub(crate) fn of(query: &BTreeMap<String, String>) -> Result<Self, &'static str> {
        let texts = |name: &str| -> Vec<String> {
            let text = query.get(name).map(String::as_str).unwrap_or_default();
            text.split(',')
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let moment = |name: &str| {
            query
                .get(name)
                .map(|text| UtcMillis::parse_rfc3339(text).ok_or("w3_date_invalid"))
                .transpose()
        };
        let statuses = texts("status");
        if statuses.iter().any(|status| status != "open" && status != "closed") {
            return Err("status_unknown");
        }
        Ok(Self {
            ids: texts("service_request_id"),
            services: texts("service_code"),
            statuses,
            from: moment("start_date")?,
            to: moment("end_date")?,
        })
    }

    /// At most ninety days when no ids are given; the last ninety without dates.
    fn span(&self, now: UtcMillis) -> (UtcMillis, UtcMillis) {
        let to = self
            .to
            .or_else(|| self.from.map(|from| from.plus(SPAN_MS)))
            .unwrap_or(now);
        let from = self.from.unwrap_or_else(|| to.plus(-SPAN_MS));
        (from.max(to.plus(-SPAN_MS)), to)
    }

    fn fits(&self, record: &Record) -> bool {
        let service = record.body.get("category").and_then(Value::as_str).unwrap_or_default();
        (self.services.is_empty() || self.services.iter().any(|code| code == service))
            && (self.statuses.is_empty() || self.statuses.iter().any(|status| status == status_of(&record.state)))
    }
}

/// Requests that fit, the latest first.
pub(crate) fn list(tx: &mut Tx<'_>, books: &Books, filter: &Filter, keyed: bool, now: UtcMillis) -> Stored<Document> {
    let records = if filter.ids.is_empty() {
        let (from, to) = filter.span(now);
        tx.channel_records(CHANNEL, from, to, MOST)?
    } else {
        let mut records = Vec::new();
        for id in filter.ids.iter().take(MOST as usize) {
            records.extend(tx.channel_record(CHANNEL, id)?);
        }
        records
    };
    let fitting = records
        .iter()
        .filter(|record| filter.fits(record))
        .map(|record| request(books, record, keyed));
    Ok(Document::list("service_requests", "request", fitting.collect()))
}

/// One request by its number.
pub(crate) fn by_id(tx: &mut Tx<'_>, books: &Books, id: &str, keyed: bool) -> Stored<Option<Document>> {
    let record = tx.channel_record(CHANNEL, id)?;
    Ok(record.map(|record| Document::list("service_requests", "request", vec![request(books, &record, keyed)])))
}

/// A token is the incident's id: it becomes the request's number, which every request here has at once.
pub(crate) fn token(tx: &mut Tx<'_>, token: &str) -> Stored<Option<Document>> {
    let Ok(id) = token.parse::<RecordId>() else {
        return Ok(None);
    };
    let Some(versioned) = tx.record(id)? else {
        return Ok(None);
    };
    let Some(number) = versioned.record.body.get("case_no") else {
        return Ok(None);
    };
    let found = json!({"service_request_id": number, "token": token});
    Ok(Some(Document::list("service_requests", "request", vec![found])))
}

fn status_of(state: &str) -> &'static str {
    if is_over(state) { "closed" } else { "open" }
}

/// A request by the standard's names. What the citizen typed, why it was closed and the exact place are for clients with a key: a
/// text may name people, and a point may be somebody's door.
fn request(books: &Books, record: &Record, keyed: bool) -> Value {
    let body = &record.body;
    let history = body
        .get("history")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let at = |line: Option<&Value>| {
        line.and_then(|line| line.get("at")?.as_i64())
            .map(|at| UtcMillis(at).to_string())
    };
    let point: Option<Point> = body
        .get("point")
        .and_then(|point| serde_json::from_value(point.clone()).ok());
    let degrees = point.filter(|_| keyed).map(|point| point.degrees(Crs::Wgs84));
    let code = body.get("category").and_then(Value::as_str).unwrap_or_default();
    let handler = body
        .get("handler_org")
        .and_then(Value::as_str)
        .and_then(|org| books.dispatch.org(org));
    let reason = body.get("close_reason").and_then(Value::as_str);
    json!({
        "service_request_id": body.get("case_no"),
        "status": status_of(&record.state),
        "status_notes": reason.filter(|_| keyed),
        "service_name": books.category(code).map(|category| category.zh.clone()),
        "service_code": code,
        "description": body.get("description").filter(|_| keyed),
        "agency_responsible": handler.map(|org| org.zh.clone()),
        "service_notice": null,
        "requested_datetime": at(history.first()),
        "updated_datetime": at(history.last()),
        "expected_datetime": null,
        "address": body.get("address").filter(|_| keyed),
        "address_id": null,
        "zipcode": null,
        "lat": degrees.map(|(_, lat)| lat),
        "long": degrees.map(|(lon, _)| lon),
        "media_url": null,
    })
}
