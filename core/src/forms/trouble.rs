//! What is wrong with a form, told so that its author can find and mend it.

use std::fmt;

use crate::model::fault::{Coded, Fault};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The form cannot be used.
    Error,
    /// The form works, but probably not as meant.
    Warning,
}

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spot {
    /// Sheet of a workbook.
    pub sheet: Option<String>,
    /// Line of a document or row of a sheet, from 1.
    pub row: Option<u32>,
    /// Column of a line, from 1.
    pub column: Option<u32>,
    /// Heading of the column of a sheet.
    pub heading: Option<String>,
    /// First character of an expression and how many, from zero.
    pub span: Option<(usize, usize)>,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The stable code; texts in both languages are looked up by it.
    pub code: &'static str,
    /// Whether the form can be used.
    pub weight: Weight,
    /// What it is about: a path, a name, an expression.
    pub subject: String,
    /// Where it is.
    pub spot: Spot,
    /// What the author probably meant.
    pub suggestion: Option<String>,
}

impl Trouble {
    /// An error about something.
    #[must_use]
    pub fn error(code: &'static str, subject: impl Into<String>) -> Self {
        Self {
            code,
            weight: Weight::Error,
            subject: subject.into(),
            spot: Spot::default(),
            suggestion: None,
        }
    }

    /// A warning about something.
    #[must_use]
    pub fn warning(code: &'static str, subject: impl Into<String>) -> Self {
        Self {
            weight: Weight::Warning,
            ..Self::error(code, subject)
        }
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, spot: Spot) -> Self {
        self.spot = spot;
        self
    }

    /// Adds what the author probably meant.
    #[must_use]
    pub fn suggest(mut self, suggestion: Option<String>) -> Self {
        self.suggestion = suggestion;
        self
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.subject)?;
        if let Some(row) = self.spot.row {
            write!(f, " (row {row})")?;
        }
        Ok(())
    }
}

impl Coded for Trouble {
    fn fault(&self) -> Fault {
        Fault::of(self.code).with("subject", &self.subject)
    }
}

/// Everything that is wrong with a form; at least one error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the form cannot be used: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct Refused(pub Vec<Trouble>);

impl Refused {
    /// A refusal for one reason.
    #[must_use]
    pub fn because(code: &'static str, subject: impl Into<String>) -> Self {
        Self(vec![Trouble::error(code, subject)])
    }
}

impl Coded for Refused {
    fn fault(&self) -> Fault {
        self.0
            .iter()
            .find(|trouble| trouble.weight == Weight::Error)
            .map_or_else(|| Fault::of("form_refused"), Coded::fault)
    }
}
