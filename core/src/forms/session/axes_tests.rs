//! What follows from an answer when rules look along axes, across instances, or at unions.

use super::scenario_tests::{inputs, open, try_form};
use super::*;
use crate::forms::Cycles;

/// Meter readings: each instance looks at the one before.
fn readings() -> Session {
    open(
        r#"<data id="t"><r jr:template=""><x/><used/><twice/></r><all/><a/><b/><both/></data>"#,
        r#"<bind nodeset="/data/r/x" type="int"/>
           <bind nodeset="/data/r/used" type="int" calculate="../x - coalesce(../preceding-sibling::r[1]/x, 0)"/>
           <bind nodeset="/data/r/twice" type="int" calculate="../used * 2"/>
           <bind nodeset="/data/all" type="int" calculate="sum(//x)"/>
           <bind nodeset="/data/a" type="int"/><bind nodeset="/data/b" type="int"/>
           <bind nodeset="/data/both" type="int" calculate="sum(/data/a | /data/b | /data/a)"/>"#,
        &format!(
            r#"{}<group ref="/data/r"><repeat nodeset="/data/r">{}</repeat></group>"#,
            inputs(&["/data/a", "/data/b"]),
            inputs(&["/data/r/x"])
        ),
    )
}

fn values(session: &Session, name: &str) -> Vec<String> {
    let paths = (1..).map(|nth| format!("/data/r[{nth}]/{name}"));
    paths.map_while(|path| session.value(&path)).collect()
}

#[test]
fn an_answer_is_seen_by_the_instances_that_look_at_it_along_an_axis() {
    let mut session = readings();
    for (nth, reading) in ["10", "25", "60"].into_iter().enumerate() {
        session.add_repeat("/data/r");
        assert_eq!(
            session.answer(&format!("/data/r[{}]/x", nth + 1), reading),
            Outcome::Accepted
        );
    }
    assert_eq!(values(&session, "used"), ["10", "15", "35"]);
    session.answer("/data/r[1]/x", "20");
    assert_eq!(values(&session, "used"), ["20", "5", "35"]);
    assert_eq!(
        values(&session, "twice"),
        ["40", "10", "70"],
        "what follows from it follows in those instances, too"
    );
    assert_eq!(session.value("/data/all").as_deref(), Some("105"));
    session.remove_repeat("/data/r[2]");
    assert_eq!(values(&session, "used"), ["20", "40"]);
    assert_eq!(session.value("/data/all").as_deref(), Some("80"));
}

#[test]
fn a_union_counts_each_node_once_and_follows_all_its_operands() {
    let mut session = readings();
    session.answer("/data/a", "3");
    assert_eq!(session.value("/data/both").as_deref(), Some("3"));
    session.answer("/data/b", "4");
    assert_eq!(session.value("/data/both").as_deref(), Some("7"));
}

#[test]
fn paths_along_axes_have_their_values() {
    let mut session = readings();
    for nth in 1..=3 {
        session.add_repeat("/data/r");
        session.answer(&format!("/data/r[{nth}]/x"), &(nth * 10).to_string());
    }
    let rows = [
        ("count(//x)", "/data/a", "3"),
        ("count(//*)", "/data/a", "17"),
        ("count(/data/r/descendant::*)", "/data/a", "9"),
        ("count(ancestor::r)", "/data/r[2]/x", "1"),
        ("count(../following-sibling::r)", "/data/r[1]/x", "2"),
        ("../following-sibling::r[1]/x", "/data/r[1]/x", "20"),
        ("(//x)[2]", "/data/a", "20"),
        ("(//x)[position() > 1][1]", "/data/a", "20"),
        ("//r[x > 15][2]/x", "/data/a", "30"),
        ("join(' ', //x[. != 20])", "/data/a", "10 30"),
        ("join(' ', /data/r/x | /data/a)", "/data/a", "10 20 30 "),
        // a plain path behind which an axis comes still follows the instance that it stands in
        ("count(/data/r/descendant::x)", "/data/r[2]/used", "1"),
        ("count(//@id)", "/data/a", "1"),
        ("join(' ', //x/text())", "/data/a", "10 20 30"),
        ("count(self::x)", "/data/r[1]/x", "1"),
        ("count(self::y)", "/data/r[1]/x", "0"),
        ("count(preceding::x)", "/data/r[3]/x", "2"),
    ];
    for (expression, path, expected) in rows {
        let got = session.evaluate(expression, path).map(|value| value.text);
        assert_eq!(got.as_deref(), Ok(expected), "{expression} at {path}");
    }
    assert_eq!(
        session.evaluate("//x + 1", "/data/a"),
        Err(EvalError::Repeated("x".into())),
        "one value of several nodes is an error, as for any path"
    );
    assert!(matches!(
        session.evaluate("('a')[1]", "/data/a"),
        Err(EvalError::Unsupported(_))
    ));
    assert!(matches!(
        session.evaluate("/data/a | 1", "/data/a"),
        Err(EvalError::BadArgument("|"))
    ));
}

#[test]
fn a_rule_that_reads_itself_along_an_axis_is_a_circle() {
    let own = |calculate: &str| {
        try_form(
            r#"<data id="t"><a/><b/></data>"#,
            &format!(r#"<bind nodeset="/data/b" calculate="{calculate}"/>"#),
            &inputs(&["/data/a"]),
            Cycles::Strict,
        )
    };
    assert!(own("count(preceding-sibling::a)").is_ok());
    assert_eq!(own("count(//b)").unwrap_err().0[0].code, "form_cycle");
    assert!(own("count(//a | ../a)").is_ok());
}

#[test]
fn a_signed_text_is_taken_out_when_its_key_has_signed_it() {
    // made with `openssl pkeyutl -sign -rawin` and a key of ours
    let (signed, key) = include_str!("../../../../tests/fixtures/forms/signed.txt")
        .trim()
        .split_once(' ')
        .unwrap();
    let session = readings();
    let ask = |signed: &str, key: &str| {
        let asked = session.evaluate(&format!("extract-signed('{signed}', '{key}')"), "/data/a");
        asked.unwrap().text
    };
    assert_eq!(ask(signed, key), "网格 3706 ok");
    assert_eq!(ask(&signed.replacen('A', "B", 1), key), "");
    assert_eq!(ask(signed, "AAAA"), "");
    assert_eq!(ask("", ""), "");
}
