//! Whether a record may be about the same person or place as another: a pure function, asked again on each edit, so that a
//! warning goes away when what caused it is corrected.

use serde::Serialize;
use serde_json::Value;

use crate::model::geo::Point;
use crate::model::ids::RecordId;
use crate::model::record::{Body, Record};

/// Places of one name nearer than this may be the same, in metres.
const NEAR_M: f64 = 100.0;

/// A record that may be the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Same {
    /// Whether nothing but a mistake can make two of it: the same number of a person or an organisation.
    pub certain: bool,
    /// The other record.
    pub record: RecordId,
    /// Why: `same_id_number`, `same_uscc`, `same_name_and_birth`, `same_name_and_phone`, `same_name_and_address`,
    /// `same_name_near`.
    pub reasons: Vec<String>,
}

/// Records among the candidates that may be the same as a body of the kind, the certain ones first. Both sides are as
/// [`super::normalise::normalise`] leaves them; what is empty is like nothing.
#[must_use]
pub fn similar(kind: &str, body: &Body, candidates: &[Record]) -> Vec<Same> {
    let same_kind = candidates.iter().filter(|other| other.kind.is(kind) && !other.deleted);
    let mut found: Vec<Same> = same_kind.filter_map(|other| compare(body, other)).collect();
    found.sort_by_key(|same| (!same.certain, same.record));
    found
}

fn compare(body: &Body, other: &Record) -> Option<Same> {
    let equal = |name: &str| text(body, name).is_some() && text(body, name) == text(&other.body, name);
    let certain: Vec<&str> = [("id_number", "same_id_number"), ("uscc", "same_uscc")]
        .into_iter()
        .filter(|(field, _)| equal(field))
        .map(|(_, reason)| reason)
        .collect();
    let mut reasons: Vec<String> = certain.iter().map(|reason| (*reason).to_owned()).collect();
    if equal("name") {
        let with = [
            ("birth_date", "same_name_and_birth"),
            ("phone", "same_name_and_phone"),
            ("address", "same_name_and_address"),
            ("live_addr", "same_name_and_address"),
        ];
        reasons.extend(
            with.into_iter()
                .filter(|(field, _)| equal(field))
                .map(|(_, reason)| reason.to_owned()),
        );
        let near = point(body)
            .zip(point(&other.body))
            .is_some_and(|(a, b)| a.distance_m(&b) <= NEAR_M);
        reasons.extend(near.then(|| "same_name_near".to_owned()));
    }
    (!reasons.is_empty()).then_some(Same {
        certain: !certain.is_empty(),
        record: other.id,
        reasons,
    })
}

fn text<'b>(body: &'b Body, name: &str) -> Option<&'b str> {
    body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn point(body: &Body) -> Option<Point> {
    serde_json::from_value(body.get("point")?.clone()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::Kind;
    use crate::model::time::UtcMillis;
    use serde_json::json;

    fn record(n: u8, kind: &str, body: Value) -> Record {
        Record {
            id: RecordId::v7(UtcMillis(1_000), [n; 10]),
            kind: Kind::of(kind),
            grid: None,
            rev: 1,
            state: String::new(),
            body: body.as_object().unwrap().clone(),
            deleted: false,
        }
    }

    fn body(value: Value) -> Body {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn one_number_is_certain_and_one_name_needs_something_beside_it() {
        let others = [
            record(1, "person", json!({"name": "测试甲", "birth_date": "1990-01-01"})),
            record(
                2,
                "person",
                json!({"name": "测试乙", "id_number": "11010519491231002X"}),
            ),
            record(3, "person", json!({"name": "测试甲", "phone": "16900001111"})),
            record(4, "place", json!({"name": "测试甲", "birth_date": "1990-01-01"})),
        ];
        let typed =
            body(json!({"name": "测试甲", "birth_date": "1990-01-01", "id_number": "11010519491231002X", "phone": ""}));
        let found = similar("person", &typed, &others);
        assert_eq!(
            found.iter().map(|s| (s.record, s.certain)).collect::<Vec<_>>(),
            [(others[1].id, true), (others[0].id, false)]
        );
    }

    #[test]
    fn the_warning_goes_away_when_its_cause_is_corrected() {
        let others = [record(
            1,
            "place",
            json!({"name": "小面馆", "point": {"lon_e7": 1_212_640_000, "lat_e7": 375_020_000}}),
        )];
        let mut typed = body(json!({"name": "小面馆", "point": {"lon_e7": 1_212_645_000, "lat_e7": 375_020_000}}));
        assert_eq!(similar("place", &typed, &others)[0].reasons, ["same_name_near"]);
        typed.insert("point".into(), json!({"lon_e7": 1_212_740_000, "lat_e7": 375_020_000}));
        assert_eq!(similar("place", &typed, &others), []);
    }

    #[test]
    fn a_body_without_anything_is_like_nothing() {
        let others = [record(1, "person", json!({"name": "", "phone": ""}))];
        assert_eq!(similar("person", &body(json!({"name": "", "phone": ""})), &others), []);
    }
}
