//! The loop of the day: one incident through all seven steps, across the worker's phone, the community desk's phone, the phone of a
//! town department, the town's centre at the platform, and the citizen's evaluation.

use fushan_grid_core::app::steps::Signal;
use fushan_grid_core::app::sync::{Budget, SyncOutcome, Unwatched};
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::geo::Point;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Kind;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport};
use fushan_grid_core::rules::workflow::Step;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Day, WORKERS_GRID, failed};
use crate::demo::kit::Phone;
use crate::failure::Failure;

const DESK: &str = "d_370611001901";
const TOWN: &str = "t_370611001";
const SQUAD: &str = "370611001-CG";
const SQUAD_MEMBER: &str = "g_370611001_1";
/// Stalls at the gate of a school: the town's own, and checked before it closes.
const CATEGORY: &str = "A11.02";
/// The steps of the story, in order.
const STORY: [&str; 13] = [
    "T01_SAVE_DRAFT",
    "T02_SUBMIT",
    "T08_ACCEPT",
    "T15_ESCALATE",
    "T13_DISPATCH",
    "T17_SIGN",
    "T19_PROGRESS",
    "T24_FEEDBACK",
    "T25_ORDER_CHECK",
    "T26_CHECK_RESULT",
    "T28_CLOSE",
    "T35_INSTRUCT",
    "T30_EVALUATE",
];

impl Day {
    /// All seven steps of one incident.
    pub fn circulates(&mut self) -> Result<(), Failure> {
        let place = self.point(121.2645, 37.5025)?;
        let (title, seen) = ("校门口流动摊贩", "放学时校门两侧摊贩占道。");
        let incident = self.report(place, CATEGORY, title, seen, &["near", "far"], true)?;
        self.settled("worker")?;
        self.hire()?;
        self.desk_passes_up(incident)?;
        self.town(
            incident,
            "T13_DISPATCH",
            "TOWN_DISPATCHER",
            json!({"main": SQUAD, "co": ["370611001901"]}),
        )?;
        self.tell(
            "14:20 【3 分拨】镇街分拨给城管中队主办、社区协办。",
            "14:20 [3 dispatch] The town dispatches to its squad, the community helps.",
        );
        self.squad_handles(incident, place)?;
        self.check_and_close(incident, place)?;
        self.town_by(
            incident,
            "T35_INSTRUCT",
            "SUPERVISOR",
            "v_370611",
            json!({"note": "同类点位一并巡查。"}),
        )?;
        let opinion = json!({"satisfaction": 5, "contacted": true, "solved": true});
        self.town_by(incident, "T30_EVALUATE", "CITIZEN", "c_demo", opinion)?;
        self.tell(
            "16:40 【7 评价】群众非常满意,已解决。",
            "16:40 [7 evaluate] The citizen is very satisfied; it is solved.",
        );
        self.told_everywhere(incident)
    }

    /// The desk and the squad settle once more at the end of the day.
    pub fn crew_settles(&self) -> Result<(), Failure> {
        self.crew.iter().try_for_each(settle)
    }

    /// The community desk and the town squad get phones; the squad's holds no grid.
    fn hire(&mut self) -> Result<(), Failure> {
        let grids = ["370611001901001", "370611001901002", "370611001901003"];
        for (id, roles, grids, orgs) in [
            (DESK, vec!["COMMUNITY_DESK"], grids.to_vec(), vec![]),
            (TOWN, vec!["TOWN_DISPATCHER", "TOWN_ACCEPTOR"], grids.to_vec(), vec![]),
            (SQUAD_MEMBER, vec!["DEPT_HANDLER"], vec![], vec![SQUAD]),
        ] {
            let message = json!({"id": id, "roles": roles, "grids": grids, "orgs": orgs, "new": true});
            self.operate("/admin/v1/staff", &message)?;
        }
        let url = self.platform()?.url();
        for (name, staff) in [("desk", DESK), ("squad", SQUAD_MEMBER)] {
            let transport = HttpTransport::new(&url, HttpConfig::default()).map_err(|e| Failure::Engine(e.into()))?;
            let phone = Phone::make(name, &self.folder.join(name), transport)?;
            self.enrol(&phone, staff)?;
            settle(&phone)?;
            self.crew.push(phone);
        }
        Ok(())
    }

    fn member(&self, name: &str) -> Result<&Phone, Failure> {
        let found = self.crew.iter().find(|phone| phone.name() == name);
        found.ok_or_else(|| failed(format!("no phone of the {name}")))
    }

    /// The desk accepts, cannot settle it itself, and passes it up to the town.
    fn desk_passes_up(&self, incident: RecordId) -> Result<(), Failure> {
        let desk = self.member("desk")?;
        let too_early = desk
            .engine
            .incident_take(incident, Step::Accept { note: String::new() }, Signal::Absent);
        if too_early.is_ok() {
            return Err(failed("a report was accepted without signal"));
        }
        desk.engine
            .incident_take(incident, Step::Accept { note: String::new() }, Signal::Present)?;
        let up = Step::Escalate {
            reason: "社区无执法权".into(),
            level: None,
        };
        desk.engine.incident_take(incident, up, Signal::Present)?;
        settle(desk)?;
        self.tell(
            "14:10 【1 上报 2 受理】社区站受理,提级到镇街。",
            "14:10 [1 report, 2 accept] The community desk accepts and passes it up to the town.",
        );
        Ok(())
    }

