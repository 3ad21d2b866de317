//! Taking a photo in: vault, looks, checks, manifest, rows. Up to the one transaction at the end nothing counts, and it
//! writes everything at once; so being killed anywhere leaves either the whole photo or a vault file that no row knows.

use std::io::Read;
use std::path::Path;

use serde_json::json;

use super::chain::Chain;
use super::context::{CaptureContext, Copy};
use super::{Attached, event};
use crate::app::Engine;
use crate::app::error::AppError;
use crate::app::incident::append;
use crate::app::incident::lane_for;
use crate::app::pen::Pen;
use crate::evidence::derive::{self, MEASURED, Made, THUMBNAIL, UPLOAD};
use crate::evidence::{self, EvidenceError, Intake, Limits, decode};
use crate::model::blob::{BlobHash, BlobRef};
use crate::model::ids::RecordId;
use crate::model::op::Lane;
use crate::rules::intake::{self, Looks};
use crate::store::blobs::{self, NewBlob};
use crate::store::captures::{self, Captured};
use crate::store::records::View;
use crate::store::{Writer, custody};
use crate::wire::manifest::{
    Capture, Check, Derived, Entry, EventKind, HexSha256, HexSm3, Likeness, Media, Moment, Origin, Subject, VERSION,
    canonical,
};

/// Writes a photo that was taken in, inside the transaction of the caller.
pub(in crate::app) type Keep<'k> = &'k dyn Fn(&Writer<'_>) -> Result<(), AppError>;

/// A file made of the photo, in the vault.
struct Extra {
    intake: Intake,
    made: Derived,
    lane: Lane,
}

/// All that is known of a photo before it is written down.
struct Taken<'a> {
    view: &'a View,
    context: &'a CaptureContext,
    intake: Intake,
    looks: Option<Looks>,
    thumbnail: Option<Extra>,
    copy: Option<Extra>,
}

impl Engine {
    /// Tells before the camera opens whether a photo of about this size can be kept safely.
    ///
    /// # Errors
    /// [`AppError::Evidence`] with `no_space`.
    pub fn evidence_room(&self, bytes: u64) -> Result<(), AppError> {
        Ok(evidence::check_room(&*self.env.media, bytes)?)
    }

    /// Takes a photo in from its bytes, read once as they come: checks it, signs its manifest, attaches it to a record.
    ///
    /// # Errors
    /// [`AppError::Evidence`] with nothing attached; [`AppError::NotFound`], [`AppError::Ended`].
    pub fn evidence_take(
        &self,
        record: RecordId,
        source: impl Read,
        context: &CaptureContext,
    ) -> Result<Attached, AppError> {
        self.evidence_take_with(record, source, context, |_, keep| self.store.write(|w| keep(w)))
    }

