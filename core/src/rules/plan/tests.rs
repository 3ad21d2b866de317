use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::geo::{Crs, Point};
use crate::model::time::UtcMillis;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn id(n: u8) -> RecordId {
    RecordId::v7(UtcMillis(1_000), [n; 10])
}

fn plan(times: u32, per: Period) -> Plan {
    Plan {
        id: "p".into(),
        name: "消防".into(),
        department: "消防救援机构".into(),
        forms: vec!["FIRE9".into()],
        who: Vec::new(),
        targets: Targets::Kind {
            kind: "place".into(),
            any_of: BTreeMap::new(),
        },
        frequency: Frequency { times, per },
        tighter: Vec::new(),
        season: None,
        window: None,
        from: day("2026-01-01"),
        until: None,
        enabled: true,
    }
}

fn place(fields: &[(&str, &str)]) -> Target {
    Target {
        record: id(1),
        kind: "place".into(),
        fields: fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
    }
}

#[test]
fn small_places_are_due_each_quarter_and_red_ones_each_month() {
    let mut plan = plan(1, Period::Quarter);
    plan.tighter.push(Tighter {
        field: "risk".into(),
        equals: "RED".into(),
        frequency: Frequency {
            times: 1,
            per: Period::Month,
        },
    });
    let visited = [day("2026-07-03"), day("2026-10-09")];
    let today = day("2026-11-25");
    assert_eq!(
        due(&plan, &place(&[("risk", "BLUE")]), &visited, today),
        None,
        "done this quarter"
    );
    let red = due(&plan, &place(&[("risk", "RED")]), &visited, today).unwrap();
    assert_eq!(red.on, day("2026-11-30"));
}

#[test]
fn a_missed_period_stays_due_until_the_next_visit() {
    let plan = plan(1, Period::Month);
    let missed = due(&plan, &place(&[]), &[day("2026-09-15")], day("2026-11-02")).unwrap();
    assert_eq!(missed.on, day("2026-10-31"));
    assert_eq!(due(&plan, &place(&[]), &[day("2026-11-01")], day("2026-11-02")), None);
}

#[test]
fn the_flood_season_bounds_a_daily_plan() {
    let mut plan = plan(1, Period::Day);
    plan.season = Some(Season {
        from: (6, 1),
        to: (9, 30),
    });
    assert_eq!(due(&plan, &place(&[]), &[], day("2026-05-31")), None);
    assert_eq!(
        due(&plan, &place(&[]), &[], day("2026-06-01")).unwrap().on,
        day("2026-06-01")
    );
    assert_eq!(
        due(&plan, &place(&[]), &[], day("2026-06-02")).unwrap().on,
        day("2026-06-01"),
        "yesterday was missed"
    );
    assert_eq!(due(&plan, &place(&[]), &[], day("2026-10-01")), None);
    plan.season = Some(Season {
        from: (11, 15),
        to: (3, 15),
    });
    assert!(
        due(&plan, &place(&[]), &[], day("2026-12-31")).is_some(),
        "the heating season passes over New Year"
    );
}

#[test]
fn a_campaign_visits_its_own_set_until_its_end() {
    let mut campaign = plan(1, Period::Campaign);
    campaign.targets = Targets::Set { records: vec![id(1)] };
    campaign.until = Some(day("2026-12-10"));
    let other = Target {
        record: id(2),
        ..place(&[])
    };
    assert_eq!(
        due(&campaign, &place(&[]), &[], day("2026-11-25")).unwrap().on,
        day("2026-12-10")
    );
    assert_eq!(due(&campaign, &other, &[], day("2026-11-25")), None);
    assert_eq!(
        due(&campaign, &place(&[]), &[day("2026-03-01")], day("2026-11-25")),
        None
    );
    assert_eq!(due(&campaign, &place(&[]), &[], day("2026-12-11")), None);
}

#[test]
fn two_departments_make_one_visit_and_the_same_checklist_is_asked_once() {
    let fire = plan(1, Period::Quarter);
    let mut gas = plan(1, Period::Month);
    gas.id = "g".into();
    gas.department = "住房和城乡建设局".into();
    gas.forms = vec!["GAS".into(), "FIRE9".into()];
    let today_is = day("2026-11-25");
    let candidate = Candidate {
        record: id(1),
        name: "小面馆".into(),
        point: None,
        risk: "BLUE".into(),
        due: [&fire, &gas]
            .map(|p| (p, due(p, &place(&[]), &[day("2026-10-01")], today_is)))
            .into_iter()
            .filter_map(|(p, d)| Some((p, d?)))
            .collect(),
        rechecks: Vec::new(),
    };
    // the October visit satisfied the quarter, so only the monthly plan is due
    let visits = today(vec![candidate.clone()], None, today_is);
    assert_eq!(visits[0].forms.len(), 2);
    let both = Candidate {
        due: vec![
            (
                &fire,
                Due {
                    on: day("2026-12-31"),
                    done: 0,
                    of: 1,
                },
            ),
            (
                &gas,
                Due {
                    on: day("2026-11-30"),
                    done: 0,
                    of: 1,
                },
            ),
        ],
        ..candidate
    };
    let visits = today(vec![both], None, today_is);
    assert_eq!(visits.len(), 1);
    assert_eq!(visits[0].due, day("2026-11-30"));
    let asked: Vec<_> = visits[0]
        .forms
        .iter()
        .map(|f| (f.form.as_str(), f.departments.len()))
        .collect();
    assert_eq!(asked, [("FIRE9", 2), ("GAS", 1)]);
}

