//! The story of the day, step by step, on real parts.

mod circulation;
mod inspection;
mod stamping;
mod work;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use fushan_grid_core::app::sync::SyncOutcome;
use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::op::Choice;
use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Method, Request, Transport};
use fushan_platform::timestamp::local::Authority;
use fushan_platform::{Config, Running};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::kit::{Phone, fields, query, with_check, write_district};
use super::photos::Camera;
use crate::failure::Failure;
use crate::show::Screen;

const ADMIN: &str = "demo-operator";
const WORKERS_GRID: &str = "370611001901001";

/// The day and all who take part.
pub struct Day {
    screen: Screen,
    runtime: Runtime,
    platform: Option<Running>,
    admin: HttpTransport,
    camera: Camera,
    /// The grid worker's phone.
    pub worker: Phone,
    /// The community secretary's phone.
    pub leader: Phone,
    /// Phones of the desk and of the department that take part in the loop.
    pub crew: Vec<Phone>,
    folder: PathBuf,
    incidents: Vec<RecordId>,
    /// Place, hazard and incident of the inspection.
    hazard: Option<(RecordId, RecordId, RecordId)>,
    facts: BTreeMap<String, u64>,
    /// Where the platform keeps its photos.
    pub stored: PathBuf,
    /// The time-stamping authority, where `openssl` is installed.
    pub authority: Option<Authority>,
}

fn failed(what: impl Into<String>) -> Failure {
    Failure::Check(what.into())
}

