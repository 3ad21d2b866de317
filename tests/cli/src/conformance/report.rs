//! One line for each rule, and the whole as JSON.

use serde_json::{Value, json};

use super::rule::{Judged, Miss, Rule};
use crate::show::Screen;

/// What the kit found.
pub struct Report {
    url: String,
    lines: Vec<Value>,
    held: u32,
    broken: u32,
    skipped: u32,
}

impl Report {
    /// Of a platform.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            lines: Vec::new(),
            held: 0,
            broken: 0,
            skipped: 0,
        }
    }

    /// Adds a rule's verdict and prints its line.
    pub fn add(&mut self, screen: &Screen, rule: &Rule, judged: Judged) {
        let (word, why) = match judged {
            Ok(()) => {
                self.held += 1;
                ("held", String::new())
            }
            Err(Miss::Broken(how)) => {
                self.broken += 1;
                ("broken", how)
            }
            Err(Miss::Skipped(why)) => {
                self.skipped += 1;
                ("skipped", why)
            }
        };
        self.lines
            .push(json!({"rule": rule.id, "says": rule.says, "verdict": word, "why": why}));
        if !screen.json {
            let mark = match word {
                "held" => "ok     ",
                "broken" => "BROKEN ",
                _ => "SKIPPED",
            };
            println!("{mark} {:24} {}", rule.id, rule.says);
            if !why.is_empty() {
                println!("{:34}{why}", "");
            }
        }
    }

    /// Prints the sums.
    pub fn end(&self, screen: &Screen) {
        screen.show(&self.document(), || {
            let (held, broken, skipped) = (self.held, self.broken, self.skipped);
            match screen.lang {
                fushan_grid_core::app::messages::Lang::Zh => {
                    format!("一致性:{held} 条符合,{broken} 条违反,{skipped} 条未检")
                }
                fushan_grid_core::app::messages::Lang::En => {
                    format!("conformance: {held} held, {broken} broken, {skipped} skipped")
                }
            }
        });
    }

    /// Rules that were broken.
    pub fn broken(&self) -> u32 {
        self.broken
    }

    /// The report as JSON.
    pub fn document(&self) -> Value {
        json!({
            "url": self.url, "held": self.held, "broken": self.broken, "skipped": self.skipped, "rules": self.lines
        })
    }
}
