use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::model::time::UtcMillis;
use crate::rules::packs;

pub(super) fn calendar() -> Calendar {
    packs::calendar().unwrap()
}

pub(super) fn at(text: &str) -> UtcMillis {
    UtcMillis::parse_rfc3339(&format!("{}+08:00", text.replace(' ', "T"))).unwrap()
}

pub(super) fn limit(text: &str) -> Limit {
    text.parse().unwrap()
}

/// The vectors of domain dictionary 4.7.
#[test]
fn deadlines_agree_with_the_vectors_of_the_dictionary() {
    let vectors = [
        ("2026-09-01 10:00:00", "4 WORK_HOUR", "2026-09-01 15:30:00"),
        ("2026-09-01 16:30:00", "4 WORK_HOUR", "2026-09-02 11:30:00"),
        ("2026-09-04 17:10:00", "4 WORK_HOUR", "2026-09-07 13:40:00"),
        ("2026-10-09 12:30:00", "4 WORK_HOUR", "2026-10-09 17:30:00"),
        ("2026-10-09 16:00:00", "4 WORK_HOUR", "2026-10-10 11:00:00"),
        ("2026-09-30 15:00:00", "1 WORK_DAY", "2026-10-08 17:30:00"),
        ("2026-09-24 09:00:00", "5 WORK_DAY", "2026-10-09 17:30:00"),
        ("2026-09-18 20:00:00", "1 WORK_DAY", "2026-09-20 17:30:00"),
        ("2026-10-01 03:00:00", "2 CLOCK_HOUR", "2026-10-01 05:00:00"),
        ("2026-09-30 23:50:00", "30 MINUTE", "2026-10-01 00:20:00"),
        ("2026-09-30 10:00:00", "3 NATURAL_DAY", "2026-10-03 23:59:59"),
    ];
    let calendar = calendar();
    for (start, length, due) in vectors {
        let deadline = limit(length).deadline(at(start), &calendar).unwrap();
        assert_eq!(calendar.shown(deadline), due, "{length} from {start}");
    }
}

#[test]
fn a_pause_is_given_back_as_work_for_working_units_and_as_time_for_the_others() {
    let calendar = calendar();
    let over_a_night = Pause {
        from: at("2026-09-01 16:30:00"),
        to: Some(at("2026-09-02 09:30:00")),
    };
    let mut clock = Clock::start(at("2026-09-01 10:00:00"), limit("8 WORK_HOUR"));
    clock.pauses.push(over_a_night);
    let now = at("2026-09-02 10:00:00");
    // eight hours end on the 2nd at 10:30 without the pause; two hours of work were paused, and noon is free
    assert_eq!(
        calendar.shown(clock.deadline(now, &calendar).unwrap()),
        "2026-09-02 14:00:00"
    );
    clock.limit = limit("48 CLOCK_HOUR");
    assert_eq!(
        calendar.shown(clock.deadline(now, &calendar).unwrap()),
        "2026-09-04 03:00:00"
    );
}

#[test]
fn an_extension_of_the_hotline_counts_on_from_the_deadline_before_it() {
    let calendar = calendar();
    let mut clock = Clock::start(at("2026-09-18 20:00:00"), limit("5 WORK_DAY"));
    assert_eq!(
        calendar.shown(clock.deadline(clock.started, &calendar).unwrap()),
        "2026-09-24 17:30:00"
    );
    clock.extensions.push(limit("10 WORK_DAY"));
    assert_eq!(
        calendar.shown(clock.deadline(clock.started, &calendar).unwrap()),
        "2026-10-15 17:30:00"
    );
}

#[test]
fn the_yellow_card_comes_one_working_day_before_and_the_red_one_on_the_first_working_day_after() {
    let calendar = calendar();
    let clock = Clock::start(at("2026-09-24 09:00:00"), limit("5 WORK_DAY"));
    let card = |now: &str| clock.standing(at(now), &calendar).unwrap();
    assert_eq!(card("2026-10-08 17:29:59").card, None);
    assert_eq!(card("2026-10-08 17:30:00").card, Some(Card::Yellow));
    let after = card("2026-10-09 17:30:01");
    assert_eq!((after.verdict, after.card), (Verdict::Overdue, Some(Card::Yellow)));
    assert_eq!(
        card("2026-10-10 08:30:00").card,
        Some(Card::Red),
        "the tenth is a Saturday that is worked"
    );
}

#[test]
fn a_limit_shorter_than_a_working_day_has_no_yellow_card() {
    let clock = Clock::start(at("2026-09-01 10:00:00"), limit("4 WORK_HOUR"));
    let standing = clock.standing(at("2026-09-01 10:00:00"), &calendar()).unwrap();
    assert_eq!((standing.yellow_at, standing.card), (None, None));
}

