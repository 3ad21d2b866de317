//! Functions of texts, what people are shown, and choices.

use super::{EvalError, Here, NodeSet, Scope, Which, pattern};
use crate::forms::form::{CompiledItemset, CompiledLabel, CompiledPiece, Part, PartKind};
use crate::forms::tree::NodeId;
use crate::forms::value::Value;
use crate::forms::xpath::{self, Expr};

const DEEPEST_TEXT: u32 = 10;

impl Scope<'_> {
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn text_function(&self, name: &str, args: &[Value], here: Here) -> Option<Result<Value, EvalError>> {
        let shown = |value: &Value| value.text(self.clock);
        let text = |value: String| Ok(Value::Text(value));
        Some(match (name, args) {
            ("string", [value]) => text(shown(value)),
            ("boolean-from-string", [value]) => {
                let value = shown(value);
                Ok(Value::Boolean(value.eq_ignore_ascii_case("true") || value == "1"))
            }
            ("contains", [value, part]) => Ok(Value::Boolean(shown(value).contains(&shown(part)))),
            ("starts-with", [value, part]) => Ok(Value::Boolean(shown(value).starts_with(&shown(part)))),
            ("ends-with", [value, part]) => Ok(Value::Boolean(shown(value).ends_with(&shown(part)))),
            ("substr", [value, start]) => text(substr(&shown(value), start.number(self.clock), None)),
            ("substr", [value, start, end]) => text(substr(
                &shown(value),
                start.number(self.clock),
                Some(end.number(self.clock)),
            )),
            ("substring-before", [value, mark]) => text(
                shown(value)
                    .split_once(&shown(mark))
                    .map(|(before, _)| before.to_owned())
                    .unwrap_or_default(),
            ),
            ("substring-after", [value, mark]) => text(
                shown(value)
                    .split_once(&shown(mark))
                    .map(|(_, after)| after.to_owned())
                    .unwrap_or_default(),
            ),
            ("translate", [value, from, to]) => text(translate(&shown(value), &shown(from), &shown(to))),
            ("string-length", [value]) => Ok(Value::Number(shown(value).encode_utf16().count() as f64)),
            ("string-length", []) => self
                .value_at(here.which, here.node)
                .map(|value| Value::Number(shown(&value).encode_utf16().count() as f64)),
            ("normalize-space", [value]) => text(shown(value).split_whitespace().collect::<Vec<_>>().join(" ")),
            ("regex", [value, pattern]) => pattern::matches(&shown(value), &shown(pattern)).map(Value::Boolean),
            ("selected" | "is-selected", [value, choice]) => {
                let (value, choice) = (shown(value), shown(choice));
                Ok(Value::Boolean(
                    format!(" {value} ").contains(&format!(" {} ", choice.trim())),
                ))
            }
            ("count-selected", [Value::Number(_) | Value::Boolean(_) | Value::Moment(_)]) => {
                Err(EvalError::BadArgument("count-selected"))
            }
            ("count-selected", [value]) => Ok(Value::Number(
                shown(value).split(' ').filter(|part| !part.is_empty()).count() as f64,
            )),
            ("selected-at", [value, index]) => {
                #[allow(clippy::cast_possible_truncation)]
                let index = usize::try_from(index.number(self.clock) as i64).ok();
                let value = shown(value);
                let mut parts = value.split(' ').filter(|part| !part.is_empty());
                text(index.and_then(|index| parts.nth(index)).unwrap_or("").to_owned())
            }
            (
                "selected"
                | "is-selected"
                | "count-selected"
                | "selected-at"
                | "regex"
                | "boolean-from-string"
                | "string",
                _,
            ) => Err(EvalError::Arguments(name.into(), args.len())),
            _ => return None,
        })
    }

    /// The words of a text in the language shown, else in the default language.
    pub(in crate::forms) fn itext(&self, id: &str, here: Here) -> String {
        self.text_form(id, None, here, 0)
            .unwrap_or_else(|| format!("[itext:{id}]"))
    }

    fn text_form(&self, id: &str, form: Option<&str>, here: Here, depth: u32) -> Option<String> {
        let default = || self.form.languages.iter().find(|language| language.default);
        let find = |language: &crate::forms::form::CompiledLanguage| {
            let forms = language.texts.get(id)?;
            let exact = forms.iter().find(|(known, _)| known.as_deref() == form);
            let long = || {
                forms
                    .iter()
                    .find(|(known, _)| form.is_none() && matches!(known.as_deref(), Some("long" | "short")))
            };
            exact.or_else(long).map(|(_, words)| self.words(words, here, depth))
        };
        self.language.and_then(find).or_else(|| default().and_then(find))
    }

    fn words(&self, words: &[CompiledPiece], here: Here, depth: u32) -> String {
        let mut out = String::new();
        for piece in words {
            match piece {
                CompiledPiece::Plain(text) => out.push_str(text),
                CompiledPiece::Output(_) if depth > DEEPEST_TEXT => {}
                CompiledPiece::Output(expr) => {
                    if let Ok(value) = self.single(expr, here) {
                        out.push_str(&value.text(self.clock));
                    }
                }
            }
        }
        out
    }

    /// What people read for a label, computed at a node.
    pub(in crate::forms) fn label(&self, label: &CompiledLabel, here: Here) -> String {
        match label {
            CompiledLabel::Words(words) => self.words(words, here, 0),
            CompiledLabel::Id(id) => self.itext(id, here),
        }
    }

    /// The address of an image, sound or film of a label.
    pub(in crate::forms) fn label_media(&self, label: &CompiledLabel, form: &str, here: Here) -> Option<String> {
        match label {
            CompiledLabel::Words(_) => None,
            CompiledLabel::Id(id) => self.text_form(id, Some(form), here, 0),
        }
    }

    /// The nodes that an itemset offers at a question.
    pub(in crate::forms) fn itemset_nodes(&self, itemset: &CompiledItemset, here: Here) -> Result<NodeSet, EvalError> {
        match self.eval(&itemset.nodeset, here)? {
            Value::Nodes(set) => Ok(set),
            _ => Err(EvalError::BadArgument("itemset")),
        }
    }

    /// The value that choosing a node stores.
    pub(in crate::forms) fn itemset_value(
        &self,
        itemset: &CompiledItemset,
        which: Which,
        node: NodeId,
    ) -> Result<String, EvalError> {
        Ok(self
            .single(&itemset.value, Here::in_instance(which, node))?
            .text(self.clock))
    }

    /// The label of a node that an itemset offers.
    pub(in crate::forms) fn itemset_label(
        &self,
        itemset: &CompiledItemset,
        which: Which,
        node: NodeId,
        here: Here,
    ) -> Result<String, EvalError> {
        let label = self
            .single(&itemset.label, Here::in_instance(which, node))?
            .text(self.clock);
        Ok(if itemset.label_is_id {
            self.itext(&label, here)
        } else {
            label
        })
    }

    /// The address of an image, sound or film of a node that an itemset offers.
    pub(in crate::forms) fn itemset_media(
        &self,
        itemset: &CompiledItemset,
        which: Which,
        node: NodeId,
        form: &str,
        here: Here,
    ) -> Result<Option<String>, EvalError> {
        if !itemset.label_is_id {
            return Ok(None);
        }
        let id = self
            .single(&itemset.label, Here::in_instance(which, node))?
            .text(self.clock);
        Ok(self.text_form(&id, Some(form), here, 0))
    }

    /// `jr:choice-name(value, 'path of a question')`: the label of a choice.
    pub(super) fn choice_name(&self, value: &str, path: &str, here: Here) -> Result<String, EvalError> {
        let mut names = self.form.names.clone();
        let Ok(Expr::Path(path)) = xpath::parse(path.trim(), &mut names) else {
            return Err(EvalError::BadArgument("jr:choice-name"));
        };
        let at = Here {
            which: here.current_which,
            node: here.current,
            ..here
        };
        let Some((part, node)) = self.question_at(&path, at)? else {
            return Ok(String::new());
        };
        let PartKind::Question { choices, itemset, .. } = &part.kind else {
            return Ok(String::new());
        };
        let here = Here::at(node);
        if let Some(itemset) = itemset {
            let set = self.itemset_nodes(itemset, here)?;
            for entry in set.nodes {
                if self.itemset_value(itemset, set.which, entry)? == value {
                    return self.itemset_label(itemset, set.which, entry, here);
                }
            }
            return Ok(String::new());
        }
        Ok(choices
            .iter()
            .find(|choice| choice.value == value)
            .map(|c| self.label(&c.label, here))
            .unwrap_or_default())
    }

    /// The first question of the node that a path leads to, whether or not it counts.
    fn question_at(&self, path: &xpath::Path, here: Here) -> Result<Option<(&Part, NodeId)>, EvalError> {
        let set = self.expand_all(path, here)?;
        let Some(node) = set.first().copied() else {
            return Ok(None);
        };
        let shape = self.form.shape(self.tree[node].shape);
        let part = shape
            .and_then(|shape| shape.questions.first())
            .and_then(|id| self.form.part(*id));
        Ok(part.map(|part| (part, node)))
    }
}

