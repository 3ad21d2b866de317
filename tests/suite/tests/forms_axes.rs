//! Unions, axes, `//` and filters against what libxml2 finds in the same tree (`tests/scripts/axes.py` wrote the table).
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use fushan_grid_core::forms::{Chance, Cycles, FormClock, NoResources, Session, Setting, compile, xforms};
use fushan_suite::sources::top;

struct Zeros;

impl Chance for Zeros {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(0);
    }
}

#[test]
fn every_axis_finds_the_nodes_that_xpath_names_in_both_modes() {
    let table = std::fs::read_to_string(top().join("tests/fixtures/forms/axes.tsv")).unwrap();
    let tree = table.lines().nth(1).unwrap().trim_start_matches("# ");
    let xml = format!(
        r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>t</h:title>
        <model><instance><data id="t"><q/></data></instance><instance id="t">{tree}</instance><bind nodeset="/data/q"/></model>
        </h:head><h:body><input ref="/data/q"><label>q</label></input></h:body></h:html>"#
    );
    let definition = xforms::import(&xml).unwrap().definition;
    for cycles in [Cycles::Strict, Cycles::EnketoCompatible] {
        let form = Arc::new(compile(&definition, &NoResources, cycles).unwrap());
        let setting = Setting {
            clock: FormClock::parse("2026-03-04T09:30:00.000+08:00").unwrap(),
            properties: Default::default(),
            language: None,
            chance: Box::new(Zeros),
        };
        let session = Session::open(form, setting);
        let mut wrong = Vec::new();
        let mut seen = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut cells = line.split('\t');
            let (source, count, texts) = (cells.next().unwrap(), cells.next().unwrap(), cells.next().unwrap());
            let ask = |text: String| session.evaluate(&text, "/data/q").map(|value| value.text);
            let got = (ask(format!("count({source})")), ask(format!("join('|', {source})")));
            seen += 1;
            if got != (Ok(count.to_owned()), Ok(texts.to_owned())) {
                wrong.push(format!("{source}: {count} {texts}, but {got:?}"));
            }
        }
        assert!(seen >= 600, "the table must be read, saw {seen}");
        assert!(
            wrong.is_empty(),
            "{} of {seen} differ:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}
