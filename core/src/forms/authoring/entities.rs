//! The entities sheet: records outside the form that its answers make or change.

mod places;

use super::book::Book;
use super::columns::{self, Reading, Row, Table};
use super::item::{Act, FIRST_LOAD, Item, NEW_REPEAT, Role};
use super::log::Log;
use super::names;
use super::references;
use super::value::{self, Map};
use crate::forms::trouble::{Spot, Trouble};

/// The groups around a question, outermost first.
pub(super) type Path = Vec<(String, Role)>;

/// What the form says about entities.
#[derive(Debug, Default)]
pub(super) struct Entities {
    pub(super) table: Table,
    pub(super) declared: Vec<Declared>,
    /// What the survey says of each list, in order of the first word about it.
    pub(super) said: Vec<Said>,
}

/// A list of entities that the form makes or changes.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) dataset: String,
    pub(super) row: u32,
    pub(super) item: Item,
    /// Questions that the declaration reads.
    pub(super) mentions: Vec<String>,
}

/// Where the survey speaks of a list.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) dataset: String,
    pub(super) places: Vec<Place>,
}

/// One place: a question that is saved, or one that the declaration reads.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) path: Path,
    pub(super) row: u32,
    pub(super) property: Option<String>,
}

const COLUMNS: [&str; 6] = ["dataset", "entity_id", "create_if", "update_if", "repeat", "label"];

/// Reads the sheet.
pub(super) fn read(book: &Book, log: &mut Log) -> Entities {
    let mut entities = Entities {
        table: Table {
            sheet: "entities",
            ..Table::default()
        },
        ..Entities::default()
    };
    let Some(sheet) = book.sheet("entities").filter(|sheet| !sheet.rows.is_empty()) else {
        return entities;
    };
    let reading = Reading {
        default_language: "default",
        squeeze: false,
        required: None,
    };
    entities.table = columns::table(sheet, "entities", reading, log);
    for row in entities.table.rows.clone() {
        entities.declare(&row, log);
    }
    entities
}

impl Entities {
    fn declare(&mut self, row: &Row, log: &mut Log) {
        for (key, _) in row.values.iter().filter(|(key, _)| !COLUMNS.contains(&key.as_str())) {
            let near = names::nearest(key, COLUMNS.iter().copied());
            log.push(
                Trouble::error("xls_entity_column", key.as_str())
                    .at(self.table.spot(1, &[key]))
                    .suggest(near),
            );
        }
        let text = |key: &str| value::text(&row.values, key);
        let (id, create, update, label) = (text("entity_id"), text("create_if"), text("update_if"), text("label"));
        let dataset = text("dataset").unwrap_or_default();
        self.check_name(dataset, row.number, log);
        for (wrong, code, column) in [
            (id.is_none() && update.is_some(), "xls_entity_id_missing", "entity_id"),
            (
                id.is_some() && create.is_some() && update.is_none(),
                "xls_entity_update_missing",
                "update_if",
            ),
            (id.is_none() && label.is_none(), "xls_entity_label_missing", "label"),
        ] {
            if wrong {
                log.error(code, dataset, self.table.spot(row.number, &[column]));
            }
        }
        let mentions = [id, create, update, label]
            .into_iter()
            .flatten()
            .flat_map(references::all);
        let mentions: Vec<String> = mentions.filter_map(|reference| reference.name).collect();
        self.declared.push(Declared {
            dataset: dataset.into(),
            row: row.number,
            item: entity(&row.values, dataset, row.number),
            mentions,
        });
    }

    fn check_name(&self, dataset: &str, row: u32, log: &mut Log) {
        let spot = self.table.spot(row, &["dataset"]);
        if dataset.is_empty() {
            log.error("xls_entity_without_name", "", spot);
        } else if dataset.starts_with("__") || dataset.contains('.') || !names::is_name(dataset) {
            log.error("xls_bad_name", dataset, spot);
        } else if self.declared.iter().any(|known| known.dataset == dataset) {
            log.error("xls_entity_twice", dataset, spot);
        }
    }

    /// Notes that a question is saved to a property and gives the property's name.
    pub(super) fn save_to(
        &mut self,
        written: &str,
        section: bool,
        path: &Path,
        row: u32,
        spot: Spot,
        log: &mut Log,
    ) -> String {
        let (dataset, property) = match written.split_once('#') {
            Some((dataset, property)) => (Some(dataset), property),
            None => (None, written),
        };
        let only = self
            .declared
            .first()
            .filter(|_| self.declared.len() == 1)
            .map(|known| known.dataset.clone());
        let dataset = dataset.map(str::to_owned).or(only);
        let known = dataset
            .as_ref()
            .filter(|dataset| self.declared.iter().any(|known| known.dataset == **dataset));
        let code = match known {
            _ if self.declared.is_empty() => Some("xls_entities_missing"),
            _ if property.contains('#') => Some("xls_save_to_unreadable"),
            None if dataset.is_none() => Some("xls_save_to_which"),
            None => Some("xls_entity_unknown"),
            _ if section => Some("xls_save_to_group"),
            _ if property.starts_with("__") || !names::is_name(property) => Some("xls_bad_name"),
            _ if matches!(property.to_lowercase().as_str(), "name" | "label") => Some("xls_save_to_reserved"),
            Some(dataset) if self.is_saved(dataset, property) => Some("xls_save_to_twice"),
            _ => None,
        };
        if let Some(code) = code {
            let near = dataset.as_deref().filter(|_| known.is_none());
            let near =
                near.and_then(|name| names::nearest(name, self.declared.iter().map(|known| known.dataset.as_str())));
            log.push(Trouble::error(code, written).at(spot).suggest(near));
        } else if let Some(dataset) = known.cloned() {
            self.say(&dataset, path, row, Some(property.to_owned()));
        }
        property.to_owned()
    }

