//! Prints results: text for people in their language, or one JSON document.

use std::io::IsTerminal;

use fushan_grid_core::app::Engine;
use fushan_grid_core::app::messages::Lang;
use fushan_grid_core::app::sync::{Observer, Progress};
use fushan_grid_core::model::record::Record;
use fushan_grid_core::store::records::View;
use indicatif::ProgressBar;
use serde_json::Value;

/// Where and how results are shown.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    /// One JSON document instead of text.
    pub json: bool,
    /// Language of texts.
    pub lang: Lang,
}

impl Screen {
    /// Picks the text of the language.
    pub fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// Shows a result: the document, or the text made from it.
    pub fn show(&self, document: &Value, text: impl FnOnce() -> String) {
        if self.json {
            println!("{document:#}");
        } else {
            println!("{}", text());
        }
    }
}

/// One line for a record: id, state or kind, sync mark, name or title.
pub fn record_line(engine: &Engine, screen: &Screen, record: &Record) -> String {
    let text = |name: &str| record.body.get(name).and_then(Value::as_str);
    let name = text("title").or(text("name")).or(text("address")).unwrap_or_default();
    let label = if record.state.is_empty() {
        record.kind.0.clone()
    } else {
        state_name(engine, screen, &record.state)
    };
    format!("{}  {label}  {name}", record.id)
}

/// A whole record: its line, sync state, and every field.
pub fn record_text(engine: &Engine, screen: &Screen, view: &View) -> String {
    let record = &view.record;
    let grid = record.grid.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut text = format!(
        "{}\n  {} {}  rev {}  {:?}",
        record_line(engine, screen, record),
        record.kind,
        grid,
        record.rev,
        view.mark
    );
    for (name, value) in &record.body {
        text.push_str(&format!("\n  {name}: {value}"));
    }
    text
}

fn state_name(engine: &Engine, screen: &Screen, code: &str) -> String {
    let (zh, en) = engine.dictionaries().workflow.state_names(code);
    match screen.lang {
        Lang::Zh => zh,
        Lang::En if en.is_empty() => code.to_owned(),
        Lang::En => en,
    }
}

/// A progress line on a terminal; silent elsewhere and for JSON.
pub struct Bar(ProgressBar);

impl Bar {
    /// Starts it.
    pub fn start(screen: &Screen) -> Self {
        let shown = !screen.json && std::io::stderr().is_terminal();
        Self(if shown {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        })
    }

    /// Takes it away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Observer for Bar {
    fn progress(&self, p: &Progress) {
        self.0.set_message(format!(
            "ops {} · records {} · photos {} · ↑ {} B · ↓ {} B",
            p.ops_done, p.pulled, p.photos_done, p.bytes_up, p.bytes_down
        ));
        self.0.tick();
    }
}
