//! What people do again and again during the day: report, photograph, synchronise.

use std::time::Duration;

use fushan_grid_core::app::AppError;
use fushan_grid_core::app::incident::NewIncident;
use fushan_grid_core::app::sync::{Budget, SyncOutcome, SyncReport, Unwatched};
use fushan_grid_core::model::blob::BlobHash;
use fushan_grid_core::model::fault::Coded;
use fushan_grid_core::model::geo::{Crs, Point};
use fushan_grid_core::model::ids::RecordId;
use fushan_grid_core::model::record::Body;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::Cancel;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Day, failed};
use crate::failure::Failure;

impl Day {
    /// Reports an incident from the worker's phone with photos.
    pub(super) fn report(
        &mut self,
        point: Point,
        category: &str,
        title: &str,
        description: &str,
        roles: &[&str],
        submit: bool,
    ) -> Result<RecordId, Failure> {
        let new = NewIncident {
            category: category.to_owned(),
            title: title.to_owned(),
            description: description.to_owned(),
            point,
            accuracy_m: Some(6),
            severity: "GENERAL".to_owned(),
            found_at: None,
        };
        let id = self.worker.engine.incident_draft(new)?;
        for role in roles {
            self.photograph(id, point, role)?;
        }
        if submit {
            self.worker.engine.incident_submit(id)?;
        }
        Ok(id)
    }

    /// Takes the next photo in; a file of the given folder that intake refuses is passed over with a word.
    pub(super) fn photograph(&mut self, id: RecordId, point: Point, role: &str) -> Result<(), Failure> {
        loop {
            let shot = self.camera.shoot(point, UtcMillis(1_795_000_000_000));
            let picture = shot.map_err(|e| failed(e.to_string()))?;
            match self.worker.engine.evidence_add(id, picture.as_slice(), role) {
                Ok(_) => {
                    let hash = BlobHash(Sha256::digest(&picture).into());
                    self.worker.photos.push((id, hash, picture.len()));
                    return Ok(());
                }
                Err(error @ AppError::Evidence(_)) if self.camera.has_files() => {
                    let passed_over = self.screen.say("跳过一个文件", "a file is passed over");
                    self.say(&format!("        {passed_over} [{}]", error.fault().code));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(super) fn point(&self, lon: f64, lat: f64) -> Result<Point, Failure> {
        Ok(Point::from_degrees(lon, lat, Crs::Wgs84)?)
    }

    /// Adds what the schema requires of a place, from its own code lists.
    pub(super) fn place_body(&self, mut body: Body) -> Result<Body, Failure> {
        let dictionaries = self.worker.engine.dictionaries();
        let spec = dictionaries
            .schema
            .kind("place")
            .ok_or_else(|| failed("the schema has no places"))?;
        let point = self.point(121.2645, 37.5025)?;
        for field in spec
            .fields
            .iter()
            .filter(|f| f.required && !body.contains_key(&f.name))
            .collect::<Vec<_>>()
        {
            use fushan_grid_core::model::schema::FieldType as T;
            let value = match &field.ty {
                T::Code { list } => {
                    let codes = dictionaries.schema.code_list(list).map(|l| &l.codes);
                    json!(codes.and_then(|c| c.first()).map(|c| c.code.clone()))
                }
                T::Point => json!(point),
                T::Timestamp => json!(1_800_000_000_000_i64),
                T::Date => json!("2027-01-01"),
                T::Boolean => json!(false),
                T::Integer { min, .. } => json!(min),
                _ => json!("测试"),
            };
            body.insert(field.name.clone(), value);
        }
        Ok(body)
    }

    /// One synchronisation that must settle everything.
    pub fn settled(&mut self, name: &str) -> Result<(), Failure> {
        let report = self.sync_of(name)?;
        let phone = if name == "worker" { &self.worker } else { &self.leader };
        if let Some(letter) = phone.engine.sync_status()?.dead_letters.first() {
            return Err(failed(format!("{name}: refused {} {:?}", letter.code, letter.fields)));
        }
        match report.outcome {
            SyncOutcome::Done => Ok(()),
            other => Err(failed(format!("{name} did not settle: {other:?}"))),
        }
    }

    pub(super) fn sync_of(&mut self, name: &str) -> Result<SyncReport, Failure> {
        let phone = if name == "worker" { &self.worker } else { &self.leader };
        let budget = Budget::time(Duration::from_secs(120));
        let report = phone
            .engine
            .sync_once(&phone.transport, budget, &Unwatched, &Cancel::new())?;
        self.count("同步次数 / synchronisations", 1);
        self.count("上行字节 / bytes up", report.bytes_up);
        self.count("下行字节 / bytes down", report.bytes_down);
        self.count("同步毫秒 / milliseconds synchronising", report.duration_ms);
        self.count("照片上传 / photos uploaded", report.photos_stored.into());
        self.say(&format!(
            "        [{name}] {}",
            crate::phone::report_text(&self.screen, &report)
        ));
        Ok(report)
    }
}
