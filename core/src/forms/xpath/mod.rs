//! The expression language of forms: the XPath subset of the ODK XForms specification, parsed once at load.

mod lexer;
mod parser;

pub use parser::parse;

use super::names::Name;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A number.
    Number(f64),
    /// A text in quotes.
    Text(Box<str>),
    /// A path to nodes.
    Path(Path),
    /// A call of a function, by its full name (`jr:choice-name`).
    Call(Box<str>, Vec<Expr>),
    /// Two operands.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// A number with its sign changed.
    Negative(Box<Expr>),
    /// `$name`
    Variable(Box<str>),
    /// A syntax that is understood but has no meaning in forms (a union, a filter on something that is no path).
    Unsupported(&'static str),
}

/// The operators, loosest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Where a path starts.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// At the root of the primary instance.
    Root,
    /// So many steps above the node that is looked at.
    Up(u32),
    /// So many steps above the node that the whole expression belongs to (`current()`).
    CurrentUp(u32),
    /// At the root of another instance.
    Instance(Box<str>),
}

/// A path to nodes: a start and steps down. Steps up are only possible at the start.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Where it starts.
    pub start: Start,
    /// The steps down.
    pub steps: Vec<Step>,
}

/// One step down.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The name of the child or attribute; nothing is any child.
    pub name: Option<Name>,
    /// An attribute instead of a child.
    pub attribute: bool,
    /// What the nodes must fulfil.
    pub predicates: Vec<Expr>,
}

/// Why a text is not an expression: what and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Characters from the start of the text, counted from zero.
    pub at: usize,
    /// How many characters the trouble spans.
    pub length: usize,
    /// What is wrong.
    pub kind: SyntaxKind,
}

/// Kinds of trouble in an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxKind {
    /// A character that no expression holds.
    Character,
    /// A quote without its end.
    Unclosed,
    /// Something else must stand here.
    Unexpected,
    /// The text ends too early.
    Incomplete,
    /// Nested deeper than any real expression.
    TooDeep,
    /// A step that forms do not have: another axis, `//`, a step up after a step down.
    Step,
    /// `instance()` without one text in quotes.
    Instance,
}

impl SyntaxKind {
    /// The stable code of the diagnostic.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Character => "expr_bad_character",
            Self::Unclosed => "expr_unclosed_quote",
            Self::Unexpected => "expr_unexpected",
            Self::Incomplete => "expr_incomplete",
            Self::TooDeep => "expr_too_deep",
            Self::Step => "expr_unsupported_step",
            Self::Instance => "expr_instance_argument",
        }
    }
}

impl Expr {
    /// Calls `visit` for this expression and everything inside it, predicates too.
    pub fn walk(&self, visit: &mut dyn FnMut(&Expr)) {
        visit(self);
        match self {
            Self::Path(path) => {
                for predicate in path.steps.iter().flat_map(|step| &step.predicates) {
                    predicate.walk(visit);
                }
            }
            Self::Call(_, args) => args.iter().for_each(|arg| arg.walk(visit)),
            Self::Binary(_, left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            Self::Negative(inner) => inner.walk(visit),
            _ => {}
        }
    }
}
