//! A phone of a run: the real engine over real files, that can be killed, restarted, set back and read out.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use fushan_grid_core::app::{Engine, EngineConfig};
use fushan_grid_core::evidence::FolderMedia;
use fushan_grid_core::model::env::{Env, KeyError, KeyProvider, SecretKey};
use fushan_grid_core::store::{OpenReport, Store, StoreConfig};
use fushan_suite::signer::MemorySigner;

use crate::media::PhoneMedia;
use crate::random::{Dice, PhoneEntropy};
use crate::seams::{Killed, Seams, copy};
use crate::time::{PhoneClock, WorldClock};

/// Keys that open whatever they closed.
struct OpenKeys;

impl KeyProvider for OpenKeys {
    fn key_id(&self) -> Result<String, KeyError> {
        Ok("simulation".into())
    }
    fn wrap(&self, key: &SecretKey) -> Result<Vec<u8>, KeyError> {
        Ok(key.to_vec())
    }
    fn unwrap(&self, wrapped: &[u8]) -> Result<SecretKey, KeyError> {
        <[u8; 32]>::try_from(wrapped)
            .map(SecretKey::new)
            .map_err(|_| KeyError::Wrong)
    }
}

/// One phone.
pub struct Phone {
    /// Its number in the run.
    pub number: usize,
    /// Who works with it.
    pub staff: String,
    /// Its clocks.
    pub clock: Arc<PhoneClock>,
    /// Where it can be killed.
    pub seams: Arc<Seams>,
    /// Whether it is out of reach for now.
    pub offline: Cell<bool>,
    /// Deaths so far.
    pub kills: Cell<u32>,
    entropy: Arc<PhoneEntropy>,
    signer: Arc<MemorySigner>,
    files: PathBuf,
    engine: RefCell<Option<Rc<Engine>>>,
    depth: Cell<u32>,
}

impl Phone {
    /// A phone whose files lie in `files`; it is started by [`Phone::start`].
    pub fn new(number: usize, staff: &str, seed: u64, files: &Path, world: &Arc<WorldClock>) -> Self {
        let image = files.with_extension("image");
        let seams = Arc::new(Seams::new(files, &image));
        let dice = Dice::of(seed, u64::MAX, number as u64);
        Self {
            number,
            staff: staff.to_owned(),
            clock: Arc::new(PhoneClock::new(Arc::clone(world), Arc::clone(&seams))),
            entropy: Arc::new(PhoneEntropy::new(dice, Arc::clone(&seams))),
            signer: Arc::new(MemorySigner::new(number as u64)),
            seams,
            offline: Cell::new(false),
            kills: Cell::new(0),
            files: files.to_owned(),
            engine: RefCell::new(None),
            depth: Cell::new(0),
        }
    }

    /// Everything outside its engine.
    pub fn env(&self) -> Env {
        let folder = FolderMedia::open(&self.files.join("media")).expect("a media folder");
        Env {
            clock: Arc::clone(&self.clock) as _,
            entropy: Arc::clone(&self.entropy) as _,
            media: Arc::new(PhoneMedia::new(folder, Arc::clone(&self.seams))),
            keys: Arc::new(OpenKeys),
            signer: Arc::clone(&self.signer) as _,
            tokens: None,
        }
    }

    /// Starts the app from its files. Tells whether the file was found damaged, which no kill may cause.
    pub fn start(&self) -> bool {
        self.start_reporting().quarantined.is_some()
    }

    /// Starts the app from its files, and tells what opening them did.
    pub fn start_reporting(&self) -> OpenReport {
        let config = EngineConfig {
            dir: self.files.join("db"),
            recovery_key: None,
            full_check: false,
        };
        let (engine, report) = Engine::open(config, self.env()).expect("a phone's app opens");
        *self.engine.borrow_mut() = Some(Rc::new(engine));
        report
    }

    /// Ends the app in good order.
    pub fn stop(&self) {
        self.engine.borrow_mut().take();
    }

    /// The app.
    pub fn engine(&self) -> Rc<Engine> {
        Rc::clone(self.engine.borrow().as_ref().expect("the app runs"))
    }

    /// Runs `f` in the app. A kill ends all that runs in it, however deep, and leaves the files as they were then.
    pub fn run<T>(&self, f: impl FnOnce(&Engine) -> T) -> Result<T, Killed> {
        let engine = self.engine();
        self.depth.set(self.depth.get() + 1);
        self.seams.set_inside(true);
        let ended = catch_unwind(AssertUnwindSafe(|| f(&engine)));
        self.depth.set(self.depth.get() - 1);
        self.seams.set_inside(self.depth.get() > 0);
        drop(engine);
        match ended {
            Ok(value) => Ok(value),
            Err(cause) if !self.seams.dead() || !cause.is::<Killed>() => resume_unwind(cause),
            // the app is dead in the frames below as well
            Err(cause) if self.depth.get() > 0 => resume_unwind(cause),
            Err(_) => {
                self.engine.borrow_mut().take();
                self.seams.revive();
                self.kills.set(self.kills.get() + 1);
                copy(&self.files.with_extension("image"), &self.files).expect("the image is put in place");
                Err(Killed)
            }
        }
    }

    /// Keeps a copy of the phone's files, or puts it back in place of them.
    pub fn set_aside(&self) {
        self.stop();
        copy(&self.files, &self.files.with_extension("aside")).expect("a copy of a phone");
        self.start();
    }

    /// Puts the files of [`Phone::set_aside`] back. Tells whether there were any.
    pub fn set_back(&self) -> bool {
        let aside = self.files.with_extension("aside");
        if !aside.exists() {
            return false;
        }
        self.stop();
        copy(&aside, &self.files).expect("a copy of a phone is put back");
        self.start();
        true
    }

    /// Reads the store below the app; the app is stopped meanwhile.
    pub fn read_store<T>(&self, f: impl FnOnce(&Store) -> T) -> T {
        self.stop();
        let config = StoreConfig {
            dir: self.files.join("db"),
            recovery_key: None,
            full_check: false,
        };
        let (store, _) = Store::open(config, &self.env()).expect("a phone's store opens");
        let value = f(&store);
        drop(store);
        self.start();
        value
    }

    /// Its files.
    pub fn files(&self) -> &Path {
        &self.files
    }
}
