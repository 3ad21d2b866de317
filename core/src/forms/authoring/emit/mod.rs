//! A form as its sheets say it, written as GF/1.

mod binds;
mod body;
mod instances;
mod model;
mod texts;

use super::item::Role;
use super::log::Log;
use super::outline::{Id, Outline};
use super::settings::USUAL;
use super::survey::Form;
use super::value::Value;
use crate::forms::definition::{Definition, FORMAT};
use crate::forms::grid;
use crate::forms::trouble::Spot;

const XFORMS: &str = "http://www.w3.org/2002/xforms";
const ENTITIES: &str = "http://www.opendatakit.org/xforms/entities";

/// Writes a form; nothing when it has no root.
pub(super) fn definition(mut form: Form, log: &mut Log) -> Option<Definition> {
    let triggers = body::triggers(&form.outline);
    instances::search_lists(&mut form, log);
    let texts = texts::gather(&form, log);
    let mut writer = Writer {
        namespaces: namespaces(&form),
        form: &form,
        log,
        triggers,
    };
    let model = writer.model();
    let (binds, actions) = writer.binds();
    let instances = writer.instances();
    let body = writer.sections(0);
    Some(Definition {
        format: FORMAT.into(),
        id: super::paths::in_attribute(&form.settings.id),
        version: form
            .settings
            .text("version")
            .filter(|v| !v.is_empty())
            .map(super::paths::in_attribute),
        title: super::paths::lines(&form.settings.title).trim().into(),
        model,
        namespaces: writer.namespaces,
        binds,
        languages: texts,
        instances,
        files: Default::default(),
        actions,
        submission: None,
        body,
    })
}

/// What is known while a form is written.
struct Writer<'a> {
    form: &'a Form,
    namespaces: Vec<(String, String)>,
    log: &'a mut Log,
    triggers: body::Triggers,
}

fn namespaces(form: &Form) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = USUAL.iter().map(|(p, a)| ((*p).to_owned(), (*a).to_owned())).collect();
    all.extend(form.settings.namespaces());
    if form.has_entities && !all.iter().any(|(prefix, _)| prefix == "entities") {
        all.push(("entities".into(), ENTITIES.into()));
    }
    all
}

impl Writer<'_> {
    fn outline(&self) -> &Outline {
        &self.form.outline
    }

    /// The place of something an author wrote about a part.
    fn spot(&self, id: Id, parts: &[&str]) -> Spot {
        let item = self.outline().item(id);
        match item.role {
            Role::Entity | Role::Attribute | Role::EntityLabel => self.form.entities.spot(item.row, &[]),
            _ => self.form.survey.spot(item.row, parts),
        }
    }

    /// The address of a prefix; an unknown one is an error at the cell that used it.
    fn address(&mut self, name: &str, spot: Spot) -> Option<String> {
        let (prefix, _) = name.split_once(':')?;
        // a save_to without entities was told before
        if prefix == "entities" && !self.form.has_entities {
            return None;
        }
        if prefix == "xml" {
            return Some("http://www.w3.org/XML/1998/namespace".into());
        }
        let found = self
            .namespaces
            .iter()
            .find(|(known, _)| known == prefix)
            .map(|(_, address)| address.clone());
        if found.is_none() {
            let hint = (prefix == "grid").then(|| format!("grid=\"{}\"", grid::NAMESPACE));
            self.log.push(
                crate::forms::trouble::Trouble::error("xls_prefix_unknown", name)
                    .at(spot)
                    .suggest(hint),
            );
        }
        found
    }

    /// A value that must be one text.
    fn text_of(&mut self, value: &Value, key: &str, id: Id, parts: &[&str]) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Map(_) => {
                let spot = self.spot(id, parts);
                self.log.error("xls_column_nested", key, spot);
                String::new()
            }
        }
    }
}
