use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::model::dispatch::RuleSet;
use crate::model::geo::{Crs, Point};
use crate::model::ids::{RecordId, StaffId};
use crate::model::org::{AreaNode, Posting};
use crate::model::time::UtcMillis;
use crate::rules::deadline::{Clock, Limit};
use crate::rules::packs;

fn dispatch() -> Dispatch {
    packs::dispatch().unwrap()
}

fn at(text: &str) -> UtcMillis {
    UtcMillis::parse_rfc3339(&format!("{}+08:00", text.replace(' ', "T"))).unwrap()
}

fn noon() -> UtcMillis {
    at("2026-09-01 12:00:00")
}

fn case(category: &str) -> Case {
    Case {
        category: category.into(),
        grid: "370611001901001".parse().ok(),
        ..Case::default()
    }
}

fn decide(case: &Case) -> Decision {
    dispatch().decide(case, &Roster::default(), noon())
}

/// Rule and main handler, or why a person decides.
fn gist(decision: &Decision) -> String {
    match &decision.outcome {
        Outcome::Handler {
            rule,
            main,
            level,
            limit,
            ..
        } => format!("{rule} {main} {level} {limit}"),
        Outcome::Human { why, level, .. } => format!("human {why:?} {level}"),
    }
}

/// The example rules of domain dictionary 6.3, each with a case that meets its condition and one that just misses it.
#[test]
fn cases_go_where_the_responsibility_list_says() {
    let rows: [(&str, Case, UtcMillis, &str); 18] = [
        (
            "managed estate",
            Case {
                managed_estate: Some(true),
                ..case("D01.10")
            },
            noon(),
            "R-D01 property 1 4 WORK_HOUR",
        ),
        (
            "public road",
            Case {
                managed_estate: Some(false),
                ..case("D01.10")
            },
            noon(),
            "R-D02 town_sanitation 2 1 WORK_DAY",
        ),
        ("estate not known", case("D01.10"), noon(), "human Unsure 3"),
        (
            "noise at night",
            case("G04.01"),
            at("2026-09-01 23:00:00"),
            "R-D03 enforcement 3 1 WORK_DAY",
        ),
        (
            "noise before dawn",
            case("G04.01"),
            at("2026-09-01 05:59:00"),
            "R-D03 enforcement 3 1 WORK_DAY",
        ),
        (
            "noise by day",
            case("G04.01"),
            at("2026-09-01 06:00:00"),
            "T-G04.01 enforcement 3 1 WORK_DAY",
        ),
        ("manhole", case("D05.03"), noon(), "R-D04 component_owner 2 1 WORK_DAY"),
        (
            "bicycle in a home",
            Case {
                at_home: Some(true),
                ..case("A01.07")
            },
            noon(),
            "R-A01 community_police 1 4 WORK_HOUR",
        ),
        ("lodging", case("A01.06"), noon(), "R-A02 town_fire 2 3 WORK_DAY"),
        ("gas bottle", case("A03.02"), noon(), "R-A03 town_safety 2 4 CLOCK_HOUR"),
        (
            "cracks",
            Case {
                severity: Some("SERIOUS".into()),
                ..case("A04.02")
            },
            noon(),
            "R-A04 housing 3 1 CLOCK_HOUR",
        ),
        (
            "light cracks",
            Case {
                severity: Some("MAJOR".into()),
                ..case("A04.02")
            },
            noon(),
            "T-A04.02 housing 3 4 CLOCK_HOUR",
        ),
        (
            "flood warning",
            Case {
                seasons: ["FLOOD_WARNING".into()].into(),
                ..case("A08.03")
            },
            noon(),
            "R-A08 town 3 30 MINUTE",
        ),
        ("neighbours", case("B01.02"), noon(), "R-B01 grid_leader 1 15 WORK_DAY"),
        (
            "wages of ten",
            Case {
                people: Some(10),
                ..case("B04.01")
            },
            noon(),
            "R-B04 labour 3 5 WORK_DAY",
        ),
        (
            "wages of nine",
            Case {
                people: Some(9),
                ..case("B04.01")
            },
            noon(),
            "T-B04.01 labour 3 10 WORK_DAY",
        ),
        (
            "leak beats the general rule",
            Case {
                seasons: ["HEATING".into()].into(),
                ..case("E03.02")
            },
            noon(),
            "R-E03L heating 3 2 CLOCK_HOUR",
        ),
        (
            "firm",
            Case {
                grid_kind: "ENTERPRISE".into(),
                ..case("H01")
            },
            noon(),
            "R-H01E park 2 5 WORK_DAY",
        ),
    ];
    for (what, case, now, expected) in rows {
        assert_eq!(
            gist(&dispatch().decide(&case, &Roster::default(), now)),
            expected,
            "{what}"
        );
    }
}

