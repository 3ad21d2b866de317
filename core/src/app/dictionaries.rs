//! The dictionaries in force: what the platform has sent, else what ships with the engine (decision record 4).

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::AppError;
use crate::model::area::{AreaCode, GridArea};
use crate::model::geo::{Crs, Point};
use crate::model::incident::{Category, Taxonomy};
use crate::model::schema::RegistrySchema;
use crate::rules::packs as shipped;
use crate::rules::workflow::Workflow;
use crate::store::{Store, StoreError, areas, packs};

/// Everything the use cases look up.
#[derive(Debug, Clone)]
pub struct Dictionaries {
    /// Kinds, fields and code lists of the registry.
    pub schema: Arc<RegistrySchema>,
    /// The automaton of incidents.
    pub workflow: Workflow,
    /// The category tree.
    pub taxonomy: Taxonomy,
}

impl Dictionaries {
    /// Reads them. A pack of the platform that does not read is passed over for the shipped one.
    ///
    /// # Errors
    /// Those of the store.
    pub fn load(store: &Store) -> Result<Self, AppError> {
        store.read(|r| {
            let automaton = match sent(packs::active(r, "automaton.incident")?) {
                Some(automaton) => automaton,
                None => shipped::incident_automaton()?,
            };
            let workflow = match Workflow::new(automaton) {
                Ok(workflow) => workflow,
                Err(_) => Workflow::new(shipped::incident_automaton()?)?,
            };
            let taxonomy = match sent(packs::active(r, "taxonomy")?) {
                Some(taxonomy) => taxonomy,
                None => shipped::taxonomy()?,
            };
            Ok(Self {
                schema: packs::registry_schema(r)?,
                workflow,
                taxonomy,
            })
        })
    }

    /// The category of a code.
    #[must_use]
    pub fn category(&self, code: &str) -> Option<&Category> {
        self.taxonomy.categories.iter().find(|c| c.code == code)
    }

    /// What an incident keeps of its category: code and names as they were when it was filed.
    #[must_use]
    pub fn snapshot(&self, code: &str) -> Option<Value> {
        let category = self.category(code)?;
        Some(json!({"code": category.code, "zh": category.zh, "en": category.en, "version": self.taxonomy.version}))
    }
}

fn sent<T: DeserializeOwned>(pack: Option<packs::Pack>) -> Option<T> {
    pack.and_then(|pack| serde_json::from_value(pack.content).ok())
}

/// Brings the polygons of the pack `areas` into the store, after a synchronisation has brought another one.
pub(super) fn install_areas(store: &Store) -> Result<(), AppError> {
    let Some(pack) = store.read(|r| packs::active(r, "areas"))? else {
        return Ok(());
    };
    let mut grids = Vec::new();
    collect(&pack.content, &mut grids);
    store.write(|w| areas::replace(w, &grids).map_err(StoreError::into))
}

/// Walks a grid tree and gathers the grids that have a polygon; one that does not read is passed over.
fn collect(node: &Value, grids: &mut Vec<GridArea>) {
    grids.extend(grid_of(node));
    for child in node.get("children").and_then(Value::as_array).into_iter().flatten() {
        collect(child, grids);
    }
}

fn grid_of(node: &Value) -> Option<GridArea> {
    let text = |name: &str| node.get(name).and_then(Value::as_str);
    let code = text("code")?.parse::<AreaCode>().ok()?.try_into().ok()?;
    let corner = |pair: &Value| {
        let (lon, lat) = (pair.get(0)?.as_f64()?, pair.get(1)?.as_f64()?);
        Point::from_degrees(lon, lat, Crs::Cgcs2000).ok()
    };
    let ring: Option<Vec<Point>> = node.get("polygon_cgcs2000")?.as_array()?.iter().map(corner).collect();
    let ring = ring.filter(|ring| ring.len() >= 4 && ring.first() == ring.last())?;
    let name = text("name").unwrap_or_default().to_owned();
    Some(GridArea {
        code,
        name,
        dedicated: text("kind") == Some("DEDICATED"),
        ring,
    })
}
