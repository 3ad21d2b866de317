//! The channels that reports come through, and how their classes become categories: a data pack.

use std::collections::BTreeSet;

use fushan_grid_core::model::incident::Taxonomy;
use fushan_grid_core::rules::packs::PackError;
use serde::Deserialize;

/// Channels and their mapping; the data pack `channels`, which stays on the platform.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct ChannelBook {
    pub(crate) version: String,
    /// Code of the district, the start of every case number.
    pub(crate) district: String,
    pub(crate) channels: Vec<Channel>,
    /// Category of what no line maps: a person looks at it.
    pub(crate) rest: String,
    map: Vec<Mapping>,
}

/// One channel.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Channel {
    pub(crate) code: String,
    /// The incident's `channel`, a code of the list of sources.
    pub(crate) source: String,
    /// Level of circulation whose desk accepts it.
    pub(crate) level: u8,
    /// Whether somebody waits for a reply unless the order says otherwise.
    pub(crate) need_reply: bool,
    /// Whether a mapped and placed order is accepted without a person.
    pub(crate) auto_accept: bool,
    /// Whether it knows the district's own categories.
    #[serde(default)]
    pub(crate) may_name_category: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct Mapping {
    class: String,
    category: String,
    #[serde(default)]
    urgency: Option<String>,
    #[serde(default)]
    severity: Option<String>,
    /// Only for this channel.
    #[serde(default)]
    channel: Option<String>,
}

/// What a class comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mapped {
    pub(crate) category: String,
    pub(crate) urgency: Option<String>,
    pub(crate) severity: Option<String>,
    /// Whether a line of the table named it; else a person looks.
    pub(crate) known: bool,
}

/// Why the channels are refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChannelBookError {
    #[error(transparent)]
    Malformed(#[from] PackError),
    #[error("channel {0} is there twice")]
    Twice(String),
    #[error("channel {0} has a level outside 1 to 3")]
    Level(String),
    #[error("class {0} is mapped to a category that is not there")]
    Category(String),
    #[error("class {0} is mapped twice")]
    MappedTwice(String),
}

impl ChannelBook {
    /// Reads the pack and refuses one that contradicts itself or the taxonomy.
    pub(crate) fn read(text: &str, taxonomy: &Taxonomy) -> Result<Self, ChannelBookError> {
        let book: Self = fushan_grid_core::rules::packs::read(text)?;
        let mut codes = BTreeSet::new();
        for channel in &book.channels {
            if !codes.insert(&channel.code) {
                return Err(ChannelBookError::Twice(channel.code.clone()));
            }
            if !(1..=3).contains(&channel.level) {
                return Err(ChannelBookError::Level(channel.code.clone()));
            }
        }
        let mut classes = BTreeSet::new();
        for line in &book.map {
            if taxonomy.category(&line.category).is_none() {
                return Err(ChannelBookError::Category(line.class.clone()));
            }
            if !classes.insert((&line.class, &line.channel)) {
                return Err(ChannelBookError::MappedTwice(line.class.clone()));
            }
        }
        if taxonomy.category(&book.rest).is_none() {
            return Err(ChannelBookError::Category("rest".to_owned()));
        }
        Ok(book)
    }

    /// A channel by its code.
    pub(crate) fn channel(&self, code: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.code == code)
    }

    /// What an external class comes to: the line that names most of it; a line of the channel before one of all, a line that
    /// names the first part before one that leaves it open with `*`.
    pub(crate) fn map(&self, channel: &str, class: Option<&str>) -> Mapped {
        let parts: Vec<&str> = class.unwrap_or_default().split('/').map(str::trim).collect();
        let fits = |line: &&Mapping| {
            let wanted: Vec<&str> = line.class.split('/').collect();
            let same = |(a, b): (&&str, &&str)| *a == "*" || a == b;
            line.channel.as_deref().is_none_or(|only| only == channel)
                && wanted.len() <= parts.len()
                && wanted.iter().zip(&parts).all(same)
        };
        let rank = |line: &&Mapping| {
            (
                line.class.split('/').count(),
                line.channel.is_some(),
                !line.class.starts_with('*'),
            )
        };
        match self.map.iter().filter(fits).max_by_key(rank) {
            Some(line) => Mapped {
                category: line.category.clone(),
                urgency: line.urgency.clone(),
                severity: line.severity.clone(),
                known: true,
            },
            None => Mapped {
                category: self.rest.clone(),
                urgency: None,
                severity: None,
                known: false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use fushan_grid_core::rules::packs;

    const SHIPPED: &str = include_str!("../packs/channels.json");

    fn book() -> ChannelBook {
        ChannelBook::read(SHIPPED, &packs::taxonomy().unwrap()).unwrap()
    }

    #[test]
    fn the_longest_line_that_fits_names_the_category() {
        let category = |class: &str| book().map("HOTLINE_12345", Some(class)).category;
        assert_eq!(category("投诉/生态环境/餐饮油烟"), "G02.01");
        assert_eq!(category("投诉/生态环境/扬尘/工地"), "G01");
        assert_eq!(category("求助/供热/漏水"), "E03.02");
        assert_eq!(category("咨询/医疗保障"), "E08");
        let rest = book().map("HOTLINE_12345", Some("投诉/未知/事项"));
        assert_eq!((rest.category.as_str(), rest.known), ("Z99", false));
        assert!(!book().map("HOTLINE_12345", None).known);
    }

    #[test]
    fn channels_that_contradict_themselves_are_refused_by_name() {
        let refused = |from: &str, to: &str| {
            let text = SHIPPED.replacen(from, to, 1);
            ChannelBook::read(&text, &packs::taxonomy().unwrap())
                .unwrap_err()
                .to_string()
        };
        assert!(refused("\"G02.01\"", "\"Q99\"").contains("not there"));
        assert!(refused("\"code\": \"OPEN311\"", "\"code\": \"HOTLINE_12345\"").contains("twice"));
        assert!(refused("\"level\": 3", "\"level\": 4").contains("level"));
        assert!(refused("*/生态环境\"", "*/生态环境/餐饮油烟\"").contains("mapped twice"));
    }
}
