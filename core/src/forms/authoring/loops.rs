//! A loop is written once and stands for one group per choice of its list.

use super::choices::{Choice, Lists};
use super::item::{Item, Role};
use super::value::{Map, Value};

/// Replaces all loops below a part by groups.
pub(super) fn expand(item: &mut Item, lists: &Lists) {
    for child in &mut item.children {
        if child.role == Role::Loop {
            unroll(child, lists);
        }
        expand(child, lists);
    }
}

fn unroll(item: &mut Item, lists: &Lists) {
    item.role = Role::Group;
    let inside = std::mem::take(&mut item.children);
    let choices = item
        .itemset
        .take()
        .and_then(|name| lists.get(&name))
        .map(|list| list.choices.as_slice());
    for choice in choices
        .unwrap_or_default()
        .iter()
        .filter(|choice| choice.name != "none")
    {
        let mut group = Item::made(Role::Group, "group", &choice.name);
        group.row = item.row;
        group.label.clone_from(&choice.label);
        group.media.clone_from(&choice.media);
        group.children = inside.iter().map(|child| with_choice(child, choice)).collect();
        item.children.push(group);
    }
}

/// A part with `%(name)s` and `%(label)s` filled in; parts inside it stay as they are.
fn with_choice(item: &Item, choice: &Choice) -> Item {
    let mut item = item.clone();
    item.name = fill(&item.name, choice, None);
    for value in [&mut item.label, &mut item.hint, &mut item.guidance]
        .into_iter()
        .flatten()
    {
        fill_value(value, choice);
    }
    fill_map(&mut item.media, choice);
    fill_map(&mut item.control, choice);
    fill_map(&mut item.instance, choice);
    if let Some(bind) = &mut item.bind {
        fill_map(bind, choice);
    }
    for text in [&mut item.default, &mut item.choice_filter].into_iter().flatten() {
        *text = fill(text, choice, None);
    }
    item
}

fn fill_map(map: &mut Map, choice: &Choice) {
    for (_, value) in map {
        if let Value::Text(text) = value {
            *text = fill(text, choice, None);
        }
    }
}

fn fill_value(value: &mut Value, choice: &Choice) {
    match value {
        Value::Text(text) => *text = fill(text, choice, None),
        Value::Map(map) => {
            for (language, value) in map {
                if let Value::Text(text) = value {
                    *text = fill(text, choice, Some(language));
                }
            }
        }
    }
}

fn fill(text: &str, choice: &Choice, language: Option<&str>) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let label = match &choice.label {
        Some(Value::Text(label)) => label.as_str(),
        Some(Value::Map(map)) => {
            let own = map.iter().find(|(known, _)| Some(known.as_str()) == language);
            own.or(map.first())
                .and_then(|(_, value)| value.text())
                .unwrap_or_default()
        }
        None => "",
    };
    text.replace("%(name)s", &choice.name)
        .replace("%(label)s", label)
        .replace("%%", "%")
}
