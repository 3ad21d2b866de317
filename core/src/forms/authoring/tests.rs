use super::*;
use crate::forms::trouble::Weight;
use crate::forms::{Cycles, NoResources, compile};

/// A workbook in the CSV form, from `sheet` lines and rows of cells between bars.
fn csv(text: &str) -> Vec<u8> {
    let quoted = |cell: &str| format!("\"{}\"", cell.trim().replace('"', "\"\""));
    let line = |line: &str| line.trim().split('|').map(quoted).collect::<Vec<_>>().join(",");
    text.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
        .into_bytes()
}

fn read(text: &str) -> Result<Workbook, Refused> {
    import("form.csv", &csv(text))
}

/// Codes of the errors with sheet, row and column.
fn errors(text: &str) -> Vec<(&'static str, String, u32, u32)> {
    let refused = read(text).err().map(|refused| refused.0).unwrap_or_default();
    let errors = refused.into_iter().filter(|trouble| trouble.weight == Weight::Error);
    errors
        .map(|t| {
            (
                t.code,
                t.spot.sheet.unwrap_or_default(),
                t.spot.row.unwrap_or_default(),
                t.spot.column.unwrap_or_default(),
            )
        })
        .collect()
}

#[test]
fn all_problems_of_a_workbook_are_told_at_once() {
    let found = errors(
        "survey
        |type|name|label|relevant
        |texte|a|A|
        |text|1b|B|
        |select_one yn|c|C|${aa} = 1
        |end group|||",
    );
    let codes: Vec<&str> = found.iter().map(|(code, ..)| *code).collect();
    for code in [
        "xls_type_unknown",
        "xls_bad_name",
        "xls_list_missing",
        "xls_reference_unknown",
        "xls_end_without_begin",
    ] {
        assert!(codes.contains(&code), "{code} is missing in {codes:?}");
    }
}

#[test]
fn a_mistyped_reference_is_told_with_its_characters_and_the_nearest_name() {
    let refused = read(
        "survey
        |type|name|label|relevant
        |integer|age|Age|
        |text|b|B|1 = 1 and ${agee} > 3",
    );
    let refused = refused.err().map(|refused| refused.0).unwrap_or_default();
    let trouble = refused
        .iter()
        .find(|trouble| trouble.code == "xls_reference_unknown")
        .expect("told");
    assert_eq!(trouble.subject, "${agee}");
    assert_eq!(trouble.suggestion.as_deref(), Some("${age}"));
    assert_eq!(trouble.spot.span, Some((10, 7)));
    assert_eq!(
        (trouble.spot.row, trouble.spot.heading.as_deref()),
        (Some(3), Some("relevant"))
    );
}

#[test]
fn an_expression_that_cannot_be_read_is_told_by_cell_and_characters_as_the_author_wrote_it() {
    let read = read(
        "survey
        |type|name|label|relevant
        |integer|age|Age|
        |text|b|B|${age} > > 3",
    )
    .expect("pyxform accepts it too");
    let refused = compile(&read.definition, &NoResources, Cycles::Strict).expect_err("not an expression");
    let troubles = read.places.locate(refused.0);
    let trouble = troubles
        .iter()
        .find(|trouble| trouble.code.starts_with("expr_"))
        .expect("told");
    assert_eq!(trouble.subject, "${age} > > 3");
    assert_eq!(trouble.spot.sheet.as_deref(), Some("survey"));
    assert_eq!(trouble.spot.row, Some(3));
    assert_eq!(trouble.spot.span, Some((9, 1)));
}

#[test]
fn cyclic_logic_is_told_at_a_cell() {
    let read = read(
        "survey
        |type|name|label|relevant|calculation
        |text|a|A||
        |calculate|b|||${c} + 1
        |calculate|c|||${b} + 1",
    )
    .expect("reading finds no circles");
    let refused = compile(&read.definition, &NoResources, Cycles::Strict).expect_err("a circle");
    let troubles = read.places.locate(refused.0);
    assert!(
        troubles.iter().any(|trouble| trouble.spot.sheet.is_some()),
        "{troubles:?}"
    );
}

#[test]
fn references_are_relative_in_one_repeat_and_absolute_elsewhere() {
    let read = read(
        "survey
        |type|name|label|relevant
        |text|out|Out|
        |begin repeat|r|R|
        |text|a|A|${out} = 1
        |begin group|g|G|
        |text|b|B|${a} = 1
        |end group|||
        |end repeat|||",
    )
    .expect("good");
    let relevant = |path: &str| {
        read.definition
            .binds
            .iter()
            .find(|b| b.nodeset == path)
            .and_then(|b| b.relevant.clone())
    };
    assert_eq!(relevant("/data/r/a").as_deref(), Some(" /data/out  = 1"));
    assert_eq!(relevant("/data/r/g/b").as_deref(), Some(" ../../a  = 1"));
}

