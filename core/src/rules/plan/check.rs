//! What is wrong with a plan: everything at once, each with its field and a stable code.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{Frequency, Period, Plan, Season, Targets};
use crate::rules::finding::Finding;

/// Most visits a day that anyone can mean.
const TIMES_A_DAY: u32 = 24;

/// Checks a plan; `knows_form` tells whether a checklist is there.
#[must_use]
pub fn check(plan: &Plan, knows_form: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut wrong = |holds: bool, field: &str, code: &str| {
        if holds {
            findings.push(Finding::error(field, code));
        }
    };
    wrong(plan.id.trim().is_empty(), "id", "plan_without_id");
    wrong(plan.forms.is_empty(), "forms", "plan_without_form");
    wrong(
        plan.forms.iter().any(|form| !knows_form(form)),
        "forms",
        "plan_unknown_form",
    );
    let distinct: BTreeSet<_> = plan.forms.iter().collect();
    wrong(distinct.len() < plan.forms.len(), "forms", "plan_form_twice");
    wrong(has_no_target(&plan.targets), "targets", "plan_without_target");
    wrong(
        plan.until.is_some_and(|until| until < plan.from),
        "until",
        "plan_ends_before_start",
    );
    wrong(
        plan.window.is_some_and(|w| w.from >= w.to || w.to > 24 * 60),
        "window",
        "plan_window_empty",
    );
    wrong(
        plan.season.is_some_and(|season| !is_season(season)),
        "season",
        "plan_season_invalid",
    );
    let all = std::iter::once(plan.frequency).chain(plan.tighter.iter().map(|t| t.frequency));
    for frequency in all {
        wrong(!is_frequency(frequency), "frequency", "plan_frequency_invalid");
        let endless = frequency.per == Period::Campaign && plan.until.is_none();
        wrong(endless, "until", "plan_campaign_without_end");
    }
    findings.extend(contradictions(plan));
    findings.sort();
    findings.dedup();
    findings
}

/// Two frequencies for the same value, or one that is looser than the rule it should tighten.
fn contradictions(plan: &Plan) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for rule in &plan.tighter {
        if !seen.insert((&rule.field, &rule.equals)) {
            findings.push(Finding::error("tighter", "plan_rule_twice"));
        }
        if plan.frequency.is_tighter(rule.frequency) {
            findings.push(Finding::error("tighter", "plan_rule_looser"));
        }
    }
    findings
}

fn has_no_target(targets: &Targets) -> bool {
    match targets {
        Targets::Kind { kind, any_of } => kind.is_empty() || any_of.values().any(Vec::is_empty),
        Targets::Set { records } => records.is_empty(),
    }
}

fn is_frequency(frequency: Frequency) -> bool {
    (1..=TIMES_A_DAY.saturating_mul(frequency.per.days())).contains(&frequency.times)
}

fn is_season(season: Season) -> bool {
    // a leap year, so that the 29th of February may bound a season
    let is_day = |(month, day): (u32, u32)| NaiveDate::from_ymd_opt(2024, month, day).is_some();
    is_day(season.from) && is_day(season.to)
}
