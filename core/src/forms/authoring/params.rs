//! The parameters column: `key=value` pairs, and what each question type makes of them.

use super::item::Item;
use super::kinds::yes_no;
use super::log::Log;
use super::names;
use super::questions::Walk;
use crate::forms::trouble::{Spot, Trouble};

/// Reads `key=value` pairs separated by blanks, commas or semicolons; nothing when it is not such a list.
/// Values are put in small letters, but not those that name columns of a file.
pub(super) fn parse(text: &str) -> Option<Vec<(String, String)>> {
    let spaced = text.replace('=', " = ");
    let mut words = spaced
        .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
        .filter(|word| !word.is_empty());
    let mut pairs: Vec<(String, String)> = Vec::new();
    while let Some(key) = words.next() {
        let (equals, value) = (words.next()?, words.next()?);
        if key == "=" || equals != "=" || value == "=" {
            return None;
        }
        let key = key.to_lowercase();
        let value = if matches!(key.as_str(), "label" | "value") {
            value.to_owned()
        } else {
            value.to_lowercase()
        };
        match pairs.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => pairs.push((key, value)),
        }
    }
    Some(pairs)
}

/// Says which parameters a type knows; others are errors.
pub(super) fn check(item: &Item, known: &[&str], spot: &Spot, log: &mut Log) {
    for (key, _) in item.parameters.iter().filter(|(key, _)| !known.contains(&key.as_str())) {
        let near = names::nearest(key, known.iter().copied());
        log.push(
            Trouble::error("xls_parameter_unknown", key.as_str())
                .at(spot.clone())
                .suggest(near),
        );
    }
}

fn is_whole(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '_')
}

fn is_number(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok()
}

