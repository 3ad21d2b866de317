//! What a column with parts (`label::English`, `bind::jr:constraintMsg::zh`) gathers in one row.

/// A text, or texts by the parts of their headings, in the order of the columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Map(Map),
}

/// Values by key, in order.
pub(super) type Map = Vec<(String, Value)>;

impl Value {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Map(_) => None,
        }
    }

    pub(super) fn map(&self) -> Option<&Map> {
        match self {
            Self::Text(_) => None,
            Self::Map(map) => Some(map),
        }
    }
}

pub(super) fn get<'a>(map: &'a Map, key: &str) -> Option<&'a Value> {
    map.iter().find(|(known, _)| known == key).map(|(_, value)| value)
}

pub(super) fn text<'a>(map: &'a Map, key: &str) -> Option<&'a str> {
    get(map, key).and_then(Value::text)
}

pub(super) fn put(map: &mut Map, key: &str, value: Value) {
    match map.iter_mut().find(|(known, _)| known == key) {
        Some((_, old)) => *old = value,
        None => map.push((key.to_owned(), value)),
    }
}

pub(super) fn take(map: &mut Map, key: &str) -> Option<Value> {
    let at = map.iter().position(|(known, _)| known == key)?;
    Some(map.remove(at).1)
}

/// A value below keys.
pub(super) fn nested(keys: &[String], text: String) -> Value {
    match keys.split_first() {
        None => Value::Text(text),
        Some((key, rest)) => Value::Map(vec![(key.clone(), nested(rest, text))]),
    }
}

/// Puts two values together. A text without a language belongs to the default language, unless that has its own.
pub(super) fn merge(old: Option<Value>, new: Value, default_language: &str) -> Value {
    let Some(old) = old else {
        return new;
    };
    let (mut old, new) = match (old, new) {
        (Value::Map(old), Value::Map(new)) => (old, new),
        (Value::Text(text), Value::Map(new)) => {
            if get(&new, default_language).is_some() {
                return Value::Map(new);
            }
            (vec![(default_language.to_owned(), Value::Text(text))], new)
        }
        (Value::Map(old), Value::Text(text)) => {
            if get(&old, default_language).is_some() {
                return Value::Map(old);
            }
            (old, vec![(default_language.to_owned(), Value::Text(text))])
        }
        (Value::Text(_), new) => return new,
    };
    for (key, value) in new {
        let before = old.iter().position(|(known, _)| *known == key);
        match before.and_then(|at| old.get_mut(at)) {
            Some((_, slot)) => {
                let was = std::mem::replace(slot, Value::Text(String::new()));
                *slot = merge(Some(was), value, default_language);
            }
            None => old.push((key, value)),
        }
    }
    Value::Map(old)
}
