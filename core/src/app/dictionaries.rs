//! The dictionaries in force: what the platform has sent, else what ships with the engine (decision record 4).

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::error::AppError;
use crate::model::area::GridArea;
use crate::model::dispatch::Seasons;
use crate::model::incident::Taxonomy;
use crate::model::org::AreaNode;
use crate::model::schema::RegistrySchema;
use crate::rules::area_tree;
use crate::rules::deadline::{Calendar, LimitBook};
use crate::rules::dispatch::Dispatch;
use crate::rules::packs as shipped;
use crate::rules::workflow::Workflow;
use crate::store::{Store, areas, packs};

/// Everything the use cases look up.
#[derive(Debug, Clone)]
pub struct Dictionaries {
    /// Kinds, fields and code lists of the registry.
    pub schema: Arc<RegistrySchema>,
    /// The automaton of incidents.
    pub workflow: Workflow,
    /// The category tree.
    pub taxonomy: Taxonomy,
    /// The working calendar.
    pub calendar: Calendar,
    /// Limits by urgency, and the hotline's.
    pub limits: LimitBook,
    /// The rules of dispatch.
    pub dispatch: Dispatch,
    /// Seasons and warnings that are declared.
    pub seasons: BTreeSet<String>,
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
            let calendar = match sent(packs::active(r, "calendar")?).map(Calendar::new) {
                Some(Ok(calendar)) => calendar,
                _ => shipped::calendar()?,
            };
            let limits = match sent(packs::active(r, "limits")?) {
                Some(limits) => limits,
                None => shipped::limits()?,
            };
            let dispatch = match sent(packs::active(r, "dispatch")?).map(|set| Dispatch::new(set, &taxonomy)) {
                Some(Ok(dispatch)) => dispatch,
                _ => shipped::dispatch()?,
            };
            let seasons = match sent::<Seasons>(packs::active(r, "seasons")?) {
                Some(seasons) => seasons,
                None => shipped::seasons()?,
            };
            Ok(Self {
                schema: packs::registry_schema(r)?,
                workflow,
                taxonomy,
                calendar,
                limits,
                dispatch,
                seasons: seasons.declared,
            })
        })
    }
}

fn sent<T: DeserializeOwned>(pack: Option<packs::Pack>) -> Option<T> {
    pack.and_then(|pack| serde_json::from_value(pack.content).ok())
}

/// Brings the polygons of the pack `areas` into the store, after a synchronisation has brought another one. A tree that does
/// not read is passed over: the grids in force stay.
pub(super) fn install_areas(store: &Store) -> Result<(), AppError> {
    let Some(pack) = store.read(|r| packs::active(r, "areas"))? else {
        return Ok(());
    };
    let Ok(nodes) = area_tree::read(&pack.content) else {
        return Ok(());
    };
    let grids: Vec<GridArea> = nodes.iter().filter_map(AreaNode::grid_area).collect();
    store.write(|w| areas::replace(w, &grids).map_err(AppError::from))
}