impl Walk<'_> {
    /// The parameters of questions that have no choices.
    pub(super) fn parameters(&mut self, item: &mut Item) {
        let spot = self.survey.spot(item.row, &["parameters"]);
        match item.kind_name.as_str() {
            "text" => self.text_parameters(item, &spot),
            "photo" => self.photo_parameters(item, &spot),
            "audio" => self.audio_parameters(item, &spot, true),
            "background-audio" => self.audio_parameters(item, &spot, false),
            "geopoint" | "geotrace" | "geoshape" => self.geo_parameters(item, &spot),
            _ => {}
        }
    }

    fn bad_value(&mut self, item: &Item, key: &str, spot: &Spot) {
        let value = item.parameter(key).unwrap_or_default();
        self.log
            .error("xls_parameter_value", format!("{key}={value}"), spot.clone());
    }

    fn text_parameters(&mut self, item: &mut Item, spot: &Spot) {
        check(item, &["rows"], spot, self.log);
        if let Some(rows) = item.parameter("rows").map(str::to_owned) {
            if !is_whole(&rows) {
                self.bad_value(item, "rows", spot);
            }
            item.set_control("rows", rows);
        }
    }

    fn photo_parameters(&mut self, item: &mut Item, spot: &Spot) {
        if let Some(default) = item
            .default
            .as_mut()
            .filter(|default| !default.contains("jr://images/"))
        {
            *default = format!("jr://images/{default}");
        }
        check(item, &["app", "max-pixels"], spot, self.log);
        match item.parameter("max-pixels").map(str::to_owned) {
            Some(pixels) => {
                if !is_whole(&pixels) {
                    self.bad_value(item, "max-pixels", spot);
                }
                item.set_bind("orx:max-pixels", pixels);
            }
            None => self
                .log
                .warn("xls_photo_without_max_pixels", item.name.as_str(), spot.clone()),
        }
        if let Some(app) = item.parameter("app").map(str::to_owned)
            && matches!(item.appearance(), None | Some("annotate"))
        {
            if !is_package(&app) {
                self.bad_value(item, "app", spot);
            }
            item.set_control("intent", app);
        }
    }

    fn audio_parameters(&mut self, item: &mut Item, spot: &Spot, shown: bool) {
        check(item, &["quality"], spot, self.log);
        let Some(quality) = item.parameter("quality").map(str::to_owned) else {
            return;
        };
        let known = matches!(quality.as_str(), "voice-only" | "low" | "normal") || shown && quality == "external";
        if !known {
            self.bad_value(item, "quality", spot);
        }
        if shown {
            item.set_bind("odk:quality", quality);
        }
    }

    fn geo_parameters(&mut self, item: &mut Item, spot: &Spot) {
        if item.kind_name == "geopoint" {
            let known = [
                "allow-mock-accuracy",
                "capture-accuracy",
                "reference-geometry",
                "warning-accuracy",
            ];
            check(item, &known, spot, self.log);
            for (key, attribute) in [
                ("capture-accuracy", "accuracyThreshold"),
                ("warning-accuracy", "unacceptableAccuracyThreshold"),
            ] {
                if let Some(value) = item.parameter(key).map(str::to_owned) {
                    if !is_number(&value) {
                        self.bad_value(item, key, spot);
                    }
                    item.set_control(attribute, value);
                }
            }
        } else {
            check(
                item,
                &["allow-mock-accuracy", "incremental", "reference-geometry"],
                spot,
                self.log,
            );
            if let Some(value) = item.parameter("incremental") {
                if yes_no(value) != Some(true) {
                    self.bad_value(item, "incremental", spot);
                }
                item.set_control("incremental", "true");
            }
        }
        if let Some(value) = item.parameter("allow-mock-accuracy").map(str::to_owned) {
            if !matches!(value.as_str(), "true" | "false") {
                self.bad_value(item, "allow-mock-accuracy", spot);
            }
            item.set_bind("odk:allow-mock-accuracy", value);
        }
        if let Some(geometry) = item.parameter("reference-geometry").map(str::to_owned) {
            self.geometries.push((geometry.clone(), item.row));
            item.itemset = Some(geometry);
        }
    }

    /// What the audit of a form may be told.
    pub(super) fn audit_parameters(&mut self, item: &mut Item) {
        let spot = self.survey.spot(item.row, &["parameters"]);
        let places = ["location-priority", "location-min-interval", "location-max-age"];
        check(item, &AUDIT, &spot, self.log);
        for key in ["track-changes", "identify-user"] {
            if item
                .parameter(key)
                .is_some_and(|value| !matches!(value, "true" | "false"))
            {
                self.bad_value(item, key, &spot);
            }
        }
        if item
            .parameter("track-changes-reasons")
            .is_some_and(|value| value != "on-form-edit")
        {
            self.bad_value(item, "track-changes-reasons", &spot);
        }
        let given = places.iter().filter(|key| item.parameter(key).is_some()).count();
        if given > 0 && given < places.len() {
            self.log
                .error("xls_audit_place_incomplete", places.join(", "), spot.clone());
        } else if given > 0 {
            self.audit_place(item, &spot);
        }
        for (key, value) in item.parameters.clone() {
            item.set_bind(&format!("odk:{key}"), value);
        }
    }

    fn audit_place(&mut self, item: &Item, spot: &Spot) {
        let priority = item.parameter("location-priority").unwrap_or_default();
        if !["no-power", "low-power", "balanced", "high-accuracy"].contains(&priority) {
            self.bad_value(item, "location-priority", spot);
        }
        let number = |key: &str| {
            item.parameter(key)
                .and_then(|value| value.parse::<i64>().ok())
                .filter(|n| *n >= 0)
        };
        let (interval, age) = (number("location-min-interval"), number("location-max-age"));
        if interval.is_none() {
            self.bad_value(item, "location-min-interval", spot);
        }
        if age.is_none() || age < interval {
            self.bad_value(item, "location-max-age", spot);
        }
    }
}

const AUDIT: [&str; 6] = [
    "identify-user",
    "location-max-age",
    "location-min-interval",
    "location-priority",
    "track-changes",
    "track-changes-reasons",
];

/// Whether the text can be the name of an Android app.
fn is_package(text: &str) -> bool {
    let part_is_good = |part: &str| {
        let first = part.chars().next();
        first.is_some_and(|c| c != '_' && !c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    text.contains('.') && text.split('.').all(part_is_good)
}
