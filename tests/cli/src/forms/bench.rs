//! `forms bench`: how fast a form loads and how long an answer takes.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use fushan_grid_core::forms::session::Place;
use fushan_grid_core::forms::{
    Cycles, DataType, Definition, Outcome, Session, compile, compile_named, digest_of, xforms,
};
use serde_json::json;

use super::source::Folder;
use super::{check, walk};
use crate::failure::Failure;
use crate::host;
use crate::show::Screen;

/// So many items and instances of a repeat has the form that is made.
const ITEMS: usize = 1_000;
const REPEATS: usize = 200;
const MOST_ANSWERS: usize = 4_000;

/// Measures a form and prints the figures, times in milliseconds.
pub fn run(screen: &Screen, form: Option<&Path>, write: Option<&Path>) -> Result<ExitCode, Failure> {
    let xml = match form {
        Some(path) => std::fs::read_to_string(path)?,
        None => made(),
    };
    if let Some(path) = write {
        std::fs::write(path, &xml)?;
    }
    let files = Folder::of(form.unwrap_or(Path::new(".")), None);
    let before = resident_kb();
    let clock = Instant::now();
    let definition = xforms::import(&xml).map_err(Failure::Refused)?.definition;
    let compiled = compile(&definition, &files, Cycles::Strict).map_err(Failure::Refused)?;
    let load_xml = ms(clock);
    let gf1 = definition.canonical().unwrap_or_default();
    drop((definition, compiled));

    let clock = Instant::now();
    let definition: Definition = serde_json::from_str(&gf1).map_err(std::io::Error::from)?;
    let read_gf1 = ms(clock);
    let digest = digest_of(&gf1);
    let named = compile_named(&definition, &files, Cycles::Strict, &digest);
    let compiled = Arc::new(named.map_err(Failure::Refused)?);
    let load_gf1 = ms(clock);
    drop(definition);

    let clock = Instant::now();
    let mut session = Session::open(compiled, check::setting(host::form_clock()));
    let open = ms(clock);
    let grow = grow(&mut session);
    let mut answers = answer_all(&mut session);
    answers.sort_by(f64::total_cmp);
    let clock = Instant::now();
    session.validate();
    let validate = ms(clock);
    let clock = Instant::now();
    let submission = session.submission();
    let send = ms(clock);
    let clock = Instant::now();
    let draft = serde_json::to_vec(&session.draft()).unwrap_or_default();
    let store = ms(clock);
    let document = json!({
        "xml_bytes": xml.len(), "gf1_bytes": gf1.len(),
        "load_xml_ms": load_xml, "read_gf1_ms": read_gf1, "load_gf1_ms": load_gf1, "open_ms": open,
        "repeats_added": grow.0, "add_repeat_ms": grow.1,
        "answers": answers.len(),
        "answer_median_ms": answers.get(answers.len() / 2),
        "answer_p99_ms": answers.get(answers.len() * 99 / 100),
        "answer_max_ms": answers.last(),
        "validate_ms": validate, "submission_ms": send, "submission_bytes": submission.len(),
        "draft_ms": store, "draft_bytes": draft.len(),
        "memory_kb": resident_kb().zip(before).map(|(now, before)| now.saturating_sub(before)),
    });
    screen.show(&document, || format!("{document:#}"));
    Ok(ExitCode::SUCCESS)
}

fn ms(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e6).round() / 1e3
}

/// Adds instances to the repeat of the form that is made; other forms have none of that path. Count, and the mean time.
fn grow(session: &mut Session) -> (usize, f64) {
    let clock = Instant::now();
    let added = (0..REPEATS)
        .take_while(|_| session.add_repeat("/data/visit") == Outcome::Accepted)
        .count();
    (added, ms(clock) / added.max(1) as f64)
}

fn answer_all(session: &mut Session) -> Vec<f64> {
    let mut times = Vec::new();
    let places = session.places();
    for place in places
        .into_iter()
        .filter(|place| matches!(place, Place::Question(..)))
        .take(MOST_ANSWERS)
    {
        let path = session.place_path(place);
        let Some(fushan_grid_core::forms::session::Screen::Question(question)) =
            session.view(place).map(|view| view.screen)
        else {
            continue;
        };
        let first = question.choices.as_ref().ok().and_then(|choices| choices.first());
        let value = first.map_or_else(|| plain(question.data_type), |choice| choice.value.clone());
        let clock = Instant::now();
        if session.answer(&path, &value) == Outcome::Accepted {
            times.push(ms(clock));
        }
    }
    times
}

fn plain(data_type: DataType) -> String {
    match data_type {
        DataType::Date => "2026-03-04".into(),
        DataType::Time => "10:00:00.000+08:00".into(),
        DataType::DateTime => walk::START.into(),
        DataType::GeoPoint => "37.5 121.2 0 5".into(),
        _ => "1".into(),
    }
}

/// Memory of this process, where the system tells.
fn resident_kb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A checklist in sections, each item with a rule or two and a score, and visits that repeat.
fn made() -> String {
    let (mut nodes, mut binds, mut body) = (String::new(), String::new(), String::new());
    for item in 0..ITEMS {
        let section = item / 50;
        let _ = write!(nodes, "<q{item}/><s{item}/>");
        let relevant = match item % 10 {
            0 => String::new(),
            _ => format!(r#" relevant="/data/q{} != 'na'""#, item - item % 10),
        };
        let _ = write!(
            binds,
            r#"<bind nodeset="/data/q{item}" type="select1" required="true()"{relevant}/>
            <bind nodeset="/data/s{item}" type="int" calculate="if(/data/q{item} = 'ok', 1, 0)"/>"#
        );
        let choices = "<item><label>合格</label><value>ok</value></item><item><label>不合格</label><value>bad</value></item>\
                       <item><label>不适用</label><value>na</value></item>";
        let _ = write!(
            body,
            r#"<select1 ref="/data/q{item}"><label>{section}.{item} 检查项</label>{choices}</select1>"#
        );
    }
    let sum = (0..ITEMS)
        .map(|item| format!("/data/s{item}"))
        .collect::<Vec<_>>()
        .join(" + ");
    format!(
        r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:jr="http://openrosa.org/javarosa">
        <h:head><h:title>Made</h:title><model><instance><data id="made" version="1">{nodes}<total/>
        <visit jr:template=""><who/><count/><minutes/><cost/><no/></visit><hours/></data></instance>{binds}
        <bind nodeset="/data/total" type="int" calculate="{sum}"/>
        <bind nodeset="/data/visit/count" type="int"/><bind nodeset="/data/visit/minutes" type="int" constraint=". &lt; 1000"/>
        <bind nodeset="/data/visit/cost" calculate="../count * ../minutes"/>
        <bind nodeset="/data/visit/no" calculate="position(..)"/>
        <bind nodeset="/data/hours" calculate="sum(/data/visit/minutes) div 60"/>
        </model></h:head><h:body>{body}<group ref="/data/visit"><label>走访</label><repeat nodeset="/data/visit">
        <input ref="/data/visit/who"><label>谁</label></input><input ref="/data/visit/count"><label>人数</label></input>
        <input ref="/data/visit/minutes"><label>分钟</label></input></repeat></group></h:body></h:html>"#
    )
}
