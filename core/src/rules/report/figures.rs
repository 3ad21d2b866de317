//! The figures K01 to K37: one formula each (domain dictionary 7.2).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ratio::Ratio;
use super::tally::{Context, Tally};

/// The value of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// A count.
    Count(u64),
    /// A share.
    Share(Ratio),
    /// Minutes; nothing when there was nothing to measure.
    Minutes(Option<i64>),
    /// Thousandths of a unit: cases a head, cases to ten thousand people.
    Thousandths(Option<u64>),
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Share(ratio) => write!(f, "{ratio}"),
            Self::Minutes(Some(minutes)) => write!(f, "{minutes}"),
            Self::Thousandths(Some(n)) => write!(f, "{}.{:03}", n / 1000, n % 1000),
            Self::Minutes(None) | Self::Thousandths(None) => f.write_str("—"),
        }
    }
}

/// All figures by code.
pub type Figures = BTreeMap<&'static str, Figure>;

/// Name of a figure in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headline {
    /// Code.
    pub code: &'static str,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
}

/// Names, in the order of a report.
pub(super) const HEADLINES: [Headline; 55] = {
    const fn h(code: &'static str, zh: &'static str, en: &'static str) -> Headline {
        Headline { code, zh, en }
    }
    [
        h("K01", "上报数", "reports"),
        h("K02", "有效上报率", "valid reports"),
        h("K03", "自办自结率", "closed on the spot"),
        h("K04", "受理(立案)率", "accepted"),
        h("K04n", "受理(立案)数", "accepted, count"),
        h("K05", "按时受理率", "accepted in time"),
        h("K06", "准确分拨率", "dispatched right at first"),
        h("K06n", "分拨数", "dispatches"),
        h("K07", "退单率", "refused"),
        h("K08", "处置率", "disposed of due"),
        h("K09", "按期处置率", "disposed in time"),
        h("K10", "应结案数", "due to close"),
        h("K11", "结案率", "closed of due"),
        h("K12", "按期结案率", "closed in time of due"),
        h("K13", "超期未结", "overdue and open"),
        h("K14", "返工率", "reworked"),
        h("K15", "重办率", "done again"),
        h("K16", "延期率", "extended"),
        h("K16s", "挂起率", "suspended"),
        h("K17n", "普通督办数", "supervised"),
        h("K17y", "黄牌督办数", "yellow cards"),
        h("K17r", "红牌督办数", "red cards"),
        h("K18a", "平均受理时长(工作分钟)", "time to accept, mean working minutes"),
        h(
            "K18d",
            "平均处置时长(工作分钟)",
            "time to dispose, mean working minutes",
        ),
        h("K18d50", "处置时长P50", "time to dispose, P50"),
        h("K18d90", "处置时长P90", "time to dispose, P90"),
        h("K18t", "平均全程时长(工作分钟)", "whole time, mean working minutes"),
        h("K18c", "平均全程时长(自然分钟)", "whole time, mean clock minutes"),
        h("K19", "满意率", "satisfied"),
        h("K19b", "基本满意率", "satisfied or fair"),
        h("K20c", "响应率", "contacted"),
        h("K20s", "解决率", "solved"),
        h("K21", "回访率", "followed up"),
        h("K22", "重复诉求率", "repeated"),
        h("K24", "网格员上报率", "reported by grid staff"),
        h("K25", "高发案件占比", "ten most frequent categories"),
        h("K26", "万人发案率", "cases to ten thousand people"),
        h("K26h", "千户发案率", "cases to a thousand households"),
        h("K27", "登记更新率", "registry verified in time"),
        h("K27n", "登记数", "registry rows"),
        h("K28", "数据质量", "registry rows valid"),
        h("K29", "巡检完成率", "visits done"),
        h("K29b", "巡检按期率", "visits on time"),
        h("K30n", "隐患数", "hazards"),
        h("K30", "隐患整改率", "hazards cleared"),
        h("K30r", "隐患复查率", "hazards rechecked"),
        h("K31n", "重大隐患(疑似)数", "grave hazards raised"),
        h("K31", "重大隐患确认率", "grave hazards confirmed"),
        h("K32", "走访覆盖率", "households visited"),
        h("K33", "在岗率", "on duty in the own grid"),
        h("K34", "人均办件", "cases a handler"),
        h("K35", "核实核查按期率", "checks in time"),
        h("K36", "漏报率", "missed by the grid"),
        h(
            "K37",
            "应急首次应答(分钟,中位)",
            "first answer in an emergency, median minutes",
        ),
        h("K29x", "强制结案数", "closed by force"),
    ]
};

/// The code of a figure as the definitions have it; nothing for one that they do not have.
#[must_use]
pub fn code_of(code: &str) -> Option<&'static str> {
    HEADLINES
        .iter()
        .map(|headline| headline.code)
        .find(|known| *known == code)
}

/// Computes all figures of a period. K23, the change to other periods, compares two of these.
#[must_use]
pub fn figures(tally: &Tally, context: &Context) -> Figures {
    let mut figures = incidents(tally);
    figures.extend(people(tally, context));
    figures.extend(field_work(tally, context));
    figures
}

fn share(part: u64, of: u64) -> Figure {
    Figure::Share(Ratio::new(part, of))
}

