//! Answers of the platform's desks as lines.

use serde_json::Value;

use crate::show::Screen;

/// Lines of an answer: each item of its lists, or the answer itself.
pub fn text(screen: &Screen, told: &Value) -> String {
    let Some(fields) = told.as_object() else {
        return told.to_string();
    };
    let mut lines = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Array(items) => {
                lines.push(format!("{name}: {}", items.len()));
                lines.extend(items.iter().map(|item| format!("  {}", line(item))));
            }
            _ => lines.push(format!("{name}: {}", line(value))),
        }
    }
    match lines.is_empty() {
        true => screen.say("没有内容", "nothing").to_owned(),
        false => lines.join("\n"),
    }
}

fn line(item: &Value) -> String {
    match item {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(line).collect::<Vec<_>>().join("  "),
        Value::Object(fields) => {
            let told = fields.iter().filter(|(_, value)| !value.is_null() && *value != "");
            told.map(|(name, value)| format!("{name}={}", line(value)))
                .collect::<Vec<_>>()
                .join("  ")
        }
        other => other.to_string(),
    }
}
