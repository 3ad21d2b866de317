//! Where in a workbook each path and each expression was written.

use std::collections::HashMap;

use super::outline::Outline;
use super::paths::{How, in_attribute};
use super::survey::Form;
use super::value::Value;
use crate::forms::trouble::{Spot, Trouble};

/// Places by path and by expression.
#[derive(Debug, Clone, Default)]
pub struct Places {
    paths: HashMap<String, Spot>,
    sources: HashMap<String, Spot>,
}

impl Places {
    /// Adds to each trouble without a place the cell that it is about.
    #[must_use]
    pub fn locate(&self, troubles: Vec<Trouble>) -> Vec<Trouble> {
        let place = |mut trouble: Trouble| {
            if trouble.spot.sheet.is_some() {
                return trouble;
            }
            let whole = self.sources.get(trouble.subject.trim()).or_else(|| self.paths.get(trouble.subject.trim()));
            // the subject of a circle or a pair of paths begins with the first of them
            let part = || trouble.subject.split(|c: char| c.is_whitespace() || c == ',').find_map(|part| self.paths.get(part));
            if let Some(spot) = whole.or_else(part) {
                trouble.spot = spot.clone();
            }
            trouble
        };
        troubles.into_iter().map(place).collect()
    }
}

pub(super) fn of(form: &Form) -> Places {
    let mut places = Places::default();
    for id in form.outline.ids() {
        let item = form.outline.item(id);
        if item.row == 0 {
            continue;
        }
        places.paths.insert(form.outline.path(id), form.survey.spot(item.row, &["name"]));
        for (key, value) in item.bind.iter().flatten() {
            if let Value::Text(text) = value {
                add(&mut places, &form.outline, id, text, form.survey.spot(item.row, &["bind", key]));
            }
        }
        for (text, column) in [(&item.default, "default"), (&item.choice_filter, "choice_filter")] {
            if let Some(text) = text {
                add(&mut places, &form.outline, id, text, form.survey.spot(item.row, &[column]));
            }
        }
    }
    places
}

fn add(places: &mut Places, outline: &Outline, id: usize, text: &str, spot: Spot) {
    let source = in_attribute(&outline.resolve(text, Some(id), How::default()));
    places.sources.entry(source.trim().to_owned()).or_insert(spot);
}