#[test]
fn a_decision_names_its_rule_and_rule_set_in_both_languages() {
    let decision = decide(&Case {
        managed_estate: Some(true),
        ..case("D01.10")
    });
    assert_eq!(decision.rule_set, "2026.11.2");
    assert_eq!(
        decision.explanation_zh,
        "按规则R-D01（有物业小区内环境卫生），由物业服务企业主办，社区网格党群服务站协办，第1级循环，时限4 WORK_HOUR。\
         置信度100%，规则集2026.11.2。"
    );
    assert!(
        decision
            .explanation_en
            .starts_with("Rule R-D01 (dirt in a managed estate): handled by the property company")
    );
}

#[test]
fn a_missing_fact_that_could_change_the_handler_costs_confidence_and_is_named() {
    let mut set: RuleSet = packs::read(packs::shipped("dispatch").unwrap()).unwrap();
    let mut general = set.rules.iter().find(|rule| rule.id == "R-D02").unwrap().clone();
    general.id = "R-D00".into();
    general.when.managed_estate = None;
    set.rules.push(general);
    let dispatch = Dispatch::new(set, &packs::taxonomy().unwrap()).unwrap();
    let decision = dispatch.decide(&case("D01.10"), &Roster::default(), noon());
    assert_eq!(
        gist(&decision),
        "human Unsure 2",
        "two more specific rules might apply: 60 percent"
    );
    assert_eq!(decision.confidence, 60);
    assert!(
        decision
            .explanation_en
            .contains("Facts are missing to judge R-D01, R-D02.")
    );
}

#[test]
fn rules_of_equal_rank_with_other_handlers_go_to_a_person() {
    let mut set: RuleSet = packs::read(packs::shipped("dispatch").unwrap()).unwrap();
    let mut rival = set.rules.iter().find(|rule| rule.id == "R-A02").unwrap().clone();
    rival.id = "R-A02B".into();
    rival.when.categories.push("A01.05".into());
    rival.main = "town_safety".into();
    set.rules.push(rival.clone());
    let taxonomy = packs::taxonomy().unwrap();
    let both = Dispatch::new(set.clone(), &taxonomy)
        .unwrap()
        .decide(&case("A01.06"), &Roster::default(), noon());
    assert_eq!(gist(&both), "human Conflict 2");
    set.rules.last_mut().unwrap().priority = 1;
    let decided = Dispatch::new(set, &taxonomy)
        .unwrap()
        .decide(&case("A01.06"), &Roster::default(), noon());
    assert!(gist(&decided).starts_with("R-A02B town_safety"));
}

#[test]
fn who_refused_is_passed_over_and_after_two_refusals_people_decide() {
    let refused = |by: &[&str]| Case {
        refusals: by.len(),
        refused_by: by.iter().map(|org| (*org).into()).collect(),
        ..case("C02")
    };
    assert_eq!(gist(&decide(&refused(&["police_station"]))), "human NoRule 1");
    assert!(gist(&decide(&refused(&["town"]))).starts_with("R-C02"));
    assert_eq!(decide(&refused(&["town"])).confidence, 90);
    assert_eq!(gist(&decide(&refused(&["town", "market"]))), "human RefusedTwice 2");
}

#[test]
fn danger_to_life_is_told_by_category_or_by_words() {
    assert!(decide(&case("A03.08")).life_at_risk);
    assert!(
        decide(&Case {
            description: "老人昏迷在楼道".into(),
            ..case("Z99")
        })
        .life_at_risk
    );
    assert!(!decide(&case("D05")).life_at_risk);
}

