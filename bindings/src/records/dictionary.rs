//! Dictionaries as forms and pickers show them: categories, kinds of the registry with their fields, code lists.

use fushan_grid_core::app::card;
use fushan_grid_core::model::{incident, schema};

use super::registry::GridRecord;

/// One category of incidents with its defaults.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Category {
    /// Code, such as `A01.03`.
    pub code: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Default urgency, a code.
    pub urgency: String,
    /// Default limit, in `unit`.
    pub limit: u32,
    /// Unit of the limit: `MINUTE`, `CLOCK_HOUR`, `WORK_HOUR`, `WORK_DAY`, `NATURAL_DAY`.
    pub unit: String,
    /// Whether grid staff may close it on the spot.
    pub self_close: bool,
    /// Whether a check must have passed before it closes.
    pub check_required: bool,
}

/// A kind of the registry.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RegistryKind {
    /// Code, such as `person`.
    pub kind: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Its fields, in the order a form shows them.
    pub fields: Vec<RegistryField>,
}

/// A field of a kind.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RegistryField {
    /// Name in the body.
    pub name: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// How it is typed in.
    pub input: FieldInput,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is personal and masked until the worker asks for it.
    pub personal: bool,
}

/// How a field is typed in.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum FieldInput {
    /// Text of at most `max` characters.
    Text {
        /// Characters.
        max: u32,
    },
    /// One code of a list; see `Engine.codeList`.
    Code {
        /// Name of the list.
        list: String,
    },
    /// An area code.
    Area {
        /// Digits.
        digits: u32,
    },
    /// A date, `YYYY-MM-DD`.
    Date,
    /// UTC milliseconds.
    Timestamp,
    /// A whole number.
    Integer {
        /// Least.
        min: i64,
        /// Greatest.
        max: i64,
    },
    /// A decimal as a text, such as `98.50`.
    Decimal {
        /// Digits before the point.
        digits: u32,
        /// Digits after it.
        scale: u32,
    },
    /// True or false.
    Boolean,
    /// Id of another record.
    Reference {
        /// Kind of the other record.
        kind: String,
    },
    /// A point: `{"lon_e7": …, "lat_e7": …}` in CGCS2000.
    Point,
    /// A list of objects, kept as given.
    List,
}

/// One code of a list.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct CodeName {
    /// Code.
    pub code: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
}

/// A record of the registry as a card: its fields in the order of the form, with names and readable values.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Card {
    /// The record; its body is masked where the lines are.
    pub record: GridRecord,
    /// Chinese name of its kind.
    pub kind_zh: String,
    /// English name of its kind.
    pub kind_en: String,
    /// One line for each field that has a value.
    pub lines: Vec<CardLine>,
}

/// One line of a card.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct CardLine {
    /// Name of the field.
    pub name: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// The value as it stands in the body.
    pub value: String,
    /// The value as Chinese readers read it: the name of a code instead of the code.
    pub shown_zh: String,
    /// The same in English.
    pub shown_en: String,
    /// Whether it is personal.
    pub personal: bool,
}

impl From<&incident::Category> for Category {
    fn from(category: &incident::Category) -> Self {
        Self {
            code: category.code.clone(),
            zh: category.zh.clone(),
            en: category.en.clone(),
            urgency: category.urgency.clone(),
            limit: category.limit,
            unit: category.unit.clone(),
            self_close: category.self_close,
            check_required: category.check_required,
        }
    }
}

impl From<&schema::KindSpec> for RegistryKind {
    fn from(kind: &schema::KindSpec) -> Self {
        Self {
            kind: kind.kind.clone(),
            zh: kind.zh.clone(),
            en: kind.en.clone(),
            fields: kind.fields.iter().map(RegistryField::from).collect(),
        }
    }
}

impl From<&schema::FieldSpec> for RegistryField {
    fn from(field: &schema::FieldSpec) -> Self {
        Self {
            name: field.name.clone(),
            zh: field.zh.clone(),
            en: field.en.clone(),
            input: FieldInput::from(&field.ty),
            required: field.required,
            personal: field.class.is_personal(),
        }
    }
}

impl From<&schema::FieldType> for FieldInput {
    fn from(ty: &schema::FieldType) -> Self {
        use schema::FieldType as T;
        match ty {
            T::Text { max } => Self::Text { max: *max },
            T::Code { list } => Self::Code { list: list.clone() },
            T::Area { digits } => Self::Area { digits: *digits },
            T::Date => Self::Date,
            T::Timestamp => Self::Timestamp,
            T::Integer { min, max } => Self::Integer { min: *min, max: *max },
            T::Decimal { digits, scale } => Self::Decimal {
                digits: *digits,
                scale: *scale,
            },
            T::Boolean => Self::Boolean,
            T::Reference { kind } => Self::Reference { kind: kind.clone() },
            T::Point => Self::Point,
            T::List => Self::List,
        }
    }
}

impl From<&schema::Code> for CodeName {
    fn from(code: &schema::Code) -> Self {
        Self {
            code: code.code.clone(),
            zh: code.zh.clone(),
            en: code.en.clone(),
        }
    }
}

impl From<card::Card> for Card {
    fn from(card: card::Card) -> Self {
        Self {
            record: card.view.into(),
            kind_zh: card.kind_zh,
            kind_en: card.kind_en,
            lines: card.lines.into_iter().map(CardLine::from).collect(),
        }
    }
}

impl From<card::Line> for CardLine {
    fn from(line: card::Line) -> Self {
        Self {
            name: line.name,
            zh: line.zh,
            en: line.en,
            value: line.value,
            shown_zh: line.shown_zh,
            shown_en: line.shown_en,
            personal: line.personal,
        }
    }
}
