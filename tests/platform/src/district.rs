//! Loads a district from a folder: the grid tree, dictionaries, sample people and firms, and the staff that follows from the tree.

use std::collections::BTreeMap;
use std::path::Path;

use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::area::{AreaCode, AreaLevel, GridCode};
use fushan_grid_core::model::ids::{RecordId, StaffId};
use fushan_grid_core::model::record::{Body, Kind, Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::packs::{
    PackError, SHIPPED, calendar, incident_automaton, limits, registry, roles, taxonomy,
};
use fushan_grid_core::rules::workflow::{Workflow, WorkflowError};
use fushan_grid_core::wire::enrol::Staff;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::judge::{Dictionaries, Judge};
use crate::operation::scopes_of;
use crate::store::{self, Store, StoreError, Tx};

/// Why a district could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DistrictError {
    /// A file is missing or cannot be read.
    #[error("{file}: {error}")]
    File {
        /// The file's name.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// A file is not of its form.
    #[error("{file} is not of its form")]
    Form {
        /// The file's name.
        file: String,
    },
    /// A dictionary.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The automaton.
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// When the sample's records were made; ids follow from it and from their names, so that loading again changes nothing.
const MADE: UtcMillis = UtcMillis(1_767_225_600_000);

/// The pack `channels`, which stays on the platform.
const CHANNELS: &str = include_str!("packs/channels.json");

/// Id of a pack's record.
pub(crate) fn pack_id(name: &str) -> RecordId {
    pack(name, "", Value::Null).id
}

/// Loads the district unless it is loaded already.
pub(crate) fn load(folder: &Path, target: &dyn Store) -> Result<Judge, DistrictError> {
    let tree: Value = serde_json::from_str(&read(folder, "grid_tree.json")?).map_err(|_| DistrictError::Form {
        file: "grid_tree.json".into(),
    })?;
    let mut grids = Vec::new();
    gather(&tree, &mut grids);
    let mut records = vec![pack("areas", "1", tree)];
    for (name, text) in SHIPPED.into_iter().chain([("channels", CHANNELS)]) {
        let content: Value = serde_json::from_str(text).map_err(PackError::Malformed)?;
        let version = content.get("version").and_then(Value::as_str).unwrap_or("1").to_owned();
        records.push(pack(name, &version, content));
    }
    records.extend(people(&read(folder, "persons_fake.csv")?)?);
    records.extend(firms(&read(folder, "orgs_fake.csv")?, grids.first()));
    store::write(target, |tx| {
        for record in &records {
            put_new(tx, record)?;
        }
        for member in staff(&grids) {
            if tx.staff(&member.id)?.is_none() {
                tx.put_staff(&member)?;
            }
        }
        Ok(())
    })?;
    let dictionaries = Dictionaries {
        taxonomy: taxonomy()?,
        limits: limits()?,
        calendar: calendar()?,
    };
    Ok(Judge::new(
        registry()?,
        Workflow::new(incident_automaton()?)?,
        roles()?,
        dictionaries,
    ))
}

fn put_new(tx: &mut Tx<'_>, record: &Record) -> Result<(), StoreError> {
    if tx.record(record.id)?.is_none() {
        let scopes: Vec<Scope> = scopes_of(record);
        tx.put(
            &Versioned {
                record: record.clone(),
                field_rev: BTreeMap::new(),
            },
            &scopes,
        )?;
    }
    Ok(())
}

fn read(folder: &Path, file: &str) -> Result<String, DistrictError> {
    std::fs::read_to_string(folder.join(file)).map_err(|error| DistrictError::File {
        file: file.into(),
        error,
    })
}

fn gather(node: &Value, grids: &mut Vec<GridCode>) {
    let code = node
        .get("code")
        .and_then(Value::as_str)
        .and_then(|c| c.parse::<AreaCode>().ok());
    if let Some(code) = code.filter(|c| c.level() == AreaLevel::Grid) {
        grids.extend(GridCode::try_from(code));
    }
    for child in node.get("children").and_then(Value::as_array).into_iter().flatten() {
        gather(child, grids);
    }
}

/// One worker for each grid, one leader for each community with all its grids.
fn staff(grids: &[GridCode]) -> Vec<Staff> {
    let mut communities: BTreeMap<String, Vec<GridCode>> = BTreeMap::new();
    let mut all = Vec::new();
    for grid in grids {
        if let Some(community) = grid.community() {
            communities.entry(community.to_string()).or_default().push(grid.clone());
        }
        let id = StaffId(format!("s_{grid}"));
        all.push(Staff {
            id,
            roles: vec!["GRID_STAFF".into()],
            grids: vec![grid.clone()],
            orgs: Vec::new(),
        });
    }
    for (community, grids) in communities {
        let id = StaffId(format!("l_{community}"));
        all.push(Staff {
            id,
            roles: vec!["GRID_LEADER".into()],
            grids,
            orgs: Vec::new(),
        });
    }
    all
}

fn record(kind: &str, name: &str, grid: Option<GridCode>, body: Value) -> Record {
    let body = body.as_object().cloned().unwrap_or_else(Body::new);
    let id = RecordId::of_digest(MADE, &Sha256::digest(format!("{kind}/{name}")));
    Record {
        id,
        kind: Kind::of(kind),
        grid,
        rev: 1,
        state: String::new(),
        body,
        deleted: false,
    }
}

/// A data pack; its id follows from its name.
pub(crate) fn pack(name: &str, version: &str, content: Value) -> Record {
    record(
        Kind::PACK,
        name,
        None,
        json!({"name": name, "version": version, "content": content}),
    )
}

fn people(csv: &str) -> Result<Vec<Record>, DistrictError> {
    let bad = || DistrictError::Form {
        file: "persons_fake.csv".into(),
    };
    let rows = csv.lines().skip(1).filter(|line| !line.trim().is_empty());
    rows.map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let [pid, name, number, sex, birth, mobile, grid] = cells.as_slice() else { return Err(bad()) };
        let body = json!({"name": name, "id_type": "111", "id_number": number, "sex": sex, "birth_date": birth, "phone": mobile});
        Ok(record("person", pid, Some(grid.parse().map_err(|_| bad())?), body))
    })
    .collect()
}

/// The sample's firms have no grid of their own: they stand in the first.
fn firms(csv: &str, grid: Option<&GridCode>) -> Vec<Record> {
    let rows = csv.lines().skip(1).filter_map(|line| {
        let mut cells = line.split(',');
        Some((cells.next()?, cells.next()?, cells.next()?))
    });
    rows.map(|(oid, name, uscc)| {
        record(
            "enterprise",
            oid,
            grid.cloned(),
            json!({"name": name, "uscc": uscc.trim()}),
        )
    })
    .collect()
}
