use super::*;
use crate::forms::definition::Definition;
use crate::forms::xforms;

const FORM: &str = r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml">
<h:head><h:title>Houses</h:title><model>
<instance><data id="houses"><name/><where/><g><n/><likes/></g>
<person><pname/><pet><kind/></pet></person><meta><instanceID/></meta></data></instance>
<bind nodeset="/data/where" type="geopoint"/><bind nodeset="/data/g/n" type="int"/>
</model></h:head><h:body><input ref="/data/name"/><input ref="/data/where"/>
<group ref="/data/g"><input ref="/data/g/n"/>
<select ref="/data/g/likes"><item><label>A</label><value>a</value></item><item><label>B</label><value>b</value></item></select>
</group>
<group><repeat nodeset="/data/person"><input ref="/data/person/pname"/>
<group><repeat nodeset="/data/person/pet"><input ref="/data/person/pet/kind"/></repeat></group></repeat></group>
</h:body></h:html>"#;

const SENT: &str = "<data id='houses'><name>=HYPERLINK(\"http://bad\")</name><where>37.5 121.3 0 5</where>\
<g><n>3</n><likes>a b</likes></g><person><pname>甲, \"乙\"</pname><pet><kind>cat</kind></pet><pet><kind>dog</kind></pet></person>\
<person><pname>丙</pname></person><meta><instanceID>uuid:1</instanceID></meta></data>";

fn form() -> Definition {
    xforms::import(FORM).expect("a form").definition
}

fn sent() -> Record {
    Record::read(SENT).expect("a submission")
}

#[test]
fn each_repeat_gets_a_table_joined_by_keys() {
    let tables = tables(&form(), &[sent()]);
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["houses", "person", "pet"]);
    assert_eq!(
        tables[0].columns,
        ["name", "where", "g-n", "g-likes", "meta-instanceID", "KEY"]
    );
    assert_eq!(tables[1].rows.len(), 2);
    assert_eq!(tables[1].rows[1], ["丙", "uuid:1/person[2]", "uuid:1"]);
    assert_eq!(
        tables[2].rows[1],
        ["dog", "uuid:1/person[1]/pet[2]", "uuid:1/person[1]"]
    );
    assert!(
        tables
            .iter()
            .all(|table| table.rows.iter().all(|row| row.len() == table.columns.len()))
    );
}

#[test]
fn a_formula_in_an_answer_stays_text_in_a_spreadsheet() {
    let tables = tables(&form(), &[sent()]);
    let text = csv(&tables[0]).expect("csv");
    assert!(text.contains("'=HYPERLINK"), "{text}");
    assert!(text.starts_with('\u{feff}'));
    let people = csv(&tables[1]).expect("csv");
    assert!(people.contains("\"甲, \"\"乙\"\"\""), "{people}");
}

#[test]
fn numbers_below_zero_are_no_formulas() {
    let table = Table {
        name: "t".into(),
        columns: vec!["a".into(), "b".into()],
        rows: vec![vec!["-3.5".into(), "-37.5 -121.3 0 5".into()]],
    };
    assert!(csv(&table).expect("csv").contains("-3.5,-37.5 -121.3 0 5"));
}

#[test]
fn places_become_features_with_longitude_first() {
    let features = geojson(&form(), &[sent()]);
    let feature = &features["features"][0];
    assert_eq!(feature["geometry"]["coordinates"], serde_json::json!([121.3, 37.5]));
    assert_eq!(feature["properties"]["KEY"], "uuid:1");
}

#[test]
fn answers_have_the_shape_of_the_form_and_their_types() {
    let answers = answers(&form(), &sent());
    assert_eq!(answers["g"], serde_json::json!({"n": 3, "likes": ["a", "b"]}));
    assert_eq!(answers["person"][0]["pet"][1]["kind"], "dog");
    assert_eq!(answers["person"][1]["pet"], serde_json::json!([]));
}

#[test]
fn answers_fulfil_the_schema_of_their_form_and_others_do_not() {
    let schema = json_schema(&form());
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let good = answers(&form(), &sent());
    assert!(validator.is_valid(&good), "{good}");
    let mut bad = good.clone();
    bad["g"]["n"] = "three".into();
    assert!(!validator.is_valid(&bad));
    let mut unknown = good;
    unknown["g"]["likes"] = serde_json::json!(["z"]);
    assert!(!validator.is_valid(&unknown));
}

#[test]
fn a_document_with_entities_of_its_own_is_no_submission() {
    let bomb = "<!DOCTYPE d [<!ENTITY a 'aaaa'>]><data>&a;</data>";
    assert!(Record::read(bomb).is_err());
}
