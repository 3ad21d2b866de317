//! The functions of the ODK XForms specification, each with the coercions that existing forms rely on.

use std::cmp::Ordering;

use base64::Engine as _;
use sha2::Digest as _;

use super::{EvalError, Here, Scope, Which, geo};
use crate::forms::compile::tables::csv_rows;
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
        let Expr::Path(Path { start, steps }) = expr else {
            return Err(EvalError::BadArgument("indexed-repeat"));
        };
        let up = match start {
            Start::Root => None,
            Start::Up(levels) => Some((here.node, *levels)),
            Start::CurrentUp(levels) => Some((here.current, *levels)),
            Start::Instance(_) => return Err(EvalError::BadArgument("indexed-repeat")),
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

    /// Functions of whole node sets.
    #[allow(clippy::cast_precision_loss)]
    fn node_function(&self, name: &str, values: &[Value]) -> Option<Answered> {
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

    fn shuffle(&self, mut set: super::NodeSet, seed: Option<i64>) -> Answered {
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
    fn list_function(&self, name: &str, values: &[Value]) -> Option<Answered> {
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
            "concat" => list(values).map(|values| self.joined("", &values)),
            "join" => match values {
                [separator, rest @ ..] => self
                    .open(separator.clone())
                    .and_then(|separator| Ok(self.joined(&separator.text(self.clock), &list(rest)?))),
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

    fn joined(&self, separator: &str, values: &[Value]) -> Value {
        let texts: Vec<String> = values.iter().map(|value| value.text(self.clock)).collect();
        Value::Text(texts.join(separator))
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
            ("pow", [base, power]) => Ok(Value::Number(exact(base).powf(exact(power)))),
            ("atan2", [y, x]) => Ok(Value::Number(exact(y).atan2(exact(x)))),
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

    fn form_function(&self, name: &str, args: &[Value], here: Here) -> Option<Answered> {
        let shown = |value: &Value| value.text(self.clock);
        Some(match (name, args) {
            ("depend", [first, ..]) => Ok(first.clone()),
            ("uuid", []) => Ok(Value::Text(self.uuid())),
            ("uuid", [length]) => Ok(Value::Text(self.token(whole(length.number(self.clock))))),
            ("version", []) => Ok(Value::Text(self.form.version.clone().unwrap_or_default())),
            ("property", [name]) => Ok(Value::Text(
                self.properties.get(&shown(name)).cloned().unwrap_or_default(),
            )),
            ("jr:itext", [_]) if self.form.languages.is_empty() => Err(EvalError::BadArgument("jr:itext")),
            ("jr:itext", [id]) => Ok(Value::Text(self.itext(&shown(id), here))),
            ("jr:choice-name", [value, question]) => {
                self.choice_name(&shown(value), &shown(question), here).map(Value::Text)
            }
            ("pulldata", [file, column, key, value]) => Ok(Value::Text(self.pull(
                &shown(file),
                &shown(column),
                &shown(key),
                &shown(value),
            ))),
            ("pulldata", _) => Ok(text("")),
            ("geofence", [point, shape]) => Ok(Value::Boolean(geo::inside(&shown(point), &shown(shape)))),
            ("intersects", [line]) => Ok(Value::Boolean(geo::crosses_itself(&shown(line)))),
            ("digest", [data, algorithm]) => digest(&shown(data), &shown(algorithm), "base64"),
            ("digest", [data, algorithm, encoding]) => digest(&shown(data), &shown(algorithm), &shown(encoding)),
            ("base64-decode", [data]) => {
                // other characters do not count, and what does not decode is nothing
                let digit = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
                let digits: String = shown(data).chars().filter(digit).collect();
                let bytes = base64::engine::general_purpose::STANDARD
                    .decode(digits)
                    .unwrap_or_default();
                Ok(Value::Text(String::from_utf8_lossy(&bytes).into_owned()))
            }
            _ => return None,
        })
    }

    /// A random UUID as text.
    pub(in crate::forms) fn uuid(&self) -> String {
        let mut bytes = [0; 16];
        self.chance.borrow_mut().fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    fn token(&self, length: i64) -> String {
        const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut bytes = vec![0; usize::try_from(length.clamp(0, 1024)).unwrap_or(0)];
        self.chance.borrow_mut().fill(&mut bytes);
        bytes
            .iter()
            .filter_map(|byte| LETTERS.get(usize::from(*byte) % 36))
            .map(|byte| char::from(*byte))
            .collect()
    }

    /// The first row of a table whose key column holds a value.
    fn pull(&self, file: &str, column: &str, key: &str, value: &str) -> String {
        let name = if file.ends_with(".csv") {
            file.to_owned()
        } else {
            format!("{file}.csv")
        };
        let Some(bytes) = self.form.resources.get(&name) else {
            return String::new();
        };
        let rows = csv_rows(&String::from_utf8_lossy(bytes));
        let Some((head, rows)) = rows.split_first() else {
            return String::new();
        };
        let place = |name: &str| head.iter().position(|heading| heading == name);
        let (Some(key), Some(column)) = (place(key), place(column)) else {
            return String::new();
        };
        let row = rows
            .iter()
            .find(|row| row.len() > column && row.get(key).is_some_and(|cell| cell == value));
        row.and_then(|row| row.get(column)).cloned().unwrap_or_default()
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

fn wrong(name: &str, args: &[Expr]) -> EvalError {
    EvalError::Arguments(name.into(), args.len())
}

#[allow(clippy::cast_possible_truncation)]
fn whole(number: f64) -> i64 {
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

fn digest(data: &str, algorithm: &str, encoding: &str) -> Answered {
    let bytes = match algorithm.to_ascii_uppercase().as_str() {
        "MD5" => md5::Md5::digest(data).to_vec(),
        "SHA-1" => sha1::Sha1::digest(data).to_vec(),
        "SHA-256" => sha2::Sha256::digest(data).to_vec(),
        "SHA-384" => sha2::Sha384::digest(data).to_vec(),
        "SHA-512" => sha2::Sha512::digest(data).to_vec(),
        _ => return Err(EvalError::BadArgument("digest")),
    };
    match encoding {
        "hex" => Ok(Value::Text(bytes.iter().map(|byte| format!("{byte:02x}")).collect())),
        "base64" => Ok(Value::Text(base64::engine::general_purpose::STANDARD.encode(bytes))),
        _ => Err(EvalError::BadArgument("digest")),
    }
}
