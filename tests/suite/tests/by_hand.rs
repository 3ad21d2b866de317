//! SQL by hand on the district's database: what would pass the counters of the scopes by is refused.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use fushan_platform::scratch::{Cluster, INSTALL};
use fushan_suite::field::{Field, GRID};
use serde_json::{Value, json};

#[test]
fn a_record_that_is_changed_by_hand_past_the_counters_stays_as_it_is() {
    let Some(cluster) = Cluster::start().unwrap() else {
        fushan_platform::scratch::skipped(&format!("no PostgreSQL 15 or later is installed: {INSTALL}"));
        return;
    };
    let url = cluster.database().unwrap();
    let field = Field::start_with(|config| config.database_url = Some(url)).unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let body = json!({"name": "测试甲", "phone": "16900001111"});
    let body = body.as_object().unwrap().clone();
    let id = phone
        .engine
        .registry_add("person", &GRID.parse().unwrap(), body)
        .unwrap()
        .id;
    assert_eq!(phone.sync().unwrap().taken, 1, "the platform itself may");
    let by_hand = |sql: &str| {
        let mut psql = cluster.client("psql");
        let output = psql
            .args(["-d", "d0", "-v", "ON_ERROR_STOP=1", "-c", sql])
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    for sql in [
        "UPDATE record SET body = '{}'",
        "DELETE FROM record",
        "UPDATE scope_head SET seq = seq - 1",
        "TRUNCATE scope_member",
    ] {
        let (done, says) = by_hand(sql);
        assert!(!done && says.contains("would reach no phone"), "{sql}: {says}");
    }
    let stored = field.operate(&format!("/admin/v1/records/{id}"), &Value::Null).unwrap();
    assert_eq!(stored["body"]["name"], "测试甲");
    let (done, says) = by_hand("SET fushan.counted = 'on'; UPDATE record SET rev = rev WHERE false");
    assert!(done, "who says so may: {says}");
}
