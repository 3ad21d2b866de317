//! Turns a definition into a form that can be filled in: paths resolved, expressions parsed, rules put in order.

mod axes;
mod body;
mod checks;
mod files;
mod graph;
mod model;
mod rules;
pub(in crate::forms) mod tables;

pub use files::with_files;

use std::collections::HashMap;

use super::definition::Definition;
use super::definition::{Label, Piece};
use super::form::{
    CompiledLabel, CompiledLanguage, CompiledPiece, Computation, Form, Instance, Part, PartId, PartKind, Shape,
};
use super::names::{Name, Names};
use super::tree::{NodeId, ShapeId, Tree};
use super::trouble::{Refused, Spot, Trouble, Weight};
use super::xpath::{self, Expr, Path, Start};

/// Where a form finds its files: tables, media.
pub trait Resources {
    /// The content of a file of that name, or nothing when there is none.
    fn read(&self, name: &str) -> Option<Vec<u8>>;
}

/// A form without files.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoResources;

impl Resources for NoResources {
    fn read(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}

/// What to do with rules that depend on each other in a circle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cycles {
    /// Refuse the form, as ODK does.
    #[default]
    Strict,
    /// Compute them once in document order and warn, as Enketo does.
    EnketoCompatible,
}

/// Compiles a form.
///
/// # Errors
/// Everything that keeps the form from being used, at once.
pub fn compile(definition: &Definition, resources: &dyn Resources, cycles: Cycles) -> Result<Form, Refused> {
    let digest = definition
        .digest()
        .map_err(|error| Refused::because("form_not_json", error.to_string()))?;
    compile_named(definition, resources, cycles, &digest)
}

/// Compiles a form whose digest is known already, because it was read from the canonical document of that name.
///
/// # Errors
/// As [`compile`].
pub fn compile_named(
    definition: &Definition,
    resources: &dyn Resources,
    cycles: Cycles,
    digest: &str,
) -> Result<Form, Refused> {
    let mut compiler = Compiler::default();
    let resources = &files::Own(&definition.files, resources);
    compiler.model(definition);
    compiler.secondaries(definition, resources);
    compiler.languages(definition);
    compiler.body(definition);
    compiler.templates(cycles);
    compiler.binds(definition);
    compiler.actions(definition);
    compiler.select_types();
    compiler.defaults();
    compiler.pulled_tables(resources);
    let submission = compiler.submission(definition);
    let order = compiler.order(cycles);
    if compiler.troubles.iter().any(|trouble| trouble.weight == Weight::Error) {
        return Err(Refused(compiler.troubles));
    }
    let counts = |part: &Part| matches!(part.kind, PartKind::Repeat { count: Some(_), .. });
    let counted = compiler.parts.iter().any(counts);
    let mut form = Form {
        id: definition.id.clone(),
        version: definition.version.clone(),
        title: definition.title.clone(),
        digest: digest.to_owned(),
        warnings: compiler.troubles,
        names: compiler.names,
        tree: compiler.tree,
        namespaces: definition.namespaces.clone(),
        shapes: compiler.shapes,
        templates: compiler.templates,
        steps: order.steps,
        readers: order.readers,
        followers: order.followers,
        repeat_relevance: order.repeat_relevance,
        instances: compiler.instances,
        resources: compiler.resources,
        parts: compiler.parts,
        top: compiler.top,
        actions: compiler.actions,
        languages: compiler.languages,
        submission,
        lenient: cycles == Cycles::EnketoCompatible,
        counted,
    };
    form.tree.shrink();
    for instance in &mut form.instances {
        instance.tree.shrink();
    }
    Ok(form)
}

/// What is known while a form is compiled.
#[derive(Default)]
struct Compiler {
    names: Names,
    tree: Tree,
    shapes: Vec<Shape>,
    known_shapes: HashMap<(Option<ShapeId>, Name, bool), ShapeId>,
    templates: HashMap<ShapeId, NodeId>,
    instances: Vec<Instance>,
    resources: HashMap<String, Vec<u8>>,
    computations: Vec<Computation>,
    parts: Vec<Part>,
    top: Vec<PartId>,
    actions: Vec<super::form::CompiledAction>,
    languages: Vec<CompiledLanguage>,
    troubles: Vec<Trouble>,
}