#[test]
fn closing_on_the_spot_is_offered_up_to_general_severity() {
    let offer = |severity: Option<&str>| {
        decide(&Case {
            self_close: true,
            severity: severity.map(Into::into),
            ..case("A01.03")
        })
        .offer_self_close
    };
    assert!(offer(None) && offer(Some("NONE")) && offer(Some("GENERAL")));
    assert!(!offer(Some("MAJOR")) && !offer(Some("EXTREME")));
}

#[test]
fn a_rule_set_that_contradicts_itself_is_refused_by_name() {
    let refused = |change: &dyn Fn(&mut RuleSet)| {
        let mut set = packs::read(packs::shipped("dispatch").unwrap()).unwrap();
        change(&mut set);
        Dispatch::new(set, &packs::taxonomy().unwrap()).unwrap_err()
    };
    let twin = |set: &mut RuleSet| {
        let mut twin = set.rules[0].clone();
        (twin.id, twin.main) = ("X".into(), "market".into());
        set.rules.push(twin);
    };
    let first = dispatch().set.rules[0].id.clone();
    assert_eq!(refused(&twin), RuleSetError::Contradiction(first.clone(), "X".into()));
    assert_eq!(
        refused(&|set| set.rules[1].id = set.rules[0].id.clone()),
        RuleSetError::Twice(first.clone())
    );
    assert_eq!(
        refused(&|set| set.orgs[0].level = 4),
        RuleSetError::Level("grid_leader".into())
    );
    assert_eq!(
        refused(&|set| set.rules[0].limit = "soon".into()),
        RuleSetError::Limit(first.clone())
    );
    assert_eq!(
        refused(&|set| set.rules[0].when = Default::default()),
        RuleSetError::Unconditional(first.clone())
    );
    assert_eq!(refused(&|set| set.threshold = 101), RuleSetError::Threshold);
    let unknown = RuleSetError::UnknownOrg {
        rule: first.clone(),
        org: "nobody".into(),
    };
    assert_eq!(refused(&|set| set.rules[0].main = "nobody".into()), unknown);
    let category = RuleSetError::UnknownCategory {
        rule: first.clone(),
        category: "Q01".into(),
    };
    assert_eq!(
        refused(&|set| set.rules[0].when.categories.push("Q01".into())),
        category
    );
    assert_eq!(
        refused(&|set| set.rules[0].co = vec![set.rules[0].main.clone()]),
        RuleSetError::MainHelps(first)
    );
}

fn handler(id: &str, open: usize) -> Handler {
    let task = OpenTask {
        urgency: "NORMAL".into(),
        overdue: false,
    };
    Handler {
        staff: StaffId(id.into()),
        org: "property".into(),
        on_duty: true,
        grids: Vec::new(),
        skills: Vec::new(),
        open: vec![task; open],
    }
}

#[test]
fn the_person_on_duty_with_the_least_load_gets_the_task_and_never_the_reporter_of_a_checked_one() {
    let grid = "370611001901001".parse().unwrap();
    let pick = |roster: &Roster, not: Option<&str>| {
        let not = not.map(|id| StaffId(id.into()));
        roster
            .person("property", "D01.10", Some(&grid), not.as_ref(), 30)
            .map(|staff| staff.0)
    };
    let mut roster = Roster {
        handlers: vec![handler("a", 2), handler("b", 1), handler("c", 1)],
    };
    assert_eq!(pick(&roster, None).as_deref(), Some("b"));
    assert_eq!(pick(&roster, Some("b")).as_deref(), Some("c"));
    roster.handlers[2].skills.push("D01".into());
    assert_eq!(pick(&roster, None).as_deref(), Some("c"));
    roster.handlers.iter_mut().for_each(|handler| handler.on_duty = false);
    assert_eq!(pick(&roster, None), None);
}

#[test]
fn nobody_is_loaded_above_the_cap_unless_nobody_else_can() {
    let pick = |handlers: Vec<Handler>| Roster { handlers }.person("property", "D01", None, None, 30);
    assert_eq!(pick(vec![handler("a", 31), handler("b", 31)]), None);
    assert_eq!(pick(vec![handler("a", 31)]), Some(StaffId("a".into())));
}

