//! Names of the codes in a report: categories, sources, organisations.

use std::collections::BTreeMap;

use super::table::Report;
use crate::model::incident::Taxonomy;
use crate::model::schema::RegistrySchema;
use crate::rules::dispatch::Dispatch;

/// The Chinese name of every code in the report's tables that the dictionaries know. Areas are for the caller to add.
#[must_use]
pub fn report_names(
    report: &Report,
    taxonomy: &Taxonomy,
    schema: &RegistrySchema,
    dispatch: &Dispatch,
) -> BTreeMap<String, String> {
    let sources = schema.code_lists.iter().find(|list| list.name == "channel");
    let source = |code: &str| {
        let known = sources?.codes.iter().find(|known| known.code == code)?;
        Some(known.zh.clone())
    };
    let name = |code: &str| {
        let category = taxonomy.category(code).map(|category| category.zh.clone());
        category
            .or_else(|| source(code))
            .or_else(|| dispatch.org(code).map(|org| org.zh.clone()))
    };
    let labels = report
        .blocks
        .iter()
        .flat_map(|block| &block.lines)
        .map(|(label, ..)| label);
    let found = labels.chain(report.hotspots.iter().map(|hotspot| &hotspot.category));
    found.filter_map(|code| Some((code.clone(), name(code)?))).collect()
}