impl Day {
    /// Starts the platform, loads the district, makes and enrols two phones.
    pub fn begin(screen: Screen, folder: &Path, photos: Option<&Path>) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let district = folder.join("district");
        write_district(&district)?;
        let authority = stamping::authority()?;
        let mut config = Config {
            database: Some(folder.join("platform.db")),
            ..Config::new(district, folder.join("platform-photos"), ADMIN)
        };
        // the day is told in minutes and played in seconds, on a slow machine in more: the timers stay out of its story
        config.tick = Duration::from_secs(86_400);
        config.witness.authority = authority.as_ref().map(stamping::asked);
        let platform = runtime
            .block_on(fushan_platform::start(config))
            .map_err(|e| failed(e.to_string()))?;
        let url = platform.url();
        let client = || HttpTransport::new(&url, HttpConfig::default()).map_err(|e| Failure::Engine(e.into()));
        let worker = Phone::make("worker", &folder.join("worker"), client()?)?;
        let leader = Phone::make("leader", &folder.join("leader"), client()?)?;
        let day = Self {
            screen,
            runtime,
            admin: client()?,
            platform: Some(platform),
            camera: Camera::new(photos)?,
            worker,
            leader,
            crew: Vec::new(),
            folder: folder.to_owned(),
            incidents: Vec::new(),
            hazard: None,
            facts: BTreeMap::new(),
            stored: folder.join("platform-photos"),
            authority,
        };
        day.tell(
            "08:00 平台启动,装入示范区。两部手机领到一次性登记码。",
            "08:00 The platform starts with the sample district; two phones are enrolled by one-time codes.",
        );
        for (phone, staff) in [
            (&day.worker, format!("s_{WORKERS_GRID}")),
            (&day.leader, "l_370611001901".to_owned()),
        ] {
            day.enrol(phone, &staff)?;
        }
        Ok(day)
    }

    /// Enrols a phone with a one-time code.
    fn enrol(&self, phone: &Phone, staff: &str) -> Result<(), Failure> {
        let code = self.operate("/admin/v1/codes", &json!({"staff": staff}))?;
        let code = code
            .get("code")
            .and_then(Value::as_str)
            .ok_or_else(|| failed("no enrolment code"))?;
        let url = self.platform()?.url();
        phone.engine.enrol(&phone.transport, &url, code, &Cancel::new())?;
        Ok(())
    }

    /// With signal: first synchronisation, and one incident that both phones will see.
    pub fn morning(&mut self) -> Result<(), Failure> {
        self.settled("worker")?;
        self.settled("leader")?;
        let people = self.worker.engine.revisions("person")?.len() as u64;
        self.count("手机上的人口记录 / people on the worker's phone", people);
        let near = self.point(121.2645, 37.5025)?;
        let shared = self.report(
            near,
            "A01.03",
            "3号楼楼道堆物",
            "2单元楼梯间堆放纸箱,占用通道。",
            &["near", "far"],
            true,
        )?;
        let voided = self.report(
            near,
            "A03.01",
            "餐馆燃气瓶存放不当",
            "后厨放有三只液化气瓶。",
            &["near", "far"],
            true,
        )?;
        self.incidents.extend([shared, voided]);
        self.settled("worker")?;
        self.settled("leader")?;
        self.leader
            .engine
            .record(shared)
            .map_err(|_| failed("the leader's phone has not got the incident"))?;
        self.tell(
            "08:40 首次同步完成;上报两件事件,书记的手机也看到了。",
            "08:40 First synchronisation done; two incidents reported, the secretary's phone shows them too.",
        );
        Ok(())
    }

    /// Without signal: registry visits, an incident closed on the spot, one record edited on both phones.
    pub fn offline(&mut self) -> Result<(), Failure> {
        self.tell("09:00 进楼,没有信号。", "09:00 Into the buildings, no signal.");
        let grid: GridCode = WORKERS_GRID.parse()?;
        let (worker, leader) = (&self.worker.engine, &self.leader.engine);
        for (name, number) in [("测试庚91", "37069919900307101X"), ("测试辛92", "370699198811230026")] {
            let body = fields(
                json!({"name": name, "id_type": "111", "id_number": with_check(number), "phone": "16900001234",
                "live_addr": "海棠社区3号楼2单元501"}),
            );
            worker.registry_add("person", &grid, body)?;
        }
        let place = fields(json!({"name": "测试小面馆二店", "phone": "16900004321"}));
        let added = worker.registry_add("place", &grid, self.place_body(place)?)?;
        worker.registry_change(added.id, fields(json!({"name": "测试小面馆(二店)"})))?;
        let found = worker.registry_search(&query("cs"))?.items.len();
        self.facts
            .insert("按拼音首字母搜到 / found by pinyin initials".into(), found as u64);

        let [shared, voided] = self.incidents.as_slice() else {
            return Err(failed("the morning's incidents are missing"));
        };
        let (shared, voided) = (*shared, *voided);
        worker.incident_change(
            shared,
            fields(json!({"title": "3号楼2单元楼道堆物", "address": "3号楼2单元"})),
        )?;
        leader.incident_change(
            shared,
            fields(json!({"title": "海棠社区3号楼通道占用", "involved_count": 4})),
        )?;
        leader.incident_note(shared, "已联系物业,下午清理。")?;
        worker.incident_change(
            voided,
            fields(json!({"description": "后厨放有三只液化气瓶,其中一只漏气。"})),
        )?;

        let place = self.point(121.2650, 37.5030)?;
        let closed = self.report(
            place,
            "A01.03",
            "1号楼门厅堆放电动车",
            "门厅停放两辆电动车,已请业主推走。",
            &["near", "far", "after"],
            false,
        )?;
        self.worker
            .engine
            .incident_self_close(closed, "业主当场推走,门厅畅通")?;
        self.incidents.push(closed);
        self.tell("10:30 登记两人一店;一件自办自结;两部手机各改同一件事件;全部离线。", "10:30 Two people and a shop registered, one incident closed on the spot, one edited on both phones; all without signal.");
        let waiting = self.worker.engine.sync_status()?.ops.unsent() + self.leader.engine.sync_status()?.ops.unsent();
        self.count("离线等待的操作 / operations waiting offline", waiting);
        // meanwhile the desk withdraws the second report
        let args = json!({"reason": "重复上报"});
        let staff = format!("s_{WORKERS_GRID}");
        let act =
            json!({"record": voided, "event": "T05_WITHDRAW", "role": "GRID_STAFF", "staff": staff, "args": args});
        let done = self.operate("/admin/v1/act", &act)?;
        if done.get("status").and_then(Value::as_str) != Some("applied") {
            return Err(failed(format!("the platform did not withdraw: {done}")));
        }
        self.tell(
            "11:00 平台撤回了第二件事件,手机还不知道。",
            "11:00 The platform withdraws the second incident; the phones do not know.",
        );
        Ok(())
    }

    /// The signal returns, badly: a portal page, a lost reply, a cut upload.
    pub fn signal_returns(&mut self) -> Result<(), Failure> {
        let faults = self.platform()?.faults();
        faults.portal_for(1);
        let first = self.sync_of("worker")?;
        if first.outcome
            != (SyncOutcome::Offline {
                code: "captive_portal".into(),
            })
        {
            return Err(failed(format!("a portal page was believed: {:?}", first.outcome)));
        }
        self.tell(
            "12:10 连上的是登录页,手机没有上当。",
            "12:10 The network was a log-in page; the phone did not believe it.",
        );
        faults.lose_next_push_reply();
        faults.cut_next_upload_at(5_000);
        let second = self.sync_of("worker")?;
        let lost = matches!(&second.outcome, SyncOutcome::Offline { code } if code == "reply_cut");
        if !lost || faults.push_reply_waits() || second.photos_left.due == 0 {
            return Err(failed(format!(
                "a lost reply or a cut upload was not noticed: {second:?}"
            )));
        }
        self.tell(
            "12:20 推送已提交,回执在路上丢了;一张照片传到一半断线。",
            "12:20 A push was committed and its reply was lost; a photo was cut in the middle.",
        );
        let bytes_due = second.photos_left.bytes_due;
        let third = self.sync_of("worker")?;
        // after the lost reply the phone asks again in smaller parts, in the same run or in the next
        let again = second.taken + second.conflicts + third.taken + third.conflicts;
        if third.outcome != SyncOutcome::Done || again == 0 || third.photos_left.due > 0 {
            return Err(failed(format!("sending again did not settle: {third:?}")));
        }
        // what the platform had of the cut photo was not sent again
        if third.bytes_up >= bytes_due + 20_000 {
            return Err(failed("the upload began anew instead of going on"));
        }
        self.tell(
            "12:30 重发:平台认出已有的操作,没有重复;照片从断点续传。",
            "12:30 Sent again: the platform knows what it has, nothing is doubled; the photo goes on where it was cut.",
        );
        self.count("重发后得到回执 / answered when sent again", u64::from(again));
        Ok(())
    }

    /// Everything settles: both phones, then the conflicts.
    pub fn settle(&mut self) -> Result<(), Failure> {
        self.settled("worker")?;
        self.settled("leader")?;
        self.settled("worker")?;
        let open = self.worker.engine.conflicts_open()?;
        self.count("冲突 / conflicts raised", open.len() as u64);
        let title = open.iter().find(|c| c.fields.contains_key("title"));
        let title = title.ok_or_else(|| failed("no conflict about the title edited on both phones"))?;
        let withdrawn = open.iter().find(|c| c.what == "withdrawn");
        let withdrawn = withdrawn.ok_or_else(|| failed("no conflict about the withdrawn incident"))?;
        self.tell("13:00 同步完成。两处都改了的标题、改了已撤回的事件,成为看得见的冲突。", "13:00 Settled. The title edited on both sides and the edit of the withdrawn incident are conflicts for a person.");
        for (field, sides) in &title.fields {
            self.say(&format!("        {field}: {} ⇄ {}", sides.platform, sides.phone));
        }
        self.leader.engine.conflict_resolve(title.id, Choice::Phone)?;
        self.worker.engine.conflict_resolve(withdrawn.id, Choice::Platform)?;
        self.settled("leader")?;
        self.settled("worker")?;
        self.settled("leader")?;
        let left = self.worker.engine.conflicts_open()?.len() + self.leader.engine.conflicts_open()?.len();
        if left > 0 {
            return Err(failed(format!("{left} conflicts are still open")));
        }
        self.tell(
            "13:10 书记选手机的标题,网格员同意撤回;两部手机一致。",
            "13:10 The secretary takes the phone's title, the worker accepts the withdrawal; both phones agree.",
        );
        Ok(())
    }

    /// Stops the platform and hands out the facts.
    pub fn end(mut self) -> Result<BTreeMap<String, u64>, Failure> {
        if let Some(platform) = self.platform.take() {
            self.runtime.block_on(platform.shutdown())?;
        }
        Ok(std::mem::take(&mut self.facts))
    }

    /// Notes a figure.
    pub fn count(&mut self, name: &str, value: u64) {
        *self.facts.entry(name.to_owned()).or_default() += value;
    }

    /// Asks the operators' door.
    pub fn ask(&self, path: &str) -> Result<Value, Failure> {
        self.admin_call(Method::Get, path, Vec::new())
    }

    fn operate(&self, path: &str, message: &Value) -> Result<Value, Failure> {
        self.admin_call(Method::Post, path, message.to_string().into_bytes())
    }

    fn admin_call(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Value, Failure> {
        let headers = vec![("authorization", format!("Bearer {ADMIN}"))];
        let request = Request {
            method,
            path: path.to_owned(),
            headers,
            body,
        };
        let reply = self
            .admin
            .send(&request, &Cancel::new())
            .map_err(|e| Failure::Engine(e.into()))?;
        if reply.status != 200 {
            return Err(failed(format!("{path}: {}", reply.status)));
        }
        serde_json::from_slice(&reply.body).map_err(|_| failed(format!("{path}: not JSON")))
    }

    fn platform(&self) -> Result<&Running, Failure> {
        self.platform.as_ref().ok_or_else(|| failed("the platform is stopped"))
    }

    /// Tells a step of the story.
    pub fn tell(&self, zh: &str, en: &str) {
        self.say(self.screen.say(zh, en));
    }

    fn say(&self, text: &str) {
        if !self.screen.json {
            println!("{text}");
        }
    }
}
