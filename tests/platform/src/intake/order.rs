//! The contract of the channels: one JSON shape for hotlines, citizens, devices and upper levels.

use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Body;
use fushan_grid_core::model::time::UtcMillis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Longest order number.
const ORDER_NO_CHARS: usize = 64;
/// Longest title (domain dictionary 4.3).
const TITLE_CHARS: usize = 50;
/// Longest description that a channel may send; phones keep to 500.
const DESCRIPTION_CHARS: usize = 2_000;
/// Longest of the other texts.
const TEXT_CHARS: usize = 256;
/// Longest fact that is a text.
const FACT_CHARS: usize = 64;
/// Most people that may be involved: more than a district has.
const PEOPLE: u64 = 1_000_000;
/// Longest name, telephone number and e-mail address (RFC 5321) of a citizen.
const NAME_CHARS: usize = 64;
const PHONE_CHARS: usize = 32;
const EMAIL_CHARS: usize = 254;
/// The years 2000 to 2100, in milliseconds: what happened at another time was typed wrong.
const HAPPENED_MS: std::ops::Range<i64> = 946_684_800_000..4_102_444_800_000;

/// A report from a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// Number of the order in its own system; kept, and the key of idempotency within the channel.
    pub(crate) order_no: String,
    /// Class in the words of the channel, levels divided by `/`, such as `投诉/供热/漏水`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) class: Option<String>,
    /// Category of the district's own list, for channels that know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) category: Option<String>,
    /// At most 50 characters; made from the category without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// What is reported, at most 2,000 characters.
    pub(crate) description: String,
    /// Where, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// Where, as a point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<Place>,
    /// Grid, when the channel knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(crate) grid: Option<GridCode>,
    /// A code of the list `urgency`; that of the category without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) urgency: Option<String>,
    /// Suspected severity, a code of the list `severity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) severity: Option<String>,
    /// When it happened, by the channel's clock: shown, never decisive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) happened_at: Option<UtcMillis>,
    /// Whether the reporter wants to stay unknown: then no contact is kept.
    #[serde(default)]
    pub(crate) anonymous: bool,
    /// Whether somebody waits for a reply; as the channel usually does without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) need_reply: Option<bool>,
    /// How the reporter is reached. Stays on the platform; phones see an alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reporter: Option<Contact>,
    /// The refused incident that this one appeals against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) appeals: Option<RecordId>,
    /// Facts that the rules of dispatch ask for: `managed_estate`, `at_home`, `involved_count`, `place_kind`, `device`.
    #[serde(default, skip_serializing_if = "Body::is_empty")]
    pub(crate) facts: Body,
}

/// A point in degrees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Place {
    /// Longitude.
    pub(crate) lon: f64,
    /// Latitude.
    pub(crate) lat: f64,
    /// `CGCS2000`, `WGS84` or `GCJ02`; a point without one is not taken.
    pub(crate) crs: String,
}

/// How a citizen is reached.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Telephone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
    /// E-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
}

impl Contact {
    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.name.is_none() && self.phone.is_none() && self.email.is_none()
    }

    /// Whether each part is short enough and of one line. What is in it nobody judges: people give their number as they like.
    fn fits(&self) -> bool {
        let fits = |text: &Option<String>, most| text.as_ref().is_none_or(|text| short(text, most));
        fits(&self.name, NAME_CHARS) && fits(&self.phone, PHONE_CHARS) && fits(&self.email, EMAIL_CHARS)
    }
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact")
    }
}

/// Facts of an order that go into the incident, each of one kind and size; anything else is refused.
fn wrong_fact(name: &str, value: &Value) -> Option<&'static str> {
    let fits = match name {
        "managed_estate" | "at_home" => value.is_boolean(),
        "involved_count" => value.as_u64().is_some_and(|people| people <= PEOPLE),
        "place_kind" | "device" => value.as_str().is_some_and(|text| short(text, FACT_CHARS)),
        _ => return Some("order_fact_unknown"),
    };
    (!fits).then_some("order_fact_invalid")
}

/// A text of one line that says something.
fn short(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

const URGENCIES: [&str; 4] = ["CRITICAL", "URGENT", "PROMPT", "NORMAL"];
const SEVERITIES: [&str; 5] = ["NONE", "GENERAL", "MAJOR", "SERIOUS", "EXTREME"];

impl Order {
    /// The digest of its content, by which a repeat is told from another order under the same number.
    #[must_use]
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(serde_json::to_vec(self).unwrap_or_default()).into()
    }

    /// The rule that the order breaks first, by its code.
    #[must_use]
    pub(crate) fn broken(&self) -> Option<&'static str> {
        let long = |text: &Option<String>, most: usize| text.as_ref().is_some_and(|text| text.chars().count() > most);
        let known =
            |code: &Option<String>, list: &[&str]| code.as_ref().is_none_or(|code| list.contains(&code.as_str()));
        let number = self.order_no.trim();
        if number.is_empty() || number.chars().count() > ORDER_NO_CHARS || number.chars().any(char::is_control) {
            return Some("order_no_invalid");
        }
        let described = self.description.trim();
        if described.is_empty() || described.chars().count() > DESCRIPTION_CHARS {
            return Some("order_description_invalid");
        }
        if long(&self.title, TITLE_CHARS) || long(&self.class, TEXT_CHARS) || long(&self.address, TEXT_CHARS) {
            return Some("order_text_too_long");
        }
        if !known(&self.urgency, &URGENCIES) {
            return Some("order_urgency_unknown");
        }
        if !known(&self.severity, &SEVERITIES) {
            return Some("order_severity_unknown");
        }
        if self.happened_at.is_some_and(|at| !HAPPENED_MS.contains(&at.0)) {
            return Some("order_moment_invalid");
        }
        if let Some(rule) = self.facts.iter().find_map(|(name, value)| wrong_fact(name, value)) {
            return Some(rule);
        }
        if self.reporter.as_ref().is_some_and(|reporter| !reporter.fits()) {
            return Some("order_contact_invalid");
        }
        self.place.as_ref().and_then(|place| place.point().err())
    }
}

impl Place {
    /// The point in the system's own reference.
    pub(super) fn point(&self) -> Result<Point, &'static str> {
        let crs = Crs::from_tag(Some(&self.crs)).map_err(|_| "order_place_crs")?;
        Point::from_degrees(self.lon, self.lat, crs).map_err(|_| "order_place_invalid")
    }
}
