//! What the day needs at hand: phones, the sample district, small helpers.

use std::path::Path;

use fushan_grid_core::app::{Engine, EngineConfig};
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Body;
use fushan_grid_core::platform::HttpTransport;
use serde_json::Value;

use crate::failure::Failure;
use crate::host::{FileKeys, env_at};

/// One phone of the day.
pub struct Phone {
    /// Its engine.
    pub engine: Engine,
    /// Its way to the platform.
    pub transport: HttpTransport,
    /// Digests of the photos taken with it, as the demo itself computed them.
    pub photos: Vec<(RecordId, BlobHash, usize)>,
    name: &'static str,
}

impl Phone {
    pub fn make(name: &'static str, dir: &Path, transport: HttpTransport) -> Result<Self, Failure> {
        std::fs::create_dir_all(dir)?;
        FileKeys::at(&dir.join("harness.key")).ensure()?;
        let config = EngineConfig {
            dir: dir.join("db"),
            recovery_key: None,
            full_check: false,
        };
        let (engine, _) = Engine::open(config, env_at(dir)?)?;
        Ok(Self {
            engine,
            transport,
            photos: Vec::new(),
            name,
        })
    }

    /// What it is called in the story.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

/// The sample district ships inside the program, so that the demo needs no folder beside it.
pub fn write_district(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let files = [
        (
            "grid_tree.json",
            include_str!("../../../fixtures/district/grid_tree.json"),
        ),
        (
            "persons_fake.csv",
            include_str!("../../../fixtures/district/persons_fake.csv"),
        ),
        (
            "orgs_fake.csv",
            include_str!("../../../fixtures/district/orgs_fake.csv"),
        ),
    ];
    for (name, text) in files {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}

pub fn fields(value: Value) -> Body {
    value.as_object().cloned().unwrap_or_default()
}

pub fn query(text: &str) -> fushan_grid_core::store::search::SearchQuery {
    fushan_grid_core::store::search::SearchQuery {
        text: text.to_owned(),
        limit: 50,
        ..Default::default()
    }
}

/// The number with the check character that GB 11643 gives it.
pub fn with_check(number: &str) -> String {
    let mut digits = [0; 17];
    for (digit, c) in digits.iter_mut().zip(number.chars()) {
        *digit = c.to_digit(10).unwrap_or(0);
    }
    let head: String = number.chars().take(17).collect();
    format!(
        "{head}{}",
        fushan_grid_core::rules::citizen_id::check_character(&digits)
    )
}
