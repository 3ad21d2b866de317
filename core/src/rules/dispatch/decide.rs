//! The decision: rules in order of evaluation, confidence, and when a person must decide.

use std::cmp::Reverse;

use serde::Serialize;

use super::check::Dispatch;
use super::condition::{Case, Fits, SEVERITIES, Specific, fits, specific};
use super::explain;
use super::roster::Roster;
use crate::model::dispatch::Rule;
use crate::model::ids::StaffId;
use crate::model::time::UtcMillis;
use crate::rules::deadline::Limit;
use crate::rules::workflow::REFUSALS;

/// What a missing fact costs when a more specific rule might apply, in percent.
const MISSING_FACT: u8 = 20;
/// What a second rule of equal rank that names another handler costs.
const CONFLICT: u8 = 40;
/// What each refusal so far costs.
const REFUSAL: u8 = 10;

/// Where an incident goes, and why. Stored with the ids and versions it was decided by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// A handler, or a person who decides.
    pub outcome: Outcome,
    /// Confidence in percent.
    pub confidence: u8,
    /// A life is at risk: show the emergency numbers and mobilise.
    pub life_at_risk: bool,
    /// The grid may close it on the spot.
    pub offer_self_close: bool,
    /// Version of the rule set.
    pub rule_set: String,
    /// Why, in Chinese.
    pub explanation_zh: String,
    /// Why, in English.
    pub explanation_en: String,
    /// Other rules that apply or might, the best first.
    pub alternatives: Vec<Alternative>,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Outcome {
    /// A handler.
    Handler {
        /// Id of the rule.
        rule: String,
        /// Level of circulation.
        level: u8,
        /// Organisation that handles it.
        main: String,
        /// Organisations that help.
        co: Vec<String>,
        /// The person, when the roster has one.
        person: Option<StaffId>,
        /// Until it is put right.
        limit: Limit,
        /// Until somebody is on site.
        first: Option<Limit>,
    },
    /// The dispatcher of a level decides, within the limit.
    Human {
        /// Why.
        why: Human,
        /// Level whose dispatcher decides.
        level: u8,
        /// Within.
        limit: Limit,
    },
}

/// Why a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Human {
    /// No rule applies.
    NoRule,
    /// Rules of equal rank name different handlers.
    Conflict,
    /// The confidence is below the threshold.
    Unsure,
    /// Refused twice: the departments decide together, and nobody may refuse again (domain dictionary 4.4, T18).
    RefusedTwice,
}

/// A rule that also applies, or would if a missing fact were known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alternative {
    /// Id of the rule.
    pub rule: String,
    /// Its main handler.
    pub main: String,
    /// Whether it applies; else a fact is missing.
    pub applies: bool,
}

/// The fallback of the dictionary (R-Z99): the level's dispatcher, one working day.
fn fallback() -> Limit {
    Limit {
        amount: 1,
        unit: crate::rules::deadline::Unit::WorkDay,
    }
}

pub(super) struct Match<'a> {
    pub(super) rule: &'a Rule,
    limit: Limit,
    pub(super) fits: Fits,
    specific: Specific,
}

impl Match<'_> {
    /// The better rule has the greater key: more specific, then higher priority, then the smaller id.
    fn key(&self) -> (Specific, i32, Reverse<&str>) {
        (self.specific, self.rule.priority, Reverse(&self.rule.id))
    }
}

