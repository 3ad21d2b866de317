//! The registry schema: kinds, fields, code lists, sensitivity and merge policy, as a versioned data pack.

use serde::{Deserialize, Serialize};

/// How sensitive a field is (domain dictionary 3.5). C4 never reaches a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sensitivity {
    /// Public.
    C0,
    /// Internal, not personal.
    C1,
    /// Personal information; masked by default.
    C2,
    /// Sensitive personal information; unmasked only by an audited action.
    C3,
    /// Specially protected; kept out of the phone's schema.
    C4,
}

impl Sensitivity {
    /// Whether it is about a person, and masked until somebody asks.
    #[must_use]
    pub fn is_personal(self) -> bool {
        self >= Self::C2
    }
}

/// How two changes of one field meet (protocol section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergePolicy {
    /// The platform's value stays and both are shown to a person. The default.
    #[default]
    Conflict,
    /// The later write wins, by corrected time, then operation id.
    Lww,
    /// The larger number.
    Max,
    /// The smaller number.
    Min,
    /// Both lists, without repetition.
    Union,
    /// The phone's difference is added.
    Counter,
    /// Items are added at the end, by id.
    Append,
    /// Phones may not win: the platform's value stays, without a conflict.
    Platform,
}

/// The whole schema.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RegistrySchema {
    /// Version of the pack.
    pub version: String,
    /// Number that operations carry, so that the platform can upcast old ones.
    pub schema: u32,
    /// Kinds of records.
    pub kinds: Vec<KindSpec>,
    /// Code lists by name.
    pub code_lists: Vec<CodeList>,
}

impl RegistrySchema {
    /// The specification of a kind.
    #[must_use]
    pub fn kind(&self, kind: &str) -> Option<&KindSpec> {
        self.kinds.iter().find(|k| k.kind == kind)
    }

    /// The code list of that name.
    #[must_use]
    pub fn code_list(&self, name: &str) -> Option<&CodeList> {
        self.code_lists.iter().find(|l| l.name == name)
    }
}

/// One kind of record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KindSpec {
    /// Code, such as `person`.
    pub kind: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// Fields, in the order a form shows them.
    pub fields: Vec<FieldSpec>,
}

impl KindSpec {
    /// The specification of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&FieldSpec> {
        self.fields.iter().find(|f| f.name == name)
    }
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldSpec {
    /// Name in the body.
    pub name: String,
    /// Chinese label.
    pub zh: String,
    /// English label.
    pub en: String,
    /// Type and bounds.
    #[serde(flatten)]
    pub ty: FieldType,
    /// Whether it must be there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Sensitivity class.
    pub class: Sensitivity,
    /// Extra rule beyond the type: `citizen_id`, `uscc`, `mobile_or_phone`, `person_name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What the registry search finds it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<SearchRole>,
    /// How two changes meet.
    #[serde(default)]
    pub merge: MergePolicy,
}

/// What a field contributes to the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchRole {
    /// Found by Chinese substring, full pinyin and initials.
    Name,
    /// Found by Chinese substring.
    Address,
    /// Found by its last digits.
    NumberTail,
}

/// Type of a field, with bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldType {
    /// Text of at most `max` characters.
    Text {
        /// Characters (Unicode scalar values).
        max: u32,
    },
    /// A code of the named list.
    Code {
        /// Name of the code list.
        list: String,
    },
    /// An area code of the given length in digits.
    Area {
        /// Digits: 6, 9, 12, 15 or 17.
        digits: u32,
    },
    /// A date, `YYYY-MM-DD`.
    Date,
    /// UTC milliseconds.
    Timestamp,
    /// A whole number within bounds.
    Integer {
        /// Least.
        min: i64,
        /// Greatest.
        max: i64,
    },
    /// A decimal as a fixed-point text, such as `"98.50"`.
    Decimal {
        /// Digits before the point, at most.
        digits: u32,
        /// Digits after it, at most.
        scale: u32,
    },
    /// True or false.
    Boolean,
    /// Id of another record.
    Reference {
        /// Kind of the other record.
        kind: String,
    },
    /// A point: `{lon_e7, lat_e7}` in CGCS2000.
    Point,
    /// A list of objects, kept as given.
    List,
}

/// One code list, loaded from the customer; never an enum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CodeList {
    /// Name, as fields refer to it.
    pub name: String,
    /// The standard it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard: Option<String>,
    /// Whether the customer completes it: a code it lacks is then a warning, not an error.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// The codes.
    pub codes: Vec<Code>,
}

/// One code with its names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// Code.
    pub code: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
}
