//! Where in a workbook each path and each expression was written.

use std::collections::HashMap;

use super::outline::{Id, Outline};
use super::paths::{How, in_attribute};
use super::references;
use super::survey::Form;
use super::value::{Map, Value};
use crate::forms::names::Names;
use crate::forms::trouble::{Spot, Trouble};
use crate::forms::xpath;

/// Places by path and by expression.
#[derive(Debug, Clone, Default)]
pub struct Places {
    paths: HashMap<String, Spot>,
    /// By what became of the cell: its place, and what stands in it.
    sources: HashMap<String, (Spot, String)>,
}

impl Places {
    /// Adds to each trouble without a place the cell that it is about, and the characters in it.
    #[must_use]
    pub fn locate(&self, troubles: Vec<Trouble>) -> Vec<Trouble> {
        troubles.into_iter().map(|trouble| self.locate_one(trouble)).collect()
    }

    fn locate_one(&self, mut trouble: Trouble) -> Trouble {
        if trouble.spot.sheet.is_some() {
            return trouble;
        }
        let subject = trouble.subject.trim();
        if let Some((spot, written)) = self.sources.get(subject) {
            let span = trouble.spot.span.and_then(|_| syntax_span(written));
            trouble.spot = Spot { span, ..spot.clone() };
            trouble.subject = written.clone();
            return trouble;
        }
        // the subject of a circle begins with the first of its paths
        let parts = subject.split(|c: char| c.is_whitespace() || c == ',');
        if let Some(spot) = parts.into_iter().find_map(|part| self.paths.get(part)) {
            trouble.spot = spot.clone();
        }
        trouble
    }

    fn add(&mut self, outline: &Outline, id: Id, text: &str, spot: Spot) {
        let source = in_attribute(&outline.resolve(text, Some(id), How::default()));
        self.sources
            .entry(source.trim().to_owned())
            .or_insert_with(|| (spot, text.to_owned()));
    }
}

/// The characters of a cell that break its expression. Each reference is read as a path of the same length.
fn syntax_span(written: &str) -> Option<(usize, usize)> {
    let mut chars: Vec<char> = written.chars().collect();
    for reference in references::all(written) {
        let inside = chars.iter_mut().skip(reference.start).take(reference.length);
        inside
            .enumerate()
            .for_each(|(at, c)| *c = if at == 0 { '/' } else { '_' });
    }
    let text: String = chars.into_iter().collect();
    xpath::parse(&text, &mut Names::default())
        .err()
        .map(|error| (error.at, error.length))
}

pub(super) fn of(form: &Form) -> Places {
    let mut places = Places::default();
    for id in form.outline.ids() {
        let item = form.outline.item(id);
        let outline = &form.outline;
        if item.row == 0 {
            continue;
        }
        let name = form.survey.spot(item.row, &["name"]);
        places.paths.entry(outline.path(id)).or_insert(name);
        let nothing = Map::new();
        for (column, map) in [
            ("bind", item.bind.as_ref().unwrap_or(&nothing)),
            ("control", &item.control),
        ] {
            for (key, value) in map {
                if let Value::Text(text) = value {
                    places.add(outline, id, text, form.survey.spot(item.row, &[column, key]));
                }
            }
        }
        for (text, column) in [(&item.default, "default"), (&item.choice_filter, "choice_filter")] {
            if let Some(text) = text {
                places.add(outline, id, text, form.survey.spot(item.row, &[column]));
            }
        }
    }
    places
}