impl Dispatch {
    /// Decides where an incident goes at a moment. The same input always gives the same decision.
    #[must_use]
    pub fn decide(&self, case: &Case, roster: &Roster, now: UtcMillis) -> Decision {
        let matches = self.matches(case, now);
        let best = matches.iter().find(|found| found.fits == Fits::Yes);
        let (outcome, confidence) = match best {
            _ if case.refusals >= REFUSALS => (human(Human::RefusedTwice, best), 0),
            None => (human(Human::NoRule, None), 0),
            Some(best) => self.weigh(best, &matches, case, roster),
        };
        let (explanation_zh, explanation_en) = explain::texts(self, &outcome, confidence, &matches, case);
        let chosen = match &outcome {
            Outcome::Handler { rule, .. } => Some(rule.clone()),
            Outcome::Human { .. } => None,
        };
        let alternatives = matches.iter().filter(|found| Some(&found.rule.id) != chosen.as_ref());
        Decision {
            confidence,
            life_at_risk: self.life_at_risk(case),
            offer_self_close: case.self_close && rank_is_light(case.severity.as_deref()),
            rule_set: self.set.version.clone(),
            explanation_zh,
            explanation_en,
            alternatives: alternatives.map(alternative).collect(),
            outcome,
        }
    }

    /// Rules that apply or might, the best first. Whoever has refused is passed over.
    fn matches(&self, case: &Case, now: UtcMillis) -> Vec<Match<'_>> {
        let rules = self.set.rules.iter().zip(&self.limits);
        let mut matches: Vec<Match<'_>> = rules
            .filter(|(rule, _)| !case.refused_by.contains(&rule.main))
            .map(|(rule, limit)| Match {
                rule,
                limit: *limit,
                fits: fits(&rule.when, case, now, self.set.offset_minutes),
                specific: specific(&rule.when, case),
            })
            .filter(|found| found.fits != Fits::No)
            .collect();
        matches.sort_by(|a, b| b.key().cmp(&a.key()));
        matches
    }

    fn weigh(&self, best: &Match<'_>, matches: &[Match<'_>], case: &Case, roster: &Roster) -> (Outcome, u8) {
        let unknown = matches.iter().take_while(|found| found.rule.id != best.rule.id).count();
        let rival = |found: &&Match<'_>| {
            found.fits == Fits::Yes
                && found.rule.id != best.rule.id
                && found.rule.main != best.rule.main
                && (found.specific, found.rule.priority) == (best.specific, best.rule.priority)
        };
        let conflict = matches.iter().find(rival).is_some();
        let minus = |count: usize, cost: u8| u8::try_from(count).unwrap_or(u8::MAX).saturating_mul(cost);
        let confidence = 100_u8
            .saturating_sub(minus(unknown, MISSING_FACT))
            .saturating_sub(minus(usize::from(conflict), CONFLICT))
            .saturating_sub(minus(case.refusals, REFUSAL));
        if conflict {
            return (human(Human::Conflict, Some(best)), confidence);
        }
        if confidence < self.set.threshold {
            return (human(Human::Unsure, Some(best)), confidence);
        }
        let rule = best.rule;
        let not = case.reporter.as_ref().filter(|_| case.check_required);
        let outcome = Outcome::Handler {
            rule: rule.id.clone(),
            level: rule.level,
            main: rule.main.clone(),
            co: rule.co.clone(),
            person: roster.person(&rule.main, &case.category, case.grid.as_ref(), not, self.set.load_cap),
            limit: best.limit,
            first: rule.first.as_ref().and_then(|first| first.parse().ok()),
        };
        (outcome, confidence)
    }

    fn life_at_risk(&self, case: &Case) -> bool {
        let word = |word: &String| case.description.contains(word.as_str());
        self.set.life.contains(&case.category) || self.set.danger_words.iter().any(word)
    }
}

fn human(why: Human, best: Option<&Match<'_>>) -> Outcome {
    let level = best.map_or(1, |best| best.rule.level);
    let limit = best.map_or_else(fallback, |best| best.limit);
    Outcome::Human { why, level, limit }
}

fn alternative(found: &Match<'_>) -> Alternative {
    Alternative {
        rule: found.rule.id.clone(),
        main: found.rule.main.clone(),
        applies: found.fits == Fits::Yes,
    }
}

/// Grid staff may close on the spot up to severity GENERAL (domain dictionary 4.4, T04).
fn rank_is_light(severity: Option<&str>) -> bool {
    severity.is_none_or(|severity| SEVERITIES.iter().take(2).any(|light| *light == severity))
}
