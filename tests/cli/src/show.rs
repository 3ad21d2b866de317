//! Prints results: text for people in their language, or one JSON document.

use fushan_grid_core::app::messages::Lang;
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
