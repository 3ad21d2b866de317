use super::*;
use crate::model::ids::StaffId;
use crate::rules::{area_tree, packs};
use serde_json::{Value, json};

fn day() -> NaiveDate {
    "2026-09-01".parse().unwrap()
}

fn tree() -> Value {
    let square = |x: f64| {
        json!([
            [x, 37.5],
            [x + 0.004, 37.5],
            [x + 0.004, 37.504],
            [x, 37.504],
            [x, 37.5]
        ])
    };
    json!({"code": "370611", "name": "区", "level": "DISTRICT", "children": [
        {"code": "370611001", "name": "街道", "level": "STREET", "children": [
            {"code12": "370611001901", "name": "社区", "level": "COMMUNITY", "children": [
                {"code": "370611001901001", "name": "一", "kind": "BASIC", "households": 420, "polygon_cgcs2000": square(121.2),
                 "micro": [{"code": "37061100190100101", "name": "微"}]},
                {"code": "370611001901501", "name": "校", "kind": "DEDICATED", "dedicated_kind": "SCHOOL"}]}]}]})
}

fn nodes(change: impl Fn(&mut AreaNode)) -> Vec<AreaNode> {
    let mut nodes = area_tree::read(&tree()).unwrap();
    let grid = nodes.iter_mut().find(|n| n.code.as_str() == BASIC).unwrap();
    change(grid);
    nodes
}

const BASIC: &str = "370611001901001";
const SCHOOL: &str = "370611001901501";

fn posting(staff: &str, role: &str, area: &str) -> Posting {
    Posting {
        acting_for: None,
        staff: StaffId(staff.to_owned()),
        role: role.to_owned(),
        area: area.parse().unwrap(),
        from: "2026-01-01".parse().unwrap(),
        until: None,
    }
}

fn codes(findings: &[OrgFinding]) -> Vec<(&str, &str)> {
    findings.iter().map(|f| (f.area.as_str(), f.code)).collect()
}

#[test]
fn a_sound_tree_has_no_finding() {
    assert_eq!(check_areas(&nodes(|_| {}), day()), []);
}

#[test]
fn each_fault_of_a_grid_has_its_code() {
    type Change = fn(&mut AreaNode);
    let faults: [(Change, &str); 6] = [
        (|g| g.households = Some(299), "basic_grid_size"),
        (|g| g.kind = "DEDICATED".to_owned(), "dedicated_grid_form"),
        (|g| g.kind = "COMPOSITE".to_owned(), "grid_kind_unknown"),
        (|g| g.ring.truncate(4), "polygon_open"),
        (|g| g.ring.truncate(2), "polygon_too_few_points"),
        (|g| g.ring[3].lon_e7 += 120_000, "polygon_crossing"),
    ];
    for (change, code) in faults {
        let found = check_areas(&nodes(change), day());
        assert!(
            found.iter().any(|f| f.code == code && f.area.as_str() == BASIC),
            "{code} in {found:?}"
        );
    }
    let swapped = nodes(|g| g.code = "370611001901502".parse().unwrap());
    assert!(codes(&check_areas(&swapped, day())).contains(&("370611001901502", "grid_sequence")));
}

#[test]
fn a_closed_grid_is_missed_by_what_hangs_below_it() {
    let closed = nodes(|g| g.until = Some("2026-08-31".parse().unwrap()));
    assert_eq!(
        codes(&check_areas(&closed, day())),
        [("37061100190100101", "area_parent_missing")]
    );
    assert_eq!(check_areas(&closed, "2026-08-31".parse().unwrap()), []);
}

#[test]
fn the_same_code_twice_at_a_time_is_an_alarm_and_one_after_the_other_is_not() {
    let mut twice = nodes(|_| {});
    let again = twice.iter().find(|n| n.code.as_str() == SCHOOL).unwrap().clone();
    twice.push(again.clone());
    assert_eq!(codes(&check_areas(&twice, day())), [(SCHOOL, "area_twice")]);
    twice.last_mut().unwrap().from = Some("2027-01-01".parse().unwrap());
    assert_eq!(check_areas(&twice, day()), []);
}

