//! The thirty sample histories, taken step by step through every guard and effect.

use serde_json::{Value, json};

use super::play::{BUREAU, GRID, Stage, args, blank, person};
use super::{Actor, absorb};
use crate::model::area::GridCode;
use crate::model::record::Record;
use crate::model::step::set_fields;
use crate::model::time::UtcMillis;
use crate::rules::packs::taxonomy;

fn moment(line: &Value) -> UtcMillis {
    UtcMillis::parse_rfc3339(line["at"].as_str().unwrap()).unwrap()
}

fn opened(number: u8, incident: &Value) -> Record {
    // the shipped tree holds some classes without their kinds: the class stands for them
    let code = incident["category"].as_str().unwrap();
    let known = taxonomy().unwrap().category(code).is_some();
    let mut record = blank(number, if known { code } else { code.get(..3).unwrap() });
    record.grid = Some(incident["grid"].as_str().unwrap().parse().unwrap());
    let point = |name: &str| (incident[name].as_f64().unwrap() * 1e7).round();
    let channel = incident["source"].clone();
    let fields = json!({
        "channel": channel, "severity": incident["severity"], "urgency": incident["urgency"], "order_no": incident["order_no"],
        "inspection_ref": incident["inspection_ref"], "point": {"lon_e7": point("lon") as i64, "lat_e7": point("lat") as i64}
    });
    set_fields(&mut record.body, fields.as_object().unwrap());
    let history = incident["history"].as_array().unwrap();
    if history.iter().any(|line| line["transition"] == "T34_SET_URGENCY") {
        // the sample keeps the urgency that this step has set
        record.body.insert("urgency".into(), json!("NORMAL"));
    }
    record
}

/// Who takes a line: one person for each role, but the worker who checks is another one than the worker who reported.
fn who(line: &Value, grid: &GridCode) -> Actor {
    let mut actor = person(line["actor_role"].as_str().unwrap());
    if !actor.grids.is_empty() {
        actor.grids = vec![grid.clone()];
    }
    actor
}

/// What the sample leaves out: the arguments, chosen so that the story's next line can follow.
fn told(history: &[Value], index: usize, now: UtcMillis) -> Value {
    let number = |line: &Value| {
        line["transition"]
            .as_str()
            .unwrap()
            .get(1..3)
            .unwrap()
            .parse::<u32>()
            .unwrap()
    };
    let event = number(&history[index]);
    let later = &history[index + 1..];
    let mut args = match event {
        13 => {
            let department = later.iter().find(|line| matches!(number(line), 17 | 18));
            let department = department.is_none_or(|line| line["actor_role"].as_str().unwrap().starts_with("DEPT"));
            args(13, if department { BUREAU } else { GRID_OF_ALL }, now)
        }
        26 if later.first().is_some_and(|line| number(line) == 27) => json!({"result": "not_pass", "reason": "r"}),
        26 => json!({"result": "pass", "reason": "r"}),
        30 if history[index]["actor_role"] == "SYSTEM" => json!({}),
        32 => json!({"level": if history[index]["actor_role"] == "SYSTEM" { 2 } else { 1 }}),
        _ => args(event, BUREAU, now),
    };
    let refused = history[..index].iter().filter(|line| number(line) == 18).count();
    if event == 13 && refused >= 2 {
        args["forced"] = json!(true);
        args["reason"] = json!("decided together");
    }
    args
}

/// The community of all of the sample's grids is told by the record; this stands for it.
const GRID_OF_ALL: &str = "*";

#[test]
fn the_sample_histories_pass_every_guard_and_give_state_level_and_counters() {
    let incidents: Vec<Value> = serde_json::from_str(include_str!("../fixtures/incidents.json")).unwrap();
    let stage = Stage::new();
    let mut master: Option<Record> = None;
    for (number, incident) in incidents.iter().enumerate() {
        let mut record = opened(number as u8 + 1, incident);
        let grid = record.grid.clone().unwrap();
        let history = incident["history"].as_array().unwrap();
        for (index, line) in history.iter().enumerate() {
            let event = line["transition"].as_str().unwrap();
            let mut args = told(history, index, moment(line));
            if args["main"] == GRID_OF_ALL {
                args["main"] = json!(grid.as_str());
            }
            if event == "T12_MERGE" {
                args = json!({"merged_into": master.as_ref().unwrap().id, "reason": "the same grating, seen from the gate"});
            }
            let actor = who(line, &grid);
            let taken = stage.take(&mut record, event, &actor, args, moment(line), master.as_ref());
            assert_eq!(taken, Ok(()), "{} line {}", incident["id"], index + 1);
            assert_eq!(record.state, line["to"].as_str().unwrap(), "{}", incident["id"]);
            assert_eq!(
                record.body["level"],
                line["level"],
                "{} line {}",
                incident["id"],
                index + 1
            );
        }
        assert_eq!(record.state, incident["state"].as_str().unwrap());
        let count = |number: &str| {
            history
                .iter()
                .filter(|l| l["transition"].as_str().unwrap().starts_with(number))
                .count() as u64
        };
        for (event, field) in [
            ("T18", "refuse_count"),
            ("T27", "rework_count"),
            ("T31", "redo_count"),
            ("T10", "return_count"),
        ] {
            assert_eq!(
                record.body.get(field).and_then(Value::as_u64).unwrap_or(0),
                count(event),
                "{} {field}",
                incident["id"]
            );
        }
        if incident["id"] == "I02" {
            // I11 is reported while this one is being handled
            let mut handled = opened(2, incident);
            for (index, line) in history.iter().take(7).enumerate() {
                let args = told(history, index, moment(line));
                stage
                    .take(
                        &mut handled,
                        line["transition"].as_str().unwrap(),
                        &who(line, &grid),
                        args,
                        moment(line),
                        None,
                    )
                    .unwrap();
            }
            master = Some(handled);
        }
    }
    let merged = opened(11, &incidents[10]);
    let taken_over = absorb(master.as_ref().unwrap(), &merged);
    assert_eq!(
        (&taken_over["duplicate_count"], &taken_over["urgency"]),
        (&json!(1), &json!("URGENT"))
    );
    assert!(GRID.starts_with("370611"));
}
