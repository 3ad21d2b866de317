//! The rules of filling a form in, one table row or one short story each.

use std::sync::Arc;

use super::*;
use crate::forms::{Cycles, NoResources, Refused, Resources, compile, xforms};

struct Counting(u8);

impl Chance for Counting {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(31).wrapping_add(7);
            *byte = self.0;
        }
    }
}

pub(super) fn document(instance: &str, model: &str, body: &str) -> String {
    format!(
        r#"<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
            xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms"
            xmlns:grid="https://fushan-grid.example/xforms/checklist">
            <h:head><h:title>t</h:title><model><instance>{instance}</instance>{model}</model></h:head>
            <h:body>{body}</h:body></h:html>"#
    )
}

pub(super) fn try_form(instance: &str, model: &str, body: &str, cycles: Cycles) -> Result<Arc<Form>, Refused> {
    let imported = xforms::import(&document(instance, model, body))?;
    compile(&imported.definition, &NoResources, cycles).map(Arc::new)
}

pub(super) fn setting() -> Setting {
    Setting {
        clock: FormClock::parse("2026-03-04T09:30:00.000+08:00").unwrap(),
        properties: HashMap::from([("deviceid".to_owned(), "d-1".to_owned())]),
        language: None,
        chance: Box::new(Counting(1)),
    }
}

pub(super) fn open(instance: &str, model: &str, body: &str) -> Session {
    Session::open(try_form(instance, model, body, Cycles::Strict).unwrap(), setting())
}