    /// As [`Engine::evidence_take`], in a transaction that the caller opens: `within` calls what it is handed inside it, beside
    /// what it writes itself. So the photo and what is said about it are kept together or not at all.
    pub(in crate::app) fn evidence_take_with(
        &self,
        record: RecordId,
        source: impl Read,
        context: &CaptureContext,
        within: impl FnOnce(&Attached, Keep<'_>) -> Result<(), AppError>,
    ) -> Result<Attached, AppError> {
        self.living(record)?;
        let _turn = self.intake_turn();
        let taken = self.put_in_vault(source)?;
        self.attach(record, context, taken, within)
    }

    /// Takes a photo in from a file. The file is copied, never changed.
    ///
    /// # Errors
    /// As [`Engine::evidence_take`].
    pub fn evidence_take_file(
        &self,
        record: RecordId,
        path: &Path,
        context: &CaptureContext,
    ) -> Result<Attached, AppError> {
        self.evidence_take_file_with(record, path, context, |_, keep| self.store.write(|w| keep(w)))
    }

    /// As [`Engine::evidence_take_with`], from a file.
    pub(in crate::app) fn evidence_take_file_with(
        &self,
        record: RecordId,
        path: &Path,
        context: &CaptureContext,
        within: impl FnOnce(&Attached, Keep<'_>) -> Result<(), AppError>,
    ) -> Result<Attached, AppError> {
        self.living(record)?;
        let _turn = self.intake_turn();
        let known = |hash: &BlobHash| self.key_of(*hash);
        let taken = evidence::intake_file(&*self.env.media, &*self.env.entropy, path, &Limits::default(), &known)?;
        self.attach(record, context, taken, within)
    }

    /// Takes bytes into the vault.
    pub(in crate::app) fn put_in_vault(&self, source: impl Read) -> Result<Intake, EvidenceError> {
        let known = |hash: &BlobHash| self.key_of(*hash);
        evidence::intake(&*self.env.media, &*self.env.entropy, source, &Limits::default(), &known)
    }

    fn attach(
        &self,
        record: RecordId,
        context: &CaptureContext,
        intake: Intake,
        within: impl FnOnce(&Attached, Keep<'_>) -> Result<(), AppError>,
    ) -> Result<Attached, AppError> {
        let view = self.living(record)?;
        let taken = self.looked_at(&view, context, intake)?;
        let now = self.capture_moment(context)?;
        let checks = self.checks(&taken.view.record, context, &taken.intake, taken.looks.as_ref(), &now)?;
        let mut chain = self.chain()?;
        let manifest = taken.manifest(&chain, now, checks);
        let digest = chain.add(&Entry::Capture(Box::new(manifest.clone())))?;
        let attached = Attached {
            sha256: taken.intake.hash,
            bytes: taken.intake.bytes,
            media_type: taken.intake.media_type.to_owned(),
            thumbnail: taken.thumbnail.as_ref().map(|t| t.intake.hash),
            copy: taken.copy.as_ref().map(|c| c.intake.hash),
            manifest: digest,
            verdict: intake::worst(&manifest.checks),
            checks: manifest.checks.clone(),
        };
        within(&attached, &|w| {
            self.keep_capture(w, &taken, &chain, &manifest, &attached)
        })?;
        self.remember_picture(taken.intake.hash, taken.looks.as_ref());
        Ok(attached)
    }

    /// Decodes the photo once, measures it, and makes the files that go with it.
    fn looked_at<'a>(
        &self,
        view: &'a View,
        context: &'a CaptureContext,
        intake: Intake,
    ) -> Result<Taken<'a>, AppError> {
        let refused = match context.camera_sha256 {
            Some(told) if told != intake.hash => Some(EvidenceError::NotFromCamera),
            _ => None,
        };
        let decoded = match refused {
            Some(error) => Err(error),
            None => self.decoded(&intake, MEASURED),
        };
        let decoded = match decoded {
            Ok(decoded) => Some(decoded),
            // what this phone cannot decode is evidence all the same; what is broken or another file must be taken again
            Err(EvidenceError::ImageTooLarge { .. }) => None,
            Err(EvidenceError::Undecodable) if intake.media_type == "image/heic" => None,
            Err(error) => {
                self.forget(&intake)?;
                return Err(error.into());
            }
        };
        let looks = decoded
            .as_ref()
            .and_then(evidence::Decoded::luma)
            .map(|luma| intake::look(&luma));
        let thumbnail = match &decoded {
            Some(decoded) => {
                let made = derive::thumbnail(decoded, THUMBNAIL)?;
                // small pictures of what is urgent go with its text
                let lane = match lane_for(&view.record.body) {
                    Lane::P0 => Lane::P0,
                    _ => Lane::P3,
                };
                Some(Extra {
                    lane,
                    ..self.extra(&intake, &made)?
                })
            }
            None => None,
        };
        let copy = match (context.copy, decoded) {
            (Copy::None, _) | (_, None) => None,
            (wanted, Some(_)) => Some(self.upload_copy(view, context, &intake, wanted)?),
        };
        Ok(Taken {
            view,
            context,
            intake,
            looks,
            thumbnail,
            copy,
        })
    }

    /// Takes a file that was refused out of the vault again, unless another photo's row has it.
    fn forget(&self, intake: &Intake) -> Result<(), AppError> {
        if self.key_of(intake.hash)?.is_none() {
            self.env.media.remove(&intake.hash.hex()).map_err(EvidenceError::from)?;
        }
        Ok(())
    }

    pub(super) fn decoded(&self, intake: &Intake, edge: u32) -> Result<evidence::Decoded, EvidenceError> {
        let open = || -> Result<Box<dyn Read>, EvidenceError> {
            Ok(Box::new(evidence::open(&*self.env.media, &intake.hash, &intake.key)?))
        };
        decode::decode(&open, edge)
    }

    fn extra(&self, original: &Intake, made: &Made) -> Result<Extra, AppError> {
        let intake = self.put_in_vault(made.jpeg.as_slice())?;
        Ok(Extra {
            made: derived(original.hash, &intake, made),
            intake,
            lane: Lane::P3,
        })
    }

    fn upload_copy(
        &self,
        view: &View,
        context: &CaptureContext,
        intake: &Intake,
        wanted: Copy,
    ) -> Result<Extra, AppError> {
        let lines = match wanted {
            Copy::Stamped => self.stamp_lines(&view.record, context)?,
            _ => Vec::new(),
        };
        let decoded = self.decoded(intake, UPLOAD)?;
        self.extra(intake, &derive::upload_copy(&decoded, &lines)?)
    }

    /// Everything that one transaction must hold: entries, capture, files, events, and the operation that cites the photo.
    fn keep_capture(
        &self,
        w: &Writer<'_>,
        taken: &Taken<'_>,
        chain: &Chain<'_>,
        manifest: &Capture,
        attached: &Attached,
    ) -> Result<(), AppError> {
        let record = taken.view.record.id;
        let extras = || taken.thumbnail.iter().chain(&taken.copy);
        let pen = Pen::new(w, &self.env, self.dictionaries().schema.schema);
        let rows = chain.commit(w)?;
        captures::insert(w, rows.last().copied().unwrap_or_default(), &taken.captured(manifest))?;
        blobs::insert(w, &new_blob(&taken.intake, Lane::P4, attached.thumbnail, record))?;
        for extra in extras() {
            blobs::insert(w, &new_blob(&extra.intake, extra.lane, None, record))?;
            captures::insert_derived(w, &extra.made)?;
        }
        let tell = |kind| event(kind, taken.intake.hash, pen.now, &manifest.actor.staff);
        for kind in [
            EventKind::Captured,
            EventKind::Checked,
            EventKind::Attached,
            EventKind::Queued,
        ] {
            custody::add(w, &tell(kind))?;
        }
        for extra in extras() {
            let mut made = tell(EventKind::Derived);
            made.derived = Some(extra.made.clone());
            custody::add(w, &made)?;
        }
        let item = taken.item(&pen, attached);
        append(w, &pen, taken.view, "attachments", item, vec![taken.cited()])
    }
}

impl Taken<'_> {
    fn cited(&self) -> BlobRef {
        BlobRef {
            sha256: self.intake.hash,
            bytes: self.intake.bytes,
            media_type: self.intake.media_type.to_owned(),
            role: self.context.role.clone(),
        }
    }

