//! The dictionaries in force: packs of the store, read again when one of them has another revision. A pack that contradicts
//! itself is refused at publication, so what is in the store is sound; what is not keeps the books before it in force.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::NaiveDate;
use fushan_grid_core::model::area::{AreaCode, AreaLevel, GridArea, GridCode};
use fushan_grid_core::model::dispatch::Seasons;
use fushan_grid_core::model::geo::Point;
use fushan_grid_core::model::incident::{Category, Taxonomy};
use fushan_grid_core::model::org::AreaNode;
use fushan_grid_core::model::record::Record;
use fushan_grid_core::rules::area_tree;
use fushan_grid_core::rules::deadline::{Calendar, LimitBook};
use fushan_grid_core::rules::dispatch::Dispatch;
use fushan_grid_core::rules::locate::locate;
use fushan_grid_core::rules::packs::{self, PackError};
use serde_json::Value;

use crate::intake::{ChannelBook, ChannelBookError};
use crate::judge::{Dictionaries, InForce};
use crate::store::{self, Store, StoreError, Stored, Tx};

/// Packs that the books are made of.
pub(crate) const NAMES: [&str; 7] = [
    "areas", "taxonomy", "dispatch", "seasons", "limits", "calendar", "channels",
];

/// The dictionaries of one moment.
pub(crate) struct Books {
    pub(crate) taxonomy: Taxonomy,
    pub(crate) dispatch: Dispatch,
    pub(crate) seasons: Seasons,
    pub(crate) limits: LimitBook,
    pub(crate) calendar: Calendar,
    pub(crate) channels: ChannelBook,
    nodes: BTreeMap<String, AreaNode>,
    grids: Vec<GridArea>,
    /// Revisions of the packs that these were read from.
    revs: Vec<i64>,
}

/// Why a pack is not taken; the one in force stays in force.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BookError {
    /// No pack of that name is kept here.
    #[error("no such pack")]
    Unknown,
    /// The pack contradicts itself or has a gap.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The channels contradict themselves.
    #[error(transparent)]
    Channels(#[from] ChannelBookError),
    /// The tree of areas does not read.
    #[error("the tree of areas cannot be read")]
    Areas,
}

impl Books {
    /// Reads the books from the text of each pack, by name.
    pub(crate) fn read(text: &dyn Fn(&str) -> Option<String>) -> Result<Self, BookError> {
        let of = |name: &str| text(name).ok_or(BookError::Unknown);
        let taxonomy: Taxonomy = packs::read(&of("taxonomy")?)?;
        let rules = packs::read(&of("dispatch")?)?;
        let dispatch = Dispatch::new(rules, &taxonomy).map_err(PackError::from)?;
        let tree: Value = packs::read(&of("areas")?)?;
        let nodes = area_tree::read(&tree).map_err(|_| BookError::Areas)?;
        Ok(Self {
            channels: ChannelBook::read(&of("channels")?, &taxonomy)?,
            seasons: packs::read(&of("seasons")?)?,
            limits: packs::read(&of("limits")?)?,
            calendar: packs::read_calendar(&of("calendar")?)?,
            grids: nodes.iter().filter_map(AreaNode::grid_area).collect(),
            nodes: nodes
                .into_iter()
                .map(|node| (node.code.as_str().to_owned(), node))
                .collect(),
            dispatch,
            taxonomy,
            revs: Vec::new(),
        })
    }

    /// The category of a code, or its class when the list does not have the code itself.
    pub(crate) fn category(&self, code: &str) -> Option<&Category> {
        let class = || code.split('.').next().and_then(|class| self.taxonomy.category(class));
        self.taxonomy.category(code).or_else(class)
    }

    /// The grid a point lies in.
    pub(crate) fn grid_at(&self, point: Point) -> Option<GridCode> {
        locate(point, &self.grids).grid
    }

    /// Boundaries of all grids.
    pub(crate) fn grids(&self) -> &[GridArea] {
        &self.grids
    }

    /// A node of the tree of areas.
    pub(crate) fn area(&self, code: &str) -> Option<&AreaNode> {
        self.nodes.get(code)
    }

    /// All nodes of the tree of areas.
    pub(crate) fn nodes(&self) -> Vec<AreaNode> {
        self.nodes.values().cloned().collect()
    }

