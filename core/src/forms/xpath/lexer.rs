//! Cuts an expression into tokens, by XPath 1.0 section 3.7.

use super::{SyntaxError, SyntaxKind};

/// A token and where it starts, in characters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: usize,
    pub(super) length: usize,
}

/// Kinds of tokens.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Text(String),
    /// A name with or without prefix, `prefix:*` and `*` as a name test.
    Name(String),
    Variable(String),
    /// An operator written as a word: `and or div mod`, and `*` as multiplication.
    Word(&'static str),
    Mark(&'static str),
}

const MARKS: [&str; 20] = [
    "::", "//", "..", "!=", "<=", ">=", "(", ")", "[", "]", ",", "@", "/", ".", "+", "-", "=", "<", ">", "|",
];

pub(super) fn tokens(source: &str) -> Result<Vec<Token>, SyntaxError> {
    let chars: Vec<char> = source.chars().collect();
    let mut lexer = Lexer {
        chars,
        at: 0,
        out: Vec::new(),
    };
    while lexer.next()? {}
    Ok(lexer.out)
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    out: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn push(&mut self, kind: Kind, length: usize) {
        self.out.push(Token {
            kind,
            at: self.at,
            length,
        });
        self.at += length;
    }

    fn next(&mut self) -> Result<bool, SyntaxError> {
        while self.peek(0).is_some_and(char::is_whitespace) {
            self.at += 1;
        }
        let Some(c) = self.peek(0) else {
            return Ok(false);
        };
        if c == '"' || c == '\'' {
            self.text(c)?;
        } else if c.is_ascii_digit() || c == '.' && self.peek(1).is_some_and(|d| d.is_ascii_digit()) {
            self.number();
        } else if c == '$' && self.peek(1).is_some_and(is_name_start) {
            let name = self.qualified(1);
            let length = name.chars().count() + 1;
            self.push(Kind::Variable(name), length);
        } else if c == '*' {
            let kind = if self.operator_expected() {
                Kind::Word("*")
            } else {
                Kind::Name("*".into())
            };
            self.push(kind, 1);
        } else if is_name_start(c) {
            self.name();
        } else {
            self.mark()?;
        }
        Ok(true)
    }

    fn text(&mut self, quote: char) -> Result<(), SyntaxError> {
        let end = (self.at + 1..self.chars.len()).find(|i| self.chars.get(*i) == Some(&quote));
        let Some(end) = end else {
            return Err(SyntaxError {
                at: self.at,
                length: self.chars.len() - self.at,
                kind: SyntaxKind::Unclosed,
            });
        };
        let text = self.chars.get(self.at + 1..end).unwrap_or_default().iter().collect();
        self.push(Kind::Text(text), end + 1 - self.at);
        Ok(())
    }

    fn number(&mut self) {
        let mut length = 0;
        let mut point = false;
        while let Some(c) = self.peek(length) {
            if c == '.' && !point {
                point = true;
            } else if !c.is_ascii_digit() {
                break;
            }
            length += 1;
        }
        let text: String = self
            .chars
            .get(self.at..self.at + length)
            .unwrap_or_default()
            .iter()
            .collect();
        self.push(Kind::Number(text.parse().unwrap_or(f64::NAN)), length);
    }

    /// A name with at most one prefix, from `ahead` characters on.
    fn qualified(&self, ahead: usize) -> String {
        let mut name: String = self.simple(ahead);
        let after = ahead + name.chars().count();
        if self.peek(after) == Some(':') && self.peek(after + 1) != Some(':') {
            if self.peek(after + 1) == Some('*') {
                name.push_str(":*");
            } else if self.peek(after + 1).is_some_and(is_name_start) {
                name.push(':');
                name.push_str(&self.simple(after + 1));
            }
        }
        name
    }

    fn simple(&self, ahead: usize) -> String {
        let rest = self.chars.get(self.at + ahead..).unwrap_or_default();
        rest.iter().take_while(|c| is_name_part(**c)).collect()
    }

    fn name(&mut self) {
        let name = self.qualified(0);
        let length = name.chars().count();
        let word = ["and", "or", "div", "mod"].into_iter().find(|word| *word == name);
        match word {
            Some(word) if self.operator_expected() => self.push(Kind::Word(word), length),
            _ => self.push(Kind::Name(name), length),
        }
    }

    fn mark(&mut self) -> Result<(), SyntaxError> {
        let two: String = self.chars.iter().skip(self.at).take(2).collect();
        let found = MARKS.into_iter().find(|mark| two.starts_with(mark));
        let Some(mark) = found else {
            return Err(SyntaxError {
                at: self.at,
                length: 1,
                kind: SyntaxKind::Character,
            });
        };
        self.push(Kind::Mark(mark), mark.len());
        Ok(())
    }

    /// Whether the token before ends an operand, so that `*` and `and` are operators here.
    fn operator_expected(&self) -> bool {
        match self.out.last().map(|token| &token.kind) {
            None | Some(Kind::Word(_)) => false,
            Some(Kind::Mark(mark)) => matches!(*mark, ")" | "]" | "." | ".."),
            Some(_) => true,
        }
    }
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}') || ('\u{300}'..='\u{36f}').contains(&c)
}