impl Compiler {
    fn error(&mut self, code: &'static str, subject: impl Into<String>) {
        self.troubles.push(Trouble::error(code, subject));
    }

    fn warn(&mut self, code: &'static str, subject: impl Into<String>) {
        self.troubles.push(Trouble::warning(code, subject));
    }

    /// Parses an expression; what is wrong with it is told once, with its place.
    fn expression(&mut self, source: &str) -> Option<Expr> {
        match xpath::parse(source, &mut self.names) {
            Ok(expr) => Some(expr),
            Err(error) => {
                let spot = Spot {
                    span: Some((error.at, error.length)),
                    ..Spot::default()
                };
                self.troubles.push(Trouble::error(error.kind.code(), source).at(spot));
                None
            }
        }
    }

    /// Parses a path that must name nodes without filters.
    fn path(&mut self, source: &str) -> Option<Path> {
        match self.expression(source)? {
            Expr::Path(path) => Some(path),
            _ => {
                self.error("form_not_a_path", source);
                None
            }
        }
    }

    /// The shape a path names, seen from another shape; nothing when there is no such node.
    fn resolve(&mut self, source: &str, from: Option<ShapeId>) -> Option<ShapeId> {
        let path = self.path(source)?;
        self.resolve_path(&path, from)
    }

    fn resolve_path(&self, path: &Path, from: Option<ShapeId>) -> Option<ShapeId> {
        if !path.is_plain() {
            return None;
        }
        let mut at = match &path.start {
            Start::Root => None,
            Start::Up(levels) | Start::CurrentUp(levels) => {
                let start = (0..*levels).try_fold(from?, |shape, _| self.shape(shape)?.parent);
                match start {
                    Some(shape) => Some(shape),
                    None => return None,
                }
            }
            Start::Instance(_) | Start::Nodes(_) => return None,
        };
        for step in &path.steps {
            at = Some(*self.known_shapes.get(&(at, step.name?, step.attribute))?);
        }
        at
    }

    fn shape(&self, id: ShapeId) -> Option<&Shape> {
        self.shapes.get(id.0 as usize)
    }

    fn shape_mut(&mut self, id: ShapeId) -> Option<&mut Shape> {
        self.shapes.get_mut(id.0 as usize)
    }

    fn chain(&self, id: ShapeId) -> Vec<ShapeId> {
        let mut path: Vec<ShapeId> = std::iter::successors(Some(id), |s| self.shape(*s)?.parent).collect();
        path.reverse();
        path
    }

    fn shape_text(&self, id: ShapeId) -> String {
        let mut text = String::new();
        for shape in self.chain(id).into_iter().filter_map(|id| self.shape(id)) {
            text.push('/');
            text.push_str(shape.name.map_or("", |name| self.names.text(name)));
        }
        text
    }

    fn languages(&mut self, definition: &Definition) {
        for language in &definition.languages {
            let mut texts = HashMap::new();
            for (id, forms) in &language.texts {
                let forms = forms
                    .iter()
                    .map(|form| (form.form.clone(), self.words(&form.text)))
                    .collect();
                texts.insert(id.clone(), forms);
            }
            self.languages.push(CompiledLanguage {
                name: language.name.clone(),
                default: language.default,
                texts,
            });
        }
    }

    /// A computed part that cannot be read is left out with a warning: words never keep a form from being used.
    fn words(&mut self, words: &[Piece]) -> Vec<CompiledPiece> {
        let mut out = Vec::new();
        for piece in words {
            match piece {
                Piece::Plain(text) => out.push(CompiledPiece::Plain(text.clone())),
                Piece::Output(source) => match xpath::parse(source, &mut self.names) {
                    Ok(expr) => out.push(CompiledPiece::Output(expr)),
                    Err(error) => self.warn(error.kind.code(), source.clone()),
                },
            }
        }
        out
    }

    fn label(&mut self, label: Option<&Label>) -> Option<CompiledLabel> {
        Some(match label? {
            Label::Words(words) => CompiledLabel::Words(self.words(words)),
            Label::Id(id) => CompiledLabel::Id(id.clone()),
        })
    }
}
