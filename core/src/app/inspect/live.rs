//! Sheets in memory while they are filled in.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex};

use super::error::InspectError;
use super::forms::Known;
use super::rows::{self, Rows};
use crate::app::Engine;
use crate::app::error::AppError;
use crate::forms::session::Session;
use crate::forms::{Chance, FormClock, Setting};
use crate::model::env::Entropy;
use crate::model::ids::RecordId;
use crate::model::time::UtcMillis;
use crate::store::sheets::{self, Sheet, SheetState};
use crate::store::{Writer, identity};

/// Sessions kept in memory; the others are read again when they are needed.
const KEPT: usize = 4;
/// Offset of Asia/Shanghai from UTC in minutes; the whole country keeps one time.
const OFFSET_MIN: i32 = 480;

/// Compiled forms and open sessions of an engine.
#[derive(Default)]
pub(in crate::app) struct Filling {
    pub(super) forms: Mutex<HashMap<String, Arc<Known>>>,
    live: Mutex<BTreeMap<RecordId, Live>>,
}

impl fmt::Debug for Filling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filling")
    }
}

/// A sheet being filled in: the session, and the rows that the store holds for it.
pub(super) struct Live {
    pub(super) sheet: Sheet,
    pub(super) known: Arc<Known>,
    pub(super) session: Session,
    pub(super) rows: Rows,
}

/// The host's source of random bytes, for `random()` and `uuid()`.
struct Dice(Arc<dyn Entropy>);

impl Chance for Dice {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }
}

impl Live {
    /// Writes what the session has changed since the last time.
    pub(super) fn commit(&mut self, w: &Writer<'_>) -> Result<(), AppError> {
        let written = rows::follow(&mut self.rows, &mut self.session).map_err(InspectError::from)?;
        let written = written.iter().map(|(key, value)| (key.as_str(), value.as_deref()));
        Ok(sheets::change_nodes(w, self.sheet.id, written)?)
    }
}

impl Engine {
    /// The moment by the platform's clock as far as this phone has heard it, else by its own.
    pub(in crate::app) fn moment(&self) -> Result<UtcMillis, AppError> {
        let ahead = self.store.read(identity::server_offset)?.unwrap_or(0);
        Ok(self.env.clock.wall().plus(ahead))
    }

    pub(super) fn form_clock(&self) -> Result<FormClock, AppError> {
        Ok(FormClock {
            now_ms: self.moment()?.0,
            offset_min: OFFSET_MIN,
        })
    }

    pub(super) fn setting(&self, language: Option<&str>) -> Result<Setting, AppError> {
        let me = self.store.read(identity::get)?;
        let properties = me
            .map(|me| HashMap::from([("username".to_owned(), me.staff.id.0)]))
            .unwrap_or_default();
        Ok(Setting {
            clock: self.form_clock()?,
            properties,
            language: language.map(str::to_owned),
            chance: Box::new(Dice(Arc::clone(&self.env.entropy))),
        })
    }

    /// The pseudonymous id of who fills in; empty before enrolment.
    pub(super) fn user(&self) -> Result<String, AppError> {
        let me = self.store.read(identity::get)?;
        Ok(me.map(|me| me.staff.id.0).unwrap_or_default())
    }

    /// Reads a sheet back as it was after its last committed answer.
    pub(super) fn recall(&self, sheet: Sheet) -> Result<Live, AppError> {
        let known = self.known_form(&sheet.form)?;
        let setting = self.setting(None)?;
        let rows = self.store.read(|r| sheets::nodes(r, sheet.id))?;
        let draft = rows::gather(&rows).map_err(InspectError::from)?;
        let session = Session::resume(Arc::clone(&known.form), setting, &draft).map_err(InspectError::from)?;
        Ok(Live {
            sheet,
            known,
            session,
            rows,
        })
    }

    /// Works on a draft. When it fails, what is in memory is dropped: the store has the last word.
    pub(super) fn with_live<T>(
        &self,
        id: RecordId,
        work: impl FnOnce(&mut Live) -> Result<T, AppError>,
    ) -> Result<T, AppError> {
        let clock = self.form_clock()?;
        let mut all = self.filling.live.lock().unwrap_or_else(|poisoned| {
            let mut all = poisoned.into_inner();
            all.clear();
            all
        });
        let mut live = match all.remove(&id) {
            Some(live) => live,
            None => self.wake(id)?,
        };
        live.session.at(clock);
        let done = work(&mut live)?;
        while all.len() >= KEPT {
            all.pop_first();
        }
        if live.sheet.state == SheetState::Draft {
            all.insert(id, live);
        }
        Ok(done)
    }

    fn wake(&self, id: RecordId) -> Result<Live, AppError> {
        let sheet = self.sheet(id)?;
        if sheet.state != SheetState::Draft {
            return Err(InspectError::NotADraft.into());
        }
        self.recall(sheet)
    }

    pub(super) fn sheet(&self, id: RecordId) -> Result<Sheet, AppError> {
        self.store
            .read(|r| sheets::get(r, id).map_err(AppError::from))?
            .ok_or(AppError::NotFound)
    }
}
