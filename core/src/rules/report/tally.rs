//! Counts over cases: everything that the formulas divide.

use std::collections::BTreeMap;

use super::facts::{CloseType, Facts};
use super::period::Period;

/// Figures that do not come from cases. What a report does not know stays zero, and its rates are shown as a dash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Context {
    pub population: u64,
    pub households: u64,
    pub households_visited: u64,
    pub registry_rows: u64,
    pub registry_verified_in_time: u64,
    pub registry_rows_valid: u64,
    pub visits_planned: u64,
    pub visits_done: u64,
    pub visits_on_time: u64,
    pub hazards_found: u64,
    pub hazards_cleared: u64,
    pub hazards_to_recheck: u64,
    pub hazards_rechecked: u64,
    pub grave_hazards_raised: u64,
    pub grave_hazards_confirmed: u64,
    pub duty_minutes: u64,
    pub rostered_minutes: u64,
    pub handlers: u64,
    pub missed_by_grid: u64,
    pub first_answer_ms_median: Option<i64>,
}

/// Counts of one period over a set of cases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub struct Tally {
    pub reports: u64,
    pub invalid: u64,
    pub merged_or_repeated: u64,
    pub self_closed: u64,
    pub accepted: u64,
    pub accepted_in_time: u64,
    pub first_dispatches: u64,
    pub first_dispatches_kept: u64,
    pub dispatches: u64,
    pub refusals: u64,
    pub due: u64,
    pub due_disposed: u64,
    pub due_disposed_in_time: u64,
    pub due_closed: u64,
    pub due_closed_in_time: u64,
    pub overdue_open: u64,
    pub fed_back: u64,
    pub reworked: u64,
    pub closed: u64,
    pub redone: u64,
    pub disposed: u64,
    pub extended: u64,
    pub suspended: u64,
    pub forced: u64,
    pub supervised: [u64; 4],
    pub evaluated: u64,
    pub answered: u64,
    pub satisfied: u64,
    pub fair: u64,
    pub contacted: u64,
    pub follow_ups: u64,
    pub follow_ups_answered: u64,
    pub solved: u64,
    pub checks_ordered: u64,
    pub checks_in_time: u64,
    pub by_source: BTreeMap<String, u64>,
    pub by_category: BTreeMap<String, u64>,
    pub accept_work_ms: Vec<i64>,
    pub dispose_work_ms: Vec<i64>,
    pub total_work_ms: Vec<i64>,
    pub total_clock_ms: Vec<i64>,
}

impl Tally {
    /// Counts cases over a period.
    #[must_use]
    pub fn of<'a>(cases: impl IntoIterator<Item = &'a Facts>, period: &Period) -> Self {
        let mut tally = Self::default();
        for case in cases {
            tally.reported(case, period);
            tally.handled(case, period);
            tally.fell_due(case, period);
            tally.judged(case, period);
        }
        for times in [
            &mut tally.accept_work_ms,
            &mut tally.dispose_work_ms,
            &mut tally.total_work_ms,
            &mut tally.total_clock_ms,
        ] {
            times.sort_unstable();
        }
        tally
    }

    fn reported(&mut self, case: &Facts, period: &Period) {
        if case.reported.is_none_or(|at| !period.holds(at)) {
            return;
        }
        self.reports += 1;
        self.invalid += u64::from(case.invalid);
        self.merged_or_repeated += u64::from(case.merged || case.repeats);
        self.self_closed += u64::from(case.is_self_closed());
        *self.by_source.entry(case.source.clone()).or_default() += 1;
        if case.is_case() || case.is_self_closed() {
            *self.by_category.entry(case.category.clone()).or_default() += 1;
        }
    }

    fn handled(&mut self, case: &Facts, period: &Period) {
        if case.accepted.is_none_or(|at| !period.holds(at)) {
            return;
        }
        self.accepted += 1;
        self.accepted_in_time += u64::from(case.accepted_in_time);
        self.accept_work_ms.extend(case.accept_work_ms);
        self.first_dispatches += u64::from(case.first_dispatch_kept.is_some());
        self.first_dispatches_kept += u64::from(case.first_dispatch_kept == Some(true));
        self.dispatches += case.dispatches;
        self.refusals += case.refusals;
        self.checks_ordered += case.checks_ordered;
        self.checks_in_time += case.checks_in_time;
        if let Some(level) = self.supervised.get_mut(usize::from(case.supervised)) {
            *level += 1;
        }
    }

    fn fell_due(&mut self, case: &Facts, period: &Period) {
        if !case.is_case() || case.due().is_none_or(|at| !period.holds(at)) {
            return;
        }
        let by_end = |at: Option<crate::model::time::UtcMillis>| at.is_some_and(|at| at < period.to);
        self.due += 1;
        self.due_disposed += u64::from(by_end(case.disposed) || by_end(case.closed));
        self.due_disposed_in_time += u64::from(case.disposed_in_time);
        self.due_closed += u64::from(by_end(case.closed));
        self.due_closed_in_time += u64::from(by_end(case.closed) && case.disposed_in_time);
        self.overdue_open += u64::from(!by_end(case.closed));
    }

    fn judged(&mut self, case: &Facts, period: &Period) {
        if case.disposed.is_some_and(|at| period.holds(at)) {
            self.disposed += 1;
            self.fed_back += 1;
            self.reworked += u64::from(case.reworks > 0);
            self.extended += u64::from(case.extensions > 0);
            self.suspended += u64::from(case.suspended);
            self.dispose_work_ms.extend(case.dispose_work_ms);
        }
        if case.closed.is_none_or(|at| !period.holds(at)) || case.is_self_closed() {
            return;
        }
        self.closed += 1;
        self.redone += u64::from(case.redos > 0);
        self.forced += u64::from(case.close_type == Some(CloseType::Forced));
        self.total_work_ms.extend(case.total_work_ms);
        self.total_clock_ms.extend(case.total_clock_ms);
        self.evaluated += u64::from(case.evaluated);
        let answered = case.evaluated && case.satisfaction > 0;
        self.answered += u64::from(answered);
        self.satisfied += u64::from(answered && case.satisfaction >= 4);
        self.fair += u64::from(answered && case.satisfaction == 3);
        if case.follow_up {
            self.follow_ups += 1;
            self.follow_ups_answered += u64::from(answered);
            self.contacted += u64::from(case.contacted == Some(true));
            self.solved += u64::from(case.solved == Some(true));
        }
    }
}