#[test]
fn an_overdue_task_weighs_double() {
    let task = |urgency: &str, overdue| OpenTask {
        urgency: urgency.into(),
        overdue,
    };
    assert_eq!(
        load(&[task("CRITICAL", true), task("PROMPT", false), task("NORMAL", true)]),
        8 + 2 + 2
    );
}

#[test]
fn a_duplicate_is_near_recent_open_and_of_the_same_category() {
    let id = |n: u8| RecordId::v7(UtcMillis(i64::from(n)), [n; 10]);
    let report = |n: u8, metres: f64, hours: i64| Candidate {
        id: id(n),
        category: "D01.10".into(),
        point: Point::from_degrees(121.264, 37.502 + metres / 111_200.0, Crs::Cgcs2000).unwrap(),
        reported: noon().plus(hours * 3_600_000),
        open: true,
    };
    let known = [
        report(1, 40.0, -72),
        report(2, 10.0, -1),
        report(3, 60.0, -1),
        report(4, 10.0, -73),
        Candidate {
            category: "D01.11".into(),
            ..report(5, 1.0, 0)
        },
        Candidate {
            open: false,
            ..report(6, 1.0, 0)
        },
        report(9, 0.0, 0),
    ];
    let found: Vec<RecordId> = duplicates(&report(9, 0.0, 0), &known)
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    assert_eq!(found, [id(2), id(1)]);
}

#[test]
fn the_ladder_has_its_rungs_in_working_time() {
    let calendar = packs::calendar().unwrap();
    let clock = Clock::start(at("2026-09-01 10:00:00"), "10 WORK_HOUR".parse::<Limit>().unwrap());
    let rungs = ladder(&clock, noon(), &calendar).unwrap();
    let shown: Vec<_> = rungs.iter().map(|rung| (calendar.shown(rung.at), rung.kind)).collect();
    let expected = [
        ("2026-09-01 12:30:00", RungKind::Yellow),
        ("2026-09-01 16:30:00", RungKind::Remind),
        ("2026-09-02 10:30:00", RungKind::Urge),
        ("2026-09-02 14:00:00", RungKind::Overdue),
        ("2026-09-02 16:00:00", RungKind::Supervise),
        ("2026-09-03 08:30:00", RungKind::Red),
        ("2026-09-07 17:30:00", RungKind::List),
    ];
    let kinds = |rungs: &[(String, RungKind)]| rungs.iter().map(|rung| rung.1).collect::<Vec<_>>();
    assert_eq!(kinds(&shown), expected.map(|rung| rung.1));
    for (found, (moment, kind)) in shown.iter().zip(expected).skip(1) {
        assert_eq!((found.0.as_str(), found.1), (moment, kind));
    }
}

fn mobilisation(people: usize) -> Mobilisation {
    let staff = |wave, id: &str| (wave, StaffId(id.into()));
    Mobilisation {
        need: Need {
            people,
            farthest: Wave::W3,
        },
        people: vec![
            staff(Wave::W0, "staff"),
            staff(Wave::W0, "leader"),
            staff(Wave::W1, "x"),
            staff(Wave::W3, "n"),
        ],
        called: Vec::new(),
        elsewhere: Vec::new(),
    }
}

fn ring(mobilisation: &mut Mobilisation, now: UtcMillis) -> Vec<String> {
    let calls = mobilisation.calls(now);
    for call in &calls {
        let called = Called {
            staff: call.staff.clone(),
            wave: call.wave,
            at: now,
            answer: Answer::None,
        };
        mobilisation.called.push(called);
    }
    calls.into_iter().map(|call| call.staff.0).collect()
}

#[test]
fn waves_go_out_one_after_the_other_and_stop_when_enough_have_arrived() {
    let mut m = mobilisation(2);
    let minute = |n: i64| noon().plus(n * 60_000);
    assert_eq!(ring(&mut m, minute(0)), ["staff", "leader"]);
    assert!(ring(&mut m, minute(1)).is_empty(), "their two minutes are not over");
    assert_eq!(ring(&mut m, minute(2)), ["x"]);
    m.called[0].answer = Answer::Coming;
    m.called[1].answer = Answer::Cannot;
    assert_eq!(ring(&mut m, minute(7)), ["n"], "the second wave has nobody");
    m.called[0].answer = Answer::Arrived;
    m.called[2].answer = Answer::Arrived;
    assert!(m.enough() && ring(&mut m, minute(60)).is_empty());
}

