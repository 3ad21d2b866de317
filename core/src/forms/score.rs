//! What a filled-in checklist comes to: points by item, section and in all, critical items, and hazards with what follows.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::grid::ItemRules;

/// Severity of a hazard whose item names none: an ordinary hazard (domain dictionary 5.1).
const ORDINARY: u8 = 2;
/// Severity from which a hazard always goes to the department: a suspected major hazard.
const MAJOR: u8 = 3;
/// Working days to put a hazard right when its item names no limit (domain dictionary 5.1, follow-up rule).
const WORKING_DAYS: u32 = 3;

/// An item as the sheet shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Stable id of the item.
    pub item: String,
    /// Path of its node, with the numbers of repeats.
    pub path: String,
    /// Path of the page or group it stands in.
    pub section: String,
    /// Its attributes.
    pub rules: ItemRules,
    /// Whether the item counts at all.
    pub relevant: bool,
    /// Whether it is answered.
    pub answered: bool,
    /// Whether its answer is a hazard.
    pub failed: bool,
    /// Whether its answer takes it out of the count. "Not applicable" is never a hazard.
    pub not_applicable: bool,
}

impl Judged {
    /// Whether it is a hazard.
    #[must_use]
    pub fn is_hazard(&self) -> bool {
        self.relevant && self.answered && self.failed && !self.not_applicable
    }

    /// Severity of its hazard.
    #[must_use]
    pub fn severity(&self) -> u8 {
        self.rules.severity.unwrap_or(ORDINARY)
    }

    /// Photos that the item needs as it is answered.
    #[must_use]
    pub fn photos_needed(&self) -> u32 {
        if !self.relevant || self.not_applicable {
            return 0;
        }
        let on_hazard = if self.is_hazard() {
            self.rules.photos_on_hazard.unwrap_or(0)
        } else {
            0
        };
        self.rules.photos.unwrap_or(0).max(on_hazard)
    }

    /// Points it can bring; none when it is no question of right and wrong, not answered, or does not apply.
    fn points(&self) -> Option<f64> {
        let judged = self.rules.fail_when.is_some() || self.rules.score.is_some();
        let counts = judged && self.relevant && self.answered && !self.not_applicable;
        counts.then(|| self.rules.score.unwrap_or(1.0) * self.rules.weight.unwrap_or(1.0))
    }
}

/// Points reached of points possible.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Points {
    /// Reached.
    pub got: f64,
    /// Possible.
    pub of: f64,
}

impl Points {
    /// Percent with one decimal; `None` when nothing counted.
    #[must_use]
    pub fn percent(self) -> Option<f64> {
        (self.of > 0.0).then(|| (self.got / self.of * 1000.0).round() / 10.0)
    }

    fn add(&mut self, got: f64, of: f64) {
        self.got += got;
        self.of += of;
    }
}

/// What a sheet comes to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Score {
    /// All items.
    pub total: Points,
    /// Percent of the total, when anything counted.
    pub percent: Option<f64>,
    /// By path of the section.
    pub sections: BTreeMap<String, Points>,
    /// By path of the item.
    pub items: BTreeMap<String, Points>,
    /// Items that are hazards.
    pub hazards: u32,
    /// Failed critical items; one of them fails the whole inspection whatever the points.
    pub critical: Vec<String>,
    /// Whether the place is in order: no hazard beyond a note, no failed critical item.
    pub passed: bool,
}

/// Sums a sheet up.
#[must_use]
pub fn score(items: &[Judged]) -> Score {
    let mut score = Score {
        passed: true,
        ..Score::default()
    };
    for item in items {
        if let Some(of) = item.points() {
            let got = if item.is_hazard() { 0.0 } else { of };
            score.total.add(got, of);
            score.sections.entry(item.section.clone()).or_default().add(got, of);
            score.items.insert(item.path.clone(), Points { got, of });
        }
        if item.is_hazard() {
            score.hazards += 1;
            score.passed &= item.severity() < ORDINARY;
            if item.rules.critical {
                score.critical.push(item.path.clone());
            }
        }
    }
    score.passed &= score.critical.is_empty();
    score.percent = score.total.percent();
    score
}

/// What follows from a hazard (domain dictionary 5.1, follow-up rule).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// Information and advice: noted, looked at again at the next visit.
    Noted,
    /// Put right before the worker's eyes.
    FixedOnSite,
    /// Has to be put right by a day; an incident is opened.
    Rectifying,
}

/// What follows from a hazard of this severity. A suspected major hazard always goes to the department, also when it was put
/// right on the spot.
#[must_use]
pub fn outcome(severity: u8, fixed: bool) -> Outcome {
    if severity < ORDINARY {
        Outcome::Noted
    } else if severity < MAJOR && fixed {
        Outcome::FixedOnSite
    } else {
        Outcome::Rectifying
    }
}

/// Last day to put a hazard right: the item's own days by the calendar, else three working days. `works` tells whether a day is
/// one.
#[must_use]
pub fn due(found: NaiveDate, rules: &ItemRules, works: impl Fn(NaiveDate) -> bool) -> NaiveDate {
    if let Some(days) = rules.due_days {
        return found.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX);
    }
    let after = found.iter_days().skip(1).filter(|day| works(*day));
    after.take(WORKING_DAYS as usize).last().unwrap_or(NaiveDate::MAX)
}