    /// The squad sees this case and nobody's data; it signs, works and reports back without signal.
    fn squad_handles(&mut self, incident: RecordId, place: Point) -> Result<(), Failure> {
        let picture = self.camera.shoot(place, UtcMillis(1_795_000_000_000));
        let picture = picture.map_err(|e| failed(e.to_string()))?;
        let squad = self.crew.iter_mut().find(|phone| phone.name() == "squad");
        let squad = squad.ok_or_else(|| failed("no phone of the squad"))?;
        settle(squad)?;
        if !squad.engine.revisions("person")?.is_empty() {
            return Err(failed("the squad's phone holds people"));
        }
        squad.engine.incident_take(incident, Step::Sign, Signal::Absent)?;
        let note = "已到场劝离".to_owned();
        squad
            .engine
            .incident_take(incident, Step::Progress { note }, Signal::Absent)?;
        squad.engine.evidence_add(incident, picture.as_slice(), "after")?;
        let hash = BlobHash(Sha256::digest(&picture).into());
        squad.photos.push((incident, hash, picture.len()));
        let done = Step::Feedback {
            result: "resolved".into(),
            note: "摊贩已清离,安排放学时段值守".into(),
        };
        squad.engine.incident_take(incident, done, Signal::Absent)?;
        settle(squad)?;
        self.tell(
            "15:30 【4 处置 5 反馈】中队在无信号时签收、处置、反馈,回来后一并送达;手机里没有居民数据。",
            "15:30 [4 dispose, 5 feedback] The squad signs, works and reports back without signal; its phone holds no resident.",
        );
        Ok(())
    }

    /// The worker checks on the spot; the handler may not close, the town does.
    fn check_and_close(&mut self, incident: RecordId, place: Point) -> Result<(), Failure> {
        let checker = json!({"person": format!("s_{WORKERS_GRID}")});
        self.town(incident, "T25_ORDER_CHECK", "TOWN_DISPATCHER", checker)?;
        self.settled("worker")?;
        let passed = Step::CheckResult {
            result: "pass".into(),
            point: Some(place),
            reason: String::new(),
            note: "现场已清".into(),
        };
        self.worker.engine.incident_take(incident, passed, Signal::Absent)?;
        self.settled("worker")?;
        let early = json!({"record": incident, "event": "T28_CLOSE", "role": "TOWN_ACCEPTOR", "staff": SQUAD_MEMBER});
        let early = self.operate("/admin/v1/act", &early)?;
        if early.get("status").and_then(Value::as_str) != Some("rejected") {
            return Err(failed(format!("the handler closed its own case: {early}")));
        }
        self.town(incident, "T28_CLOSE", "TOWN_ACCEPTOR", json!({"note": "核查通过"}))?;
        self.tell(
            "16:10 【6 结案】网格员现场核查通过,镇街结案;承办人不能给自己结案。",
            "16:10 [6 close] The worker's check passes, the town closes it; the handler may not close its own case.",
        );
        Ok(())
    }

    fn town(&self, incident: RecordId, event: &str, role: &str, args: Value) -> Result<(), Failure> {
        self.town_by(incident, event, role, TOWN, args)
    }

    fn town_by(&self, incident: RecordId, event: &str, role: &str, staff: &str, args: Value) -> Result<(), Failure> {
        let act = json!({"record": incident, "event": event, "role": role, "staff": staff, "args": args});
        let done = self.operate("/admin/v1/act", &act)?;
        match done.get("status").and_then(Value::as_str) {
            Some("applied") => Ok(()),
            _ => Err(failed(format!("{event} by {role}: {done}"))),
        }
    }

    /// Every phone that saw the case shows the same end, with every step in its history.
    fn told_everywhere(&mut self, incident: RecordId) -> Result<(), Failure> {
        self.settled("worker")?;
        self.settled("leader")?;
        self.crew.iter().try_for_each(settle)?;
        let phones = [&self.worker, &self.leader].into_iter().chain(&self.crew);
        for phone in phones {
            // the case has left the squad's hands only when it is taken up again
            let record = phone.engine.record(incident)?.record;
            let history = record.body.get("history").and_then(Value::as_array);
            let events: Vec<&str> = history
                .into_iter()
                .flatten()
                .filter_map(|l| l.get("event")?.as_str())
                .collect();
            let whole = record.state == "EVALUATED" && events == STORY && record.kind.is(Kind::INCIDENT);
            if !whole {
                return Err(failed(format!("{}: {} after {events:?}", phone.name(), record.state)));
            }
        }
        self.count(
            "七步走完的手机 / phones that saw all seven steps",
            2 + self.crew.len() as u64,
        );
        Ok(())
    }
}

fn settle(phone: &Phone) -> Result<(), Failure> {
    let budget = Budget::time(std::time::Duration::from_secs(120));
    let report = phone
        .engine
        .sync_once(&phone.transport, budget, &Unwatched, &Cancel::new())?;
    let letters = phone.engine.sync_status()?.dead_letters;
    if let Some(letter) = letters.first() {
        return Err(failed(format!(
            "{}: refused {} {:?}",
            phone.name(),
            letter.code,
            letter.fields
        )));
    }
    match report.outcome {
        SyncOutcome::Done => Ok(()),
        other => Err(failed(format!("{} did not settle: {other:?}", phone.name()))),
    }
}
