//! Functions of node sets and of any number of values.

use std::cmp::Ordering;

use sha2::Digest as _;

use super::functions::whole;
use super::{EvalError, NodeSet, Scope, geo};
use crate::forms::value::Value;

type Answered = Result<Value, EvalError>;

/// The longest text that functions put together, in bytes.
const LONGEST_TEXT: usize = 1 << 20;

impl Scope<'_> {
    /// Functions of whole node sets.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn node_function(&self, name: &str, values: &[Value]) -> Option<Answered> {
        let set = |known: &'static str| match values {
            [Value::Nodes(set)] => Ok(set),
            [_] => Err(EvalError::BadArgument(known)),
            _ => Err(EvalError::Arguments(known.into(), values.len())),
        };
        Some(match name {
            "count" => set("count").map(|set| Value::Number(set.nodes.len() as f64)),
            "count-non-empty" => set("count-non-empty").and_then(|set| {
                let tree = self.tree_of(set.which)?;
                let full = |node: &&super::NodeId| !tree[**node].children.is_empty() || tree[**node].value.is_some();
                Ok(Value::Number(set.nodes.iter().filter(full).count() as f64))
            }),
            "sum" => set("sum").and_then(|set| {
                let numbers = self.values(set)?.into_iter().map(|value| value.number(self.clock));
                Ok(Value::Number(numbers.filter(|number| !number.is_nan()).sum()))
            }),
            "randomize" => match values {
                [Value::Nodes(set)] => self.shuffle(set.clone(), None),
                [Value::Nodes(set), seed] => self
                    .open(seed.clone())
                    .and_then(|seed| self.shuffle(set.clone(), Some(self.seed_of(&seed)))),
                _ => Err(EvalError::BadArgument("randomize")),
            },
            _ => return None,
        })
    }

    fn shuffle(&self, mut set: NodeSet, seed: Option<i64>) -> Answered {
        let seed = seed.unwrap_or_else(|| self.random_seed());
        super::texts::shuffle(&mut set.nodes, seed);
        Ok(Value::Nodes(set))
    }

    /// The seed that a value stands for.
    pub(in crate::forms) fn seed_of(&self, value: &Value) -> i64 {
        let number = value.number(self.clock);
        if number.is_nan() {
            let digest = sha2::Sha256::digest(value.text(self.clock));
            let first = digest
                .iter()
                .take(8)
                .fold(0_u64, |seed, byte| seed << 8 | u64::from(*byte));
            return i64::from_ne_bytes(first.to_ne_bytes());
        }
        whole(number)
    }

    /// A seed by chance.
    pub(in crate::forms) fn random_seed(&self) -> i64 {
        let mut bytes = [0; 8];
        self.chance.borrow_mut().fill(&mut bytes);
        i64::from_le_bytes(bytes) >> 8
    }

    /// Functions that take any number of values, or one node set in their place.
    pub(super) fn list_function(&self, name: &str, values: &[Value]) -> Option<Answered> {
        let list = |values: &[Value]| -> Result<Vec<Value>, EvalError> {
            match values {
                [Value::Nodes(set)] => self.values(set),
                _ => values.iter().map(|value| self.open(value.clone())).collect(),
            }
        };
        // ODK's own engine starts from the least positive and the largest number, others from the first value
        let extreme = |wanted: Ordering, start: f64| {
            let numbers = list(values)?.into_iter().map(|value| value.number(self.clock));
            let mut numbers = numbers.filter(|n| !n.is_nan()).peekable();
            let start = numbers
                .peek()
                .map(|first| if self.form.lenient { *first } else { start });
            let pick = |a: f64, b: f64| if b.partial_cmp(&a) == Some(wanted) { b } else { a };
            Ok(Value::Number(start.map_or(f64::NAN, |start| numbers.fold(start, pick))))
        };
        Some(match name {
            "max" => extreme(Ordering::Greater, f64::from_bits(1)),
            "min" => extreme(Ordering::Less, f64::MAX),
            "concat" => list(values).and_then(|values| self.joined("", &values)),
            "join" => match values {
                [separator, rest @ ..] => self
                    .open(separator.clone())
                    .and_then(|separator| self.joined(&separator.text(self.clock), &list(rest)?)),
                [] => Err(EvalError::Arguments("join".into(), 0)),
            },
            "checklist" => self.checklist(values, list),
            "weighted-checklist" => self.weighted(values),
            "area" | "enclosed-area" => match values {
                [Value::Nodes(set)] => {
                    let shapes = self.values(set).and_then(|values| self.points("area", &values));
                    shapes.map(|points| Value::Number(geo::area(&points)))
                }
                _ => Err(EvalError::BadArgument("area")),
            },
            "distance" => match values {
                [Value::Nodes(_) | Value::Text(_)] | [_, _, ..] => {
                    let places = list(values).and_then(|values| self.points("distance", &values));
                    places.map(|points| Value::Number(geo::distance(&points)))
                }
                _ => Err(EvalError::BadArgument("distance")),
            },
            _ => return None,
        })
    }

    /// The places of all values; a text that is no place is an error, an empty one no place.
    fn points(&self, function: &'static str, values: &[Value]) -> Result<Vec<geo::Point>, EvalError> {
        let mut points = Vec::new();
        for value in values {
            let text = value.text(self.clock);
            if !text.trim().is_empty() {
                points.extend(geo::strict_points(&text).ok_or(EvalError::BadArgument(function))?);
            }
        }
        Ok(points)
    }

    /// Texts put together; texts that double at each step would fill the memory, so they have an end.
    fn joined(&self, separator: &str, values: &[Value]) -> Answered {
        let texts: Vec<String> = values.iter().map(|value| value.text(self.clock)).collect();
        let joined = texts.join(separator);
        if joined.len() > LONGEST_TEXT {
            return Err(EvalError::TooMuchWork);
        }
        Ok(Value::Text(joined))
    }

    fn checklist(&self, values: &[Value], list: impl Fn(&[Value]) -> Result<Vec<Value>, EvalError>) -> Answered {
        let [least, most, factors @ ..] = values else {
            return Err(EvalError::Arguments("checklist".into(), values.len()));
        };
        let bound = |value: &Value| Ok(whole(self.open(value.clone())?.number(self.clock)));
        let (least, most) = (bound(least)?, bound(most)?);
        let count = i64::try_from(list(factors)?.iter().filter(|factor| factor.truth()).count()).unwrap_or(i64::MAX);
        Ok(Value::Boolean(
            (least < 0 || count >= least) && (most < 0 || count <= most),
        ))
    }

    fn weighted(&self, values: &[Value]) -> Answered {
        let [least, most, factors @ ..] = values else {
            return Err(EvalError::Arguments("weighted-checklist".into(), values.len()));
        };
        let number = |value: &Value| Ok::<f64, EvalError>(self.open(value.clone())?.number(self.clock));
        let mut sum = 0.0;
        if let [Value::Nodes(flags), Value::Nodes(weights)] = factors {
            for (flag, weight) in self.values(flags)?.iter().zip(self.values(weights)?) {
                sum += if flag.truth() { weight.number(self.clock) } else { 0.0 };
            }
        } else {
            for pair in factors.chunks_exact(2) {
                if let [flag, weight] = pair {
                    sum += if self.open(flag.clone())?.truth() {
                        number(weight)?
                    } else {
                        0.0
                    };
                }
            }
        }
        Ok(Value::Boolean(sum >= number(least)? && sum <= number(most)?))
    }
}
