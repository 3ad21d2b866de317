//! Computes expressions over the instances of a form.

mod axes;
mod dates;
mod device;
mod functions;
mod geo;
mod lists;
mod paths;
mod pattern;
mod texts;

pub use paths::Here;
pub(super) use paths::{ChoiceIndex, Link};
pub(super) use texts::shuffle;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::form::{CompiledLanguage, Form};
use super::moment::FormClock;
use super::tree::{NodeId, Tree};
use super::value::Value;
use super::xpath::{Expr, Operator, Start};
use crate::model::fault::{Coded, Fault};

/// Which instance nodes belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// The primary instance.
    Main,
    /// A secondary instance, by its number.
    Other(usize),
}

/// Nodes of one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeSet {
    /// The instance.
    pub which: Which,
    /// The nodes, in document order.
    pub nodes: Vec<NodeId>,
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum EvalError {
    #[error("no function {0}")]
    UnknownFunction(String),
    #[error("function {0} does not take {1} arguments")]
    Arguments(String, usize),
    #[error("function {0} cannot take such a value")]
    BadArgument(&'static str),
    #[error("{0} is repeated: say which one")]
    Repeated(String),
    #[error("no instance {0}")]
    NoInstance(String),
    #[error("a path goes above the root")]
    AboveRoot,
    #[error("{0} has no meaning in forms")]
    Unsupported(String),
    #[error("{0} is no date")]
    NotADate(String),
    #[error("the pattern cannot be matched")]
    BadPattern,
    #[error("a {1} cannot hold {0}")]
    DoesNotFit(String, &'static str),
    #[error("a computation takes too long")]
    TooMuchWork,
    #[error("more repeats than a form can have")]
    TooManyRepeats,
}

impl Coded for EvalError {
    fn fault(&self) -> Fault {
        match self {
            Self::UnknownFunction(name) => Fault::of("expr_unknown_function").with("subject", name),
            Self::Arguments(name, count) => Fault::of("expr_arguments").with("subject", name).with("count", count),
            Self::BadArgument(name) => Fault::of("expr_bad_argument").with("subject", name),
            Self::Repeated(path) => Fault::of("expr_repeated").with("subject", path),
            Self::NoInstance(id) => Fault::of("expr_no_instance").with("subject", id),
            Self::AboveRoot => Fault::of("expr_above_root"),
            Self::Unsupported(what) => Fault::of("expr_unsupported").with("subject", what),
            Self::NotADate(_) => Fault::of("expr_not_a_date"),
            Self::BadPattern => Fault::of("expr_bad_pattern"),
            Self::DoesNotFit(_, what) => Fault::of("expr_does_not_fit").with("subject", what),
            Self::TooMuchWork => Fault::of("expr_too_much_work"),
            Self::TooManyRepeats => Fault::of("form_too_many_repeats"),
        }
    }
}

/// Chance, as expressions see it: `random()`, `uuid()`, shuffled choices.
pub trait Chance: Send {
    /// Random bytes.
    fn fill(&mut self, out: &mut [u8]);
}

/// How many nodes one computation may look at before it is stopped.
const WORK: u64 = 20_000_000;

/// Everything an expression can see.
pub(super) struct Scope<'a> {
    pub(super) form: &'a Form,
    pub(super) tree: &'a Tree,
    pub(super) clock: FormClock,
    pub(super) properties: &'a HashMap<String, String>,
    pub(super) language: Option<&'a CompiledLanguage>,
    pub(super) chance: &'a RefCell<Box<dyn Chance>>,
    pub(super) index: &'a RefCell<ChoiceIndex>,
    /// The answer that a constraint looks at, in place of the one stored.
    pub(super) candidate: Option<(NodeId, Value)>,
    pub(super) work: Cell<u64>,
}

impl Scope<'_> {
    fn tree_of(&self, which: Which) -> Result<&Tree, EvalError> {
        match which {
            Which::Main => Ok(self.tree),
            Which::Other(index) => self
                .form
                .instances
                .get(index)
                .map(|i| &i.tree)
                .ok_or_else(|| EvalError::NoInstance(String::new())),
        }
    }

    /// Counts work, and stops a computation that would never end.
    fn spend(&self, nodes: usize) -> Result<(), EvalError> {
        let spent = self.work.get() + nodes as u64;
        self.work.set(spent);
        if spent > WORK {
            Err(EvalError::TooMuchWork)
        } else {
            Ok(())
        }
    }

    /// Computes an expression.
    pub(super) fn eval(&self, expr: &Expr, here: Here) -> Result<Value, EvalError> {
        match expr {
            Expr::Number(number) => Ok(Value::Number(*number)),
            Expr::Text(text) => Ok(Value::Text(text.to_string())),
            Expr::Path(path) if path.steps.is_empty() && path.far.is_empty() && path.start == Start::Root => {
                Err(EvalError::Unsupported("/".into()))
            }
            Expr::Path(path) => self.expand(path, here).map(Value::Nodes),
            Expr::Call(name, args) => self.call(name, args, here),
            Expr::Binary(..) => self.binary(expr, here),
            Expr::Negative(inner) => Ok(Value::Number(-self.single(inner, here)?.number(self.clock))),
            Expr::Variable(name) => Err(EvalError::Unsupported(format!("${name}"))),
            Expr::Union(parts) => self.union(parts, here).map(Value::Nodes),
        }
    }

    /// Computes an expression to one value: a set of one node is that node's value, an empty one is empty text.
    pub(super) fn single(&self, expr: &Expr, here: Here) -> Result<Value, EvalError> {
        let value = self.eval(expr, here)?;
        self.open(value)
    }

    /// The one value of a result.
    pub(super) fn open(&self, value: Value) -> Result<Value, EvalError> {
        let Value::Nodes(set) = value else {
            return Ok(value);
        };
        match set.nodes.as_slice() {
            [] => Ok(Value::Text(String::new())),
            [node] => self.value_at(set.which, *node),
            [node, ..] => {
                let tree = self.tree_of(set.which)?;
                Err(EvalError::Repeated(self.form.names.text(tree[*node].name).to_owned()))
            }
        }
    }

    /// The value of a node: empty when it does not count.
    pub(super) fn value_at(&self, which: Which, node: NodeId) -> Result<Value, EvalError> {
        if let Some((candidate, value)) = &self.candidate
            && which == Which::Main
            && *candidate == node
        {
            return Ok(value.clone());
        }
        let node = &self.tree_of(which)?[node];
        let answer = node.value.as_ref().filter(|_| node.relevant());
        Ok(answer.map_or_else(|| Value::Text(String::new()), super::value::Answer::value))
    }

    pub(super) fn values(&self, set: &NodeSet) -> Result<Vec<Value>, EvalError> {
        set.nodes.iter().map(|node| self.value_at(set.which, *node)).collect()
    }

    /// Operators in a row are computed in a loop, so that long sums take no deep stack.
    fn binary(&self, expr: &Expr, here: Here) -> Result<Value, EvalError> {
        let mut first = expr;
        let mut rest = Vec::new();
        while let Expr::Binary(operator, left, right) = first {
            rest.push((*operator, right));
            first = left;
        }
        let mut value = self.single(first, here)?;
        for (operator, right) in rest.into_iter().rev() {
            value = match operator {
                Operator::Or if value.truth() => Value::Boolean(true),
                Operator::And if !value.truth() => Value::Boolean(false),
                _ => self.operate(operator, &value, &self.single(right, here)?),
            };
        }
        Ok(value)
    }

    fn operate(&self, operator: Operator, a: &Value, b: &Value) -> Value {
        let (x, y) = (a.number(self.clock), b.number(self.clock));
        match operator {
            Operator::Or | Operator::And => Value::Boolean(b.truth()),
            Operator::Equal => Value::Boolean(self.equal(a, b)),
            Operator::Unequal => Value::Boolean(!self.equal(a, b)),
            Operator::Less => Value::Boolean(x < y),
            Operator::LessOrEqual => Value::Boolean(x <= y),
            Operator::Greater => Value::Boolean(x > y),
            Operator::GreaterOrEqual => Value::Boolean(x >= y),
            Operator::Add => Value::Number(x + y),
            Operator::Subtract => Value::Number(x - y),
            Operator::Multiply => Value::Number(x * y),
            Operator::Divide => Value::Number(x / y),
            Operator::Remainder => Value::Number(x % y),
        }
    }

    fn equal(&self, a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Boolean(_), _) | (_, Value::Boolean(_)) => a.truth() == b.truth(),
            (Value::Number(_), _) | (_, Value::Number(_)) => {
                (a.number(self.clock) - b.number(self.clock)).abs() < 1e-12
            }
            _ => a.text(self.clock) == b.text(self.clock),
        }
    }
}
