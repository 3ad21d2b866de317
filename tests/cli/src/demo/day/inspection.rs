//! The inspection of the day: one of the eight checklists, a hazard that becomes an incident, and the recheck that clears it.

use fushan_grid_core::app::inspect::{Arrival, Line, NewSheet, Stamp};
use fushan_grid_core::model::area::GridCode;
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::geo::Point;
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::rules::patrol::Fix;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Day, WORKERS_GRID, failed, fields};
use crate::failure::Failure;

/// The checklist of the nine kinds of small places.
const FORM: &str = "FIRE9";
/// What is answered where a form asks for a number, a text, or a day.
const PLAIN: [&str; 3] = ["5", "2026-11-25", "符合"];

impl Day {
    /// Without signal: the inspection of a shop. Its first hazard becomes an incident by its template.
    pub fn inspects(&mut self) -> Result<(), Failure> {
        let grid: GridCode = WORKERS_GRID.parse()?;
        let place = self.place_body(fields(json!({"name": "测试烧烤店", "phone": "16900005555"})))?;
        let place = self.worker.engine.registry_add("place", &grid, place)?.id;
        let plan = json!({"id": "fire9", "name": "九小场所季度检查", "department": "消防救援机构", "forms": [FORM],
                          "from": "2026-01-01", "targets": {"kind": {"kind": "place"}},
                          "frequency": {"times": 1, "per": "quarter"}});
        self.worker.engine.plan_put(&plan.to_string())?;
        let here = self.point(121.2645, 37.5025)?;
        let due = self.worker.engine.plan_today(Some(here))?;
        if !due.iter().any(|visit| visit.record == place) {
            return Err(failed("the shop is not on today's list"));
        }
        self.count("今日检查任务 / visits on today's list", due.len() as u64);

        let sheet = self.worker.engine.inspect_start(&NewSheet {
            form: FORM.into(),
            place: Some(place),
            arrival: arrival(here),
            ..NewSheet::default()
        })?;
        let answered = self.answer_all(sheet, here, true)?;
        self.count("检查表作答 / answers committed", answered);
        let missing = self.worker.engine.inspect_missing(sheet)?;
        if let Some(first) = missing.first() {
            return Err(failed(format!(
                "the sheet cannot be finished: {} {}",
                first.path, first.code
            )));
        }
        let done = self.worker.engine.inspect_finish(sheet)?;
        let [hazard] = done.hazards.as_slice() else {
            return Err(failed(format!("one hazard was expected: {done:?}")));
        };
        let incident = *done
            .incidents
            .first()
            .ok_or_else(|| failed("the hazard opened no incident"))?;
        self.hazard = Some((place, *hazard, incident));
        self.tell(
            "11:30 用“九小场所消防安全检查”查了一家店:一处重大隐患(疑似),按模板生成事件,待复查。",
            "11:30 A shop inspected with one of the eight checklists: a suspected major hazard became an incident.",
        );
        Ok(())
    }

    /// After the first synchronisation: the hazard is put right, and the recheck clears it.
    pub fn rechecks(&mut self) -> Result<(), Failure> {
        let (_, hazard, incident) = self.hazard.ok_or_else(|| failed("there was no inspection"))?;
        let body = self.leader.engine.record(hazard)?.record.body;
        if body.get("incident") != Some(&json!(incident)) {
            return Err(failed(
                "the secretary's phone does not see the hazard with its incident",
            ));
        }
        let here = self.point(121.2645, 37.5025)?;
        let sheet = self.worker.engine.inspect_recheck(hazard, arrival(here))?;
        self.answer_all(sheet, here, false)?;
        let done = self.worker.engine.inspect_finish(sheet)?;
        if done.cleared != [hazard] || !done.incidents.is_empty() {
            return Err(failed(format!("the recheck did not clear the hazard: {done:?}")));
        }
        self.settled("worker")?;
        self.settled("leader")?;
        let record = self.ask(&format!("/admin/v1/records/{hazard}"))?;
        if record.pointer("/body/state").and_then(Value::as_str) != Some("CLEARED") {
            return Err(failed(format!(
                "the platform does not know that the hazard is cleared: {record}"
            )));
        }
        self.tell(
            "15:00 复查:隐患已消除,事件上有复查记录,平台与两部手机一致。",
            "15:00 Rechecked: the hazard is cleared, its incident says so, platform and both phones agree.",
        );
        Ok(())
    }