#[test]
fn what_was_done_in_time_stays_in_time_whatever_the_hour() {
    let calendar = calendar();
    let mut clock = Clock::start(at("2026-09-01 10:00:00"), limit("4 WORK_HOUR"));
    clock.stopped = Some(at("2026-09-01 15:30:00"));
    let later = at("2026-12-01 00:00:00");
    assert_eq!(clock.standing(later, &calendar).unwrap().verdict, Verdict::Met);
    clock.stopped = Some(at("2026-09-01 15:30:01"));
    assert_eq!(clock.standing(later, &calendar).unwrap().verdict, Verdict::Late);
}

#[test]
fn a_calendar_that_does_not_reach_so_far_says_which_year_is_missing() {
    let error = limit("3 WORK_DAY")
        .deadline(at("2026-12-30 09:00:00"), &calendar())
        .unwrap_err();
    assert_eq!(error, CalendarError::YearMissing(2027));
}

#[test]
fn next_years_days_are_loaded_with_a_new_pack() {
    let mut pack = packs::read::<crate::model::calendar::WorkCalendar>(packs::shipped("calendar").unwrap()).unwrap();
    let year = pack.years.entry(2027).or_default();
    year.off.insert(NaiveDate::from_ymd_opt(2027, 1, 1).unwrap());
    let calendar = Calendar::new(pack).unwrap();
    let deadline = limit("3 WORK_DAY")
        .deadline(at("2026-12-30 09:00:00"), &calendar)
        .unwrap();
    assert_eq!(calendar.shown(deadline), "2027-01-05 17:30:00");
}

#[test]
fn a_calendar_that_contradicts_itself_is_refused_by_name() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let refused = |change: &dyn Fn(&mut crate::model::calendar::WorkCalendar)| {
        let mut pack = packs::read(packs::shipped("calendar").unwrap()).unwrap();
        change(&mut pack);
        Calendar::new(pack).unwrap_err()
    };
    assert_eq!(
        refused(&|pack| drop(pack.years.insert(2028, Default::default()))),
        CalendarError::Gap(2027)
    );
    assert_eq!(refused(&|pack| pack.sessions[1].from = 700), CalendarError::Sessions(1));
    assert_eq!(refused(&|pack| pack.sessions.clear()), CalendarError::NoWork);
    assert_eq!(refused(&|pack| pack.weekend = (1..=7).collect()), CalendarError::NoWork);
    assert_eq!(
        refused(&|pack| pack.offset_minutes = i32::MAX),
        CalendarError::Offset(i32::MAX)
    );
    let foreign = |pack: &mut crate::model::calendar::WorkCalendar| {
        pack.years.get_mut(&2026).unwrap().off.insert(day("2027-01-01"));
    };
    assert_eq!(refused(&foreign), CalendarError::ForeignDay(day("2027-01-01")));
    let both = |pack: &mut crate::model::calendar::WorkCalendar| {
        pack.years.get_mut(&2026).unwrap().worked.insert(day("2026-10-01"));
    };
    assert_eq!(refused(&both), CalendarError::OffAndWorked(day("2026-10-01")));
}

#[test]
fn a_text_that_is_no_limit_is_refused() {
    for (text, error) in [
        ("4", LimitError::Amount),
        ("0 WORK_DAY", LimitError::Amount),
        ("-1 MINUTE", LimitError::Amount),
        ("99999 MINUTE", LimitError::Amount),
        ("4 HOURS", LimitError::Unit),
    ] {
        assert_eq!(text.parse::<Limit>(), Err(error), "{text}");
    }
}

#[test]
fn every_category_has_a_limit_that_can_be_counted() {
    for category in packs::taxonomy().unwrap().categories {
        assert!(Limit::of(category.limit, &category.unit).is_ok(), "{}", category.code);
    }
}

proptest! {
    #[test]
    fn a_later_start_never_has_an_earlier_deadline(start in 0_i64..200, gap in 0_i64..5_000, amount in 1_u32..12, unit in 0_usize..5) {
        let unit = [Unit::Minute, Unit::ClockHour, Unit::WorkHour, Unit::WorkDay, Unit::NaturalDay][unit];
        let calendar = calendar();
        let first = at("2026-01-05 00:00:00").plus(start * 86_400_000);
        let second = first.plus(gap * 60_000);
        let limit = Limit { amount, unit };
        let (a, b) = (limit.deadline(first, &calendar).unwrap(), limit.deadline(second, &calendar).unwrap());
        prop_assert!(a <= b && a > first && b > second);
    }

    #[test]
    fn work_up_to_a_deadline_in_working_hours_is_the_limit_itself(start in 0_i64..400_000, amount in 1_u32..40) {
        let calendar = calendar();
        let start = at("2026-01-05 00:00:00").plus(start * 60_000);
        let deadline = Limit { amount, unit: Unit::WorkHour }.deadline(start, &calendar).unwrap();
        prop_assert_eq!(calendar.work_between(start, deadline).unwrap(), i64::from(amount) * 3_600_000);
    }
}
