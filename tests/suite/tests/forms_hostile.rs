//! Forms of others, whole, torn and with bits turned over: no panic, and no form over a second or 64 MB.
//!
//! `FUSHAN_LONG=1` tries many more copies of each.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fushan_suite::hostile;
use fushan_suite::sources::top;

/// A debug build computes some ten times slower than what is shipped.
const LIMIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 10 } else { 1 });
const MEMORY_KB: u64 = 64 << 10;

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|ending| ending == "xml") {
            out.push(path);
        }
    }
}

/// Time that this thread has computed, where the system tells; other work of the machine does not count.
fn computed() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// Largest and present memory of the process in KB.
fn memory() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
    };
    Some((field("VmHWM:")?, field("VmRSS:")?))
}

fn within_bounds(name: &str, body: impl FnOnce() -> bool) -> bool {
    // 5 resets the largest size that the system remembers
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (before, started, clock) = (memory(), computed(), Instant::now());
    let accepted = body();
    let took = match (started, computed()) {
        (Some(started), Some(ended)) => ended - started,
        _ => clock.elapsed(),
    };
    assert!(took < LIMIT, "{name} took {took:?}");
    if let (Some((_, before)), Some((most, _))) = (before, memory()) {
        assert!(
            most.saturating_sub(before) < MEMORY_KB,
            "{name} took {} KB",
            most - before
        );
    }
    accepted
}

#[test]
fn forms_of_others_whole_torn_and_flipped_never_bring_the_engine_down() {
    let folder = top().join("../shared/corpora/xforms");
    let mut forms = Vec::new();
    files(&folder, &mut forms);
    if forms.is_empty() {
        fushan_platform::scratch::skipped("there are no forms at ../shared/corpora/xforms");
        return;
    }
    let copies = if std::env::var_os("FUSHAN_LONG").is_some() {
        20
    } else {
        1
    };
    let (mut accepted, mut tried) = (0, 0);
    for (number, path) in forms.iter().enumerate() {
        let bytes = std::fs::read(path).unwrap();
        let name = path.display().to_string();
        accepted += usize::from(within_bounds(&name, || hostile::document(&bytes)));
        for copy in 0..copies {
            let seed = number as u64 * 1000 + copy;
            let cut = usize::try_from(seed.wrapping_mul(2_654_435_761) % (bytes.len() as u64 + 1)).unwrap();
            within_bounds(&format!("{name} cut at {cut}"), || hostile::document(&bytes[..cut]));
            let turned = hostile::flipped(&bytes, seed);
            within_bounds(&format!("{name} flipped with seed {seed}"), || {
                hostile::document(&turned)
            });
            tried += 2;
        }
    }
    println!(
        "{accepted} of {} forms accepted and resumed; {tried} damaged copies tried",
        forms.len()
    );
    assert!(
        accepted * 10 > forms.len() * 8,
        "{accepted} of {} forms work and resume exactly",
        forms.len()
    );
}

#[test]
fn expressions_torn_and_flipped_never_bring_the_engine_down() {
    let table = std::fs::read_to_string(top().join("tests/fixtures/forms/expressions.tsv")).unwrap();
    let expressions: Vec<&str> = table.lines().filter_map(|line| line.split('\t').nth(1)).collect();
    assert!(expressions.len() > 700);
    for (number, expression) in expressions.iter().enumerate() {
        for copy in 0..4 {
            let seed = number as u64 * 10 + copy;
            let mut bytes = hostile::flipped(expression.as_bytes(), seed);
            bytes.truncate(bytes.len() - (seed as usize % (bytes.len().max(1))));
            hostile::expression(&bytes);
        }
    }
}

#[test]
fn texts_that_double_at_each_step_have_an_end() {
    let mut binds = String::new();
    let mut nodes = String::from("<a0>0123456789</a0>");
    for number in 1..=60 {
        nodes.push_str(&format!("<a{number}/>"));
        let before = number - 1;
        binds.push_str(&format!(
            r#"<bind nodeset="/data/a{number}" calculate="concat(/data/a{before}, /data/a{before})"/>"#
        ));
    }
    let xml = format!(
        r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:head><h:title>t</h:title>
        <model><instance><data id="t">{nodes}</data></instance>{binds}</model></h:head>
        <h:body><input ref="/data/a0"><label>a</label></input></h:body></h:html>"#
    );
    within_bounds("sixty doublings", || hostile::document(xml.as_bytes()));
}

#[test]
fn gf1_documents_torn_and_flipped_never_bring_the_engine_down() {
    let xml = std::fs::read_to_string(top().join("tests/fixtures/forms/expression.xml")).unwrap();
    let xml = xml.replace("%TYPE%", "string").replace("%EXPR%", "sum(/data/r/x)");
    let definition = fushan_grid_core::forms::xforms::import(&xml).unwrap().definition;
    let json = serde_json::to_vec(&definition).unwrap();
    assert!(hostile::gf1(&json), "a definition survives the way to JSON and back");
    for seed in 0..300 {
        hostile::gf1(&hostile::flipped(&json, seed));
        hostile::gf1(&json[..json.len() * usize::try_from(seed).unwrap() / 300]);
    }
}
