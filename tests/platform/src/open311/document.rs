//! One answer in the two forms of the standard. In JSON a list is an array of objects; in XML it is an element around elements,
//! with the names that the standard gives.

use serde_json::{Map, Value};

/// The form that was asked for by the end of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `.json`.
    Json,
    /// `.xml`.
    Xml,
}

impl Format {
    /// Splits `name.json` or `name.xml`.
    pub(crate) fn split(name: &str) -> Option<(&str, Self)> {
        match name.rsplit_once('.')? {
            (name, "json") => Some((name, Self::Json)),
            (name, "xml") => Some((name, Self::Xml)),
            _ => None,
        }
    }
}

/// An answer: names of the list and of its items in XML, and the items.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub(crate) list: &'static str,
    pub(crate) item: &'static str,
    pub(crate) items: Vec<Value>,
    /// Whether it is one thing and not a list: then JSON has no array, and XML no element around it.
    pub(crate) single: bool,
}

impl Document {
    /// A list of things.
    pub(crate) fn list(list: &'static str, item: &'static str, items: Vec<Value>) -> Self {
        Self {
            list,
            item,
            items,
            single: false,
        }
    }

    /// The answer in a form.
    pub(crate) fn text(&self, format: Format) -> String {
        match format {
            Format::Json if self.single => self.items.first().map(Value::to_string).unwrap_or_default(),
            Format::Json => Value::Array(self.items.clone()).to_string(),
            Format::Xml => self.xml(),
        }
    }

    fn xml(&self) -> String {
        let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>".to_owned();
        let inner: String = self.items.iter().map(|item| element(self.item, item)).collect();
        if self.single {
            text.push_str(&inner);
        } else {
            text.push_str(&format!("<{0}>{inner}</{0}>", self.list));
        }
        text
    }
}

fn element(name: &str, value: &Value) -> String {
    let inner = match value {
        Value::Null => return format!("<{name}/>"),
        Value::Object(map) => children(map),
        Value::Array(items) => items.iter().map(|item| element(item_name(name), item)).collect(),
        Value::String(text) => escaped(text),
        other => other.to_string(),
    };
    format!("<{name}>{inner}</{name}>")
}

fn children(map: &Map<String, Value>) -> String {
    map.iter().map(|(name, value)| element(name, value)).collect()
}

/// What the items of a list inside an item are called.
fn item_name(list: &str) -> &str {
    match list {
        "attributes" => "attribute",
        "values" => "value",
        "endpoints" => "endpoint",
        "formats" => "format",
        _ => "item",
    }
}

/// Escapes what XML asks for, and leaves out what it cannot hold.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}
