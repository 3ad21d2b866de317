//! `forms export`: answers as tables, places, documents.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;
use fushan_grid_core::forms::authoring;
use fushan_grid_core::forms::export::{Record, answers, csv, geojson, json_schema, tables};
use fushan_grid_core::model::fault::Coded;
use serde_json::json;

use super::source;
use crate::failure::Failure;
use crate::show::Screen;

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A folder of CSV files, one for the form and one for each repeat.
    Csv,
    /// A workbook with the same tables.
    Xlsx,
    /// All places among the answers.
    Geojson,
    /// The answers as a JSON list.
    Json,
    /// JSON Schema of the answers; needs no submissions.
    Schema,
}

/// Writes submissions of a form in another format.
pub fn run(
    screen: &Screen,
    form: &Path,
    submissions: &[PathBuf],
    format: Format,
    output: &Path,
) -> Result<ExitCode, Failure> {
    let definition = match source::definition(form)? {
        Ok((definition, _)) => definition,
        Err(refused) => return Err(Failure::Input(refused.fault())),
    };
    let mut records = Vec::new();
    for path in submissions {
        let text = std::fs::read_to_string(path)?;
        records.push(Record::read(&text).map_err(|error| Failure::Input(error.fault()))?);
    }
    let mut written = vec![output.to_owned()];
    match format {
        Format::Csv => {
            std::fs::create_dir_all(output)?;
            written.clear();
            for table in tables(&definition, &records) {
                let path = output.join(format!("{}.csv", file_name(&table.name)));
                let text = csv(&table).map_err(|error| Failure::Check(error.to_string()))?;
                std::fs::write(&path, text)?;
                written.push(path);
            }
        }
        Format::Xlsx => {
            let bytes = authoring::xlsx(&tables(&definition, &records));
            std::fs::write(output, bytes.map_err(|error| Failure::Check(error.to_string()))?)?;
        }
        Format::Geojson => write_json(output, &geojson(&definition, &records))?,
        Format::Json => {
            let list: Vec<_> = records.iter().map(|record| answers(&definition, record)).collect();
            write_json(output, &json!(list))?;
        }
        Format::Schema => write_json(output, &json_schema(&definition))?,
    }
    let document = json!({"records": records.len(), "written": written});
    screen.show(&document, || {
        let paths = written.iter().map(|path| path.display().to_string());
        paths.collect::<Vec<_>>().join("\n")
    });
    Ok(ExitCode::SUCCESS)
}

fn write_json(output: &Path, value: &serde_json::Value) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::from)?;
    Ok(std::fs::write(output, text + "\n")?)
}

/// A name that no file system understands as a path.
fn file_name(name: &str) -> String {
    let plain = |c: char| {
        if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') {
            c
        } else {
            '_'
        }
    };
    let name: String = name.chars().map(plain).collect();
    if name.trim_matches('.').is_empty() {
        "answers".into()
    } else {
        name
    }
}
