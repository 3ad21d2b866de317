//! Checklists that the district publishes reach phones as packs; files that a checklist reads become part of its version.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::collections::BTreeMap;

use fushan_grid_core::app::AppError;
use fushan_grid_core::app::inspect::{InspectError, Stamp};
use fushan_grid_core::forms::{Resources, xforms};
use fushan_suite::checklist::{SHOP, SHOP_2, answer, place, start};
use fushan_suite::field::{Field, GRID, Phone};
use serde_json::{Value, json};

fn publish(field: &Field, form: &Value) -> Value {
    field.operate("/admin/v1/forms", &json!({ "form": form })).unwrap()
}

fn shop(document: &str) -> Value {
    serde_json::from_str(document).unwrap()
}

#[test]
fn a_published_version_reaches_phones_and_a_draft_on_the_old_one_goes_on_or_moves() {
    let field = Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let first = publish(&field, &shop(SHOP));
    assert!(first["digest"].is_string(), "{first}");
    phone.sync().unwrap();
    let place = place(&phone, "测试小面馆").unwrap();
    let sheet = start(&phone, place).unwrap();
    answer(&phone, sheet, &[("/data/count", "4")]).unwrap();
    assert_eq!(
        json!(phone.engine.inspect_show(sheet).unwrap().form.digest),
        first["digest"]
    );

    let second = publish(&field, &shop(SHOP_2));
    assert_ne!(first["digest"], second["digest"]);
    phone.sync().unwrap();
    let shown = phone.engine.inspect_show(sheet).unwrap();
    assert_eq!(json!(shown.form.digest), first["digest"], "the draft goes on");
    assert_eq!(
        json!(shown.newer.unwrap().digest),
        second["digest"],
        "and knows of the new version"
    );
    answer(&phone, sheet, &[("/data/notices", "yes")]).unwrap();
    let fresh = start(&phone, place).unwrap();
    assert_eq!(
        json!(phone.engine.inspect_show(fresh).unwrap().form.digest),
        second["digest"]
    );
    let moved = phone.engine.inspect_migrate(sheet).unwrap();
    assert_eq!(json!(moved.to), second["digest"]);

    // back again: what was there before is current once more
    assert_eq!(publish(&field, &shop(SHOP))["digest"], first["digest"]);
    phone.sync().unwrap();
    let current = phone
        .engine
        .forms()
        .unwrap()
        .into_iter()
        .find(|form| form.current && form.form == "SHOP");
    assert_eq!(json!(current.unwrap().digest), first["digest"]);
}

#[test]
fn what_a_phone_could_not_use_is_not_published_and_a_newer_engine_s_form_leaves_the_one_in_use() {
    let field = Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    publish(&field, &shop(SHOP));
    phone.sync().unwrap();
    let mut broken = shop(SHOP_2);
    broken["binds"][0]["required"] = json!("no-such(");
    let refused = publish(&field, &broken);
    assert_eq!(refused["error"]["code"], "form_refused", "{refused}");
    assert!(!refused["troubles"].as_array().unwrap().is_empty());
    phone.sync().unwrap();
    let versions = phone.engine.forms().unwrap();
    let sent = versions.iter().filter(|version| version.form == "SHOP").count();
    assert_eq!(sent, 1, "nothing of it came");
}

#[test]
fn a_large_form_travels_in_parts_and_is_whole_or_not_there() {
    let field = Field::start().unwrap();
    let phone = field.phone(&format!("s_{GRID}")).unwrap();
    let mut large = shop(SHOP);
    large["id"] = json!("LARGE");
    let rows: String = (0..40_000).map(|n| format!("{n},村{n}\n")).collect();
    large["files"] = json!({"villages.csv": format!("name,label\n{rows}")});
    let told = publish(&field, &large);
    assert!(told["parts"].as_u64().unwrap() > 2, "{told}");
    phone.sync().unwrap();
    let forms = phone.engine.forms().unwrap();
    assert!(
        forms
            .iter()
            .any(|form| form.form == "LARGE" && json!(form.digest) == told["digest"])
    );
    assert!(phone.engine.forms_update().unwrap().installed.is_empty(), "taken once");
}

struct Files(BTreeMap<&'static str, &'static str>);

impl Resources for Files {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.0.get(name).map(|text| text.as_bytes().to_vec())
    }
}

