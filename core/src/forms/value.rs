//! Answers as a form stores them, and the values that expressions compute with.

use serde::{Deserialize, Serialize};

use super::moment::FormClock;
use super::number;

/// The type of a node, from `bind/@type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum DataType {
    #[default]
    Untyped,
    Text,
    Integer,
    Long,
    Decimal,
    Date,
    Time,
    DateTime,
    Choice,
    Choices,
    Boolean,
    GeoPoint,
    GeoTrace,
    GeoShape,
    /// Barcodes, file names and every type that no rule treats apart.
    Other,
}

impl DataType {
    /// The type of that name; a prefix (`xsd:`) is ignored. Unknown names behave like text.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name.rsplit(':').next().unwrap_or(name) {
            "string" => Self::Text,
            "integer" | "int" => Self::Integer,
            "long" => Self::Long,
            "decimal" | "double" | "float" => Self::Decimal,
            "date" => Self::Date,
            "time" => Self::Time,
            "dateTime" => Self::DateTime,
            "select1" | "listItem" => Self::Choice,
            "select" | "listItems" | "rank" => Self::Choices,
            "boolean" => Self::Boolean,
            "geopoint" => Self::GeoPoint,
            "geotrace" => Self::GeoTrace,
            "geoshape" => Self::GeoShape,
            _ => Self::Other,
        }
    }
}

/// An answer. An empty answer is no answer: nodes hold `Option<Answer>`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "v", rename_all = "snake_case")]
pub enum Answer {
    /// Text, a file name, a barcode.
    Text(Box<str>),
    /// A whole number.
    Whole(i64),
    /// A number with decimals.
    Decimal(f64),
    /// Yes or no, from a calculation.
    Boolean(bool),
    /// One choice by its value.
    One(Box<str>),
    /// Choices by value, in the order given.
    Many(Vec<Box<str>>),
    /// A day, as its local midnight in milliseconds.
    Date(i64),
    /// A moment in milliseconds.
    DateTime(i64),
    /// A time of day, as a moment in milliseconds.
    Time(i64),
    /// Positions: latitude, longitude, altitude, accuracy, one or more of them.
    Points(Vec<[f64; 4]>),
}

impl Answer {
    /// Reads the text form of an answer, as a submission holds it. Nothing when the text does not fit the type.
    #[must_use]
    pub fn read(text: &str, data_type: DataType, clock: FormClock) -> Option<Self> {
        let trimmed = text.trim();
        let whole = |limit: bool| {
            let number: i64 = trimmed.parse().ok()?;
            (!limit || i32::try_from(number).is_ok()).then_some(Self::Whole(number))
        };
        match data_type {
            DataType::Untyped | DataType::Text | DataType::Other => Some(Self::Text(text.into())),
            DataType::Integer => whole(true),
            DataType::Long => whole(false),
            DataType::Decimal => java_double(trimmed).map(Self::Decimal),
            DataType::Choice => (!trimmed.is_empty()).then(|| Self::One(text.into())),
            DataType::Choices => Some(Self::Many(text.split_whitespace().map(Into::into).collect())),
            DataType::Date => clock.parse_date(trimmed).map(Self::Date),
            DataType::DateTime => clock.parse_date_time(trimmed).map(Self::DateTime),
            DataType::Time => clock.parse_time(trimmed).map(Self::Time),
            DataType::Boolean => Some(Self::Boolean(trimmed == "1" || trimmed == "t")),
            DataType::GeoPoint => points(trimmed).filter(|p| p.len() == 1).map(Self::Points),
            DataType::GeoTrace | DataType::GeoShape => points(trimmed).map(Self::Points),
        }
    }

    /// Stores the result of a calculation in a node of that type. An empty result is no answer.
    ///
    /// # Errors
    /// The result as text, when the type cannot hold it.
    pub fn of_result(value: &Value, data_type: DataType, clock: FormClock) -> Result<Option<Self>, String> {
        let answer = match value {
            Value::Text(text) if text.is_empty() => return Ok(None),
            Value::Number(number) if number.is_nan() => return Ok(None),
            Value::Moment(at) if data_type == DataType::Boolean => return Err(clock.iso_date(*at)),
            _ if data_type == DataType::Boolean => Self::Boolean(value.truth()),
            Value::Boolean(yes) => Self::Boolean(*yes),
            Value::Number(number) => of_number(*number, data_type),
            Value::Moment(at) if matches!(data_type, DataType::GeoPoint | DataType::GeoTrace | DataType::GeoShape) => {
                return Err(clock.iso_date(*at));
            }
            Value::Moment(at) if matches!(data_type, DataType::Choice | DataType::Choices) => {
                Self::One(clock.iso_date(*at).into())
            }
            Value::Moment(at) => match data_type {
                DataType::Time => Self::Time(*at),
                DataType::Date => Self::Date(*at),
                _ => Self::DateTime(*at),
            },
            Value::Text(text) => match data_type {
                DataType::GeoPoint => {
                    let point = points(text).filter(|points| points.len() == 1);
                    Self::Points(point.ok_or_else(|| text.clone())?)
                }
                DataType::GeoTrace | DataType::GeoShape => Self::Points(points(text).ok_or_else(|| text.clone())?),
                DataType::Choice => Self::One(text.as_str().into()),
                DataType::Choices => Self::Many(text.split_whitespace().map(Into::into).collect()),
                _ => Self::Text(text.as_str().into()),
            },
            Value::Nodes(_) => return Ok(None),
        };
        Ok(Some(answer))
    }