    /// Goes through a sheet as a worker would: everything in order, but one grave item when asked for. Gives the answers made.
    fn answer_all(&mut self, sheet: RecordId, here: Point, with_hazard: bool) -> Result<u64, Failure> {
        let mut answered = 0;
        let mut wants_hazard = with_hazard;
        let mut seen: Vec<String> = Vec::new();
        // each answer may bring up further questions
        while let Some(line) = self.next_open(sheet, &seen)? {
            seen.push(line.path.clone());
            if line.kind == "upload" {
                self.photograph_item(sheet, &line.path, here, "near")?;
                answered += 1;
                continue;
            }
            let hazard = self.answer_one(sheet, &line, &mut wants_hazard)?;
            answered += u64::from(hazard.is_some());
            let short = self.worker.engine.inspect_missing(sheet)?;
            let photos = short
                .iter()
                .find(|missing| missing.path == line.path)
                .and_then(|missing| missing.photos);
            for _ in 0..photos.map_or(0, |(needed, there)| needed.saturating_sub(there)) {
                self.photograph_item(sheet, &line.path, here, "near")?;
            }
        }
        Ok(answered)
    }

    fn next_open(&self, sheet: RecordId, seen: &[String]) -> Result<Option<Line>, Failure> {
        let view = self.worker.engine.inspect_show(sheet)?;
        let asks = |line: &Line| !matches!(line.kind.as_str(), "group" | "repeat" | "new_repeat");
        let open = |line: &Line| asks(line) && !line.readonly && line.answer.is_none() && !seen.contains(&line.path);
        Ok(view.lines.into_iter().find(open))
    }

    /// Answers one question well, or badly once; `None` when the form takes nothing that is offered.
    fn answer_one(&self, sheet: RecordId, line: &Line, wants_hazard: &mut bool) -> Result<Option<bool>, Failure> {
        let offered: Vec<String> = if line.choices.is_empty() {
            PLAIN.map(str::to_owned).to_vec()
        } else {
            line.choices.iter().map(|(value, _)| value.clone()).collect()
        };
        let engine = &self.worker.engine;
        let mut best = None;
        for value in &offered {
            let Ok(done) = engine.inspect_answer(sheet, &line.path, value, Stamp::default()) else {
                continue;
            };
            if done.hazard == *wants_hazard {
                *wants_hazard = false;
                return Ok(Some(done.hazard));
            }
            best = best.or(Some(value.clone()));
        }
        // nothing fits what was wanted: a hazard cannot be had here, or nothing but a hazard can
        let Some(value) = best else { return Ok(None) };
        Ok(Some(
            engine
                .inspect_answer(sheet, &line.path, &value, Stamp::default())?
                .hazard,
        ))
    }

    fn photograph_item(&mut self, sheet: RecordId, path: &str, point: Point, role: &str) -> Result<(), Failure> {
        let shot = self.camera.shoot(point, UtcMillis(1_795_000_000_000));
        let picture = shot.map_err(|e| failed(e.to_string()))?;
        self.worker
            .engine
            .inspect_attach_from(sheet, path, picture.as_slice(), role)?;
        let hash = BlobHash(Sha256::digest(&picture).into());
        self.worker.photos.push((sheet, hash, picture.len()));
        Ok(())
    }
}

fn arrival(point: Point) -> Arrival {
    let fix = Fix {
        point,
        accuracy_m: 6,
        boot: 0,
        mono_ms: 0,
        wall: UtcMillis(0),
        mock: false,
    };
    Arrival {
        fix: Some(fix),
        ..Arrival::default()
    }
}
