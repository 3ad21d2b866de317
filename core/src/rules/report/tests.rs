use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::model::geo::{Crs, Point};
use crate::model::time::UtcMillis;
use crate::rules::deadline::Limit;
use crate::rules::packs;

fn at(text: &str) -> UtcMillis {
    UtcMillis::parse_rfc3339(&format!("{}:00+08:00", text.replace(' ', "T"))).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn september() -> Period {
    Period::holding(PeriodKind::Month, day("2026-09-15"), 480).unwrap()
}

fn step(event: &str, to: &str, when: &str) -> Step {
    Step {
        event: event.into(),
        to: to.into(),
        at: at(when),
        ..Step::default()
    }
}

fn around(category: &str, source: &str, limit: &str) -> Surroundings {
    Surroundings {
        category: category.into(),
        source: source.into(),
        grid: "370611001901001".parse().ok(),
        urgency: "NORMAL".into(),
        dispose: limit.parse::<Limit>().unwrap(),
        follow_up: source != "GRID_STAFF",
        repeats: false,
    }
}

fn read(around: &Surroundings, steps: &[Step]) -> Facts {
    let (book, calendar) = (packs::limits().unwrap(), packs::calendar().unwrap());
    facts(around, steps, september().frozen_at(), &book, &calendar).unwrap()
}

fn evaluated(satisfaction: u8, contacted: bool, solved: bool, when: &str) -> Step {
    Step {
        satisfaction,
        contacted: Some(contacted),
        solved: Some(solved),
        ..step("T30_EVALUATE", "EVALUATED", when)
    }
}

/// A month small enough to count by hand: five reports of which one is closed on the spot, one is found not to exist, and
/// three become cases. Of these, all due in September: one goes the ordinary way in time, one is refused, done late and
/// reworked, one is still open.
fn small_month() -> Vec<Facts> {
    let on_the_spot = [step("T04_SELF_CLOSE", "CLOSED", "2026-09-01 09:08")];
    let nothing_there = [
        step("T03_INTAKE", "REPORTED", "2026-09-02 09:00"),
        Step {
            code: Some("not_exist".into()),
            ..step("T09_REJECT", "REJECTED", "2026-09-02 10:00")
        },
    ];
    let in_time = [
        step("T03_INTAKE", "REPORTED", "2026-09-02 09:00"),
        step("T08_ACCEPT", "ACCEPTED", "2026-09-02 10:00"),
        Step {
            main: Some("property".into()),
            ..step("T13_DISPATCH", "DISPATCHED", "2026-09-02 10:30")
        },
        step("T17_SIGN", "DISPOSING", "2026-09-02 11:00"),
        step("T24_FEEDBACK", "FEEDBACK", "2026-09-02 15:00"),
        step("T28_CLOSE", "CLOSED", "2026-09-02 16:00"),
        evaluated(5, true, true, "2026-09-03 09:00"),
    ];
    let late = [
        step("T02_SUBMIT", "REPORTED", "2026-09-03 09:00"),
        step("T08_ACCEPT", "ACCEPTED", "2026-09-04 09:00"),
        step("T13_DISPATCH", "DISPATCHED", "2026-09-04 10:00"),
        step("T18_REFUSE", "ACCEPTED", "2026-09-04 11:00"),
        step("T13_DISPATCH", "DISPATCHED", "2026-09-04 11:30"),
        step("T17_SIGN", "DISPOSING", "2026-09-04 14:00"),
        step("T24_FEEDBACK", "FEEDBACK", "2026-09-07 09:30"),
        step("T25_ORDER_CHECK", "CHECKING", "2026-09-07 10:00"),
        step("T26_CHECK_RESULT", "FEEDBACK", "2026-09-07 11:00"),
        step("T27_REWORK", "DISPOSING", "2026-09-07 11:30"),
        step("T24_FEEDBACK", "FEEDBACK", "2026-09-09 09:00"),
        step("T28_CLOSE", "CLOSED", "2026-09-09 10:00"),
        evaluated(0, false, false, "2026-09-16 10:00"),
    ];
    let open = [
        step("T02_SUBMIT", "REPORTED", "2026-09-10 09:00"),
        step("T08_ACCEPT", "ACCEPTED", "2026-09-10 09:30"),
        step("T13_DISPATCH", "DISPATCHED", "2026-09-10 10:00"),
        step("T17_SIGN", "DISPOSING", "2026-09-10 10:30"),
        Step {
            supervise: 2,
            ..step("T32_SUPERVISE", "DISPOSING", "2026-09-11 08:30")
        },
    ];
    vec![
        read(&around("A01.03", "GRID_STAFF", "1 WORK_DAY"), &on_the_spot),
        read(&around("D01", "CITIZEN", "1 WORK_DAY"), &nothing_there),
        read(&around("D01", "HOTLINE_12345", "1 WORK_DAY"), &in_time),
        read(&around("D05", "GRID_STAFF", "4 WORK_HOUR"), &late),
        read(&around("D05", "GRID_STAFF", "2 WORK_DAY"), &open),
    ]
}

fn shown(figures: &Figures, code: &str) -> String {
    figures.get(code).unwrap_or_else(|| panic!("{code}")).to_string()
}

#[test]
fn a_month_counted_by_hand_agrees_figure_by_figure() {
    let context = Context {
        population: 1_200,
        households: 400,
        handlers: 2,
        ..Context::default()
    };
    let figures = figures(&Tally::of(&small_month(), &september()), &context);
    let by_hand = [
        ("K01", "5"),
        ("K02", "80.00 %"), // one of five does not exist
        ("K03", "25.00 %"), // one on the spot, three accepted
        ("K04", "60.00 %"),
        ("K04n", "3"),
        ("K05", "66.67 %"), // a day to accept one of them is over four hours of work
        ("K06", "66.67 %"),
        ("K06n", "4"),
        ("K07", "25.00 %"),
        ("K08", "66.67 %"),
        ("K09", "33.33 %"),
        ("K10", "3"),
        ("K11", "66.67 %"),
        ("K12", "33.33 %"),
        ("K13", "1"),
        ("K14", "50.00 %"),
        ("K15", "0.00 %"),
        ("K16", "0.00 %"),
        ("K17y", "1"),
        ("K17r", "0"),
        ("K18a", "180"),     // 60, 450 and 30 minutes of work: 540 in three
        ("K18d", "585"),     // 150; and 270 until the first feedback and 750 for the rework
        ("K19", "100.00 %"), // the default evaluation does not count
        ("K20c", "100.00 %"),
        ("K20s", "100.00 %"),
        ("K21", "100.00 %"),
        ("K22", "0.00 %"),
        ("K24", "60.00 %"),
        ("K25", "100.00 %"),
        ("K26", "33.333"),
        ("K26h", "10.000"),
        ("K27", "—"),
        ("K34", "1.000"),
        ("K35", "100.00 %"),
    ];
    for (code, value) in by_hand {
        assert_eq!(shown(&figures, code), value, "{code}");
    }
}

/// Tianmen, December 2016 (domain dictionary 7.2).
#[test]
fn the_published_month_of_tianmen_holds() {
    for (part, of, shown) in [
        (996, 1054, "94.50 %"),
        (911, 972, "93.72 %"),
        (737, 972, "75.82 %"),
        (953, 996, "95.68 %"),
        (43, 996, "4.32 %"),
        (902, 956, "94.35 %"),
        (9, 16, "56.25 %"),
    ] {
        assert_eq!(Ratio::new(part, of).to_string(), shown);
    }
    let tally = Tally {
        reports: 1054,
        accepted: 996,
        due: 972,
        due_closed: 911,
        due_closed_in_time: 737,
        ..Tally::default()
    };
    let figures = figures(&tally, &Context::default());
    let codes = ["K04", "K11", "K12"].map(|code| shown(&figures, code));
    assert_eq!(codes, ["94.50 %", "93.72 %", "75.82 %"]);
}

/// T34 recomputes limits and lengthens none that runs (domain dictionary 4.4), in the report as in the timers.
#[test]
fn a_new_urgency_shortens_the_limit_that_runs_and_lengthens_none() {
    let case = |first: &str, set: &str| {
        let around = Surroundings {
            urgency: first.into(),
            ..around("D01", "HOTLINE_12345", "1 WORK_DAY")
        };
        let steps = [
            step("T03_INTAKE", "REPORTED", "2026-09-02 09:00"),
            Step {
                urgency: Some(set.into()),
                ..step("T34_SET_URGENCY", "REPORTED", "2026-09-02 09:01")
            },
            step("T08_ACCEPT", "ACCEPTED", "2026-09-02 10:00"),
        ];
        read(&around, &steps).accepted_in_time
    };
    assert!(!case("NORMAL", "URGENT"), "a quarter of an hour, once it was urgent");
    assert!(!case("URGENT", "NORMAL"), "what ran out stays run out");
    assert!(case("NORMAL", "PROMPT"));
}

#[test]
fn a_share_of_nothing_is_a_dash_and_halves_go_up() {
    assert_eq!(Ratio::new(0, 0).to_string(), "—");
    assert_eq!(Ratio::new(1, 20_000).to_string(), "0.01 %");
    assert_eq!(Ratio::new(1, 20_001).to_string(), "0.00 %");
}

#[test]
fn each_case_is_due_in_exactly_one_period() {
    let months: Vec<Period> = ["2026-08-01", "2026-09-01", "2026-10-01"]
        .map(|d| Period::holding(PeriodKind::Month, day(d), 480).unwrap())
        .into();
    let due: u64 = months.iter().map(|month| Tally::of(&small_month(), month).due).sum();
    assert_eq!(due, 3);
}

#[test]
fn a_week_is_monday_to_sunday_and_a_year_goes_back_by_its_own_kind() {
    let week = Period::holding(PeriodKind::Week, day("2026-09-06"), 480).unwrap();
    assert_eq!((week.first, week.next), (day("2026-08-31"), day("2026-09-07")));
    assert!(week.holds(at("2026-09-06 23:59")) && !week.holds(at("2026-09-07 00:00")));
    let month = september().before(9).unwrap();
    assert_eq!((month.first, month.next), (day("2025-12-01"), day("2026-01-01")));
}

#[test]
fn a_merged_report_is_a_report_and_no_case() {
    let steps = [
        step("T03_INTAKE", "REPORTED", "2026-09-02 09:00"),
        step("T08_ACCEPT", "ACCEPTED", "2026-09-02 10:00"),
        step("T12_MERGE", "MERGED", "2026-09-02 10:30"),
    ];
    let tally = Tally::of(&[read(&around("D01", "CITIZEN", "1 WORK_DAY"), &steps)], &september());
    assert_eq!((tally.reports, tally.due, tally.merged_or_repeated), (1, 0, 1));
    assert!(tally.by_category.is_empty());
}

#[test]
fn what_changed_after_the_freeze_is_a_correction() {
    let before = figures(&Tally::of(&small_month(), &september()), &Context::default());
    let mut cases = small_month();
    cases.pop();
    let again = figures(&Tally::of(&cases, &september()), &Context::default());
    let found = corrections(&before, &again);
    let reports = found.iter().find(|c| c.code == "K01").unwrap();
    assert_eq!((reports.was, reports.now), (Some(Figure::Count(5)), Figure::Count(4)));
    assert!(corrections(&before, &before).is_empty());
}

#[test]
fn a_small_count_that_could_point_to_a_person_is_not_printed() {
    let community = "370611001901";
    assert_eq!(guarded(community, "B01.02", 4), None);
    assert_eq!(guarded(community, "B01.02", 5), Some(5));
    assert_eq!(guarded(community, "D01", 1), Some(1));
    assert_eq!(guarded("370611", "B01.02", 1), Some(1));
}

fn spot(metres: f64, place: &str, when: &str) -> Spot {
    Spot {
        category: "D01".into(),
        point: Point::from_degrees(121.264, 37.502 + metres / 111_200.0, Crs::Cgcs2000).unwrap(),
        place: (!place.is_empty()).then(|| place.into()),
        reported: at(when),
    }
}

#[test]
fn a_crowd_is_four_cases_within_a_hundred_metres_and_draws_its_neighbours_in() {
    let mut spots: Vec<Spot> = [0.0, 30.0, 60.0].map(|m| spot(m, "", "2026-09-01 09:00")).into();
    assert!(clusters(&spots).is_empty());
    spots.push(spot(90.0, "", "2026-09-01 09:00"));
    spots.push(spot(180.0, "", "2026-09-01 09:00"));
    spots.push(spot(500.0, "", "2026-09-01 09:00"));
    let found = clusters(&spots);
    assert_eq!(found.iter().map(|c| c.cases).collect::<Vec<_>>(), [5]);
    spots[0].category = "D05".into();
    assert!(clusters(&spots).iter().all(|c| c.cases < 5), "categories do not mix");
}

#[test]
fn a_place_comes_again_with_three_cases_within_thirty_days() {
    let spots = [
        spot(0.0, "shop", "2026-09-01 09:00"),
        spot(0.0, "shop", "2026-09-20 09:00"),
        spot(0.0, "shop", "2026-10-02 09:00"),
        spot(0.0, "yard", "2026-09-01 09:00"),
        spot(0.0, "yard", "2026-09-02 09:00"),
        spot(0.0, "yard", "2026-09-30 09:00"),
    ];
    assert_eq!(repeated_spots(&spots), [("yard".to_owned(), 3)]);
}

#[test]
fn a_new_topic_and_a_grown_one_are_hotspots() {
    let case = |category: &str| {
        read(
            &around(category, "CITIZEN", "1 WORK_DAY"),
            &[step("T03_INTAKE", "REPORTED", "2026-09-02 09:00")],
        )
    };
    let mut cases: Vec<Facts> = (0..3).map(|_| case("E03")).collect();
    cases.extend((0..9).map(|_| case("D01")));
    let quiet = std::collections::BTreeMap::from([("D01".to_owned(), 2)]);
    let found = hotspots(&cases, &september(), &vec![quiet; 12]);
    let spot = |category: &str| found.iter().find(|h| h.category == category).unwrap();
    assert!(spot("E03").new_topic && !spot("D01").new_topic);
    assert!((spot("D01").growth - 7.0).abs() < 1e-9);
    assert_eq!(found[0].category, "D01");
}

#[test]
fn a_refused_and_reworked_category_is_more_difficult() {
    let [categories, pairs] = difficulties(&small_month(), &september());
    assert_eq!(categories[0].category, "D05");
    assert_eq!(pairs[0].main.as_deref(), Some("property"));
}

#[test]
fn the_page_asks_nothing_from_outside_and_lets_no_text_become_markup() {
    let mut cases = small_month();
    cases[2].main = Some("<script>alert(1)</script>".into());
    let report = Report::make("370611", september(), &cases, &[], &Context::default(), None).unwrap();
    let names = std::collections::BTreeMap::from([("D05".to_owned(), "市政 <b>".to_owned())]);
    let page = page(&report, "月报 <b>", &[], &names);
    assert!(page.contains("市政 &lt;b&gt; <small>D05</small>"));
    assert!(!page.contains("<script>") && !page.contains("<b>") && page.contains("&lt;script&gt;"));
    assert!(!page.contains("http") && !page.contains("url("));
    assert!(page.contains(DEFINITIONS));
}

#[test]
fn a_spreadsheet_takes_no_text_for_a_formula() {
    let mut cases = small_month();
    cases[2].main = Some("=1+1,\"x\"".into());
    let report = Report::make("370611", september(), &cases, &[], &Context::default(), None).unwrap();
    let text = csv(&report);
    assert!(text.contains("\"'=1+1,\"\"x\"\"\",1,100.00 %"), "{text}");
}

proptest! {
    /// Whatever the order of the cases, the figures are the same.
    #[test]
    fn the_order_of_the_cases_means_nothing(turn in 0_usize..5) {
        let mut cases = small_month();
        let before = figures(&Tally::of(&cases, &september()), &Context::default());
        cases.rotate_left(turn);
        prop_assert_eq!(before, figures(&Tally::of(&cases, &september()), &Context::default()));
    }
}
