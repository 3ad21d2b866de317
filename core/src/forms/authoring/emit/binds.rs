//! Binds and the actions of the model, in document order.

use super::Writer;
use super::texts;
use crate::forms::authoring::item::{Act, Item, NEW_REPEAT, Role};
use crate::forms::authoring::lexer;
use crate::forms::authoring::names::local;
use crate::forms::authoring::outline::Id;
use crate::forms::authoring::paths::{How, in_attribute};
use crate::forms::authoring::references;
use crate::forms::authoring::value::{self, Map, Value};
use crate::forms::definition::{Action, Bind};
use crate::forms::grid::{self, ItemRules};

/// Rules for which `yes` and `no` are conditions.
const CONDITIONS: [&str; 5] = ["readonly", "required", "relevant", "constraint", "calculate"];
const MESSAGES: [&str; 3] = ["jr:constraintMsg", "jr:requiredMsg", "jr:noAppErrorString"];

impl Writer<'_> {
    pub(super) fn binds(&mut self) -> (Vec<Bind>, Vec<Action>) {
        let (mut binds, mut actions) = (Vec::new(), Vec::new());
        for id in self.outline().ids() {
            let item = self.form.outline.item(id);
            if let Some(rules) = rules(item) {
                binds.push(self.bind(id, item, &rules));
            }
            if item.kind().is_some() || item.role == Role::Attribute {
                actions.extend(self.own_actions(id, false));
            }
        }
        (binds, actions)
    }

    fn bind(&mut self, id: Id, item: &Item, rules: &Map) -> Bind {
        let mut written: Vec<(&str, String)> = Vec::new();
        for (key, value) in rules {
            if key == "calculate" && !item.trigger.is_empty() {
                continue;
            }
            let text = if MESSAGES.contains(&key.as_str()) && texts::is_message_text(key, value) {
                format!("jr:itext('{}:{key}')", self.outline().path(id))
            } else {
                let text = self.text_of(value, key, id, &["bind", key]);
                if CONDITIONS.contains(&key.as_str()) {
                    condition(&text).into()
                } else {
                    text
                }
            };
            if key.contains(':') {
                self.address(key, self.spot(id, &["bind", key]));
            }
            let text = self.outline().resolve(&text, Some(id), How::default());
            written.push((key, in_attribute(&text)));
        }
        let first = |name: &str| {
            written
                .iter()
                .find(|(key, _)| local(key) == name)
                .map(|(_, text)| text.clone())
        };
        let exact = |name: &str| {
            written
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, text)| text.clone())
        };
        Bind {
            nodeset: self.outline().path(id),
            data_type: first("type"),
            relevant: first("relevant"),
            required: first("required"),
            required_message: first("requiredMsg"),
            readonly: first("readonly"),
            constraint: first("constraint"),
            constraint_message: first("constraintMsg"),
            calculate: first("calculate"),
            preload: exact("jr:preload"),
            preload_params: exact("jr:preloadParams"),
            save_to: first("saveto"),
            grid: self.item_rules(id, &written),
        }
    }

    fn item_rules(&mut self, id: Id, written: &[(&str, String)]) -> Option<Box<ItemRules>> {
        let mut rules = ItemRules::default();
        let mut any = false;
        for (key, text) in written {
            let Some((prefix, name)) = key.split_once(':') else {
                continue;
            };
            if !self
                .namespaces
                .iter()
                .any(|(known, address)| known == prefix && address == grid::NAMESPACE)
            {
                continue;
            }
            any = true;
            if !rules.set(name, text.trim()) {
                let spot = self.spot(id, &["bind", key]);
                self.log.error("form_bad_grid_attribute", format!("{key}={text}"), spot);
            }
        }
        any.then(|| Box::new(rules))
    }

    /// The actions of a part: those of new repeats stand in the repeat, all others in the model.
    pub(super) fn own_actions(&mut self, id: Id, in_repeat: bool) -> Vec<Action> {
        let item = self.form.outline.item(id);
        let own = item.actions.iter().filter(|act| (act.event == NEW_REPEAT) == in_repeat);
        own.map(|act| self.action(id, item, act)).collect()
    }

    fn action(&self, id: Id, item: &Item, act: &Act) -> Action {
        let default = item.default.as_deref();
        let value = match default {
            Some(default) if item.dynamic || lexer::is_dynamic(default, &item.kind_name) => {
                Some(self.outline().resolve(default, Some(id), How::default()))
            }
            Some(default) => Some(default.to_owned()),
            None => act.value.clone(),
        };
        action(
            act.kind,
            act.event,
            self.outline().path(id),
            value.filter(|_| act.kind == "setvalue"),
        )
    }
}

/// An action as a document holds it.
pub(super) fn action(kind: &str, event: &str, target: String, value: Option<String>) -> Action {
    let value = value
        .filter(|value| !value.is_empty())
        .map(|value| in_attribute(&value));
    Action {
        kind: kind.into(),
        events: vec![event.into()],
        target,
        text: value.is_none().then(String::new),
        value,
    }
}

/// What the type says, and what the author says instead or besides.
fn rules(item: &Item) -> Option<Map> {
    let Some(kind) = item.kind() else {
        return item.bind.clone();
    };
    let mut rules = Map::new();
    let mut put = |key: &str, text: &str| {
        if !text.is_empty() {
            value::put(&mut rules, key, Value::Text(text.into()));
        }
    };
    put("type", kind.data_type);
    put("readonly", if kind.readonly { "true()" } else { "" });
    put("constraint", kind.constraint);
    if let Some((preload, argument)) = kind.preload {
        put("jr:preload", preload);
        put("jr:preloadParams", argument);
    }
    for (key, value) in item.bind.iter().flatten() {
        value::put(&mut rules, key, value.clone());
    }
    (!rules.is_empty() || item.bind.is_some()).then_some(rules)
}

fn condition(text: &str) -> &str {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" => "true()",
        "no" | "No" | "NO" | "false" | "False" | "FALSE" => "false()",
        text => text,
    }
}

/// Whether a message has languages or computed parts.
pub(super) fn has_parts(value: &Value) -> bool {
    value.map().is_some() || value.text().is_some_and(references::any)
}
