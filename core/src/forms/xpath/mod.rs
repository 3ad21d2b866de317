//! The expression language of forms: XPath 1.0 as the ODK XForms specification has it, parsed once at load.

mod lexer;
mod location;
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
    /// The nodes of all its operands together (`a | b`).
    Union(Vec<Expr>),
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
    /// At the nodes that an expression gives, filtered as one set: `(a | b)[1]`.
    Nodes(Box<Filter>),
}

/// An expression that gives nodes, and what they must fulfil.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// The expression.
    pub set: Expr,
    /// The conditions; a number is a place in the set.
    pub predicates: Vec<Expr>,
}

/// A path to nodes: a start, steps down as all forms have them, and whatever else XPath knows behind these.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Where it starts.
    pub start: Start,
    /// The steps down, to children and attributes. They follow the instance of a repeat that an expression stands in.
    pub steps: Vec<Step>,
    /// From the first step along another axis on, all steps. They mean what XPath 1.0 says.
    pub far: Vec<Far>,
}

impl Path {
    /// A path without steps.
    #[must_use]
    pub fn at(start: Start) -> Self {
        Self {
            start,
            steps: Vec::new(),
            far: Vec::new(),
        }
    }

    /// Whether it only leads down by children and attributes.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.far.is_empty() && !matches!(self.start, Start::Nodes(_))
    }

    /// Whether it has no steps down: what comes then may start at the root above the first element.
    #[must_use]
    pub fn is_at_top(&self) -> bool {
        self.steps.is_empty() && !matches!(self.start, Start::Nodes(_))
    }
}

/// A step along any axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Far {
    /// Which way.
    pub axis: Axis,
    /// What is looked for there.
    pub test: Test,
    /// What the nodes must fulfil; a number is a place along the axis.
    pub predicates: Vec<Expr>,
}

/// The axes of XPath 1.0 but for `namespace`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Axis {
    Child,
    Attribute,
    Myself,
    Parent,
    Ancestor,
    AncestorOrSelf,
    Descendant,
    DescendantOrSelf,
    Following,
    FollowingSibling,
    Preceding,
    PrecedingSibling,
}

impl Axis {
    /// The axis of a name; nothing for one that forms do not have.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "child" => Self::Child,
            "attribute" => Self::Attribute,
            "self" => Self::Myself,
            "parent" => Self::Parent,
            "ancestor" => Self::Ancestor,
            "ancestor-or-self" => Self::AncestorOrSelf,
            "descendant" => Self::Descendant,
            "descendant-or-self" => Self::DescendantOrSelf,
            "following" => Self::Following,
            "following-sibling" => Self::FollowingSibling,
            "preceding" => Self::Preceding,
            "preceding-sibling" => Self::PrecedingSibling,
            _ => return None,
        })
    }

    /// Whether the first node along it is the last in the document.
    #[must_use]
    pub fn backwards(self) -> bool {
        matches!(
            self,
            Self::Ancestor | Self::AncestorOrSelf | Self::Preceding | Self::PrecedingSibling
        )
    }
}

/// What a step looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// Elements, or attributes, of a name.
    Name(Name),
    /// Any element, or attribute.
    Any,
    /// Any node.
    Node,
    /// The text of a node: the node that holds it.
    Text,
    /// Comments and instructions, which instances do not keep.
    Nothing,
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
    /// A step that forms do not have: the namespace axis, `prefix:*`, a step above the root.
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
                if let Start::Nodes(filter) = &path.start {
                    filter.set.walk(visit);
                    filter.predicates.iter().for_each(|predicate| predicate.walk(visit));
                }
                let near = path.steps.iter().flat_map(|step| &step.predicates);
                let far = path.far.iter().flat_map(|step| &step.predicates);
                near.chain(far).for_each(|predicate| predicate.walk(visit));
            }
            Self::Union(parts) => parts.iter().for_each(|part| part.walk(visit)),
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