    fn is_saved(&self, dataset: &str, property: &str) -> bool {
        let said = self.said.iter().filter(|said| said.dataset == dataset);
        said.flat_map(|said| &said.places)
            .any(|place| place.property.as_deref() == Some(property))
    }

    fn say(&mut self, dataset: &str, path: &Path, row: u32, property: Option<String>) {
        let place = Place {
            path: path.clone(),
            row,
            property,
        };
        match self.said.iter_mut().find(|said| said.dataset == dataset) {
            Some(said) => said.places.push(place),
            None => self.said.push(Said {
                dataset: dataset.into(),
                places: vec![place],
            }),
        }
    }

    /// Notes where a question stands that a declaration reads.
    pub(super) fn mention(&mut self, name: Option<&str>, path: &Path, row: u32) {
        let Some(name) = name else {
            return;
        };
        let reading = self
            .declared
            .iter()
            .filter(|known| known.mentions.iter().any(|mention| mention == name));
        let datasets: Vec<String> = reading.map(|known| known.dataset.clone()).collect();
        for dataset in datasets {
            self.say(&dataset, path, row, None);
        }
    }

    /// Puts the entities into the groups that their properties stand in.
    pub(super) fn place(mut self, root: &mut Item, log: &mut Log) -> Table {
        if !self.declared.is_empty() && !log.failed() {
            for (path, dataset) in self.allocate(log) {
                if let Some(at) = self.declared.iter().position(|known| known.dataset == dataset) {
                    let declared = self.declared.remove(at);
                    places::insert(root, &path, declared.item);
                }
            }
        }
        self.table
    }
}

/// The group of metadata with what is inside.
pub(super) fn meta(children: Vec<Item>) -> Item {
    let mut meta = Item::made(Role::Group, "group", "meta");
    meta.bodyless = true;
    meta.children = children;
    meta
}

fn attribute(name: &str, row: u32, value: &str, calculate: Option<String>) -> Item {
    let mut item = Item::made(Role::Attribute, "attribute", name);
    item.row = row;
    item.value = value.into();
    if let Some(calculate) = calculate {
        item.bind = Some(Map::new());
        item.set_bind("calculate", calculate);
        item.set_bind("readonly", "true()");
        item.set_bind("type", "string");
    }
    item
}

/// The node of an entity: created, changed, or one of both by condition.
fn entity(values: &Map, dataset: &str, row: u32) -> Item {
    let text = |key: &str| {
        value::text(values, key)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let (id, create, update) = (text("entity_id"), text("create_if"), text("update_if"));
    let mut entity = Item::made(Role::Entity, "entity", "entity");
    entity.row = row;
    entity.children.push(attribute("dataset", row, dataset, None));
    let mut id_node = attribute("id", row, "", None);
    id_node.set_bind("readonly", "true()");
    id_node.set_bind("type", "string");
    if id.is_none() || create.is_some() {
        entity.children.push(attribute("create", row, "1", create));
    }
    match id {
        None => id_node.actions.push(new_id(FIRST_LOAD)),
        Some(id) => {
            entity.children.push(attribute("update", row, "1", update));
            for (name, column) in [
                ("baseVersion", "__version"),
                ("trunkVersion", "__trunkVersion"),
                ("branchId", "__branchId"),
            ] {
                let path = format!("instance('{dataset}')/root/item[name={id}]/{column}");
                entity.children.push(attribute(name, row, "", Some(path)));
            }
            id_node.set_bind("calculate", id);
        }
    }
    entity.children.push(id_node);
    if let Some(label) = text("label") {
        let mut node = attribute("label", row, "", Some(label));
        node.role = Role::EntityLabel;
        entity.children.push(node);
    }
    entity
}

fn new_id(event: &'static str) -> Act {
    Act {
        kind: "setvalue",
        event,
        value: Some("uuid()".into()),
    }
}

/// An entity inside a repeat gets its id when the repeat does.
fn renew_in_repeats(entity: &mut Item) {
    for id in entity
        .children
        .iter_mut()
        .filter(|child| child.name == "id" && child.actions.len() == 1)
    {
        id.actions.push(new_id(NEW_REPEAT));
    }
}