fn incidents(t: &Tally) -> Figures {
    let [_, ordinary, yellow, red] = t.supervised;
    Figures::from([
        ("K01", Figure::Count(t.reports)),
        ("K02", share(t.reports.saturating_sub(t.invalid), t.reports)),
        ("K03", share(t.self_closed, t.self_closed + t.accepted)),
        ("K04", share(t.accepted, t.reports)),
        ("K04n", Figure::Count(t.accepted)),
        ("K05", share(t.accepted_in_time, t.accepted)),
        ("K06", share(t.first_dispatches_kept, t.first_dispatches)),
        ("K06n", Figure::Count(t.dispatches)),
        ("K07", share(t.refusals, t.dispatches)),
        ("K08", share(t.due_disposed, t.due)),
        ("K09", share(t.due_disposed_in_time, t.due)),
        ("K10", Figure::Count(t.due)),
        ("K11", share(t.due_closed, t.due)),
        ("K12", share(t.due_closed_in_time, t.due)),
        ("K13", Figure::Count(t.overdue_open)),
        ("K14", share(t.reworked, t.fed_back)),
        ("K15", share(t.redone, t.closed)),
        ("K16", share(t.extended, t.disposed)),
        ("K16s", share(t.suspended, t.disposed)),
        ("K17n", Figure::Count(ordinary)),
        ("K17y", Figure::Count(yellow)),
        ("K17r", Figure::Count(red)),
        ("K18a", mean(&t.accept_work_ms)),
        ("K18d", mean(&t.dispose_work_ms)),
        ("K18d50", percentile(&t.dispose_work_ms, 50)),
        ("K18d90", percentile(&t.dispose_work_ms, 90)),
        ("K18t", mean(&t.total_work_ms)),
        ("K18c", mean(&t.total_clock_ms)),
        ("K29x", Figure::Count(t.forced)),
        ("K35", share(t.checks_in_time, t.checks_ordered)),
    ])
}

fn people(t: &Tally, c: &Context) -> Figures {
    let staff = t.by_source.get("GRID_STAFF").copied().unwrap_or(0);
    let cases: u64 = t.by_category.values().sum();
    let mut counts: Vec<u64> = t.by_category.values().copied().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let top: u64 = counts.iter().take(10).sum();
    Figures::from([
        ("K19", share(t.satisfied, t.answered)),
        ("K19b", share(t.satisfied + t.fair, t.answered)),
        ("K20c", share(t.contacted, t.follow_ups)),
        ("K20s", share(t.solved, t.follow_ups)),
        ("K21", share(t.follow_ups_answered, t.follow_ups)),
        ("K22", share(t.merged_or_repeated, t.reports)),
        ("K24", share(staff, t.reports)),
        ("K25", share(top, cases)),
        ("K26", thousandths(cases, 10_000, c.population)),
        ("K26h", thousandths(cases, 1_000, c.households)),
    ])
}

fn field_work(t: &Tally, c: &Context) -> Figures {
    Figures::from([
        ("K27", share(c.registry_verified_in_time, c.registry_rows)),
        ("K27n", Figure::Count(c.registry_rows)),
        ("K28", share(c.registry_rows_valid, c.registry_rows)),
        ("K29", share(c.visits_done, c.visits_planned)),
        ("K29b", share(c.visits_on_time, c.visits_planned)),
        ("K30n", Figure::Count(c.hazards_found)),
        ("K30", share(c.hazards_cleared, c.hazards_found)),
        ("K30r", share(c.hazards_rechecked, c.hazards_to_recheck)),
        ("K31n", Figure::Count(c.grave_hazards_raised)),
        ("K31", share(c.grave_hazards_confirmed, c.grave_hazards_raised)),
        ("K32", share(c.households_visited, c.households)),
        ("K33", share(c.duty_minutes, c.rostered_minutes)),
        ("K34", thousandths(t.closed, 1, c.handlers)),
        (
            "K36",
            share(
                c.missed_by_grid,
                c.missed_by_grid + t.by_source.get("GRID_STAFF").copied().unwrap_or(0),
            ),
        ),
        (
            "K37",
            Figure::Minutes(c.first_answer_ms_median.map(|ms| (ms + 30_000) / 60_000)),
        ),
    ])
}

fn thousandths(count: u64, by: u64, of: u64) -> Figure {
    let value = (u128::from(count) * u128::from(by) * 2_000 + u128::from(of)).checked_div(u128::from(of) * 2);
    Figure::Thousandths(value.and_then(|value| u64::try_from(value).ok()))
}

/// The mean in minutes, halves up.
fn mean(times: &[i64]) -> Figure {
    let count = i64::try_from(times.len()).unwrap_or(i64::MAX);
    let sum: i64 = times.iter().sum();
    Figure::Minutes((sum + count * 30_000).checked_div(count * 60_000))
}

/// The nearest-rank percentile of sorted times, in minutes, halves up.
fn percentile(sorted: &[i64], percent: usize) -> Figure {
    let rank = (sorted.len() * percent).div_ceil(100);
    let value = rank.checked_sub(1).and_then(|index| sorted.get(index));
    Figure::Minutes(value.map(|ms| (ms + 30_000).div_euclid(60_000)))
}