#[test]
fn checklist_columns_become_rules_of_items() {
    let read = read(
        "survey
        |type|name|label|bind::grid:fail_when|bind::grid:severity|bind::grid:critical
        |text|a|A|. = 'no'|3|yes
        settings
        |namespaces
        |grid=\"https://fushan-grid.example/xforms/checklist\"",
    )
    .expect("good");
    let rules = read
        .definition
        .binds
        .iter()
        .find_map(|bind| bind.grid.clone())
        .expect("rules");
    assert_eq!(rules.fail_when.as_deref(), Some(". = 'no'"));
    assert_eq!((rules.severity, rules.critical), (Some(3), true));
}

#[test]
fn a_checklist_column_without_its_namespace_is_refused_with_what_to_write() {
    let refused = read(
        "survey
        |type|name|label|bind::grid:severity
        |text|a|A|3",
    );
    let troubles = refused.err().map(|refused| refused.0).unwrap_or_default();
    let trouble = troubles
        .iter()
        .find(|trouble| trouble.code == "xls_prefix_unknown")
        .expect("told");
    assert!(
        trouble
            .suggestion
            .as_deref()
            .is_some_and(|meant| meant.contains("https://fushan-grid.example"))
    );
}

#[test]
fn a_checklist_value_that_is_no_number_is_refused_at_its_cell() {
    let found = errors(
        "survey
        |type|name|label|bind::grid:severity
        |text|a|A|grave
        settings
        |namespaces
        |grid=\"https://fushan-grid.example/xforms/checklist\"",
    );
    assert_eq!(found, [("form_bad_grid_attribute", "survey".into(), 2, 5)]);
}

#[test]
fn numbers_and_dates_of_cells_become_the_text_that_authors_see() {
    use super::excel::{Format, moment, number};
    assert_eq!(number(3.0), "3");
    assert_eq!(number(0.5), "0.5");
    assert_eq!(number(0.00001), "1e-05");
    assert_eq!(
        moment(44197.0, false, Format::Xlsx).as_deref(),
        Some("2021-01-01 00:00:00")
    );
    assert_eq!(moment(0.5, false, Format::Xlsx).as_deref(), Some("12:00:00"));
    assert_eq!(
        moment(30.0, false, Format::Xls),
        None,
        "the first weeks of 1900 are told apart by nobody"
    );
}

#[test]
fn a_default_is_computed_when_it_calls_refers_or_calculates() {
    let dynamic = |text: &str, kind: &str| super::lexer::is_dynamic(text, kind);
    for text in ["today()", "${a}", "1 + 1", "a * b", "a|b", "6 div 2"] {
        assert!(dynamic(text, "text"), "{text}");
    }
    for text in ["a-b", "-1", "hello (x)", "jr://images/a.png", "2020-01-01", "x mod"] {
        assert!(!dynamic(text, "text"), "{text}");
    }
    assert!(!dynamic("1 - today()", "date"), "a hyphen in a date is no minus");
}

#[test]
fn the_eight_checklists_are_built_from_their_dictionary_and_shipped_as_built() {
    let pack: serde_json::Value = serde_json::from_str(include_str!("../../../packs/checklists.json")).expect("a pack");
    let all: Vec<checklists::Checklist> = serde_json::from_value(pack["checklists"].clone()).expect("checklists");
    let index: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../assets/checklists/index.json")).expect("an index");
    assert_eq!((all.len(), index.len()), (8, 8));
    let mut items = 0;
    for (checklist, shipped) in all.iter().zip(&index) {
        let stem = checklists::file_stem(checklist);
        let bytes = checklists::workbook(checklist).expect("a workbook");
        let read = import(&format!("{stem}.xlsx"), &bytes).expect("a form");
        compile(&read.definition, &NoResources, Cycles::Strict).expect("a form that works");
        assert_eq!(
            shipped["digest"],
            read.definition.digest().expect("a digest"),
            "{stem} is not as built"
        );
        let ruled = read
            .definition
            .binds
            .iter()
            .filter(|bind| bind.grid.as_ref().is_some_and(|g| g.item.is_some()));
        items += ruled.count();
        for text in read
            .definition
            .languages
            .iter()
            .flat_map(|language| language.texts.values().flatten())
        {
            assert_ne!(
                text.text,
                [crate::forms::definition::Piece::Plain("-".into())],
                "a translation is missing"
            );
        }
    }
    assert_eq!(items, 105);
}
