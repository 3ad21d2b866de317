//! The parameters of `range` questions.

use super::item::Item;
use super::params::check;
use super::questions::Walk;
use crate::forms::trouble::Spot;

/// A decimal number without rounding, as a whole number of millionths of millionths.
type Exact = i128;
const PLACES: usize = 12;

/// Reads a decimal number; nothing when it is none, or longer than any scale needs.
fn exact(text: &str) -> Option<Exact> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = !(whole.is_empty() && fraction.is_empty());
    if !is_number || whole.len() > 15 || fraction.len() > PLACES {
        return None;
    }
    let padded = format!("{whole}{fraction:0<PLACES$}");
    padded
        .chars()
        .all(|c| c.is_ascii_digit())
        .then(|| padded.parse::<Exact>().ok())
        .flatten()
        .map(|n| sign * n)
}

fn is_whole(number: Exact) -> bool {
    number % 10_i128.pow(PLACES as u32) == 0
}

/// The numbers of one scale.
struct Scale {
    start: Exact,
    end: Exact,
    step: Exact,
    tick: Option<Exact>,
}

impl Scale {
    fn holds(&self, number: Exact) -> bool {
        number >= self.start.min(self.end) && number <= self.start.max(self.end)
    }

    fn width(&self) -> Exact {
        (self.end - self.start).abs()
    }
}

const KNOWN: [&str; 6] = ["end", "placeholder", "start", "step", "tick_interval", "tick_labelset"];
const STYLED: [&str; 3] = ["tick_interval", "placeholder", "tick_labelset"];

impl Walk<'_> {
    pub(super) fn range(&mut self, item: &mut Item) {
        let spot = self.survey.spot(item.row, &["parameters"]);
        check(item, &KNOWN, &spot, self.log);
        let plain = item
            .appearance()
            .is_none_or(|a| a.is_empty() || a.contains("vertical") || a.contains("no-ticks"));
        if !plain && STYLED.iter().any(|key| item.parameter(key).is_some()) {
            self.log.error(
                "xls_range_appearance",
                item.appearance().unwrap_or_default(),
                spot.clone(),
            );
        }
        for (key, value) in [("start", "1"), ("end", "10"), ("step", "1")] {
            if item.parameter(key).is_none() {
                item.parameters.push((key.into(), value.into()));
            }
        }
        self.scale(item, &spot);
        for (key, value) in item.parameters.clone() {
            match key.as_str() {
                "tick_labelset" => {}
                "tick_interval" => item.set_control("odk:tick-interval", value),
                "placeholder" => item.set_control("odk:placeholder", value),
                key => item.set_control(key, value),
            }
        }
    }

    fn number_of(&mut self, item: &Item, key: &'static str, spot: &Spot) -> Option<Exact> {
        let value = item.parameter(key)?;
        let number = exact(value);
        if number.is_none() {
            self.log
                .error("xls_range_not_number", format!("{key}={value}"), spot.clone());
        }
        number
    }

    fn scale(&mut self, item: &mut Item, spot: &Spot) {
        let numbers = ["start", "end", "step", "tick_interval", "placeholder"];
        let [start, end, step, tick, placeholder] = numbers.map(|key| self.number_of(item, key, spot));
        let (Some(start), Some(end), Some(step)) = (start, end, step) else {
            return;
        };
        let scale = Scale { start, end, step, tick };
        for (key, size) in [("step", Some(step)), ("tick_interval", tick)] {
            let Some(size) = size else {
                continue;
            };
            if size == 0 {
                self.log.error("xls_range_zero", key, spot.clone());
                return;
            }
            if size > scale.width() {
                self.log.error("xls_range_too_wide", key, spot.clone());
            }
            if size % step != 0 {
                self.log.error("xls_range_not_multiple", key, spot.clone());
            }
        }
        if let Some(at) = placeholder {
            if (at - start) % step != 0 {
                self.log.error("xls_range_not_multiple", "placeholder", spot.clone());
            }
            if !scale.holds(at) {
                self.log.error("xls_range_outside", "placeholder", spot.clone());
            }
        }
        self.labels(item, &scale, spot);
        if [Some(start), Some(end), Some(step), tick, placeholder]
            .into_iter()
            .flatten()
            .any(|number| !is_whole(number))
        {
            item.set_bind("type", "decimal");
        }
    }

    /// The list whose labels stand at the ticks.
    fn labels(&mut self, item: &Item, scale: &Scale, spot: &Spot) {
        let Some(name) = item.parameter("tick_labelset") else {
            return;
        };
        let Some(list) = self.lists.get(name) else {
            self.log.error("xls_list_missing", name, spot.clone());
            return;
        };
        let mut ends = std::collections::BTreeSet::new();
        let tick = scale.tick.unwrap_or(scale.step);
        for choice in &list.choices {
            let at = exact(&choice.name);
            let code = match at {
                None => "xls_range_not_number",
                Some(at) if !scale.holds(at) => "xls_range_outside",
                Some(at) if (at - scale.start) % tick != 0 => "xls_range_not_multiple",
                Some(at) => {
                    ends.insert(at);
                    continue;
                }
            };
            self.log.error(code, format!("{name}: {}", choice.name), spot.clone());
        }
        let only_ends = item
            .appearance()
            .is_some_and(|appearance| appearance.contains("no-ticks"));
        if only_ends && ends != [scale.start, scale.end].into() {
            self.log.error("xls_range_only_ends", name, spot.clone());
        }
    }
}
