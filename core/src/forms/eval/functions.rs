//! The functions of the ODK XForms specification, each with the coercions that existing forms rely on.

use super::{EvalError, Here, Scope, Which};
use crate::forms::moment::DAY_MS;
use crate::forms::number;
use crate::forms::value::Value;
use crate::forms::xpath::{Expr, Path, Start};

type Answered = Result<Value, EvalError>;

impl Scope<'_> {
    pub(super) fn call(&self, name: &str, args: &[Expr], here: Here) -> Answered {
        match name {
            "if" => {
                let [condition, yes, no] = args else {
                    return Err(wrong(name, args));
                };
                self.eval(if self.single(condition, here)?.truth() { yes } else { no }, here)
            }
            "coalesce" => {
                let [first, second] = args else {
                    return Err(wrong(name, args));
                };
                let value = self.single(first, here)?;
                let empty = matches!(&value, Value::Text(text) if text.is_empty())
                    || matches!(value, Value::Number(number) if number.is_nan());
                if empty { self.eval(second, here) } else { Ok(value) }
            }
            "cond" if self.form.lenient => self.cond(args, here),
            "indexed-repeat" => self.indexed_repeat(args, here),
            "once" => self.once(args, here),
            "position" => self.position(args, here),
            _ => {
                let values: Vec<Value> = args.iter().map(|arg| self.eval(arg, here)).collect::<Result<_, _>>()?;
                self.apply(name, values, here)
            }
        }
    }

    fn cond(&self, args: &[Expr], here: Here) -> Answered {
        if args.len() < 3 || args.len().is_multiple_of(2) {
            return Err(wrong("cond", args));
        }
        for pair in args.chunks(2) {
            match pair {
                [condition, value] if self.single(condition, here)?.truth() => return self.eval(value, here),
                [otherwise] => return self.eval(otherwise, here),
                _ => {}
            }
        }
        Ok(text(""))
    }

    fn once(&self, args: &[Expr], here: Here) -> Answered {
        let [arg] = args else {
            return Err(wrong("once", args));
        };
        let new = self.eval(arg, here)?;
        let old = self.value_at(here.which, here.node)?;
        Ok(if old.text(self.clock).is_empty() { new } else { old })
    }

    #[allow(clippy::cast_precision_loss)]
    fn position(&self, args: &[Expr], here: Here) -> Answered {
        match args {
            [] => {
                if let Some(position) = here.position {
                    return Ok(Value::Number((position + 1) as f64));
                }
                Ok(Value::Number(f64::from(self.tree_of(here.which)?[here.node].nth() + 1)))
            }
            [arg] => match self.eval(arg, here)? {
                Value::Nodes(set) => {
                    let tree = self.tree_of(set.which)?;
                    Ok(Value::Number(
                        set.nodes.first().map_or(0.0, |node| f64::from(tree[*node].nth() + 1)),
                    ))
                }
                _ => Err(EvalError::BadArgument("position")),
            },
            _ => Err(wrong("position", args)),
        }
    }

    /// `indexed-repeat(field, repeat, number, …)`: a field of a certain instance of a repeat.
    fn indexed_repeat(&self, args: &[Expr], here: Here) -> Answered {
        let ([field, pairs @ ..], true) = (args, args.len() >= 3 && args.len() % 2 == 1 && args.len() <= 11) else {
            return Err(wrong("indexed-repeat", args));
        };
        let target = self.absolute(field, here)?;
        let mut picks = Vec::new();
        for pair in pairs.chunks(2) {
            let [repeat, index] = pair else {
                return Err(wrong("indexed-repeat", args));
            };
            let repeat = self.absolute(repeat, here)?;
            if !target.starts_with(&repeat) {
                return Err(EvalError::BadArgument("indexed-repeat"));
            }
            let index = whole(self.single(index, here)?.number(self.clock));
            picks.push((repeat.len(), index.max(1) - 1));
        }
        let chain = self.tree.chain(here.node);
        let mut set = self.tree.root().into_iter().collect::<Vec<_>>();
        let mut bound = here.which == Which::Main;
        for (level, name) in target.iter().enumerate().skip(1) {
            let pick = picks
                .iter()
                .find(|(length, _)| *length == level + 1)
                .map(|(_, index)| *index);
            let link = chain
                .get(level)
                .copied()
                .filter(|link| bound && self.tree[*link].name == *name);
            bound &= link.is_some();
            set = set
                .into_iter()
                .flat_map(|parent| self.tree.children_named(parent, *name))
                .collect();
            let nth = pick.or_else(|| link.map(|link| i64::from(self.tree[link].nth())));
            if let Some(nth) = nth {
                set.retain(|node| i64::from(self.tree[*node].nth()) == nth);
            }
        }
        set.retain(|node| self.tree[*node].relevant());
        Ok(Value::Nodes(super::NodeSet {
            which: Which::Main,
            nodes: set,
        }))
    }

    /// The names from the root that a path argument stands for.
    fn absolute(&self, expr: &Expr, here: Here) -> Result<Vec<crate::forms::names::Name>, EvalError> {
        let Expr::Path(Path { start, steps, .. }) = expr else {
            return Err(EvalError::BadArgument("indexed-repeat"));
        };
        if !matches!(expr, Expr::Path(path) if path.is_plain()) {
            return Err(EvalError::BadArgument("indexed-repeat"));
        }
        let up = match start {
            Start::Root => None,
            Start::Up(levels) => Some((here.node, *levels)),
            Start::CurrentUp(levels) => Some((here.current, *levels)),
            Start::Instance(_) | Start::Nodes(_) => return Err(EvalError::BadArgument("indexed-repeat")),
        };
        let mut names = Vec::new();
        if let Some((node, levels)) = up {
            let start = self.tree.up(node, levels).ok_or(EvalError::AboveRoot)?;
            names.extend(self.tree.chain(start).into_iter().map(|node| self.tree[node].name));
        }
        names.extend(steps.iter().filter_map(|step| step.name));
        Ok(names)
    }

    fn apply(&self, name: &str, values: Vec<Value>, here: Here) -> Answered {
        if let Some(found) = self.node_function(name, &values) {
            return found;
        }
        if let Some(found) = self.list_function(name, &values) {
            return found;
        }
        let direct = !matches!(values.first(), Some(Value::Nodes(_)));
        let single: Vec<Value> = values
            .into_iter()
            .map(|value| self.open(value))
            .collect::<Result<_, _>>()?;
        let found = self
            .date_function(name, &single)
            .or_else(|| self.number_function(name, &single, direct));
        found
            .or_else(|| self.text_function(name, &single, here))
            .or_else(|| self.form_function(name, &single, here))
            .unwrap_or_else(|| Err(EvalError::UnknownFunction(name.into())))
    }

    /// `direct`: the first argument is no answer of a node; moments in answers count in whole days, others exactly.
    fn number_function(&self, name: &str, args: &[Value], direct: bool) -> Option<Answered> {
        let number = |value: &Value| value.number(self.clock);
        let exact = |value: &Value| match value {
            #[allow(clippy::cast_precision_loss)]
            Value::Moment(at) => (*at - self.clock.day(0)) as f64 / DAY_MS as f64,
            other => other.number(self.clock),
        };
        Some(match (name, args) {
            ("true", []) => Ok(Value::Boolean(true)),
            ("false", []) => Ok(Value::Boolean(false)),
            ("boolean", [value]) => Ok(Value::Boolean(value.truth())),
            ("not", [value]) => Ok(Value::Boolean(!value.truth())),
            ("number", [value]) => Ok(Value::Number(number(value))),
            ("int", [value]) => Ok(Value::Number(number(value).trunc())),
            ("floor", [value]) if self.form.lenient => Ok(Value::Number(number(value).floor())),
            ("ceiling", [value]) if self.form.lenient => Ok(Value::Number(number(value).ceil())),
            ("round", [value]) => Ok(Value::Number(number::round(number(value), 0))),
            ("round", [value, places]) => {
                let places = i32::try_from(whole(number(places))).unwrap_or(31);
                Ok(Value::Number(number::round(number(value), places)))
            }
            ("pi", []) => Ok(Value::Number(std::f64::consts::PI)),
            ("random", []) => Ok(Value::Number(self.random())),
            ("pow", [base, power]) if direct => Ok(Value::Number(exact(base).powf(exact(power)))),
            ("pow", [base, power]) => Ok(Value::Number(number(base).powf(number(power)))),
            ("atan2", [y, x]) if direct => Ok(Value::Number(exact(y).atan2(exact(x)))),
            ("atan2", [y, x]) => Ok(Value::Number(number(y).atan2(number(x)))),
            (_, [value]) if direct => Ok(Value::Number(real(name, exact(value))?)),
            (_, [value]) => Ok(Value::Number(real(name, number(value))?)),
            _ => return None,
        })
    }

    #[allow(clippy::cast_precision_loss)]
    fn random(&self) -> f64 {
        let mut bytes = [0; 8];
        self.chance.borrow_mut().fill(&mut bytes);
        (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

fn wrong(name: &str, args: &[Expr]) -> EvalError {
    EvalError::Arguments(name.into(), args.len())
}

#[allow(clippy::cast_possible_truncation)]
pub(super) fn whole(number: f64) -> i64 {
    number as i64
}

/// Functions of one real number.
fn real(name: &str, x: f64) -> Option<f64> {
    Some(match name {
        "abs" => x.abs(),
        "acos" => x.acos(),
        "asin" => x.asin(),
        "atan" => x.atan(),
        "cos" => x.cos(),
        "sin" => x.sin(),
        "tan" => x.tan(),
        "exp" => x.exp(),
        "exp10" => 10_f64.powf(x),
        "log" => x.ln(),
        "log10" => x.log10(),
        "sqrt" => x.sqrt(),
        _ => return None,
    })
}
