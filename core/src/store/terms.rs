//! Search terms of a record: what the index holds and what a query asks for.
//!
//! Chinese text is indexed as pairs of neighbouring characters (and each last character alone), so that a substring of any
//! length is found; names also by pinyin and by initials from every syllable on; numbers by their digits from the end.

use pinyin::ToPinyinMulti;
use serde_json::Value;

use crate::model::record::{Body, Record};
use crate::model::schema::{KindSpec, RegistrySchema, SearchRole};

/// Readings of one name that are indexed at most.
const READINGS: usize = 4;
/// Digits of a number that are indexed; a longer query is compared with the record itself.
const TAIL: usize = 6;

/// All terms of a record, separated by blanks; empty for kinds that are not searched.
pub(super) fn of_record(schema: &RegistrySchema, record: &Record) -> String {
    match schema.kind(&record.kind.0) {
        Some(spec) if !record.deleted => of_body(spec, &record.body),
        _ => String::new(),
    }
}

/// All terms of a body, by its kind's search roles.
pub(super) fn of_body(spec: &KindSpec, body: &Body) -> String {
    let mut terms = String::new();
    for field in &spec.fields {
        let (Some(role), Some(Value::String(text))) = (field.search, body.get(&field.name)) else {
            continue;
        };
        match role {
            SearchRole::Name => {
                pairs(text, &mut terms);
                readings(text, &mut terms);
            }
            SearchRole::Address => pairs(text, &mut terms),
            SearchRole::NumberTail => push(&mut terms, 'n', &tail(text)),
        }
    }
    terms
}

/// The FTS5 expression of a query, or `None` when it has nothing to look for.
pub(super) fn expression(query: &str) -> Option<String> {
    let query = folded(query);
    let compact: String = query.chars().filter(|c| c.is_alphanumeric()).collect();
    if compact.is_empty() {
        return None;
    }
    let mut ways = vec![text_way(&compact)];
    if compact.chars().all(|c| c.is_ascii_alphabetic()) {
        ways.push(format!("\"p{compact}\" *"));
        ways.push(format!("\"i{compact}\" *"));
    }
    if compact.chars().all(|c| c.is_ascii_alphanumeric()) && compact.chars().any(|c| c.is_ascii_digit()) {
        ways.push(format!("\"n{}\" *", tail(&compact)));
    }
    Some(ways.join(" OR "))
}

/// Whether a record really holds what the query asks for; the index only narrows down.
pub(super) fn matches(schema: &RegistrySchema, record: &Record, query: &str) -> bool {
    let Some(spec) = schema.kind(&record.kind.0) else {
        return false;
    };
    let compact: String = folded(query).chars().filter(|c| c.is_alphanumeric()).collect();
    let mut terms = String::new();
    spec.fields.iter().any(|field| {
        let (Some(role), Some(Value::String(text))) = (field.search, record.body.get(&field.name)) else {
            return false;
        };
        let plain: String = folded(text).chars().filter(|c| c.is_alphanumeric()).collect();
        match role {
            SearchRole::NumberTail => plain.ends_with(&compact),
            SearchRole::Address => plain.contains(&compact),
            SearchRole::Name => {
                terms.clear();
                readings(text, &mut terms);
                let spoken = |kind: char| {
                    terms
                        .split(' ')
                        .any(|t| t.strip_prefix(kind).is_some_and(|t| t.starts_with(&compact)))
                };
                plain.contains(&compact) || spoken('p') || spoken('i')
            }
        }
    })
}

/// All pairs of the text must be there; a single character is the start of some pair.
fn text_way(compact: &str) -> String {
    let chars: Vec<char> = compact.chars().collect();
    match chars.as_slice() {
        [single] => format!("\"t{}\" *", coded(*single)),
        _ => {
            let pair = |pair: &[char]| format!("\"t{}\"", pair.iter().map(|c| coded(*c)).collect::<String>());
            let pairs: Vec<_> = chars.windows(2).map(pair).collect();
            format!("({})", pairs.join(" AND "))
        }
    }
}

fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn push(terms: &mut String, kind: char, term: &str) {
    if !term.is_empty() {
        terms.push(kind);
        terms.push_str(term);
        terms.push(' ');
    }
}

fn pairs(text: &str, terms: &mut String) {
    let mut previous: Option<char> = None;
    for c in folded(text).chars().filter(|c| c.is_alphanumeric()) {
        if let Some(before) = previous.replace(c) {
            push(terms, 't', &(coded(before) + &coded(c)));
        }
    }
    if let Some(last) = previous {
        push(terms, 't', &coded(last));
    }
}

/// A character as four digits of base 36: which characters are letters is then our decision and not the tokenizer's.
fn coded(c: char) -> String {
    let mut rest = u32::from(c);
    let mut digits = [0_u8; 4];
    for digit in digits.iter_mut().rev() {
        let value = u8::try_from(rest % 36).unwrap_or(0);
        *digit = if value < 10 { b'0' + value } else { b'a' + value - 10 };
        rest /= 36;
    }
    digits.iter().copied().map(char::from).collect()
}

/// The last few digits from the end: enough to narrow down, few enough to keep the index small.
fn tail(number: &str) -> String {
    folded(number)
        .chars()
        .rev()
        .filter(char::is_ascii_alphanumeric)
        .take(TAIL)
        .collect()
}

/// Pinyin and initials of a name from every syllable on, for its first few readings.
fn readings(name: &str, terms: &mut String) {
    let mut spoken: Vec<Vec<&'static str>> = vec![Vec::new()];
    for c in name.chars() {
        let Some(multi) = c.to_pinyin_multi() else { continue };
        let mut sounds: Vec<&'static str> = multi.into_iter().map(pinyin::Pinyin::plain).collect();
        sounds.dedup();
        let choices = if spoken.len() * sounds.len() > READINGS {
            sounds.get(..1)
        } else {
            sounds.get(..)
        };
        let choices = choices.unwrap_or_default();
        spoken = spoken
            .iter()
            .flat_map(|head| choices.iter().map(move |sound| [head.as_slice(), &[*sound]].concat()))
            .collect();
    }
    for reading in &spoken {
        for start in 0..reading.len() {
            let tail = reading.get(start..).unwrap_or_default();
            push(terms, 'p', &tail.concat());
            let initials: String = tail.iter().filter_map(|s| s.chars().next()).collect();
            push(terms, 'i', &initials);
        }
    }
}