#[test]
fn the_list_goes_by_urgency_then_red_then_nearness() {
    let plan = plan(1, Period::Quarter);
    let here = Point::from_degrees(121.2645, 37.5025, Crs::Wgs84).unwrap();
    let at = |n: u8, risk: &str, lat: f64, on: &str| Candidate {
        record: id(n),
        name: String::new(),
        point: Point::from_degrees(121.2645, lat, Crs::Wgs84).ok(),
        risk: risk.into(),
        due: vec![(
            &plan,
            Due {
                on: day(on),
                done: 0,
                of: 1,
            },
        )],
        rechecks: Vec::new(),
    };
    let mut recheck = at(5, "BLUE", 37.9, "2026-12-31");
    recheck.rechecks.push(("FIRE9".into(), day("2026-11-24")));
    let list = vec![
        at(1, "BLUE", 37.5030, "2026-12-31"),
        at(2, "RED", 37.6, "2026-12-31"),
        at(3, "BLUE", 37.51, "2026-12-31"),
        at(4, "BLUE", 37.7, "2026-11-01"),
        recheck,
    ];
    let order: Vec<_> = today(list, Some(here), day("2026-11-25"))
        .iter()
        .map(|v| v.record)
        .collect();
    assert_eq!(order, [5, 4, 2, 1, 3].map(id));
}

#[test]
fn a_contradictory_plan_is_told_everything_at_once() {
    let mut bad = plan(0, Period::Campaign);
    bad.forms = vec!["GAS".into(), "GAS".into()];
    bad.from = day("2026-12-01");
    bad.until = Some(day("2026-11-01"));
    bad.window = Some(Window { from: 600, to: 600 });
    bad.season = Some(Season {
        from: (2, 30),
        to: (3, 1),
    });
    bad.targets = Targets::Set { records: Vec::new() };
    let codes: Vec<String> = check(&bad, &|_| false).into_iter().map(|f| f.code).collect();
    for code in [
        "plan_unknown_form",
        "plan_form_twice",
        "plan_without_target",
        "plan_ends_before_start",
        "plan_window_empty",
        "plan_season_invalid",
        "plan_frequency_invalid",
    ] {
        assert!(codes.iter().any(|c| c == code), "{code} in {codes:?}");
    }
    assert_eq!(check(&plan(1, Period::Quarter), &|_| true), []);
}

#[test]
fn a_rule_that_loosens_or_stands_twice_is_a_contradiction() {
    let mut bad = plan(1, Period::Month);
    let rule = Tighter {
        field: "risk".into(),
        equals: "RED".into(),
        frequency: Frequency {
            times: 1,
            per: Period::Quarter,
        },
    };
    bad.tighter = vec![rule.clone(), rule];
    let codes: Vec<String> = check(&bad, &|_| true).into_iter().map(|f| f.code).collect();
    assert_eq!(codes, ["plan_rule_looser", "plan_rule_twice"]);
}

#[test]
fn a_plan_reads_from_the_document_that_departments_write() {
    let plan: Plan = serde_json::from_value(json!({
        "id": "gas-2026", "name": "燃气月检", "forms": ["GAS"], "from": "2026-01-01",
        "targets": {"kind": {"kind": "place", "any_of": {"gas": ["BOTTLED"]}}}, "frequency": {"times": 1, "per": "month"}
    }))
    .unwrap();
    assert!(plan.enabled && plan.visits(&place(&[("gas", "BOTTLED")])) && !plan.visits(&place(&[("gas", "PIPED")])));
}

fn periods() -> impl Strategy<Value = Period> {
    prop_oneof![
        Just(Period::Day),
        Just(Period::Week),
        Just(Period::Month),
        Just(Period::Quarter),
        Just(Period::HalfYear),
        Just(Period::Year)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn going_out_whenever_something_is_due_fulfils_every_plan(per in periods(), times in 1u32..6, start in 0u64..700) {
        let plan = plan(times, per);
        let mut visited = Vec::new();
        let from = plan.from.checked_add_days(Days::new(start)).unwrap();
        for offset in 0..800u64 {
            let today = from.checked_add_days(Days::new(offset)).unwrap();
            let mut rounds = 0;
            while let Some(found) = due(&plan, &place(&[]), &visited, today) {
                prop_assert!(found.done < found.of);
                // nothing is overdue for one who always goes, but for what was missed before the first day
                prop_assert!(offset == 0 || found.on >= today, "{today}: {found:?}");
                visited.push(today);
                rounds += 1;
                prop_assert!(rounds <= times, "a day asks for no more than a period");
            }
            let (first, last) = per.around(today).unwrap();
            if today == last && first > from {
                let made = visited.iter().filter(|d| (first..=last).contains(*d)).count();
                prop_assert_eq!(made, times as usize, "{} to {}", first, last);
            }
        }
    }

    #[test]
    fn a_visit_never_brings_the_next_one_forward(per in periods(), times in 1u32..6, offset in 0u64..700, back in 0u64..400) {
        let plan = plan(times, per);
        let today = plan.from.checked_add_days(Days::new(offset)).unwrap();
        let visit = today.checked_sub_days(Days::new(back)).unwrap();
        let without = due(&plan, &place(&[]), &[], today);
        let with = due(&plan, &place(&[]), &[visit], today);
        match (without, with) {
            (Some(without), Some(with)) => prop_assert!(with.on >= without.on),
            (None, Some(_)) => prop_assert!(false, "a visit made something due"),
            _ => {}
        }
    }
}
