//! Found by the simulation: an edit that stands on an own earlier one must not pass for having seen what others wrote between.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Body;
use fushan_suite::field::{Field, GRID, Phone};
use serde_json::{Value, json};

fn body(value: Value) -> Body {
    value.as_object().unwrap().clone()
}

fn change(phone: &Phone, id: RecordId, set: Value) {
    phone.engine.registry_change(id, body(set)).unwrap();
}

/// A person that two phones hold.
fn shared(one: &Phone, two: &Phone) -> RecordId {
    let fields = body(json!({"name": "测试", "live_addr": "原址", "care_need": "无"}));
    let id = one
        .engine
        .registry_add("person", &GRID.parse().unwrap(), fields)
        .unwrap()
        .id;
    one.sync().unwrap();
    two.sync().unwrap();
    id
}

#[test]
fn the_second_of_two_offline_edits_does_not_overwrite_what_its_writer_had_not_seen() {
    let field = Field::start().unwrap();
    let (one, two) = (
        field.phone(&format!("s_{GRID}")).unwrap(),
        field.phone("l_370611001901").unwrap(),
    );
    let id = shared(&one, &two);
    change(&two, id, json!({"care_need": "助餐"}));
    two.sync().unwrap();
    // offline, and so unseen: another field first, then the same one
    change(&one, id, json!({"live_addr": "新址"}));
    change(&one, id, json!({"care_need": "陪诊"}));
    let report = one.sync().unwrap();
    assert_eq!((report.taken, report.conflicts), (1, 1));
    let held = field.operate(&format!("/admin/v1/records/{id}"), &Value::Null).unwrap();
    assert_eq!(
        (held["body"]["care_need"].as_str(), held["body"]["live_addr"].as_str()),
        (Some("助餐"), Some("新址"))
    );
    let open = one.engine.conflicts_open().unwrap();
    assert_eq!(open[0].fields["care_need"].phone, json!("陪诊"));
}

#[test]
fn an_end_that_stands_on_an_own_edit_does_not_end_what_its_writer_had_not_seen() {
    let field = Field::start().unwrap();
    let (one, two) = (
        field.phone(&format!("s_{GRID}")).unwrap(),
        field.phone("l_370611001901").unwrap(),
    );
    let id = shared(&one, &two);
    change(&two, id, json!({"care_need": "助餐"}));
    two.sync().unwrap();
    change(&one, id, json!({"live_addr": "新址"}));
    one.engine.registry_withdraw(id, "搬走").unwrap();
    let report = one.sync().unwrap();
    assert_eq!((report.taken, report.conflicts), (1, 1));
    let held = field.operate(&format!("/admin/v1/records/{id}"), &Value::Null).unwrap();
    assert_eq!(
        held["body"]["care_need"],
        json!("助餐"),
        "still there, with what the other wrote"
    );
}

#[test]
fn a_record_made_edited_and_ended_offline_by_one_person_ends_without_a_conflict() {
    let field = Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let fields = body(json!({"name": "测试"}));
    let id = phone
        .engine
        .registry_add("person", &GRID.parse().unwrap(), fields)
        .unwrap()
        .id;
    change(&phone, id, json!({"live_addr": "新址"}));
    change(&phone, id, json!({"live_addr": "再新"}));
    phone.engine.registry_withdraw(id, "录错").unwrap();
    let report = phone.sync().unwrap();
    assert_eq!((report.taken, report.conflicts, report.refused), (4, 0, 0));
}
