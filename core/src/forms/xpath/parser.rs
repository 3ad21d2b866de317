//! Builds the tree of an expression: precedence climbing over tokens.

use super::lexer::{Kind, Token, tokens};
use super::{Expr, Filter, Operator, Path, Start, SyntaxError, SyntaxKind};
use crate::forms::names::Names;

const DEEPEST: u32 = 200;
/// Operators in a row, such as the terms of a sum: each nests one deeper.
const LONGEST: u32 = 1_000;

/// Parses an expression.
///
/// # Errors
/// What is wrong and where; see [`SyntaxKind`].
pub fn parse(source: &str, names: &mut Names) -> Result<Expr, SyntaxError> {
    let mut parser = Parser {
        tokens: tokens(source)?,
        at: 0,
        end: source.chars().count(),
        depth: 0,
        names,
    };
    let expr = parser.binary(0)?;
    match parser.peek() {
        None => Ok(expr),
        Some(_) => Err(parser.error(SyntaxKind::Unexpected)),
    }
}

pub(super) struct Parser<'a> {
    tokens: Vec<Token>,
    pub(super) at: usize,
    end: usize,
    depth: u32,
    pub(super) names: &'a mut Names,
}

const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("or", Operator::Or)],
    &[("and", Operator::And)],
    &[("=", Operator::Equal), ("!=", Operator::Unequal)],
    &[
        ("<", Operator::Less),
        ("<=", Operator::LessOrEqual),
        (">", Operator::Greater),
        (">=", Operator::GreaterOrEqual),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[
        ("*", Operator::Multiply),
        ("div", Operator::Divide),
        ("mod", Operator::Remainder),
    ],
];