    /// Codes of the grids in force on a day.
    pub(crate) fn grid_codes(&self, day: NaiveDate) -> Vec<AreaCode> {
        let grids = self
            .nodes
            .values()
            .filter(|node| node.code.level() == AreaLevel::Grid && node.is_in_force(day));
        grids.map(|node| node.code.clone()).collect()
    }

    /// Households of the grids below a code.
    pub(crate) fn households(&self, area: &str) -> u64 {
        let below = self
            .nodes
            .range(area.to_owned()..)
            .take_while(|(code, _)| code.starts_with(area));
        below.filter_map(|(_, node)| node.households).map(u64::from).sum()
    }
}

/// Holds the books in force, and tells the judge of them.
pub(crate) struct Shelf {
    held: RwLock<Arc<Books>>,
    judged_by: InForce,
}

impl Shelf {
    /// Reads the books of a store for the first time.
    pub(crate) fn open(store: &dyn Store, judged_by: InForce) -> Result<Self, crate::StartError> {
        let records = store::read(store, pack_records)?;
        let books = from_records(&records).map_err(|_| crate::StartError::Packs)?;
        let shelf = Self {
            held: RwLock::new(Arc::new(books)),
            judged_by,
        };
        shelf.tell(&shelf.held());
        Ok(shelf)
    }

    fn held(&self) -> Arc<Books> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Guards judge by what the timers count by.
    fn tell(&self, books: &Books) {
        let dictionaries = Dictionaries {
            taxonomy: books.taxonomy.clone(),
            limits: books.limits.clone(),
            calendar: books.calendar.clone(),
        };
        *self.judged_by.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(dictionaries);
    }

    /// The books in force. One indexed read tells whether another process has published a pack.
    pub(crate) fn books(&self, store: &dyn Store) -> Stored<Arc<Books>> {
        let held = self.held();
        if store::glance(store, |tx| tx.pack_revs(&pack_ids()))? == held.revs {
            return Ok(held);
        }
        let records = store::read(store, pack_records)?;
        let Ok(books) = from_records(&records) else {
            tracing::error!("a published pack does not read; the one before stays in force");
            return Ok(held);
        };
        let books = Arc::new(books);
        self.tell(&books);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&books);
        Ok(books)
    }
}

fn pack_ids() -> Vec<fushan_grid_core::model::ids::RecordId> {
    NAMES.iter().map(|name| crate::district::pack_id(name)).collect()
}

fn pack_records(tx: &mut Tx<'_>) -> Stored<Vec<Record>> {
    let mut records = Vec::new();
    for id in pack_ids() {
        let record = tx.record(id)?.ok_or(StoreError::Shape)?.record;
        records.push(record);
    }
    Ok(records)
}

fn from_records(records: &[Record]) -> Result<Books, BookError> {
    let text = |name: &str| {
        let found = NAMES.iter().zip(records).find(|(known, _)| **known == name);
        found
            .and_then(|(_, record)| record.body.get("content"))
            .map(Value::to_string)
    };
    let revs = records.iter().map(|record| record.rev).collect();
    Ok(Books {
        revs,
        ..Books::read(&text)?
    })
}

/// Publishes a pack: read together with the others in force, so that one that contradicts itself or them changes nothing.
pub(crate) fn publish(tx: &mut Tx<'_>, name: &str, content: &Value) -> Stored<Result<i64, BookError>> {
    let records = pack_records(tx)?;
    let text = |asked: &str| {
        if asked == name {
            return Some(content.to_string());
        }
        let found = NAMES.iter().zip(&records).find(|(known, _)| **known == asked);
        found
            .and_then(|(_, record)| record.body.get("content"))
            .map(Value::to_string)
    };
    if !NAMES.contains(&name) {
        return Ok(Err(BookError::Unknown));
    }
    if let Err(error) = Books::read(&text) {
        return Ok(Err(error));
    }
    let Some(mut versioned) = tx.record(crate::district::pack_id(name))? else {
        return Err(StoreError::Shape);
    };
    let record = &mut versioned.record;
    record.rev += 1;
    let version = content
        .get("version")
        .cloned()
        .unwrap_or_else(|| Value::from(record.rev.to_string()));
    record.body.insert("version".to_owned(), version);
    record.body.insert("content".to_owned(), content.clone());
    let rev = record.rev;
    tx.put(&versioned, &crate::operation::scopes_of(&versioned.record))?;
    Ok(Ok(rev))
}
