//! What a step does to the fields of an incident besides its state: level, owner, handlers, counters, results. Pure, and the same
//! on phone and platform; limits and pauses follow from the history (`rules::deadline`).

use serde_json::{Value, json};

use super::fields::{has_photo, level, text, texts, whole, yes};
use super::levels::{TOP, desk_level, intake_level, owner_at};
use super::lines::number;
use crate::model::record::{Body, Kind, Record};
use crate::model::step::Taken;

/// Fields that a step sets; `null` clears one.
#[must_use]
pub fn effects(record: &Record, step: &Taken<'_>) -> Body {
    if !record.kind.is(Kind::INCIDENT) {
        return Body::new();
    }
    let fields = Fields {
        record,
        step,
        set: Body::new(),
    };
    fields.of_step()
}

struct Fields<'a> {
    record: &'a Record,
    step: &'a Taken<'a>,
    set: Body,
}

impl Fields<'_> {
    fn of_step(mut self) -> Body {
        let now = level(self.record);
        match number(self.step.event) {
            1 | 2 if !self.record.body.contains_key("level") => self.owned_at(1),
            3 => self.owned_at(intake_level(self.step.role)),
            4 => self.self_closed(),
            6 => self.copy("person", "verifier_user"),
            7 => self.copy("result", "verify_result").clear(&["verifier_user"]),
            8 => self.accepted(),
            9 => self.copy("reason_code", "close_reason"),
            10 => self.copy("missing", "missing").count("return_count"),
            11 => self.clear(&["missing"]),
            12 => self.copy("merged_into", "merged_into"),
            13 | 14 => self.dispatched(),
            15 => self.moved(now + 1),
            16 => self.moved(now.saturating_sub(1).max(1)),
            17 => self.signed(),
            18 => self.refused(now),
            20 => self.put("extension_pending", json!(true)),
            21 => self.extension_decided(),
            22 => self.copy("until", "suspended_until"),
            23 => self.clear(&["suspended_until"]),
            24 => self
                .copy("result", "feedback_result")
                .clear(&["extension_pending", "check_result"]),
            25 => self.copy("person", "checker_user"),
            26 => self.copy("result", "check_result").clear(&["checker_user"]),
            27 => self.clear(&["check_result"]).count("rework_count"),
            28 => self.closed(now, "NORMAL"),
            29 => self.closed(now, "FORCED"),
            30 => self
                .copy("satisfaction", "satisfaction")
                .copy("contacted", "contacted")
                .copy("solved", "solved"),
            31 => self.redone(now),
            32 => self.supervised(),
            33 => self.count("urge_count"),
            34 => self.urgency_set(),
            36 => self.closed(now, "DIRECT_ANSWER"),
            _ => &mut self,
        };
        self.set
    }

    fn put(&mut self, name: &str, value: Value) -> &mut Self {
        self.set.insert(name.to_owned(), value);
        self
    }

    fn clear(&mut self, names: &[&str]) -> &mut Self {
        for name in names {
            self.put(name, Value::Null);
        }
        self
    }

    /// An argument becomes a field; without it the field is cleared.
    fn copy(&mut self, arg: &str, field: &str) -> &mut Self {
        let value = self.step.args.get(arg).cloned().unwrap_or(Value::Null);
        self.put(field, value)
    }

    fn count(&mut self, name: &str) -> &mut Self {
        let before = whole(&self.record.body, name).unwrap_or(0);
        self.put(name, json!(before + 1))
    }

    /// The desk of a level has it. Where nobody knows yet where it lies, it stays with whoever has it: somebody always does (I-1).
    fn owned_at(&mut self, level: u64) -> &mut Self {
        let so_far = || self.record.body.get("owner_org").and_then(Value::as_str);
        let owner = owner_at(self.record, level).or_else(so_far).map(str::to_owned);
        self.put("level", json!(level)).put("owner_org", json!(owner))
    }

    /// What has no level yet gets that of the desk that accepts it, or the one the rules accept it for.
    fn accepted(&mut self) -> &mut Self {
        let told = whole(self.step.args, "level").filter(|level| (1..=TOP).contains(level));
        let first = desk_level(self.step.role).or(told).unwrap_or(1);
        let level = whole(&self.record.body, "level").unwrap_or(first);
        self.owned_at(level)
    }

    fn out_of_hands(&mut self) -> &mut Self {
        self.clear(&[
            "handler_org",
            "handler_user",
            "co_handlers",
            "extension_pending",
            "suspended_until",
        ])
    }

    fn moved(&mut self, level: u64) -> &mut Self {
        let level = whole(self.step.args, "level").unwrap_or(level);
        self.out_of_hands().owned_at(level)
    }

    fn dispatched(&mut self) -> &mut Self {
        let forced = yes(self.step.args, "forced");
        self.copy("main", "handler_org")
            .copy("main", "owner_org")
            .copy("person", "handler_user")
            .copy("co", "co_handlers")
            .clear(&["extension_pending"]);
        if forced {
            self.put("forced", json!(true));
        }
        self
    }

    fn signed(&mut self) -> &mut Self {
        if self.step.actor.0.is_empty() {
            return self;
        }
        self.put("handler_user", json!(self.step.actor))
    }

    fn refused(&mut self, level: u64) -> &mut Self {
        let by = text(&self.record.body, "handler_org");
        let mut refused: Vec<&str> = texts(&self.record.body, "refused_by");
        if !by.is_empty() && !refused.contains(&by) {
            refused.push(by);
        }
        let refused = json!(refused);
        self.out_of_hands()
            .put("refused_by", refused)
            .count("refuse_count")
            .owned_at(level)
    }

    fn extension_decided(&mut self) -> &mut Self {
        self.clear(&["extension_pending"]);
        let Some(granted) = self.step.args.get("granted") else {
            return self;
        };
        let mut extensions = self
            .record
            .body
            .get("extensions")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        extensions.push(json!({"granted": granted, "at": self.step.at}));
        self.put("extensions", json!(extensions)).count("extension_count")
    }

    fn self_closed(&mut self) -> &mut Self {
        let evidence = has_photo(&self.record.body, "after");
        self.owned_at(1);
        self.put("self_closed", json!(evidence))
            .put("close_type", json!("SELF"));
        if !self.record.body.contains_key("closed_at") {
            self.put("closed_at", json!(self.step.at));
        }
        self.signed()
    }

    /// The desk answers for a closed case; who handled it stays known.
    fn closed(&mut self, level: u64, how: &str) -> &mut Self {
        let named = text(self.step.args, "close_type");
        let how = if how == "NORMAL" && !named.is_empty() {
            named
        } else {
            how
        };
        let (how, at) = (json!(how), json!(self.step.at));
        self.owned_at(level)
            .put("close_type", how)
            .put("closed_at", at)
            .clear(&["extension_pending", "suspended_until"])
    }

    fn redone(&mut self, level: u64) -> &mut Self {
        self.out_of_hands()
            .clear(&[
                "close_type",
                "closed_at",
                "close_reason",
                "self_closed",
                "check_result",
                "feedback_result",
                "forced",
            ])
            .clear(&["refused_by", "satisfaction", "contacted", "solved"])
            .count("redo_count")
            .owned_at(level)
    }

    /// Limits that have begun keep the urgency the case began with (`rules::deadline`).
    fn urgency_set(&mut self) -> &mut Self {
        if let Some(before) = self
            .record
            .body
            .get("urgency")
            .filter(|_| !self.record.body.contains_key("first_urgency"))
        {
            self.put("first_urgency", before.clone());
        }
        self.copy("urgency", "urgency")
    }

    fn supervised(&mut self) -> &mut Self {
        match yes(self.step.args, "cancel") {
            true => self.clear(&["supervise_level"]),
            false => self.copy("level", "supervise_level"),
        }
    }
}