#[test]
fn a_grid_without_leader_or_worker_is_an_alarm_and_a_community_post_covers_its_grids() {
    let (nodes, roles) = (nodes(|_| {}), packs::roles().unwrap());
    let leader = posting("s_1", "GRID_LEADER", "370611001901");
    let staff = posting("s_2", "GRID_STAFF", BASIC);
    let both = [leader.clone(), staff.clone()];
    assert_eq!(
        codes(&check_staffing(&nodes, &both, &roles, day())),
        [(SCHOOL, "grid_without_staff")]
    );
    let found = check_staffing(&nodes, &[staff], &roles, day());
    assert!(codes(&found).contains(&(BASIC, "grid_without_leader")));

    let second = posting("s_9", "GRID_LEADER", BASIC);
    let found = check_staffing(&nodes, &[leader.clone(), second], &roles, day());
    assert!(codes(&found).contains(&(BASIC, "grid_with_several_leaders")));

    let gone = Posting {
        until: Some("2026-08-31".parse().unwrap()),
        ..leader
    };
    let of_the_district = posting("s_3", "GRID_STAFF", "370611");
    let found = check_staffing(&nodes, &[gone, of_the_district], &roles, day());
    assert_eq!(
        found.len(),
        4,
        "a past post and a post far above staff no grid: {found:?}"
    );
}

#[test]
fn a_team_has_five_different_members_and_a_basic_grid() {
    let (nodes, roles) = (nodes(|_| {}), packs::roles().unwrap());
    let team = |grid: &str, members: &[&str]| ServiceTeam {
        grid: grid.parse().unwrap(),
        members: members.iter().map(|m| StaffId((*m).to_owned())).collect(),
    };
    let five = ["a", "b", "c", "d", "e"];
    assert_eq!(check_teams(&nodes, &[team(BASIC, &five)], &roles, day()), []);
    let found = check_teams(&nodes, &[team(BASIC, &["a", "b", "c", "d", "d"])], &roles, day());
    assert_eq!(codes(&found), [(BASIC, "team_too_small")]);
    let found = check_teams(&nodes, &[team(SCHOOL, &five)], &roles, day());
    assert_eq!(
        codes(&found),
        [(BASIC, "basic_grid_without_team"), (SCHOOL, "team_without_basic_grid")]
    );
}

#[test]
fn the_party_line_follows_the_areas() {
    let org = |id: &str, parent: Option<&str>, level, area: &str| PartyOrg {
        id: id.to_owned(),
        parent: parent.map(str::to_owned),
        level,
        name: id.to_owned(),
        area: area.parse().unwrap(),
    };
    let micro = "37061100190100101";
    let line = [
        org("c", None, PartyLevel::Committee, "370611001901"),
        org("b", Some("c"), PartyLevel::Branch, BASIC),
        org("g", Some("b"), PartyLevel::Group, micro),
        org("h", Some("g"), PartyLevel::KeyHousehold, micro),
    ];
    assert_eq!(check_party(&line), []);
    let skipped = [line[0].clone(), org("g", Some("c"), PartyLevel::Group, micro)];
    assert_eq!(codes(&check_party(&skipped)), [(micro, "party_parent")]);
    let elsewhere = [
        line[0].clone(),
        org("b", Some("c"), PartyLevel::Branch, "370611002901001"),
    ];
    assert_eq!(codes(&check_party(&elsewhere)), [("370611002901001", "party_parent")]);
    let on_a_town = [org("c", None, PartyLevel::Committee, "370611001")];
    assert_eq!(codes(&check_party(&on_a_town)), [("370611001", "party_area")]);
    let orphan = [org("b", None, PartyLevel::Branch, BASIC)];
    assert_eq!(codes(&check_party(&orphan)), [(BASIC, "party_parent")]);
}
