//! Records of the registry, and pages of them.

use fushan_grid_core::app::registry::Written;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::rules::finding::Finding;
use fushan_grid_core::rules::similar::Same;
use fushan_grid_core::store::records::{self, ListQuery, Page, View};
use fushan_grid_core::store::search::Hit;

use super::basics::{id, json, maybe_id};
use crate::error::{FieldProblem, GridError, Told};

/// Sync state of a record, the gravest first: what a list shows beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Mark {
    /// An operation was refused and waits for the worker.
    Dead,
    /// There is an open conflict about it.
    Conflict,
    /// A draft that was never submitted.
    Draft,
    /// Operations wait for the platform.
    Pending,
    /// As the platform has it.
    Clean,
}

/// A record as this phone knows it: the platform's last word with own unanswered operations on top.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct GridRecord {
    /// Its id.
    pub id: String,
    /// What it is, such as `person`.
    pub kind: String,
    /// Code of its grid; none for what is district-wide.
    pub grid: Option<String>,
    /// The platform's revision; 0 before the platform has seen it.
    pub rev: i64,
    /// State of an incident (`REPORTED` …); empty for other kinds.
    pub state: String,
    /// Whether it has ended; nothing but its id is left then.
    pub ended: bool,
    /// Own operations that wait.
    pub pending: u32,
    /// What a list shows beside it; a search tells only clean or pending.
    pub mark: Mark,
    /// Its fields as a JSON object.
    pub body_json: String,
}

/// Which records a page holds.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct RecordQuery {
    /// Kind, such as `person`.
    pub kind: String,
    /// Only of this grid.
    #[uniffi(default = None)]
    pub grid: Option<String>,
    /// Only in this state.
    #[uniffi(default = None)]
    pub state: Option<String>,
    /// Go on after this key of an earlier page.
    #[uniffi(default = None)]
    pub after: Option<String>,
    /// At most so many, and never more than 1,000.
    #[uniffi(default = 50)]
    pub limit: u32,
}

/// A page of records; ask again with `next` as `after` until it is absent.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct RecordPage {
    /// The records.
    pub items: Vec<GridRecord>,
    /// Where the next page starts.
    pub next: Option<String>,
}

/// A page of a search; ask again with `next` as `after` until it is absent.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct SearchPage {
    /// The records, personal data masked.
    pub items: Vec<GridRecord>,
    /// Where the next page starts.
    pub next: Option<i64>,
}

/// A record that was written, and what the rules remarked without refusing.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct WrittenRecord {
    /// The record.
    pub id: String,
    /// Remarks at fields.
    pub warnings: Vec<FieldProblem>,
}

/// A record that may be the same as what is being typed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Duplicate {
    /// The other record.
    pub record: String,
    /// Whether nothing but a mistake can make two of it.
    pub certain: bool,
    /// Why, by code: `same_id_number`, `same_uscc`, `same_name_and_birth`, …
    pub reasons: Vec<String>,
}

impl From<records::Mark> for Mark {
    fn from(mark: records::Mark) -> Self {
        match mark {
            records::Mark::Dead => Self::Dead,
            records::Mark::Conflict => Self::Conflict,
            records::Mark::Draft => Self::Draft,
            records::Mark::Pending => Self::Pending,
            records::Mark::Clean => Self::Clean,
        }
    }
}

impl From<View> for GridRecord {
    fn from(view: View) -> Self {
        let mark = view.mark.into();
        Self::of(view.record, view.pending, mark)
    }
}

impl From<Hit> for GridRecord {
    fn from(hit: Hit) -> Self {
        let mark = if hit.record.rev == 0 {
            Mark::Pending
        } else {
            Mark::Clean
        };
        Self::of(hit.record, 0, mark)
    }
}

impl GridRecord {
    fn of(record: Record, pending: u32, mark: Mark) -> Self {
        Self {
            id: record.id.to_string(),
            kind: record.kind.0,
            grid: record.grid.map(|grid| grid.to_string()),
            rev: record.rev,
            state: record.state,
            ended: record.deleted,
            pending,
            mark,
            body_json: json(&record.body),
        }
    }
}

impl RecordQuery {
    pub(crate) fn read(self) -> Result<ListQuery, GridError> {
        let grid = self.grid.as_deref().map(str::parse).transpose();
        Ok(ListQuery {
            kind: fushan_grid_core::model::record::Kind(self.kind),
            grid: grid.map_err(|_| GridError::of("area_code_invalid"))?,
            state: self.state,
            after: maybe_id::<RecordId>(self.after)?,
            limit: self.limit,
        })
    }
}

impl From<Page<View>> for RecordPage {
    fn from(page: Page<View>) -> Self {
        Self {
            items: page.items.into_iter().map(GridRecord::from).collect(),
            next: page.next.map(|next| next.to_string()),
        }
    }
}

impl From<Page<Hit, i64>> for SearchPage {
    fn from(page: Page<Hit, i64>) -> Self {
        Self {
            items: page.items.into_iter().map(GridRecord::from).collect(),
            next: page.next,
        }
    }
}

impl From<Written> for WrittenRecord {
    fn from(written: Written) -> Self {
        Self {
            id: written.id.to_string(),
            warnings: written.warnings.into_iter().map(FieldProblem::from).collect(),
        }
    }
}

impl From<Finding> for FieldProblem {
    fn from(finding: Finding) -> Self {
        let told = Told::at(&finding.field, &finding.code);
        Self {
            field: finding.field,
            code: finding.code,
            zh: told.zh,
            en: told.en,
        }
    }
}

impl From<Same> for Duplicate {
    fn from(same: Same) -> Self {
        Self {
            record: same.record.to_string(),
            certain: same.certain,
            reasons: same.reasons,
        }
    }
}

/// Ids of records, as texts.
pub(crate) fn ids(list: Vec<RecordId>) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

/// A record's id from a text.
pub(crate) fn record_id(text: &str) -> Result<RecordId, GridError> {
    id(text)
}
