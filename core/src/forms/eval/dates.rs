//! Functions of dates and times.

use super::{EvalError, Scope};
use crate::forms::moment::{DAY_MS, FormClock};
use crate::forms::number;
use crate::forms::value::Value;

type Answered = Result<Value, EvalError>;

impl Scope<'_> {
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
    pub(super) fn date_function(&self, name: &str, args: &[Value]) -> Option<Answered> {
        Some(match (name, args) {
            ("today", []) => Ok(Value::Moment(self.clock.midnight(self.clock.now_ms))),
            ("now", []) => Ok(Value::Moment(self.clock.now_ms)),
            ("date", [value]) => self.date(value, false),
            ("date-time", [value]) => self.date(value, true),
            ("decimal-date-time", [value]) => self.date(value, true).map(|value| match value {
                Value::Moment(at) => Value::Number(at as f64 / DAY_MS as f64),
                other => other,
            }),
            ("decimal-time", [value]) => self.date(value, true).map(|value| match (args, value) {
                ([Value::Number(number)], _) => Value::Number(number - number.floor()),
                (_, Value::Moment(at)) => {
                    let days = (at - self.clock.day(0)) as f64 / DAY_MS as f64;
                    Value::Number(days - days.floor())
                }
                (_, other) => other,
            }),
            ("format-date" | "format-date-time", [value, pattern]) => self.format(value, pattern),
            ("today" | "now" | "date" | "date-time" | "decimal-date-time" | "decimal-time", _)
            | ("format-date" | "format-date-time", _) => Err(EvalError::Arguments(name.into(), args.len())),
            _ => return None,
        })
    }

    /// A value as a moment; empty values stay empty.
    #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
    fn date(&self, value: &Value, keep_time: bool) -> Answered {
        let clock: FormClock = self.clock;
        match value {
            Value::Number(number) if number.is_nan() => Ok(value.clone()),
            Value::Number(number) if number.abs() > f64::from(i32::MAX) => {
                Err(EvalError::NotADate(number::text(*number)))
            }
            Value::Number(number) if keep_time => Ok(Value::Moment((number * DAY_MS as f64) as i64)),
            Value::Number(number) => Ok(Value::Moment(clock.day(number.trunc() as i64))),
            Value::Text(text) if text.is_empty() => Ok(value.clone()),
            Value::Text(text) => clock
                .parse_date_time(text)
                .map(Value::Moment)
                .ok_or_else(|| EvalError::NotADate(text.clone())),
            Value::Moment(at) => Ok(Value::Moment(if keep_time { *at } else { clock.midnight(*at) })),
            _ => Err(EvalError::NotADate(value.text(clock))),
        }
    }

    fn format(&self, value: &Value, pattern: &Value) -> Answered {
        match self.date(value, true)? {
            Value::Moment(at) => {
                let pattern = pattern.text(self.clock);
                // long names are not of ODK's own engine
                if !self.form.lenient && (pattern.contains("%A") || pattern.contains("%B")) {
                    return Err(EvalError::BadArgument("format-date"));
                }
                let shown = self.clock.format(at, &pattern);
                shown
                    .map(Value::Text)
                    .map_err(|_| EvalError::BadArgument("format-date"))
            }
            _ => Ok(Value::Text(String::new())),
        }
    }
}