pub(super) fn inputs(paths: &[&str]) -> String {
    paths
        .iter()
        .map(|path| format!(r#"<input ref="{path}"><label>q</label></input>"#))
        .collect()
}

fn repeated() -> Session {
    open(
        r#"<data id="t"><n/><total/><r jr:template=""><x/><double/><where/><all/></r><after/></data>"#,
        r#"<bind nodeset="/data/r/x" type="int"/>
           <bind nodeset="/data/r/double" type="int" calculate="../x * 2"/>
           <bind nodeset="/data/r/where" type="int" calculate="position(..)"/>
           <bind nodeset="/data/r/all" type="int" calculate="count(../../r)"/>
           <bind nodeset="/data/total" type="int" calculate="sum(/data/r/x)"/>"#,
        &format!(
            r#"<group ref="/data/r"><repeat nodeset="/data/r">{}</repeat></group>"#,
            inputs(&["/data/r/x"])
        ),
    )
}

#[test]
fn an_answer_changes_what_reads_it_and_only_in_its_own_instance() {
    let mut session = repeated();
    for _ in 0..3 {
        assert_eq!(session.add_repeat("/data/r"), Outcome::Accepted);
    }
    session.answer("/data/r[2]/x", "21");
    assert_eq!(session.value("/data/r[2]/double").as_deref(), Some("42"));
    assert_eq!(session.value("/data/r[1]/double"), None);
    assert_eq!(session.value("/data/total").as_deref(), Some("21"));
}

#[test]
fn positions_and_counts_follow_when_an_instance_comes_or_goes() {
    let mut session = repeated();
    for number in 1..=3 {
        session.add_repeat("/data/r");
        session.answer(&format!("/data/r[{number}]/x"), &number.to_string());
    }
    assert_eq!(session.remove_repeat("/data/r[2]"), Outcome::Accepted);
    assert_eq!(
        session.value("/data/r[2]/x").as_deref(),
        Some("3"),
        "the third moved up"
    );
    assert_eq!(session.value("/data/r[2]/where").as_deref(), Some("2"));
    assert_eq!(session.value("/data/r[1]/all").as_deref(), Some("2"));
    assert_eq!(session.value("/data/total").as_deref(), Some("4"));
    assert_eq!(session.remove_repeat("/data/r[3]"), Outcome::NotAllowed);
}

#[test]
fn a_count_makes_instances_and_keeps_those_that_are_too_many() {
    let mut session = open(
        r#"<data id="t"><n/><r jr:template=""><x/></r></data>"#,
        r#"<bind nodeset="/data/n" type="int"/>"#,
        &format!(
            r#"{}<group ref="/data/r"><repeat nodeset="/data/r" jr:count="/data/n">{}</repeat></group>"#,
            inputs(&["/data/n"]),
            inputs(&["/data/r/x"])
        ),
    );
    session.answer("/data/n", "3");
    assert_eq!(session.answer("/data/r[3]/x", "c"), Outcome::Accepted);
    assert_eq!(session.add_repeat("/data/r"), Outcome::NotAllowed);
    session.answer("/data/n", "1");
    assert_eq!(
        session.value("/data/r[3]/x").as_deref(),
        Some("c"),
        "no answer is lost by a smaller count"
    );
}

#[test]
fn a_count_beyond_all_measure_ends_in_an_error_and_not_in_the_memory() {
    let mut session = open(
        r#"<data id="t"><n/><r jr:template=""><x/></r></data>"#,
        r#"<bind nodeset="/data/n" type="int"/>"#,
        &format!(
            r#"{}<group ref="/data/r"><repeat nodeset="/data/r" jr:count="/data/n">{}</repeat></group>"#,
            inputs(&["/data/n"]),
            inputs(&["/data/r/x"])
        ),
    );
    session.answer("/data/n", "2000000000");
    assert!(
        session
            .take_failures()
            .iter()
            .any(|failure| failure.error == EvalError::TooManyRepeats)
    );
    assert_eq!(session.value("/data/n").as_deref(), Some("2000000000"));
}

#[test]
fn what_is_not_relevant_reads_as_empty_keeps_its_answer_and_is_not_sent() {
    let mut session = open(
        r#"<data id="t"><a>yes</a><g><b>kept</b></g><c/></data>"#,
        r#"<bind nodeset="/data/g" relevant="/data/a = 'yes'"/><bind nodeset="/data/c" calculate="concat('[', /data/g/b, ']')"/>"#,
        &inputs(&["/data/a", "/data/g/b"]),
    );
    assert_eq!(session.value("/data/c").as_deref(), Some("[kept]"));
    session.answer("/data/a", "no");
    assert_eq!(session.value("/data/c").as_deref(), Some("[]"));
    assert_eq!(session.answer("/data/g/b", "x"), Outcome::NotRelevant);
    assert!(!session.submission().contains("<g>"));
    session.answer("/data/a", "yes");
    assert_eq!(session.value("/data/c").as_deref(), Some("[kept]"));
}

#[test]
fn outcomes_tell_why_an_answer_is_not_taken_and_the_old_one_stays() {
    let mut session = open(
        r#"<data id="t"><n>5</n><d/><s/><ro>1</ro><req>x</req></data>"#,
        r#"<bind nodeset="/data/n" type="int" constraint=". &lt; 10"/><bind nodeset="/data/d" type="date"/>
           <bind nodeset="/data/ro" readonly="true()"/><bind nodeset="/data/req" required="true()"/>"#,
        &format!(
            r#"{}<select1 ref="/data/s"><label>s</label><item><label>A</label><value>a</value></item></select1>"#,
            inputs(&["/data/n", "/data/d", "/data/ro", "/data/req"])
        ),
    );
    let table = [
        ("/data/n", "12", Outcome::Constraint),
        ("/data/n", "x", Outcome::BadType),
        ("/data/n", "7", Outcome::Accepted),
        ("/data/d", "2026-02-30", Outcome::BadType),
        ("/data/s", "b", Outcome::NotAChoice),
        ("/data/s", "a", Outcome::Accepted),
        ("/data/ro", "2", Outcome::ReadOnly),
        ("/data/req", "", Outcome::Required),
        ("/data/nothing", "1", Outcome::NoSuchQuestion),
        ("nonsense", "1", Outcome::NoSuchQuestion),
    ];
    for (path, value, expected) in table {
        assert_eq!(session.answer(path, value), expected, "{path} {value}");
    }
    assert_eq!(session.value("/data/n").as_deref(), Some("7"));
    assert_eq!(session.value("/data/req").as_deref(), Some("x"));
}

#[test]
fn events_set_values_at_load_at_a_new_repeat_and_when_an_answer_changes() {
    let mut session = open(
        r#"<data id="t"><start/><a/><b/><when/><r jr:template=""><x/></r></data>"#,
        r#"<bind nodeset="/data/start" type="dateTime"/><bind nodeset="/data/when" type="dateTime"/>
           <setvalue event="odk-instance-first-load" ref="/data/start" value="now()"/>"#,
        r#"<input ref="/data/a"><label>a</label>
             <setvalue event="xforms-value-changed" ref="/data/b" value="concat(/data/a, '!')"/>
             <setvalue event="xforms-value-changed" ref="/data/when" value="now()"/></input>
           <group ref="/data/r"><repeat nodeset="/data/r"><setvalue event="odk-new-repeat" ref="/data/r/x" value="count(/data/r)"/>
             <input ref="/data/r/x"><label>x</label></input></repeat></group>"#,
    );
    assert_eq!(
        session.value("/data/start").as_deref(),
        Some("2026-03-04T09:30:00.000+08:00")
    );
    session.at(FormClock::parse("2026-03-04T10:00:00.000+08:00").unwrap());
    session.answer("/data/a", "hi");
    assert_eq!(session.value("/data/b").as_deref(), Some("hi!"));
    session.at(FormClock::parse("2026-03-04T11:00:00.000+08:00").unwrap());
    session.answer("/data/a", "hi");
    assert_eq!(
        session.value("/data/when").as_deref(),
        Some("2026-03-04T10:00:00.000+08:00"),
        "the same answer is no change"
    );
    session.add_repeat("/data/r");
    assert!(session.value("/data/r[1]/x").is_some());
}

#[test]
fn actions_that_set_each_other_off_for_ever_are_stopped() {
    let mut session = open(
        r#"<data id="t"><a/><b/></data>"#,
        "",
        r#"<input ref="/data/a"><label>a</label><setvalue event="xforms-value-changed" ref="/data/b" value="concat(/data/b, 'x')"/></input>
           <input ref="/data/b"><label>b</label><setvalue event="xforms-value-changed" ref="/data/a" value="concat(/data/a, 'x')"/></input>"#,
    );
    session.answer("/data/a", "1");
    assert!(
        session
            .take_failures()
            .iter()
            .any(|failure| failure.error == EvalError::TooMuchWork)
    );
}

#[test]
fn a_choice_that_a_filter_takes_away_is_dropped_when_the_form_is_validated() {
    let list = r#"<instance id="l"><root><item><of>a</of><name>a1</name></item><item><of>b</of><name>b1</name></item></root></instance>"#;
    let mut session = open(
        r#"<data id="t"><k/><c/></data>"#,
        &format!(r#"{list}<bind nodeset="/data/c" required="true()"/>"#),
        r#"<input ref="/data/k"><label>k</label></input>
           <select1 ref="/data/c"><label>c</label><itemset nodeset="instance('l')/root/item[of = /data/k]"><value ref="name"/><label ref="name"/></itemset></select1>"#,
    );
    session.answer("/data/k", "a");
    assert_eq!(session.answer("/data/c", "b1"), Outcome::NotAChoice);
    assert_eq!(session.answer("/data/c", "a1"), Outcome::Accepted);
    session.answer("/data/k", "b");
    let refusal = session.validate().unwrap();
    assert_eq!((refusal.path.as_str(), refusal.why), ("/data/c", Why::Required));
}

#[test]
fn validation_names_the_first_question_in_the_way_and_missing_names_all_with_their_messages() {
    let mut session = open(
        r#"<data id="t"><a/><b>9</b></data>"#,
        r#"<bind nodeset="/data/a" required="true()" jr:requiredMsg="写上"/>
           <bind nodeset="/data/b" type="int" constraint=". &lt; 5" jr:constraintMsg="小于五"/>"#,
        &inputs(&["/data/a", "/data/b"]),
    );
    let told: Vec<_> = session
        .missing()
        .into_iter()
        .map(|r| (r.path, r.why, r.message))
        .collect();
    assert_eq!(
        told,
        [
            ("/data/a".to_owned(), Why::Required, Some("写上".to_owned())),
            ("/data/b".to_owned(), Why::Constraint, Some("小于五".to_owned())),
        ]
    );
    assert_eq!(session.finalize().unwrap_err().path, "/data/a");
    session.answer("/data/a", "x");
    session.answer("/data/b", "4");
    assert_eq!(session.finalize(), Ok(()));
}

#[test]
fn a_draft_goes_on_exactly_where_it_stopped() {
    let mut session = repeated();
    session.add_repeat("/data/r");
    session.add_repeat("/data/r");
    session.answer("/data/r[1]/x", "4");
    session.answer("/data/r[2]/x", "5");
    session.remove_repeat("/data/r[1]");
    let stored = serde_json::to_string(&session.draft()).unwrap();
    let draft: Draft = serde_json::from_str(&stored).unwrap();
    let mut resumed = Session::resume(Arc::clone(session.form()), setting(), &draft).unwrap();
    assert_eq!(resumed.submission(), session.submission());
    assert_eq!(resumed.draft(), draft);
    for session in [&mut session, &mut resumed] {
        session.add_repeat("/data/r");
        session.answer("/data/r[2]/x", "10");
    }
    assert_eq!(resumed.submission(), session.submission());
    assert_eq!(resumed.value("/data/total").as_deref(), Some("15"));
}

#[test]
fn a_draft_of_another_form_is_refused_and_a_torn_one_too() {
    let session = repeated();
    let other = open(r#"<data id="o"><a/></data>"#, "", &inputs(&["/data/a"]));
    let refused = Session::resume(Arc::clone(other.form()), setting(), &session.draft()).unwrap_err();
    assert_eq!(refused, DraftError::OtherForm);
    let torn = serde_json::to_string(&session.draft())
        .unwrap()
        .replace("\"total\"", "\"elsewhere\"");
    let torn: Draft = serde_json::from_str(&torn).unwrap();
    assert_eq!(
        Session::resume(Arc::clone(session.form()), setting(), &torn).unwrap_err(),
        DraftError::Damaged
    );
}

#[test]
fn rules_in_a_circle_are_refused_or_said_in_the_mode_that_lives_with_them() {
    let parts = (
        r#"<data id="t"><a/><b/></data>"#,
        r#"<bind nodeset="/data/a" calculate="/data/b + 1"/><bind nodeset="/data/b" calculate="/data/a + 1"/>"#,
        inputs(&["/data/a"]),
    );
    let refused = try_form(parts.0, parts.1, &parts.2, Cycles::Strict).unwrap_err();
    assert_eq!(refused.0[0].code, "form_cycle");
    let form = try_form(parts.0, parts.1, &parts.2, Cycles::EnketoCompatible).unwrap();
    assert!(form.warnings.iter().any(|warning| warning.code == "form_cycle"));
    assert_eq!(Session::open(form, setting()).value("/data/a"), None);
}

#[test]
fn the_submission_keeps_namespaces_attributes_and_escapes() {
    let mut session = open(
        r#"<data id="t" version="3" xmlns="urn:own"><a/><orx:meta><orx:instanceID/></orx:meta></data>"#,
        r#"<bind nodeset="/data/meta/instanceID" jr:preload="uid"/>"#,
        &inputs(&["/data/a"]),
    );
    session.answer("/data/a", "a < b & \"c\"\u{1}");
    let sent = session.submission();
    let read = roxmltree::Document::parse(&sent).unwrap();
    let root = read.root_element();
    assert_eq!(
        (root.tag_name().namespace(), root.attribute("version")),
        (Some("urn:own"), Some("3"))
    );
    let texts: Vec<_> = root.children().filter_map(|child| child.text()).collect();
    assert_eq!(texts.first(), Some(&"a < b & \"c\""));
    let id = read
        .descendants()
        .find(|node| node.has_tag_name(("http://openrosa.org/xforms", "instanceID")))
        .unwrap();
    assert_eq!(id.text().map(str::len), Some(36));
}

#[test]
fn fifty_thousand_choices_are_filtered_by_an_index() {
    struct Table;
    impl Resources for Table {
        fn read(&self, name: &str) -> Option<Vec<u8>> {
            let rows = (0..50_000).map(|row| format!("{},n{row},Label {row}\n", row % 500));
            (name == "big.csv").then(|| format!("of,name,label\n{}", rows.collect::<String>()).into_bytes())
        }
    }
    let xml = document(
        r#"<data id="t"><k/><c/></data>"#,
        r#"<instance id="big" src="jr://file-csv/big.csv"/>"#,
        r#"<input ref="/data/k"><label>k</label></input><select1 ref="/data/c"><label>c</label>
           <itemset nodeset="instance('big')/root/item[of = /data/k]"><value ref="name"/><label ref="label"/></itemset></select1>"#,
    );
    let form = compile(&xforms::import(&xml).unwrap().definition, &Table, Cycles::Strict).unwrap();
    let mut session = Session::open(Arc::new(form), setting());
    let started = std::time::Instant::now();
    for number in 0..200 {
        session.answer("/data/k", &(number % 500).to_string());
        assert_eq!(session.answer("/data/c", &format!("n{number}")), Outcome::Accepted);
    }
    assert!(started.elapsed().as_secs() < 5, "took {:?}", started.elapsed());
}

#[test]
fn an_item_is_failed_or_not_applicable_by_its_own_rules() {
    let mut session = open(
        r#"<data id="t"><a/><b/></data>"#,
        r#"<bind nodeset="/data/a" grid:fail_when=". = 'bad'" grid:na_when=". = 'na'" grid:severity="2" grid:critical="true"/>"#,
        &inputs(&["/data/a", "/data/b"]),
    );
    let state = |session: &Session| {
        let items = session.items();
        (items.len(), items[0].answered, items[0].failed, items[0].not_applicable)
    };
    assert_eq!(state(&session), (1, false, false, false));
    session.answer("/data/a", "bad");
    assert_eq!(state(&session), (1, true, true, false));
    session.answer("/data/a", "na");
    assert_eq!(state(&session), (1, true, false, true));
    assert_eq!(session.evaluate(". = 'na'", "/data/a").unwrap().text, "true");
    assert!(session.evaluate("1 +", "/data/a").is_err());
}

#[test]
fn texts_are_shown_in_the_language_chosen_with_computed_parts() {
    let mut session = open(
        r#"<data id="t"><a/><b/></data>"#,
        r#"<itext><translation lang="zh" default="true()"><text id="q"><value>你好 <output value="/data/a"/></value></text></translation>
           <translation lang="en"><text id="q"><value>Hello <output value="/data/a"/></value></text></translation></itext>"#,
        r#"<input ref="/data/a"><label>a</label></input><input ref="/data/b"><label ref="jr:itext('q')"/></input>"#,
    );
    session.answer("/data/a", "李雷");
    let label = |session: &mut Session| session.views()[1].label.clone().unwrap();
    assert_eq!(label(&mut session), "你好 李雷");
    session.speak(Some("en"));
    assert_eq!(label(&mut session), "Hello 李雷");
}

#[test]
fn a_property_is_preloaded_and_once_keeps_its_first_value() {
    let mut session = open(
        r#"<data id="t"><dev/><a/><o/></data>"#,
        r#"<bind nodeset="/data/dev" jr:preload="property" jr:preloadParams="deviceid"/>
           <bind nodeset="/data/o" calculate="once(/data/a)"/>"#,
        &inputs(&["/data/a"]),
    );
    assert_eq!(session.value("/data/dev").as_deref(), Some("d-1"));
    session.answer("/data/a", "first");
    session.answer("/data/a", "second");
    assert_eq!(session.value("/data/o").as_deref(), Some("first"));
}

#[test]
fn instances_come_and_go_also_below_a_node_with_many_children() {
    let others: String = (0..30).map(|number| format!("<n{number}/>")).collect();
    let mut session = open(
        &format!(r#"<data id="t">{others}<r jr:template=""><x/></r><total/><many/></data>"#),
        r#"<bind nodeset="/data/r/x" type="int"/><bind nodeset="/data/total" type="int" calculate="sum(/data/r/x)"/>
           <bind nodeset="/data/many" type="int" calculate="count(/data/r)"/>"#,
        &format!(
            r#"<group ref="/data/r"><repeat nodeset="/data/r">{}</repeat></group>"#,
            inputs(&["/data/r/x"])
        ),
    );
    for number in 1..=3 {
        assert_eq!(session.add_repeat("/data/r"), Outcome::Accepted);
        session.answer(&format!("/data/r[{number}]/x"), "10");
        assert_eq!(session.value("/data/many"), Some(number.to_string()));
    }
    session.remove_repeat("/data/r[1]");
    assert_eq!(session.value("/data/many").as_deref(), Some("2"));
    assert_eq!(session.value("/data/total").as_deref(), Some("20"));
}

#[test]
fn a_template_belongs_to_a_repeat_and_a_repeat_has_a_template_or_an_instance() {
    let repeat = |path: &str, inside: &str| {
        format!(r#"<group ref="{path}"><label>r</label><repeat nodeset="{path}">{inside}</repeat></group>"#)
    };
    let codes = |instance: &str, body: &str| {
        let refused = try_form(instance, "", body, Cycles::Strict).err();
        refused.map_or_else(Vec::new, |refused| refused.0.iter().map(|t| t.code).collect())
    };
    let q = inputs(&["/data/q"]);
    let stray = r#"<data id="t"><q/><r jr:template=""><x/></r></data>"#;
    assert_eq!(codes(stray, &q), ["form_stray_template"]);
    assert!(
        try_form(stray, "", &q, Cycles::EnketoCompatible).is_ok(),
        "Enketo takes no notice"
    );
    let nested = repeat("/data/o", &repeat("/data/o/i", &inputs(&["/data/o/i/x"])));
    let lost = codes(r#"<data id="t"><o><i jr:template=""><x/></i></o></data>"#, &nested);
    assert!(lost.contains(&"form_repeat_without_node"), "{lost:?}");
    let mut session = open(r#"<data id="t"><o jr:template=""><i><x/></i></o></data>"#, "", &nested);
    assert_eq!(session.add_repeat("/data/o"), Outcome::Accepted);
    assert_eq!(session.add_repeat("/data/o[1]/i"), Outcome::Accepted);
    assert_eq!(session.answer("/data/o[1]/i[2]/x", "a"), Outcome::Accepted);
}