    /// Turns an answer into one of another type by way of its text, as `setvalue` does in ODK's own engine. That engine
    /// writes truth as 1 and 0 and reads neither, so nothing can be set as a truth there.
    ///
    /// # Errors
    /// The text that the type cannot hold.
    pub fn cast(&self, data_type: DataType, clock: FormClock) -> Result<Self, String> {
        let text = self.text(clock);
        match data_type {
            DataType::Boolean => Err(text),
            _ => Self::read(&text, data_type, clock).ok_or(text),
        }
    }

    /// The text form, as a submission holds it.
    #[must_use]
    pub fn text(&self, clock: FormClock) -> String {
        match self {
            Self::Text(text) | Self::One(text) => text.to_string(),
            Self::Whole(number) => number.to_string(),
            Self::Decimal(number) => number::decimal(*number),
            Self::Boolean(yes) => if *yes { "1" } else { "0" }.into(),
            Self::Many(values) => values.join(" "),
            Self::Date(at) => clock.iso_date(*at),
            Self::DateTime(at) => clock.iso_date_time(*at),
            Self::Time(at) => clock.iso_time(*at),
            Self::Points(points) => points.iter().map(point_text).collect::<Vec<_>>().join("; "),
        }
    }

    /// The value that expressions see.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn value(&self) -> Value {
        match self {
            Self::Text(text) | Self::One(text) => Value::Text(text.to_string()),
            Self::Whole(number) => Value::Number(*number as f64),
            Self::Decimal(number) => Value::Number(*number),
            Self::Boolean(yes) => Value::Boolean(*yes),
            Self::Many(values) => Value::Text(values.join(" ")),
            Self::Date(at) | Self::DateTime(at) | Self::Time(at) => Value::Moment(*at),
            Self::Points(points) => Value::Text(points.iter().map(point_text).collect::<Vec<_>>().join("; ")),
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn of_number(number: f64, data_type: DataType) -> Answer {
    let whole = number as i64;
    let is_whole = (number - whole as f64).abs() < 1e-9;
    match data_type {
        DataType::Integer => Answer::Whole(i64::from(number as i32)),
        DataType::Long => Answer::Whole(whole),
        _ if is_whole && whole.abs() < i64::MAX / 2 => Answer::Whole(whole),
        _ => Answer::Decimal(number),
    }
}

/// Numbers as decimal answers are written: also with an exponent.
fn java_double(text: &str) -> Option<f64> {
    let digits = text.trim_end_matches(['d', 'D', 'f', 'F']);
    digits
        .parse()
        .ok()
        .filter(|_| digits.contains(|c: char| c.is_ascii_digit()))
}

fn points(text: &str) -> Option<Vec<[f64; 4]>> {
    let mut points = Vec::new();
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let mut point = [0.0; 4];
        let mut count = 0;
        for (slot, number) in point.iter_mut().zip(part.split_whitespace()) {
            *slot = number.parse().ok()?;
            count += 1;
        }
        if count == 0 || part.split_whitespace().count() > 4 {
            return None;
        }
        points.push(point);
    }
    (!points.is_empty()).then_some(points)
}

/// A position as text; one that is zero throughout was never taken.
fn point_text(point: &[f64; 4]) -> String {
    if point.iter().all(|number| *number == 0.0) {
        return String::new();
    }
    point.iter().map(|n| number::decimal(*n)).collect::<Vec<_>>().join(" ")
}

/// A value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Yes or no.
    Boolean(bool),
    /// A number; `NaN` is "no number".
    Number(f64),
    /// Text.
    Text(String),
    /// A moment in milliseconds.
    Moment(i64),
    /// Nodes of one instance.
    Nodes(super::eval::NodeSet),
}

impl Value {
    /// Whether the value counts as true. A node set must have been opened before.
    #[must_use]
    pub fn truth(&self) -> bool {
        match self {
            Self::Boolean(yes) => *yes,
            Self::Number(number) => number.abs() > 1e-12 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Moment(_) => true,
            Self::Nodes(set) => !set.nodes.is_empty(),
        }
    }

    /// The value as a number; moments count in whole local days.
    #[must_use]
    #[allow(clippy::cast_precision_loss)]
    pub fn number(&self, clock: FormClock) -> f64 {
        match self {
            Self::Boolean(yes) => f64::from(u8::from(*yes)),
            Self::Number(number) => *number,
            Self::Text(text) => number::parse(text),
            Self::Moment(at) => clock.days(*at) as f64,
            Self::Nodes(_) => f64::NAN,
        }
    }

    /// The value as text; moments as dates.
    #[must_use]
    pub fn text(&self, clock: FormClock) -> String {
        match self {
            Self::Boolean(yes) => yes.to_string(),
            Self::Number(number) => number::text(*number),
            Self::Text(text) => text.clone(),
            Self::Moment(at) => clock.iso_date(*at),
            Self::Nodes(_) => String::new(),
        }
    }
}
