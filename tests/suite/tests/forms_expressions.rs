//! The expression language against what ODK's own engine makes of the same expressions.
//!
//! `tests/fixtures/forms/expressions.tsv` holds our own expressions with the answer that JavaRosa 5.1 computed into a
//! node of the type given (`=value`), or `!` where ODK Validate refuses the form.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::sync::Arc;

use fushan_grid_core::forms::{Chance, Cycles, FormClock, NoResources, Session, Setting, compile, xforms};
use fushan_suite::sources::top;

struct Zeros;

impl Chance for Zeros {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(0);
    }
}

/// Where we differ on purpose, and why.
const OTHERWISE: &[(&str, &str)] = &[
    (
        "regex('aXb', 'a(?=X)Xb')",
        "a look-ahead in the middle would need a search that can take for ever",
    ),
    (
        "regex('aa', '(a)\\1')",
        "a reference to a group would need a search that can take for ever",
    ),
    ("date('0001-01-01')", "years have four digits in ISO 8601"),
    (
        "//a",
        "the specification has it; JavaRosa reads child and attribute steps only",
    ),
    ("/data/a/text()", "the specification has it, as above"),
    (
        "join(' ', randomize(instance('k')/root/item/name, 'abc'))",
        "ODK Validate lacks a class there; other ODK programs shuffle",
    ),
];

/// A moment in a choice is a date here and a Java text there.
fn is_choice_of_moment(data_type: &str, expected: &str) -> bool {
    data_type.starts_with("select") && expected.contains("GMT+08:00")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// The answer that the form computes; nothing when it is refused.
fn computed(template: &str, data_type: &str, expression: &str) -> Option<String> {
    let xml = template
        .replace("%TYPE%", data_type)
        .replace("%EXPR%", &escaped(expression));
    let definition = xforms::import(&xml).ok()?.definition;
    let form = Arc::new(compile(&definition, &NoResources, Cycles::Strict).ok()?);
    let setting = || Setting {
        clock: FormClock::parse("2026-03-04T09:30:00.000+08:00").unwrap(),
        properties: Default::default(),
        language: None,
        chance: Box::new(Zeros),
    };
    if !Session::open(Arc::clone(&form), setting()).rehearse().is_empty() {
        return None;
    }
    let mut session = Session::open(form, setting());
    session.finalize().ok();
    Some(session.value("/data/out").unwrap_or_default())
}

/// Numbers count to twelve digits.
fn same(a: &str, b: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok().map(|n| format!("{n:.12e}"));
    a == b || a.trim() == b.trim() || matches!((number(a), number(b)), (Some(a), Some(b)) if a == b)
}

#[test]
fn every_expression_has_the_value_that_odks_engine_gives_it() {
    let fixtures = top().join("tests/fixtures/forms");
    let template = std::fs::read_to_string(fixtures.join("expression.xml")).unwrap();
    let table = std::fs::read_to_string(fixtures.join("expressions.tsv")).unwrap();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let (data_type, expression, expected) = (cells.next().unwrap(), cells.next().unwrap(), cells.next().unwrap());
        if OTHERWISE.iter().any(|(known, _)| *known == expression) || is_choice_of_moment(data_type, expected) {
            continue;
        }
        seen += 1;
        let got = computed(&template, data_type, expression);
        let fits = match (expected.strip_prefix('='), &got) {
            (None, None) => true,
            (Some(expected), Some(got)) => same(expected, got),
            _ => false,
        };
        if !fits {
            wrong.push(format!("{data_type} {expression}: {expected} but {got:?}"));
        }
    }
    assert!(seen > 700, "the table must be read, saw {seen}");
    assert!(
        wrong.is_empty(),
        "{} of {seen} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