#[test]
fn three_people_or_more_are_called_from_the_grid_and_its_helpers_at_once() {
    assert_eq!(ring(&mut mobilisation(3), noon()), ["staff", "leader", "x"]);
}

#[test]
fn nobody_is_called_twice_within_ten_minutes() {
    let mut m = mobilisation(1);
    let earlier = Called {
        staff: StaffId("x".into()),
        wave: Wave::W2,
        at: noon(),
        answer: Answer::Cannot,
    };
    m.called.push(earlier);
    assert_eq!(ring(&mut m, noon()), ["staff", "leader"]);
    assert_eq!(
        ring(&mut m, noon().plus(5 * 60_000)),
        ["n"],
        "x was called five minutes ago"
    );
    assert_eq!(ring(&mut m, noon().plus(10 * 60_000)), ["x"]);
}

proptest! {
    /// Whatever the order of the rules, the decision is the same.
    #[test]
    fn the_order_of_the_rules_means_nothing(
        seed in any::<u64>(),
        category in prop::sample::select(vec!["D01.10", "A01.07", "E03.02", "B04.01", "A04.02", "Z99"]),
        managed in any::<Option<bool>>(),
        people in prop::option::of(0_u32..20),
        heating in any::<bool>(),
    ) {
        let seasons: BTreeSet<String> = heating.then(|| "HEATING".to_owned()).into_iter().collect();
        let case = Case { managed_estate: managed, at_home: managed, people, seasons, ..case(category) };
        let set: RuleSet = packs::read(packs::shipped("dispatch").unwrap()).unwrap();
        let mut shuffled = set.clone();
        let turn = usize::try_from(seed % shuffled.rules.len() as u64).unwrap();
        shuffled.rules.rotate_left(turn);
        let taxonomy = packs::taxonomy().unwrap();
        let one = Dispatch::new(set, &taxonomy).unwrap().decide(&case, &Roster::default(), noon());
        let two = Dispatch::new(shuffled, &taxonomy).unwrap().decide(&case, &Roster::default(), noon());
        prop_assert_eq!(one, two);
    }
}

#[test]
fn every_category_but_the_rest_has_a_rule() {
    let dispatch = dispatch();
    let without: Vec<String> = packs::taxonomy()
        .unwrap()
        .categories
        .into_iter()
        .filter(|category| {
            let case = Case {
                managed_estate: Some(true),
                at_home: Some(false),
                people: Some(1),
                severity: Some("GENERAL".into()),
                ..case(&category.code)
            };
            matches!(
                dispatch.decide(&case, &Roster::default(), noon()).outcome,
                Outcome::Human { .. }
            )
        })
        .map(|category| category.code)
        .collect();
    assert_eq!(without, ["Z99"], "what no rule knows goes to a person, and only that");
}

fn called(posts: &[(&str, &str, &str)]) -> Vec<(Wave, String)> {
    let day: chrono::NaiveDate = "2026-09-01".parse().unwrap();
    let posts: Vec<Posting> = posts
        .iter()
        .map(|(staff, role, area)| Posting {
            staff: StaffId((*staff).into()),
            role: (*role).into(),
            area: area.parse().unwrap(),
            from: day,
            until: None,
            acting_for: None,
        })
        .collect();
    let grid = "370611001901001".parse().unwrap();
    let node =
        |code: &str| -> AreaNode { serde_json::from_value(serde_json::json!({"code": code, "name": "g"})).unwrap() };
    let nodes = [
        node("370611001901001"),
        node("370611001901002"),
        node("370611001902001"),
    ];
    let near = neighbours(&grid, &nodes, day);
    assert_eq!(
        near,
        ["370611001901002".parse().unwrap()],
        "no boundary is known: the community's"
    );
    let around = Around {
        grid: &grid,
        neighbours: &near,
        team: &[StaffId("team".into()), StaffId("staff".into())],
    };
    let called = callable(around, &posts, &packs::roles().unwrap(), day);
    called.into_iter().map(|(wave, staff)| (wave, staff.0)).collect()
}

