//! A row of the survey as part of the form: question, group, repeat.

use super::columns::Row;
use super::kinds::Kind;
use super::value::{self, Map, Value};

/// What a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Survey,
    Group,
    Repeat,
    /// A group that is written once and repeated for every choice of a list.
    Loop,
    Question(Kind),
    /// A file that becomes an instance.
    External,
    Entity,
    /// An attribute of an entity.
    Attribute,
    /// The label of an entity.
    EntityLabel,
}

/// What happens at an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Act {
    pub(super) kind: &'static str,
    pub(super) event: &'static str,
    pub(super) value: Option<String>,
}

pub(super) const FIRST_LOAD: &str = "odk-instance-first-load";
pub(super) const INSTANCE_LOAD: &str = "odk-instance-load";
pub(super) const NEW_REPEAT: &str = "odk-new-repeat";
pub(super) const VALUE_CHANGED: &str = "xforms-value-changed";

/// A part of the form.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) role: Role,
    /// The type as it stands after other names were replaced.
    pub(super) kind_name: String,
    pub(super) name: String,
    /// Row of the survey sheet; of the entities sheet for entities; 0 for what nobody wrote.
    pub(super) row: u32,
    pub(super) label: Option<Value>,
    pub(super) hint: Option<Value>,
    pub(super) guidance: Option<Value>,
    pub(super) media: Map,
    pub(super) bind: Option<Map>,
    /// Attributes of the control.
    pub(super) control: Map,
    /// Attributes of the node.
    pub(super) instance: Map,
    pub(super) default: Option<String>,
    pub(super) dynamic: bool,
    pub(super) actions: Vec<Act>,
    pub(super) trigger: Vec<String>,
    /// Choice list, file or `${repeat}` that choices come from.
    pub(super) itemset: Option<String>,
    pub(super) choice_filter: Option<String>,
    pub(super) parameters: Vec<(String, String)>,
    /// Nothing of it is shown.
    pub(super) bodyless: bool,
    /// Fixed value of an attribute.
    pub(super) value: String,
    pub(super) children: Vec<Item>,
}

impl Item {
    /// A part that no row stands for.
    pub(super) fn made(role: Role, kind_name: &str, name: &str) -> Self {
        Self {
            role,
            kind_name: kind_name.into(),
            name: name.into(),
            row: 0,
            label: None,
            hint: None,
            guidance: None,
            media: Map::new(),
            bind: None,
            control: Map::new(),
            instance: Map::new(),
            default: None,
            dynamic: false,
            actions: Vec::new(),
            trigger: Vec::new(),
            itemset: None,
            choice_filter: None,
            parameters: Vec::new(),
            bodyless: false,
            value: String::new(),
            children: Vec::new(),
        }
    }

    /// A part with what stands in its row.
    pub(super) fn of_row(role: Role, kind_name: &str, name: &str, row: &Row) -> Self {
        let mut values = row.values.clone();
        let mut map = |key: &str| match value::take(&mut values, key) {
            Some(Value::Map(map)) => Some(map),
            _ => None,
        };
        let (media, bind) = (map("media").unwrap_or_default(), map("bind"));
        let (control, instance) = (map("control").unwrap_or_default(), map("instance").unwrap_or_default());
        let mut text = |key: &str| value::take(&mut values, key).and_then(|value| value.text().map(str::to_owned));
        let (default, choice_filter) = (text("default"), text("choice_filter"));
        Self {
            row: row.number,
            label: value::take(&mut values, "label"),
            hint: value::take(&mut values, "hint"),
            guidance: value::take(&mut values, "guidance_hint"),
            media,
            bind,
            control,
            instance,
            default,
            choice_filter,
            ..Self::made(role, kind_name, name)
        }
    }

    /// Adds a rule to the bind, also when there was none.
    pub(super) fn set_bind(&mut self, key: &str, text: impl Into<String>) {
        value::put(self.bind.get_or_insert_default(), key, Value::Text(text.into()));
    }

    pub(super) fn set_control(&mut self, key: &str, text: impl Into<String>) {
        value::put(&mut self.control, key, Value::Text(text.into()));
    }

    pub(super) fn appearance(&self) -> Option<&str> {
        value::text(&self.control, "appearance")
    }

    /// A rule of the bind as text.
    pub(super) fn rule(&self, key: &str) -> Option<&str> {
        self.bind.as_ref().and_then(|bind| value::text(bind, key))
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        match self.role {
            Role::Question(kind) => Some(kind),
            _ => None,
        }
    }

    /// A question in which people choose from a list.
    pub(super) fn chooses(&self) -> bool {
        self.kind()
            .is_some_and(|kind| matches!(kind.control, "select1" | "select" | "odk:rank"))
    }

    pub(super) fn is_section(&self) -> bool {
        matches!(self.role, Role::Survey | Role::Group | Role::Repeat | Role::Entity)
    }
}
