//! Names of questions, and the nearest name to a mistyped one.

/// The characters that pyxform lets a name start with. Some letters of XML are missing; a name with them is refused
/// there too, and a form must mean the same everywhere.
pub(super) fn starts_name(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
        | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

pub(super) fn continues_name(c: char) -> bool {
    starts_name(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// How many characters at the start are a name without prefix.
pub(super) fn simple_length(chars: &[char]) -> usize {
    match chars.first() {
        Some(first) if starts_name(*first) => chars.iter().take_while(|c| continues_name(**c)).count(),
        _ => 0,
    }
}

/// How many characters at the start are a name with or without prefix.
pub(super) fn length(chars: &[char]) -> usize {
    let first = simple_length(chars);
    if first > 0 && chars.get(first) == Some(&':') {
        let second = simple_length(chars.get(first + 1..).unwrap_or_default());
        if second > 0 {
            return first + 1 + second;
        }
    }
    first
}

/// Whether the text is a name of an element, with or without prefix.
pub(super) fn is_name(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    !chars.is_empty() && length(&chars) == chars.len()
}

/// The part of a name after its prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The known name that is nearest to a mistyped one, if any is near enough to be meant.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let name = name.to_lowercase();
    // two letters that changed places count as two edits
    let limit = name.chars().count().div_ceil(2).clamp(1, 3);
    let measured = known
        .filter(|k| !k.is_empty())
        .map(|k| (distance(&name, &k.to_lowercase(), limit), k));
    let best = measured.filter(|(d, _)| *d <= limit).min_by_key(|(d, k)| (*d, k.len()));
    best.map(|(_, k)| k.to_owned())
}

/// Edits between two texts; more than the limit is not counted exactly.
pub(super) fn distance(a: &str, b: &str, limit: usize) -> usize {
    let b: Vec<char> = b.chars().collect();
    if a.chars().count().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cb, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let best = (corner + usize::from(ca != *cb)).min(*cell + 1).min(left + 1);
            corner = std::mem::replace(cell, best);
            left = best;
        }
    }
    row.last().copied().unwrap_or_default()
}