    /// The attachment as the record cites it.
    fn item(&self, pen: &Pen<'_, '_>, attached: &Attached) -> serde_json::Value {
        let mut item = json!(self.cited());
        if let Some(item) = item.as_object_mut() {
            item.insert("id".into(), json!(pen.record_id()));
            item.insert("thumbnail".into(), json!(attached.thumbnail));
            item.insert("manifest".into(), json!(attached.manifest));
            item.insert("camera".into(), json!(self.intake.exif));
            item.insert("taken_in_at".into(), json!(pen.now));
            if let Some(copy) = attached.copy {
                item.insert("copy".into(), json!(copy));
            }
        }
        item
    }

    fn manifest(&self, chain: &Chain<'_>, time: Moment, checks: Vec<Check>) -> Capture {
        let grid = self.view.record.grid.as_ref().map(ToString::to_string);
        let context = self.context;
        let short = |text: &Option<String>| text.as_deref().map(|t| canonical::plain(t, 200));
        Capture {
            v: VERSION,
            id: chain.fresh_id(),
            media: Media {
                sha256: HexSha256(self.intake.hash.0),
                sm3: self.intake.sm3,
                bytes: self.intake.bytes,
                mime: self.intake.media_type.to_owned(),
                w: self.intake.image.map(|i| i.width),
                h: self.intake.image.map(|i| i.height),
                source: context.source,
            },
            derived: self
                .thumbnail
                .iter()
                .chain(&self.copy)
                .map(|e| e.made.clone())
                .collect(),
            subject: Subject {
                case: self.view.record.id.to_string(),
                step: short(&context.step),
                form: context.form,
                item: short(&context.item),
                role: canonical::plain(&context.role, 40),
            },
            actor: chain.actor(&grid.unwrap_or_default()),
            time,
            place: context.fix.as_ref().map(plain_fix),
            env: plain_origin(&context.origin),
            checks,
            ph: self.looks.as_ref().map(likeness),
            chain: chain.next(),
        }
    }