/// Choices from a table, a list in XML and points in GeoJSON, and a price looked up.
const LISTS: &str = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
  xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>Lists</h:title><model>
  <instance><data id="LISTS" version="1"><town/><village/><street/><well/><price/></data></instance>
  <instance id="villages" src="jr://file-csv/villages.csv"/>
  <instance id="streets" src="jr://file/streets.xml"/>
  <instance id="wells" src="jr://file/wells.geojson"/>
  <bind nodeset="/data/town" type="string"/>
  <bind nodeset="/data/price" calculate="pulldata('prices', 'price', 'village', /data/village)"/></model></h:head><h:body>
  <input ref="/data/town"><label>t</label></input>
  <select1 ref="/data/village"><label>v</label><itemset nodeset="instance('villages')/root/item[town = /data/town]">
    <value ref="name"/><label ref="label"/></itemset></select1>
  <select1 ref="/data/street"><label>s</label><itemset nodeset="instance('streets')/root/item">
    <value ref="name"/><label ref="label"/></itemset></select1>
  <select1 ref="/data/well"><label>w</label><itemset nodeset="instance('wells')/root/item">
    <value ref="id"/><label ref="title"/></itemset></select1></h:body></h:html>"#;

fn lists() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        ("villages.csv", "name,label,town\nv1,东村,east\nv2,西村,west\n"),
        (
            "streets.xml",
            "<root><item><name>s1</name><label>中街</label></item></root>",
        ),
        (
            "wells.geojson",
            r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"w1","properties":{"title":"井"},
               "geometry":{"type":"Point","coordinates":[121.2,37.5]}}]}"#,
        ),
        ("prices.csv", "village,price\nv1,12\nv2,15\n"),
    ])
}

#[test]
fn lists_beside_a_form_are_offered_and_belong_to_its_version() {
    let dir = tempfile::tempdir().unwrap();
    let phone = Phone::at(dir.path(), "http://127.0.0.1:9", 7).unwrap();
    let document = serde_json::to_string(&xforms::import(LISTS).unwrap().definition).unwrap();
    let lacking = phone.engine.form_install(&document).unwrap_err();
    let AppError::Inspect(InspectError::Refused(refused)) = &lacking else {
        panic!("{lacking:?}");
    };
    let codes: Vec<_> = refused
        .0
        .iter()
        .map(|trouble| (trouble.code, trouble.subject.as_str()))
        .collect();
    assert_eq!(codes.len(), 4, "{codes:?}");
    assert!(codes.iter().all(|(code, _)| *code == "form_file_missing"));

    let first = phone.engine.form_install_with(&document, &Files(lists())).unwrap();
    let place = place(&phone, "测试小店").unwrap();
    let sheet = {
        let new = fushan_grid_core::app::inspect::NewSheet {
            form: "LISTS".into(),
            place: Some(place),
            arrival: fushan_grid_core::app::inspect::Arrival {
                reason: Some("试".into()),
                ..Default::default()
            },
            ..Default::default()
        };
        phone.engine.inspect_start(&new).unwrap()
    };
    answer(&phone, sheet, &[("/data/town", "west")]).unwrap();
    let offered = |path: &str| {
        let shown = phone.engine.inspect_show(sheet).unwrap();
        shown.lines.into_iter().find(|line| line.path == path).unwrap().choices
    };
    let pair = |value: &str, label: &str| (value.to_owned(), label.to_owned());
    assert_eq!(offered("/data/village"), [pair("v2", "西村")]);
    assert_eq!(offered("/data/street"), [pair("s1", "中街")]);
    assert_eq!(offered("/data/well"), [pair("w1", "井")]);
    let wrong = phone
        .engine
        .inspect_answer(sheet, "/data/village", "v1", Stamp::default());
    assert!(wrong.is_err(), "only what the filter offers");
    answer(&phone, sheet, &[("/data/village", "v2")]).unwrap();
    let shown = phone.engine.inspect_show(sheet).unwrap();
    assert_eq!(shown.form.digest, first.version.digest);

    let mut other = lists();
    other.insert("prices.csv", "village,price\nv1,12\nv2,16\n");
    let second = phone.engine.form_install_with(&document, &Files(other)).unwrap();
    assert_ne!(
        first.version.digest, second.version.digest,
        "another list is another version"
    );
}
