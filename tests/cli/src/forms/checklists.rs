//! `forms build-checklists`: the shipped checklists from their dictionary, workbooks and compiled forms.

use std::path::Path;
use std::process::ExitCode;

use fushan_grid_core::forms::authoring::{self, checklists};
use fushan_grid_core::forms::{Cycles, NoResources, compile};
use fushan_grid_core::rules::packs;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::show::Screen;

/// Writes every checklist as a workbook and as GF/1, with an index of digests. The same dictionary gives the same bytes.
pub fn build(screen: &Screen, workbooks: &Path, forms: &Path) -> Result<ExitCode, Failure> {
    std::fs::create_dir_all(workbooks)?;
    std::fs::create_dir_all(forms)?;
    let mut index = Vec::new();
    for checklist in dictionary()? {
        index.push(one(&checklist, workbooks, forms)?);
    }
    let text = serde_json::to_string_pretty(&index).map_err(std::io::Error::from)?;
    std::fs::write(forms.join("index.json"), text + "\n")?;
    let document = json!({"built": index});
    screen.show(&document, || {
        format!("{} {}", screen.say("已生成检查表", "checklists built:"), index.len())
    });
    Ok(ExitCode::SUCCESS)
}

fn dictionary() -> Result<Vec<checklists::Checklist>, Failure> {
    let text = packs::shipped("checklists").unwrap_or_default();
    let pack: Value = serde_json::from_str(text).map_err(std::io::Error::from)?;
    let list = pack.get("checklists").cloned().unwrap_or_default();
    serde_json::from_value(list).map_err(|error| Failure::Machine(error.into()))
}

fn one(checklist: &checklists::Checklist, workbooks: &Path, forms: &Path) -> Result<Value, Failure> {
    let stem = checklists::file_stem(checklist);
    let bytes = checklists::workbook(checklist).map_err(|error| Failure::Check(error.to_string()))?;
    let file = format!("{stem}.xlsx");
    std::fs::write(workbooks.join(&file), &bytes)?;
    let read = authoring::import(&file, &bytes).map_err(|refused| Failure::Check(refused.to_string()))?;
    compile(&read.definition, &NoResources, Cycles::Strict).map_err(|refused| Failure::Check(refused.to_string()))?;
    let text = serde_json::to_string_pretty(&read.definition).map_err(std::io::Error::from)?;
    std::fs::write(forms.join(format!("{stem}.json")), text + "\n")?;
    let digest = read.definition.digest().map_err(std::io::Error::from)?;
    Ok(json!({
        "code": checklist.code, "id": read.definition.id, "version": read.definition.version,
        "title": read.definition.title, "title_en": checklist.en, "file": format!("{stem}.json"), "digest": digest,
        "items": checklist.items.len(),
    }))
}