impl Parser<'_> {
    pub(super) fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    pub(super) fn peek_after(&self, ahead: usize) -> Option<&Kind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    pub(super) fn error(&self, kind: SyntaxKind) -> SyntaxError {
        match self.tokens.get(self.at) {
            Some(token) => SyntaxError {
                at: token.at,
                length: token.length,
                kind,
            },
            None => SyntaxError {
                at: self.end,
                length: 0,
                kind: SyntaxKind::Incomplete,
            },
        }
    }

    pub(super) fn is_mark(&self, mark: &str) -> bool {
        matches!(self.peek(), Some(Kind::Mark(found)) if *found == mark)
    }

    pub(super) fn eat(&mut self, mark: &str) -> bool {
        let found = self.is_mark(mark);
        if found {
            self.at += 1;
        }
        found
    }

    pub(super) fn expect(&mut self, mark: &str) -> Result<(), SyntaxError> {
        if self.eat(mark) {
            Ok(())
        } else {
            Err(self.error(SyntaxKind::Unexpected))
        }
    }

    /// The operator that comes next, when it binds at least so tightly, with its level.
    fn operator(&self, least: usize) -> Option<(usize, Operator)> {
        let text = match self.peek()? {
            Kind::Word(word) => word,
            Kind::Mark(mark) => mark,
            _ => return None,
        };
        let all = LEVELS.iter().enumerate().skip(least);
        let mut known =
            all.flat_map(|(level, marks)| marks.iter().map(move |(mark, operator)| (level, mark, operator)));
        known
            .find(|(_, mark, _)| *mark == text)
            .map(|(level, _, operator)| (level, *operator))
    }

    /// Precedence climbing: one call a bracket, so that the depth of an expression is the depth of the stack.
    pub(super) fn binary(&mut self, least: usize) -> Result<Expr, SyntaxError> {
        self.deeper()?;
        let mut left = self.unary()?;
        let mut links = 0;
        while let Some((level, operator)) = self.operator(least) {
            links += 1;
            if links > LONGEST {
                return Err(self.error(SyntaxKind::TooDeep));
            }
            self.at += 1;
            let right = self.binary(level + 1)?;
            left = Expr::Binary(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn deeper(&mut self) -> Result<(), SyntaxError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error(SyntaxKind::TooDeep));
        }
        Ok(())
    }

    fn unary(&mut self) -> Result<Expr, SyntaxError> {
        let mut minus = 0_u32;
        while self.eat("-") {
            minus += 1;
        }
        let mut expr = self.union()?;
        // signs cancel, but even two of them make a number of what follows
        for _ in 0..if minus > 2 { 2 - minus % 2 } else { minus } {
            expr = Expr::Negative(Box::new(expr));
        }
        Ok(expr)
    }

    fn union(&mut self) -> Result<Expr, SyntaxError> {
        let first = self.path_or_primary()?;
        if !self.is_mark("|") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.eat("|") {
            parts.push(self.path_or_primary()?);
        }
        Ok(Expr::Union(parts))
    }

    fn path_or_primary(&mut self) -> Result<Expr, SyntaxError> {
        let primary = match self.peek() {
            Some(Kind::Number(number)) => Some(Expr::Number(*number)),
            Some(Kind::Text(text)) => Some(Expr::Text(text.as_str().into())),
            Some(Kind::Variable(name)) => Some(Expr::Variable(name.as_str().into())),
            _ => None,
        };
        if let Some(expr) = primary {
            self.at += 1;
            return self.filtered(expr);
        }
        if self.eat("(") {
            let inner = self.binary(0)?;
            self.expect(")")?;
            return self.filtered(inner);
        }
        if self.is_call() {
            return self.call();
        }
        self.location()
    }

    fn is_call(&self) -> bool {
        matches!(self.peek(), Some(Kind::Name(name)) if !matches!(name.as_str(), "node" | "text" | "comment" | "processing-instruction" | "*"))
            && matches!(self.peek_after(1), Some(Kind::Mark("(")))
    }

    fn call(&mut self) -> Result<Expr, SyntaxError> {
        let Some(Kind::Name(name)) = self.peek().cloned() else {
            return Err(self.error(SyntaxKind::Unexpected));
        };
        let start = self.at;
        self.at += 2;
        let mut args = Vec::new();
        if !self.eat(")") {
            loop {
                args.push(self.binary(0)?);
                if self.eat(")") {
                    break;
                }
                self.expect(",")?;
            }
        }
        let starts_path = self.is_mark("/") || self.is_mark("//");
        match (name.as_str(), args.as_slice()) {
            ("instance", [Expr::Text(id)]) if starts_path => {
                let start = Start::Instance(id.clone());
                let deep = self.eat("//") || !self.eat("/");
                self.steps(start, deep)
            }
            ("instance", _) if starts_path => {
                self.at = start;
                Err(self.error(SyntaxKind::Instance))
            }
            ("current", []) if self.eat("/") => self.steps(Start::CurrentUp(0), false),
            ("current", []) if self.eat("//") => self.steps(Start::CurrentUp(0), true),
            ("current", []) if !self.is_mark("[") => Ok(Expr::Path(Path::at(Start::CurrentUp(0)))),
            ("current", []) => self.filtered(Expr::Path(Path::at(Start::CurrentUp(0)))),
            _ => self.filtered(Expr::Call(name.into(), args)),
        }
    }

    /// Predicates or steps after something in brackets or a call.
    fn filtered(&mut self, expr: Expr) -> Result<Expr, SyntaxError> {
        let predicates = self.predicates()?;
        let deep = self.is_mark("//");
        let further = self.eat("/") || self.eat("//");
        if predicates.is_empty() && !further {
            return Ok(expr);
        }
        let start = Start::Nodes(Box::new(Filter { set: expr, predicates }));
        if further {
            self.steps(start, deep)
        } else {
            Ok(Expr::Path(Path::at(start)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Result<Expr, SyntaxError> {
        parse(source, &mut Names::default())
    }

    #[test]
    fn operators_bind_as_xpath_says() {
        let Expr::Binary(Operator::Or, _, right) = read("1 or 2 and 3 = 4 + 5 * 6").unwrap() else {
            panic!("or is loosest");
        };
        assert!(matches!(*right, Expr::Binary(Operator::And, ..)));
    }

    #[test]
    fn a_star_and_words_are_operators_only_after_an_operand() {
        assert!(matches!(
            read("/a/* * 2").unwrap(),
            Expr::Binary(Operator::Multiply, ..)
        ));
        assert!(matches!(
            read("div div mod").unwrap(),
            Expr::Binary(Operator::Divide, ..)
        ));
        assert!(matches!(read("../and").unwrap(), Expr::Path(_)));
    }

    #[test]
    fn steps_up_count_from_the_start_and_from_current() {
        let Expr::Path(path) = read("current()/../../x[. = 1]").unwrap() else {
            panic!("a path");
        };
        assert_eq!(path.start, Start::CurrentUp(2));
        assert_eq!(path.steps.len(), 1);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let places = [
            ("1 +", SyntaxKind::Incomplete, 3),
            ("'abc", SyntaxKind::Unclosed, 0),
            ("a ? b", SyntaxKind::Character, 2),
            ("f(1, )", SyntaxKind::Unexpected, 5),
            ("//", SyntaxKind::Incomplete, 2),
            ("a/namespace::b", SyntaxKind::Step, 2),
            ("a/sideways::b", SyntaxKind::Step, 2),
            ("/..", SyntaxKind::Step, 1),
            ("instance(x)/a", SyntaxKind::Instance, 0),
        ];
        for (source, kind, at) in places {
            let error = read(source).unwrap_err();
            assert_eq!((error.kind, error.at), (kind, at), "{source}");
        }
    }

    #[test]
    fn a_million_brackets_end_in_an_error_and_not_in_the_stack() {
        for part in ["(", "1+", "f(", "a[", "//a[", "(a)[", "a|("] {
            assert_eq!(
                read(&part.repeat(1_000_000)).unwrap_err().kind,
                SyntaxKind::TooDeep,
                "{part}"
            );
        }
        assert!(read(&format!("{}1", "-".repeat(1_000_001))).is_ok());
    }
}
