//! What strangers may hand to the checklist engine: one body each for the fuzz targets and for the seeded test.
//!
//! Nothing here may panic, and nothing may take long; whether the input is accepted does not matter.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use fushan_grid_core::forms::session::Place;
use fushan_grid_core::forms::{
    Chance, Cycles, Definition, Form, FormClock, NoResources, Resources, Session, Setting, compile, xforms,
};

/// Bytes that are the same each time.
#[derive(Debug, Clone, Copy)]
pub struct Steady;

impl Chance for Steady {
    fn fill(&mut self, out: &mut [u8]) {
        out.fill(7);
    }
}

/// A setting at a fixed moment.
#[must_use]
pub fn setting() -> Setting {
    Setting {
        clock: FormClock {
            now_ms: 1_772_587_800_000,
            offset_min: 480,
        },
        properties: HashMap::new(),
        language: None,
        chance: Box::new(Steady),
    }
}

static SMALL: LazyLock<Option<Arc<Form>>> = LazyLock::new(|| {
    let xml = std::fs::read_to_string(crate::sources::top().join("tests/fixtures/forms/expression.xml")).ok()?;
    let xml = xml.replace("%TYPE%", "string").replace("%EXPR%", "1");
    let definition = xforms::import(&xml).ok()?.definition;
    compile(&definition, &NoResources, Cycles::Strict).ok().map(Arc::new)
});

/// Reads and computes an expression. Returns whether it had a value.
pub fn expression(data: &[u8]) -> bool {
    let (Ok(text), Some(form)) = (std::str::from_utf8(data), SMALL.as_ref()) else {
        return false;
    };
    Session::open(Arc::clone(form), setting())
        .evaluate(text, "/data/a")
        .is_ok()
}

/// Reads a form from XForms XML and uses it. Returns whether it was accepted.
pub fn document(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    xforms::import(text).is_ok_and(|imported| definition(&imported.definition, &NoResources))
}

/// Reads a form from GF/1 JSON and uses it. Returns whether it was accepted.
pub fn gf1(data: &[u8]) -> bool {
    serde_json::from_slice::<Definition>(data).is_ok_and(|read| definition(&read, &NoResources))
}

/// Compiles a form in both modes and uses it: every question once, its draft, its submission.
pub fn definition(definition: &Definition, resources: &dyn Resources) -> bool {
    let _ = definition.digest();
    let strict = compile(definition, resources, Cycles::Strict);
    let form = strict.or_else(|_| compile(definition, resources, Cycles::EnketoCompatible));
    let Ok(form) = form.map(Arc::new) else {
        return false;
    };
    let mut session = Session::open(Arc::clone(&form), setting());
    for place in session.places().into_iter().take(400) {
        let path = session.place_path(place);
        match place {
            Place::Question(..) => {
                for value in ["1", "x", "2026-03-04", "37 121 0 0"] {
                    session.answer(&path, value);
                }
            }
            Place::NewRepeat(..) => {
                session.add_repeat(&path);
                session.remove_repeat(&format!("{path}[1]"));
            }
            _ => {}
        }
    }
    let _ = session.validate();
    let _ = session.missing();
    let _ = session.items();
    let draft = session.draft();
    let resumed = Session::resume(form, setting(), &draft);
    let same = resumed.is_ok_and(|resumed| resumed.submission() == session.submission());
    let mut rehearsal = session;
    rehearsal.rehearse();
    same
}

/// A copy of some bytes with a few bits turned over, the same for the same seed.
#[must_use]
pub fn flipped(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let length = copy.len().max(1) as u64;
        let at = usize::try_from(state % length).unwrap_or(0);
        if let Some(byte) = copy.get_mut(at) {
            // the low bits keep text text, so that what is tried is more than the check for UTF-8
            *byte ^= 1 << (state >> 60 & 3);
        }
    }
    copy
}
