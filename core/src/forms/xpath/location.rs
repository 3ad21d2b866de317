//! Paths: steps down as all forms have them, and the other axes of XPath behind these.

use super::lexer::Kind;
use super::parser::Parser;
use super::{Axis, Expr, Far, Path, Start, Step, SyntaxError, SyntaxKind, Test};

impl Parser<'_> {
    /// A path that begins with a step or a slash.
    pub(super) fn location(&mut self) -> Result<Expr, SyntaxError> {
        if self.eat("//") {
            return self.steps(Start::Root, true);
        }
        if !self.eat("/") {
            return self.steps(Start::Up(0), false);
        }
        if self.at_step() {
            return self.steps(Start::Root, false);
        }
        Ok(Expr::Path(Path::at(Start::Root)))
    }

    fn at_step(&self) -> bool {
        match self.peek() {
            Some(Kind::Name(_)) => true,
            Some(Kind::Mark(mark)) => matches!(*mark, "." | ".." | "@"),
            _ => false,
        }
    }

    /// The steps of a path; `deep` when a double slash comes before the first.
    pub(super) fn steps(&mut self, start: Start, deep: bool) -> Result<Expr, SyntaxError> {
        let mut path = Path::at(start);
        let mut deep = deep;
        loop {
            if deep {
                path.far.push(Far::all(Axis::DescendantOrSelf));
            }
            self.step(&mut path)?;
            deep = self.eat("//");
            if !deep && !self.eat("/") {
                return Ok(Expr::Path(path));
            }
        }
    }

    fn step(&mut self, path: &mut Path) -> Result<(), SyntaxError> {
        if self.eat(".") {
            return Ok(());
        }
        if self.is_mark("..") {
            self.step_up(path)?;
            self.at += 1;
            return Ok(());
        }
        let axis = self.axis()?;
        let test = self.test()?;
        let predicates = self.predicates()?;
        let name = match test {
            Test::Name(name) => Some(name),
            _ => None,
        };
        match (axis, test) {
            (Axis::Child | Axis::Attribute, Test::Name(_) | Test::Any) if path.is_plain() => path.steps.push(Step {
                name,
                attribute: axis == Axis::Attribute,
                predicates,
            }),
            (Axis::Myself, Test::Node) if predicates.is_empty() => {}
            (Axis::Parent, Test::Node) if predicates.is_empty() => self.step_up(path)?,
            _ => path.go(Far { axis, test, predicates }),
        }
        Ok(())
    }

    /// A step up undoes a step down; at the start it leads above the node that is looked at.
    fn step_up(&mut self, path: &mut Path) -> Result<(), SyntaxError> {
        let undo = path.steps.last().is_some_and(|step| step.predicates.is_empty());
        match &mut path.start {
            _ if !path.far.is_empty() => path.go(Far::all(Axis::Parent)),
            Start::Up(levels) | Start::CurrentUp(levels) if path.steps.is_empty() => *levels += 1,
            _ if undo => drop(path.steps.pop()),
            Start::Root | Start::Instance(_) if path.steps.is_empty() => return Err(self.error(SyntaxKind::Step)),
            _ => path.go(Far::all(Axis::Parent)),
        }
        Ok(())
    }

    /// `@` or the name of an axis; without either a step leads to children.
    fn axis(&mut self) -> Result<Axis, SyntaxError> {
        if self.eat("@") {
            return Ok(Axis::Attribute);
        }
        if !matches!(self.peek_after(1), Some(Kind::Mark("::"))) {
            return Ok(Axis::Child);
        }
        let axis = match self.peek() {
            Some(Kind::Name(name)) => Axis::named(name),
            _ => return Err(self.error(SyntaxKind::Unexpected)),
        };
        let axis = axis.ok_or_else(|| self.error(SyntaxKind::Step))?;
        self.at += 2;
        Ok(axis)
    }

    fn test(&mut self) -> Result<Test, SyntaxError> {
        let name = match self.peek() {
            Some(Kind::Name(name)) => name.clone(),
            _ => return Err(self.error(SyntaxKind::Unexpected)),
        };
        if name.ends_with(":*") {
            return Err(self.error(SyntaxKind::Step));
        }
        if matches!(self.peek_after(1), Some(Kind::Mark("("))) {
            return self.kind_test(&name);
        }
        self.at += 1;
        let local = name.rsplit(':').next().unwrap_or(&name);
        Ok(match local {
            "*" => Test::Any,
            local => Test::Name(self.names.intern(local)),
        })
    }

    fn kind_test(&mut self, name: &str) -> Result<Test, SyntaxError> {
        let test = match name {
            "node" => Test::Node,
            "text" => Test::Text,
            "comment" | "processing-instruction" => Test::Nothing,
            _ => return Err(self.error(SyntaxKind::Step)),
        };
        self.at += 2;
        if name == "processing-instruction" && matches!(self.peek(), Some(Kind::Text(_))) {
            self.at += 1;
        }
        self.expect(")")?;
        Ok(test)
    }

    pub(super) fn predicates(&mut self) -> Result<Vec<Expr>, SyntaxError> {
        let mut predicates = Vec::new();
        while self.eat("[") {
            predicates.push(self.binary(0)?);
            self.expect("]")?;
        }
        Ok(predicates)
    }
}

impl Far {
    /// All nodes along an axis.
    fn all(axis: Axis) -> Self {
        Self {
            axis,
            test: Test::Node,
            predicates: Vec::new(),
        }
    }
}

impl Path {
    /// Adds a step. `//name` without conditions is the descendants of that name: the same, without looking at all children.
    fn go(&mut self, far: Far) {
        let below = Far::all(Axis::DescendantOrSelf);
        if far.axis == Axis::Child && far.predicates.is_empty() && self.far.last() == Some(&below) {
            self.far.pop();
            self.far.push(Far {
                axis: Axis::Descendant,
                ..far
            });
        } else {
            self.far.push(far);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::names::Names;
    use crate::forms::xpath::parse;

    fn path(source: &str) -> Path {
        match parse(source, &mut Names::default()) {
            Ok(Expr::Path(path)) => path,
            other => panic!("{source}: {other:?}"),
        }
    }

    #[test]
    fn what_forms_write_stays_a_plain_path_however_it_is_spelled() {
        for source in [
            "/data/a/@b",
            "/child::data/child::a/attribute::b",
            "/data/./a/self::node()/@b",
            "/data/x/../a/@b",
        ] {
            assert_eq!((path(source).far.len(), path(source).steps.len()), (0, 3), "{source}");
        }
        assert_eq!(path("parent::node()/a").start, Start::Up(1));
    }

    #[test]
    fn all_other_axes_stand_behind_the_plain_steps() {
        let far = |source: &str| path(source).far.iter().map(|far| far.axis).collect::<Vec<_>>();
        assert_eq!(far("//a"), [Axis::Descendant]);
        assert_eq!(far("//a[1]"), [Axis::DescendantOrSelf, Axis::Child]);
        assert_eq!(far("/data/a[1]/.."), [Axis::Parent]);
        assert_eq!(
            far("../following-sibling::a/b/@c"),
            [Axis::FollowingSibling, Axis::Child, Axis::Attribute]
        );
        assert_eq!(far("(a | b)[1]/c"), [Axis::Child]);
        assert_eq!(far("instance('x')//item"), [Axis::Descendant]);
        assert_eq!(far("current()//a"), [Axis::Descendant]);
    }
}