    fn captured(&self, manifest: &Capture) -> Captured {
        Captured {
            media: self.intake.hash,
            record: self.view.record.id,
            role: self.context.role.clone(),
            at: crate::model::time::UtcMillis::parse_rfc3339(&manifest.time.wall).unwrap_or_default(),
            mono_ms: manifest.time.mono_ms,
            boot: manifest.time.boot_id.clone(),
            place: self.context.fix.as_ref().and_then(crate::wire::manifest::Fix::point),
            dhash: self.looks.as_ref().map(|l| l.hashes.whole.to_bytes()),
            crops: self.looks.as_ref().map(|l| l.hashes.crop_bytes()),
        }
    }
}

fn plain_fix(fix: &crate::wire::manifest::Fix) -> crate::wire::manifest::Fix {
    let short = |text: &str| canonical::plain(text, 40);
    let maybe = |text: &Option<String>| text.as_deref().map(short);
    crate::wire::manifest::Fix {
        lat: short(&fix.lat),
        lon: short(&fix.lon),
        acc_m: maybe(&fix.acc_m),
        alt_m: maybe(&fix.alt_m),
        speed_mps: maybe(&fix.speed_mps),
        provider: short(&fix.provider),
        ..fix.clone()
    }
}

fn plain_origin(origin: &Origin) -> Origin {
    let short = |text: &String| canonical::plain(text, 100);
    Origin {
        app: match origin.app.as_str() {
            "" => crate::app::sync::APP.to_owned(),
            _ => short(&origin.app),
        },
        os: short(&origin.os),
        model: short(&origin.model),
        signals: origin.signals.iter().take(20).map(short).collect(),
    }
}

fn likeness(looks: &Looks) -> Likeness {
    let hashes = &looks.hashes;
    Likeness {
        dhash256: HexSha256(hashes.whole.to_bytes()),
        crops: hashes
            .crops
            .iter()
            .chain(&hashes.mirrors)
            .map(ToString::to_string)
            .collect(),
        algo: crate::rules::likeness::ALGORITHM.to_owned(),
    }
}

pub(super) fn derived(of: BlobHash, intake: &Intake, made: &Made) -> Derived {
    Derived {
        sha256: HexSha256(intake.hash.0),
        sm3: HexSm3(intake.sm3.0),
        bytes: intake.bytes,
        of: HexSha256(of.0),
        op: made.op.clone(),
        w: made.width,
        h: made.height,
    }
}

pub(super) fn new_blob(of: &Intake, lane: Lane, thumbnail: Option<BlobHash>, record: RecordId) -> NewBlob {
    NewBlob {
        hash: of.hash,
        bytes: of.bytes,
        media_type: of.media_type.to_owned(),
        key: of.key.clone(),
        thumbnail,
        record,
        lane,
    }
}
