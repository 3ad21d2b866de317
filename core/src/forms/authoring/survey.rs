//! Puts the sheets together to a form.

use std::collections::{HashMap, HashSet};

use super::book::{Book, SHEETS};
use super::checks;
use super::choices::{self, Lists};
use super::columns::{self, Reading, Table};
use super::entities;
use super::item::{Item, Role};
use super::kinds;
use super::log::Log;
use super::loops;
use super::names;
use super::outline::Outline;
use super::questions::Walk;
use super::sections::Open;
use super::settings::{self, Settings};
use crate::forms::trouble::{Spot, Trouble};

/// A form as its sheets say it.
pub(super) struct Form {
    pub(super) settings: Settings,
    pub(super) survey: Table,
    pub(super) entities: Table,
    pub(super) lists: Lists,
    pub(super) outline: Outline,
    /// Entities are made or changed.
    pub(super) has_entities: bool,
}

/// Reads a form; nothing when there is no survey.
pub(super) fn read(book: &Book, log: &mut Log) -> Option<Form> {
    let Some(sheet) = book.sheet("survey").filter(|sheet| !sheet.headings.is_empty()) else {
        let near = misspelt("survey", book);
        let spot = Spot {
            sheet: near.clone(),
            ..Spot::default()
        };
        log.push(Trouble::error("xls_survey_missing", "survey").at(spot).suggest(near));
        return None;
    };
    warn_misspelt(book, log);
    let mut settings = settings::read(book, log);
    let external = choices::external(book, &settings, log);
    let external = book
        .sheet("external_choices")
        .filter(|sheet| !sheet.rows.is_empty())
        .map(|_| external.as_slice());
    let mut lists = choices::read(book, &settings, log);
    let mut entities = entities::read(book, log);
    let default_language = settings.default_language.clone();
    let reading = Reading {
        default_language: &default_language,
        squeeze: settings.yes("clean_text_values", true),
        required: Some("type"),
    };
    let survey = columns::table(sheet, "survey", reading, log);
    let root = Item::made(Role::Survey, "survey", &settings.name);
    let mut walk = Walk {
        settings: &mut settings,
        survey: &survey,
        lists: &mut lists,
        external,
        entities: &mut entities,
        log,
        stack: vec![Open::new(root)],
        table_list: None,
        meta: Vec::new(),
        given: HashMap::new(),
        questions: HashSet::new(),
        repeats: HashSet::new(),
        instances: HashSet::new(),
        triggers: Vec::new(),
        geometries: Vec::new(),
    };
    for row in &survey.rows {
        walk.row(row);
    }
    walk.finish();
    walk.metadata();
    let mut root = walk.stack.pop()?.item;
    let meta = std::mem::take(&mut walk.meta);
    for trouble in checks::targets(&walk) {
        walk.log.push(trouble);
    }
    let given = std::mem::take(&mut walk.given);
    let has_entities = !entities.declared.is_empty();
    let entities = entities.place(&mut root, log);
    add_metadata(&mut root, meta);
    loops::expand(&mut root, &lists);
    for table in [&settings.table, &entities, &survey, &lists.table] {
        checks::references(table, &given, log);
    }
    let outline = Outline::new(root);
    outline.check_names(&survey, log);
    Some(Form {
        settings,
        survey,
        entities,
        lists,
        outline,
        has_entities,
    })
}

impl Walk<'_> {
    /// The nodes that name a record.
    fn metadata(&mut self) {
        let Some(kind) = kinds::kind("calculate") else {
            return;
        };
        if !self.settings.yes("omit_instanceID", false) {
            let mut id = Item::made(Role::Question(kind), "calculate", "instanceID");
            id.set_bind("readonly", "true()");
            id.set_bind("jr:preload", self.settings.text("instance_id").unwrap_or("uid"));
            self.meta.push(id);
            *self.given.entry("instanceID".into()).or_default() += 1;
        }
        if let Some(rule) = self.settings.text("instance_name").map(str::to_owned) {
            let mut name = Item::made(Role::Question(kind), "calculate", "instanceName");
            name.set_bind("calculate", rule);
            self.meta.push(name);
        }
    }
}

/// Metadata stands at the end of the form, together with the form's own entity.
fn add_metadata(root: &mut Item, meta: Vec<Item>) {
    if meta.is_empty() {
        return;
    }
    match root
        .children
        .iter_mut()
        .find(|child| child.name == "meta" && child.role == Role::Group)
    {
        Some(known) => known.children.extend(meta),
        None => root.children.push(entities::meta(meta)),
    }
}

/// A sheet whose name is nearly right.
fn misspelt(name: &str, book: &Book) -> Option<String> {
    let near = |sheet: &&String| {
        let lower = sheet.to_lowercase();
        names::distance(&lower, name, 2) <= 2 && !SHEETS.contains(&lower.as_str()) && !sheet.starts_with('_')
    };
    book.names.iter().find(near).cloned()
}

fn warn_misspelt(book: &Book, log: &mut Log) {
    for name in ["choices", "settings", "entities"] {
        if book.sheet(name).is_none()
            && let Some(near) = misspelt(name, book)
        {
            let spot = Spot {
                sheet: Some(near.clone()),
                ..Spot::default()
            };
            log.push(
                Trouble::warning("xls_sheet_misspelt", near)
                    .at(spot)
                    .suggest(Some(name.into())),
            );
        }
    }
}
