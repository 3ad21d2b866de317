//! Files that mean harm, and files that the way has damaged.

use std::io::{Cursor, Write};
use std::time::{Duration, Instant};

use super::*;

/// A workbook with one sheet `survey` of given XML and given shared texts.
fn xlsx(sheet: &str, texts: &str) -> Vec<u8> {
    let parts = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="survey" sheetId="1" r:id="r1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#,
        ),
        ("xl/sharedStrings.xml", texts),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .expect("a part");
        archive.write_all(content.as_bytes()).expect("its content");
    }
    archive.finish().expect("an archive").into_inner()
}

const NO_TEXTS: &str = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>"#;

fn sheet(rows: &str) -> String {
    format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    )
}

fn text_cell(at: &str, text: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn head() -> String {
    let cells = [("A1", "type"), ("B1", "name"), ("C1", "label")].map(|(at, text)| text_cell(at, text));
    format!(r#"<row r="1">{}</row>"#, cells.concat())
}

fn code(bytes: &[u8]) -> &'static str {
    let before = Instant::now();
    let result = import("form.xlsx", bytes);
    assert!(before.elapsed() < Duration::from_secs(20), "it must not take long");
    result
        .err()
        .and_then(|refused| refused.0.first().map(|trouble| trouble.code))
        .unwrap_or("ok")
}

#[test]
fn a_small_good_workbook_made_by_hand_is_read() {
    let question = format!(
        r#"<row r="2">{}{}{}</row>"#,
        text_cell("A2", "text"),
        text_cell("B2", "a"),
        text_cell("C2", "A")
    );
    assert_eq!(code(&xlsx(&sheet(&(head() + &question)), NO_TEXTS)), "ok");
}

#[test]
fn a_file_that_unfolds_to_more_than_it_may_is_refused() {
    let bomb = xlsx(&sheet(&" ".repeat(50 << 20)), NO_TEXTS);
    assert!(bomb.len() < 200_000, "a bomb is small: {}", bomb.len());
    assert_eq!(code(&bomb), "xls_bomb");
}

#[test]
fn entities_of_a_part_are_never_unfolded() {
    let mut entities = String::from("<!DOCTYPE sst [<!ENTITY a0 \"aaaaaaaaaa\">");
    for level in 1..12 {
        let inner = format!("&a{};", level - 1).repeat(10);
        entities.push_str(&format!("<!ENTITY a{level} \"{inner}\">"));
    }
    let texts = format!(
        "{entities}]><sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><si><t>&a11;</t></si></sst>"
    );
    let cell = r#"<row r="2"><c r="A2" t="s"><v>0</v></c></row>"#;
    let found = code(&xlsx(&sheet(&(head() + cell)), &texts));
    assert_ne!(found, "ok");
}

#[test]
fn one_cell_at_the_far_end_of_a_sheet_costs_nothing() {
    let far = format!(r#"<row r="1048576">{}</row>"#, text_cell("XFD1048576", "here"));
    let question = format!(
        r#"<row r="2">{}{}{}</row>"#,
        text_cell("A2", "text"),
        text_cell("B2", "a"),
        text_cell("C2", "A")
    );
    assert_eq!(code(&xlsx(&sheet(&(head() + &question + &far)), NO_TEXTS)), "ok");
}

#[test]
fn one_long_text_in_very_many_cells_is_refused_before_memory_is_full() {
    let long = "x".repeat(100_000);
    let texts = format!(
        r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{long}</t></si></sst>"#
    );
    let rows: String = (2..2_000)
        .map(|row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#))
        .collect();
    assert_eq!(code(&xlsx(&sheet(&(head() + &rows)), &texts)), "xls_too_many_cells");
}

#[test]
fn groups_nested_a_thousand_deep_end_in_an_answer() {
    let mut text = String::from("survey\n,type,name,label\n");
    (0..1_000).for_each(|n| text.push_str(&format!(",begin group,g{n},G\n")));
    text.push_str(",text,a,A\n");
    (0..1_000).for_each(|_| text.push_str(",end group,,\n"));
    let found = import("deep.csv", text.as_bytes())
        .err()
        .and_then(|refused| refused.0.first().map(|t| t.code));
    assert_eq!(found, Some("xls_too_deep"));
}

#[test]
fn damaged_workbooks_never_panic() {
    let good: [&[u8]; 2] = [
        include_bytes!("../../../../tests/fixtures/checklists/fire9.xlsx"),
        include_bytes!("../../../../tests/fixtures/checklists/epid.xlsx"),
    ];
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below as u64).unwrap_or_default()
    };
    for round in 0..120 {
        let mut bytes = good[round % 2].to_vec();
        if round % 3 == 0 {
            bytes.truncate(next(bytes.len()));
        }
        for _ in 0..=next(6) {
            if !bytes.is_empty() {
                let at = next(bytes.len());
                bytes[at] ^= 1 << next(8);
            }
        }
        let before = Instant::now();
        // whether it is read or refused: it must answer
        let _ = import("damaged.xlsx", &bytes);
        let _ = import("damaged.xls", &bytes);
        let _ = import("damaged.csv", &bytes);
        assert!(before.elapsed() < Duration::from_secs(10), "round {round}");
    }
}