fn substr(value: &str, start: f64, end: Option<f64>) -> String {
    let units: Vec<u16> = value.encode_utf16().collect();
    let length = i64::try_from(units.len()).unwrap_or(i64::MAX);
    #[allow(clippy::cast_possible_truncation)]
    let place = |number: f64| {
        let index = number as i64;
        usize::try_from(if index < 0 { length + index } else { index }.clamp(0, length)).unwrap_or(0)
    };
    let (start, end) = (place(start), end.map_or(units.len(), place));
    units.get(start..end).map(String::from_utf16_lossy).unwrap_or_default()
}

fn translate(value: &str, from: &str, to: &str) -> String {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let map = |c: char| match from.iter().position(|known| *known == c) {
        None => Some(c),
        Some(place) => to.get(place).copied(),
    };
    value.chars().filter_map(map).collect()
}

/// Shuffles by a seed, the same way on every device (Park and Miller's generator, as other ODK clients use).
pub(in crate::forms) fn shuffle<T: Copy>(items: &mut [T], seed: i64) {
    const MODULUS: i64 = 2_147_483_647;
    let mut state = seed % MODULUS;
    if state <= 0 {
        state += MODULUS - 1;
    }
    let mut shuffled: Vec<T> = Vec::with_capacity(items.len());
    for item in items.iter() {
        state = state * 16_807 % MODULUS;
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss
        )]
        let pick = ((state - 1) as f64 / (MODULUS - 1) as f64 * (shuffled.len() + 1) as f64).floor() as usize;
        shuffled.push(*item);
        let last = shuffled.len() - 1;
        shuffled.swap(pick.min(last), last);
    }
    for (slot, item) in items.iter_mut().zip(shuffled) {
        *slot = item;
    }
}