#[test]
fn waves_go_from_the_grid_outwards_and_call_nobody_twice() {
    let (grid, community, town, district) = ("370611001901001", "370611001901", "370611001", "370611");
    let got = called(&[
        ("staff", "GRID_STAFF", grid),
        ("staff", "RESERVE", town),
        ("leader", "GRID_LEADER", community),
        ("head", "GRID_ASSIST", "37061100190100101"),
        ("next", "GRID_STAFF", "370611001901002"),
        ("far", "GRID_STAFF", "370611001902001"),
        ("desk", "COMMUNITY_DESK", community),
        ("cadre", "RESERVE", community),
        ("volunteer", "RESERVE", district),
        ("bureau", "DEPT_HANDLER", district),
        ("caller", "VISITOR", district),
    ]);
    let expected = [
        (Wave::W0, "leader"),
        (Wave::W0, "staff"),
        (Wave::W1, "head"),
        (Wave::W2, "desk"),
        (Wave::W2, "next"),
        (Wave::W2, "team"),
        (Wave::W3, "cadre"),
        (Wave::W4, "bureau"),
        (Wave::W4, "volunteer"),
    ];
    assert_eq!(got, expected.map(|(wave, staff)| (wave, staff.to_owned())));
}

#[test]
fn an_answer_is_of_somebody_called_and_goes_forward() {
    let mut m = mobilisation(1);
    let who = |id: &str| StaffId(id.into());
    assert_eq!(
        m.answer(&who("staff"), Answer::Coming),
        Err(MobilisationError::NotCalled)
    );
    ring(&mut m, noon());
    assert_eq!(m.answer(&who("staff"), Answer::Done), Err(MobilisationError::Backwards));
    assert_eq!(m.answer(&who("staff"), Answer::Coming), Ok(true));
    assert_eq!(m.answer(&who("staff"), Answer::Coming), Ok(false), "said again");
    assert_eq!(m.answer(&who("staff"), Answer::Arrived), Ok(true));
    assert_eq!(
        m.answer(&who("staff"), Answer::Coming),
        Err(MobilisationError::Backwards)
    );
    assert_eq!(m.next_look(noon()), None, "one was enough");
}

#[test]
fn the_next_look_is_when_an_answer_is_overdue() {
    let mut m = mobilisation(2);
    m.elsewhere.push((StaffId("staff".into()), noon().plus(-9 * 60_000)));
    assert_eq!(
        ring(&mut m, noon()),
        ["leader"],
        "the other was called nine minutes ago"
    );
    assert_eq!(m.next_look(noon()), Some(noon().plus(60_000)));
    assert_eq!(ring(&mut m, noon().plus(60_000)), ["staff"]);
    assert_eq!(m.next_look(noon().plus(60_000)), Some(noon().plus(2 * 60_000)));
}

#[test]
fn nobody_is_left_when_all_were_called_and_too_few_come() {
    let mut m = mobilisation(2);
    ring(&mut m, noon());
    assert!(!m.exhausted(noon()), "two are asked");
    for minutes in [2, 7, 10, 60] {
        ring(&mut m, noon().plus(minutes * 60_000));
    }
    let later = noon().plus(90 * 60_000);
    assert!(m.exhausted(later));
    m.called[0].answer = Answer::Coming;
    assert!(m.exhausted(later), "one of two");
    m.called[1].answer = Answer::Coming;
    assert!(!m.exhausted(later), "enough are on their way");
}

#[test]
fn the_district_is_called_for_what_is_serious() {
    assert_eq!(Need::of(0, None, "GENERAL"), Err(MobilisationError::People));
    assert_eq!(Need::of(1, Some(Wave::W4), "MAJOR"), Err(MobilisationError::TooWide));
    assert_eq!(Need::of(1, None, "MAJOR").unwrap().farthest, Wave::W3);
    assert_eq!(Need::of(1, None, "EXTREME").unwrap().farthest, Wave::W4);
}
