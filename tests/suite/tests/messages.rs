//! Every code that can reach a person has a text in both languages.
#![allow(clippy::string_slice, clippy::unwrap_used)]

use std::collections::BTreeSet;

use fushan_grid_core::app::messages::knows;
use fushan_suite::sources::rust_files;

/// Text between the first pair of quotes after each occurrence of `before`.
fn quoted_after(text: &str, before: &str) -> Vec<String> {
    text.match_indices(before)
        .filter_map(|(at, _)| {
            let rest = text[at + before.len()..].trim_start();
            let rest = rest.strip_prefix('"')?;
            rest.find('"').map(|end| rest[..end].to_owned())
        })
        .collect()
}

fn codes(folder: &str, marks: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in rust_files(folder).unwrap() {
        if path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().contains("tests"))
        {
            continue;
        }
        let production = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for mark in marks {
            found.extend(quoted_after(production, mark));
        }
    }
    found
}

#[test]
fn every_error_code_has_a_text() {
    let mut all = codes("core/src", &["Fault::of("]);
    all.extend(codes("tests/cli/src", &["Fault::of("]));
    all.extend(codes("bindings/src", &["GridError::of("]));
    // errors whose codes stand in a match
    for file in ["core/src/platform", "core/src/model"] {
        all.extend(codes(
            file,
            &[
                "Self::Offline => ",
                "Self::Timeout => ",
                "Self::Cut => ",
                "Self::Untagged => ",
            ],
        ));
    }
    all.extend(codes("core/src/platform", &["Retryable { code: "]));
    // what is said about links of exported evidence
    all.extend(codes("core/src/app/dossier", &["Missing::wrong(", "Missing::absent("]));
    for folder in [
        "tests/platform/src/timestamp",
        "tests/platform/src/credentials",
        "tests/platform/src/attestation",
    ] {
        let told = codes(folder, &["=> "]);
        assert!(!told.is_empty(), "{folder}");
        all.extend(told.into_iter().filter(|code| code != "/"));
    }
    assert!(all.len() > 50, "the scan must find the codes, found {}", all.len());
    let silent: Vec<_> = all.iter().filter(|code| !knows(code)).collect();
    assert!(silent.is_empty(), "no text for {silent:?}");
}

#[test]
fn every_rule_that_forbids_a_step_has_a_text() {
    let mut rules = codes("core/src/rules/workflow", &["Err(", "ok_or(", "Some(", "forbidden("]);
    for (_, text) in rust_files("core/src/rules/workflow/guards").unwrap() {
        let calls = text.split("ensure(").skip(1);
        let last = |call: &str| {
            call.split("\n}")
                .next()
                .and_then(|c| c.split(';').next())
                .map(str::to_owned)
        };
        let word = |call: String| call.split('"').rev().nth(1).map(str::to_owned);
        let code = |word: &String| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        rules.extend(calls.filter_map(last).filter_map(word).filter(code));
    }
    rules.remove(""); // an empty argument, which is no code
    assert!(rules.len() >= 70, "the scan must find the rules, found {rules:?}");
    let silent: Vec<_> = rules.iter().filter(|code| !knows(code)).collect();
    assert!(silent.is_empty(), "no text for {silent:?}");
}

#[test]
fn every_refusal_of_the_platform_has_a_text() {
    let mut refusals = codes("tests/platform/src", &["Plan::refused(", "rejected(op, "]);
    for folder in ["tests/platform/src/organisation", "tests/platform/src/mobilise"] {
        refusals.extend(codes(folder, &["Fault::of(", "Err("]));
    }
    assert!(refusals.len() >= 25, "found {refusals:?}");
    let silent: Vec<_> = refusals
        .iter()
        .filter(|code| !code.is_empty() && !knows(code))
        .collect();
    assert!(silent.is_empty(), "no text for {silent:?}");
}

#[test]
fn everything_that_can_be_wrong_with_evidence_has_a_text() {
    let mut all = codes("tests/platform/src/witness", &["Finding::of("]);
    let stamps = codes("tests/platform/src/timestamp", &[" => "]);
    all.extend(stamps.into_iter().filter(|code| code.starts_with("stamp_")));
    all.extend(codes("core/src/app/dossier", &["Missing::wrong(", "Missing::absent("]));
    assert!(all.len() >= 25, "the scan must find the codes, found {all:?}");
    let silent: Vec<_> = all.iter().filter(|code| !knows(code)).collect();
    assert!(silent.is_empty(), "no text for {silent:?}");
}

/// Integrators of channels, desks and screens get codes; whoever shows them to people finds both texts here.
#[test]
fn every_code_of_the_platforms_doors_has_a_text_in_both_languages() {
    let word = |text: &String| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let mut all = BTreeSet::new();
    for (path, text) in rust_files("tests/platform/src/http").unwrap() {
        let production = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        assert!(!path.ends_with("tests.rs"));
        for call in ["Fault::of(", "Fault::held("] {
            for rest in production.split(call).skip(1) {
                let arguments = rest.split(')').next().unwrap_or_default();
                all.extend(arguments.split('"').nth(1).map(str::to_owned));
            }
        }
        all.extend(quoted_after(production, "refused("));
    }
    let marks = ["Err(", "ok_or(", "|_| ", "then_some(", "return Some(", "some("];
    for folder in ["intake", "open311", "dispatching"] {
        let told = codes(&format!("tests/platform/src/{folder}"), &marks);
        all.extend(told.into_iter().filter(|code| code.contains('_')));
    }
    all.retain(word);
    assert!(all.len() >= 60, "the scan must find the codes, found {all:?}");
    assert!(all.contains("order_contact_invalid") && all.contains("order_conflict"));
    let silent: Vec<_> = all.iter().filter(|code| !knows(code)).collect();
    assert!(silent.is_empty(), "no text for {silent:?}");
}

#[test]
fn every_text_is_there_in_both_languages() {
    let all: std::collections::BTreeMap<String, serde_json::Value> =
        serde_json::from_str(include_str!("../../../core/packs/messages.json")).unwrap();
    for (code, texts) in all {
        let says = |name: &str| texts[name].as_str().is_some_and(|text| !text.trim().is_empty());
        assert!(says("zh") && says("en"), "{code}");
        assert_eq!(
            texts.get("zh_next").is_some(),
            texts.get("en_next").is_some(),
            "{code}: what to do next"
        );
    }
}
