//! A form being filled in: opening, answers, repeats, and everything that follows from them.
//!
//! A [`Session`] is synchronous and pure. The caller sets the clock with [`Session::at`] before each call that may
//! change answers, and stores [`Session::draft`] afterwards; [`Session::resume`] goes on exactly there.
//!
//! What follows from an answer is computed in the order of the dependency graph, and only what reads it: the rules
//! and their order are those of ODK's own engine, so that forms behave as their authors have seen them.

mod answers;
mod cascade;
mod choices;
mod draft;
mod events;
mod places;
mod rehearse;
mod repeats;
mod submission;
mod validate;
mod view;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

pub use answers::Outcome;
pub use choices::Offer;
pub use draft::{ChangedNode, Changes, Draft, DraftError};
pub use places::Place;
pub use validate::{Refusal, Why};
pub use view::{ItemState, QuestionView, Screen, View};

use super::eval::{Chance, ChoiceIndex, EvalError, Here, Link, Scope};
use super::form::Form;
use super::moment::FormClock;
use super::tree::{NodeId, Place as At, Tree};
use super::value::{Answer, Value};

/// What a session starts with.
pub struct Setting {
    /// The moment now and the offset of the device.
    pub clock: FormClock,
    /// Properties of device and user that preloads and `property()` read: `deviceid`, `username`, `phonenumber`, …
    pub properties: HashMap<String, String>,
    /// Name of the language to show; the form's default when absent or unknown.
    pub language: Option<String>,
    /// Source of `random()`, `uuid()` and shuffled choices.
    pub chance: Box<dyn Chance>,
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Setting")
    }
}

/// A computation that had no value. The node keeps what it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Path of the node that the computation belongs to.
    pub path: String,
    /// Why.
    pub error: EvalError,
}

/// A form being filled in.
pub struct Session {
    form: Arc<Form>,
    tree: Tree,
    clock: FormClock,
    properties: HashMap<String, String>,
    language: Option<usize>,
    chance: RefCell<Box<dyn Chance>>,
    index: RefCell<ChoiceIndex>,
    failures: Vec<Failure>,
    /// How deep actions that set values have set each other off.
    depth: u32,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("form", &self.form.id)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Opens an empty form: defaults, preloads, events of the first load, then every rule once.
    #[must_use]
    pub fn open(form: Arc<Form>, setting: Setting) -> Self {
        let mut session = Self::bare(form, setting);
        session.read_defaults();
        if let Some(root) = session.tree.root() {
            session.preload(root);
        }
        for event in ["odk-instance-first-load", "xforms-ready", "odk-instance-load"] {
            session.fire_everywhere(event);
        }
        session.compute_all();
        session.settle();
        session
    }

    fn bare(form: Arc<Form>, setting: Setting) -> Self {
        let mut session = Self {
            tree: form.tree.clone(),
            form,
            clock: setting.clock,
            properties: setting.properties,
            language: None,
            chance: RefCell::new(setting.chance),
            index: RefCell::default(),
            failures: Vec::new(),
            depth: 0,
        };
        session.speak(setting.language.as_deref());
        session.tree.reshape();
        session
    }

    /// Defaults are texts in the form; here they become answers of their types.
    fn read_defaults(&mut self) {
        for id in self.tree.ids() {
            let data_type = self.form.data_type(self.tree[id].shape);
            if let Some(Answer::Text(text)) = &self.tree[id].value {
                self.tree[id].value = Answer::read(text, data_type, self.clock);
            }
        }
    }

    /// The compiled form.
    #[must_use]
    pub fn form(&self) -> &Arc<Form> {
        &self.form
    }

    /// Sets the clock for what comes next.
    pub fn at(&mut self, clock: FormClock) {
        self.clock = clock;
    }

    /// Chooses the language that labels and `jr:itext` are in; the default one when the name is unknown.
    pub fn speak(&mut self, language: Option<&str>) {
        let languages = &self.form.languages;
        let named = language.and_then(|name| languages.iter().position(|known| known.name == name));
        self.language = named.or_else(|| languages.iter().position(|known| known.default));
        self.tree.reshape();
    }

    /// The name of the language shown; nothing in a form without translations.
    #[must_use]
    pub fn language(&self) -> Option<&str> {
        self.language
            .and_then(|index| self.form.languages.get(index))
            .map(|language| language.name.as_str())
    }

    /// Computations without a value since the last call, oldest first. The form's author must mend them; no answer is lost.
    pub fn take_failures(&mut self) -> Vec<Failure> {
        std::mem::take(&mut self.failures)
    }

    /// Computes an expression at a node, as `fail_when` and `na_when` are: `.` is the answer there.
    ///
    /// # Errors
    /// See [`EvalError`]; also an unknown path or a text that is no expression.
    pub fn evaluate(&self, expression: &str, path: &str) -> Result<Computed, EvalError> {
        let node = self
            .node_at(path)
            .ok_or_else(|| EvalError::NoInstance(path.to_owned()))?;
        let mut names = self.form.names.clone();
        let expr = super::xpath::parse(expression, &mut names)
            .map_err(|error| EvalError::Unsupported(error.kind.code().to_owned()))?;
        let value = self.scope().single(&expr, Here::at(node))?;
        Ok(Computed {
            text: value.text(self.clock),
            number: value.number(self.clock),
            truth: value.truth(),
        })
    }

    fn scope(&self) -> Scope<'_> {
        Scope {
            form: &self.form,
            tree: &self.tree,
            clock: self.clock,
            properties: &self.properties,
            language: self.language.and_then(|index| self.form.languages.get(index)),
            chance: &self.chance,
            index: &self.index,
            candidate: None,
            work: Cell::new(0),
        }
    }

    fn failed(&mut self, node: NodeId, error: EvalError) {
        const KEPT: usize = 100;
        if self.failures.len() < KEPT {
            let path = self.path_of(node);
            self.failures.push(Failure { path, error });
        }
    }

    fn anchor(&self, node: NodeId) -> Vec<Link> {
        self.tree
            .chain(node)
            .into_iter()
            .map(|node| (self.tree[node].shape, Some(node)))
            .collect()
    }
}

/// A value in all the forms that callers ask for.
#[derive(Debug, Clone, PartialEq)]
pub struct Computed {
    /// As text.
    pub text: String,
    /// As a number; `NaN` when it is none.
    pub number: f64,
    /// As a condition.
    pub truth: bool,
}

#[cfg(test)]
mod axes_tests;
#[cfg(test)]
mod scenario_tests;