/// Monday to Friday: what is known of working days without a calendar.
#[must_use]
pub fn weekday(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// Severity and least urgency of the incident a hazard becomes: a suspected major one is urgent whatever its category says.
#[must_use]
pub fn incident_severity(severity: u8) -> (&'static str, Option<&'static str>) {
    match severity {
        0 => ("NONE", None),
        1 | 2 => ("GENERAL", None),
        3 => ("MAJOR", Some("URGENT")),
        _ => ("SERIOUS", Some("URGENT")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn item(n: u8) -> Judged {
        Judged {
            item: format!("i{n}"),
            path: format!("/data/i{n}"),
            section: "/data/a".into(),
            rules: ItemRules {
                fail_when: Some(". = 'no'".into()),
                ..ItemRules::default()
            },
            relevant: true,
            answered: true,
            failed: false,
            not_applicable: false,
        }
    }

    #[test]
    fn not_applicable_irrelevant_and_open_items_do_not_count() {
        let na = Judged {
            not_applicable: true,
            failed: true,
            ..item(1)
        };
        let hidden = Judged {
            relevant: false,
            failed: true,
            ..item(2)
        };
        let open = Judged {
            answered: false,
            failed: true,
            ..item(3)
        };
        let score = score(&[item(0), na, hidden, open]);
        assert_eq!(
            (score.total, score.hazards, score.passed),
            (Points { got: 1.0, of: 1.0 }, 0, true)
        );
    }

    #[test]
    fn sections_add_up_to_the_total_and_weights_count() {
        let mut heavy = Judged {
            failed: true,
            section: "/data/b".into(),
            ..item(1)
        };
        heavy.rules.score = Some(5.0);
        heavy.rules.weight = Some(2.0);
        let score = score(&[item(0), heavy]);
        assert_eq!(score.total, Points { got: 1.0, of: 11.0 });
        assert_eq!(score.percent, Some(9.1));
        assert_eq!(score.sections["/data/b"], Points { got: 0.0, of: 10.0 });
    }

    #[test]
    fn one_failed_critical_item_fails_the_inspection_and_advice_does_not() {
        let mut advice = Judged {
            failed: true,
            ..item(1)
        };
        advice.rules.severity = Some(1);
        assert!(score(&[item(0), advice.clone()]).passed);
        advice.rules.critical = true;
        let failed = score(&[item(0), advice]);
        assert_eq!((failed.passed, failed.critical), (false, vec!["/data/i1".to_owned()]));
    }

    #[test]
    fn what_follows_from_a_hazard_goes_by_its_severity() {
        assert_eq!(outcome(1, false), Outcome::Noted);
        assert_eq!(outcome(2, false), Outcome::Rectifying);
        assert_eq!(outcome(2, true), Outcome::FixedOnSite);
        assert_eq!(
            outcome(3, true),
            Outcome::Rectifying,
            "a suspected major hazard goes to the department"
        );
    }

    #[test]
    fn three_working_days_pass_over_the_weekend() {
        let friday: NaiveDate = "2026-11-27".parse().unwrap();
        assert_eq!(
            due(friday, &ItemRules::default(), weekday),
            "2026-12-02".parse().unwrap()
        );
        let holiday = |day: NaiveDate| weekday(day) && day != "2026-12-01".parse().unwrap();
        assert_eq!(
            due(friday, &ItemRules::default(), holiday),
            "2026-12-03".parse().unwrap()
        );
        let days = ItemRules {
            due_days: Some(7),
            ..ItemRules::default()
        };
        assert_eq!(due(friday, &days, weekday), "2026-12-04".parse().unwrap());
    }

    #[test]
    fn photos_are_needed_always_or_on_a_hazard_and_never_where_the_item_does_not_apply() {
        let mut shown = item(1);
        shown.rules.photos_on_hazard = Some(2);
        assert_eq!(shown.photos_needed(), 0);
        shown.failed = true;
        assert_eq!(shown.photos_needed(), 2);
        shown.not_applicable = true;
        assert_eq!(shown.photos_needed(), 0);
    }

    proptest! {
        #[test]
        fn points_stay_between_nothing_and_all_and_sections_add_up(
            kinds in prop::collection::vec((0u8..4, any::<bool>(), any::<bool>(), any::<bool>(), 0u8..4), 0..40)
        ) {
            let items: Vec<Judged> = kinds.iter().zip(0u8..).map(|((section, relevant, answered, failed, weight), n)| {
                let mut made = Judged {
                    section: section.to_string(), relevant: *relevant, answered: *answered, failed: *failed, ..item(n)
                };
                made.rules.weight = Some(f64::from(*weight));
                made
            }).collect();
            let score = score(&items);
            prop_assert!(0.0 <= score.total.got && score.total.got <= score.total.of);
            let sum: f64 = score.sections.values().map(|p| p.of).sum();
            prop_assert!((sum - score.total.of).abs() < 1e-9);
            prop_assert_eq!(score.hazards as usize, items.iter().filter(|i| i.is_hazard()).count());
        }
    }
}
