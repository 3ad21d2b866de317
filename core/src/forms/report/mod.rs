//! The printable report of an inspection: one HTML document, A4, nothing loaded from anywhere.
//!
//! Who calls it puts together a [`Report`]; this is only its look. Every text is escaped, whoever wrote it.

mod html;
#[cfg(test)]
mod tests;
mod words;

pub use html::html;

/// The language of the report's own words. Texts of the form come in the language of the caller's choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReportLanguage {
    /// Simplified Chinese.
    #[default]
    Chinese,
    /// English.
    English,
}

/// Everything a report shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Language of headings and fixed words.
    pub language: ReportLanguage,
    /// Title of the checklist.
    pub title: String,
    /// Number of the report or id of the visit.
    pub number: String,
    /// Name and digest of the version of the form.
    pub form: String,
    /// What else stands in the head, in order: place, address, inspector, times, coordinates.
    pub facts: Vec<Fact>,
    /// Whether the inspection was passed; nothing when it is not finished or nothing was judged.
    pub passed: Option<bool>,
    /// Points in all.
    pub score: Option<Points>,
    /// Parts of the checklist.
    pub sections: Vec<Section>,
    /// Hazards that were found.
    pub hazards: Vec<Hazard>,
    /// Signatures.
    pub signatures: Vec<Signature>,
    /// Corrections of a report that was sent before: who, when, why.
    pub corrections: Vec<Fact>,
}

/// A line of the head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Points reached and possible.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Points {
    /// Reached.
    pub got: f64,
    /// Possible.
    pub of: f64,
}

/// A part of the checklist.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Its points.
    pub score: Option<Points>,
    /// Its items.
    pub lines: Vec<Line>,
}

/// An item with its answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// Number of the item.
    pub number: String,
    /// The question.
    pub question: String,
    /// The answer as people read it.
    pub answer: String,
    /// How it was judged.
    pub mark: Mark,
    /// What was photographed.
    pub photos: Vec<Picture>,
}

/// How an item was judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mark {
    /// It is not judged.
    #[default]
    None,
    /// In order.
    Good,
    /// A hazard of a severity, from 1 to 4.
    Hazard(u8),
    /// Does not apply.
    NotApplicable,
}

/// A hazard.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hazard {
    /// Number of its item.
    pub number: String,
    /// What is wrong.
    pub text: String,
    /// From 1 to 4.
    pub severity: u8,
    /// What followed: put right on the spot, to be put right until a day, the number of the incident.
    pub outcome: String,
    /// Last day to put it right, as people read it.
    pub due: String,
    /// Photos before and after.
    pub photos: Vec<Picture>,
}

/// A picture, given with its bytes: a report must be readable without the vault it came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// `image/jpeg` or `image/png`; others are left out.
    pub media_type: String,
    /// Its bytes, best a thumbnail.
    pub bytes: Vec<u8>,
    /// What stands below it: role, time, first digits of the digest.
    pub caption: String,
}

/// A signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    /// Who signs, by role.
    pub role: String,
    /// Name, when known.
    pub name: String,
    /// The picture; an empty line to sign on paper when there is none.
    pub picture: Option<Picture>,
    /// When, as people read it.
    pub signed_at: String,
}
