//! The house keeps its floors: a module names only modules below it, and outside crates only where they belong.
#![allow(clippy::string_slice, clippy::unwrap_used)]

use fushan_suite::sources::rust_files;

/// Floor of each room of the core; a room may name rooms of lower floors only, so siblings never name each other.
const FLOORS: &[(&str, u8)] = &[
    ("model", 0),
    ("planted", 0),
    ("wire", 1),
    ("merge", 2),
    ("rules", 2),
    ("forms", 2),
    ("store", 3),
    ("evidence", 3),
    ("platform", 3),
    ("sync", 4),
    ("app", 5),
];

/// Outside crates that only one room may name.
const OWNERS: &[(&str, &str)] = &[
    ("rusqlite", "store"),
    ("reqwest", "platform"),
    ("rustls", "platform"),
    ("tokio", "platform"),
    ("image", "evidence"),
    ("jpeg_decoder", "evidence"),
    ("exif", "evidence"),
    ("fast_image_resize", "evidence"),
    ("ab_glyph", "evidence"),
    ("roxmltree", "forms"),
];

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// The rooms that a source text names through `crate::…`, also inside `use crate::{a, b}`.
fn named_rooms(text: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    let code: String = text
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().last();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut name = String::new();
            let mut take = true;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 1 && c == ',' {
                    rooms.push(std::mem::take(&mut name));
                    take = true;
                } else if depth == 1 && take && (c.is_alphanumeric() || c == '_') {
                    name.push(c);
                } else if c == ':' {
                    take = false;
                }
                if depth == 0 {
                    break;
                }
            }
            rooms.push(name);
        } else {
            rooms.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    rooms
}

fn room_of(path: &std::path::Path) -> Option<String> {
    let mut parts = path.components().map(|c| c.as_os_str().to_string_lossy().into_owned());
    parts.by_ref().find(|p| p == "core")?;
    parts.by_ref().find(|p| p == "src")?;
    parts.next().map(|p| p.trim_end_matches(".rs").to_owned())
}

#[test]
fn a_module_names_only_modules_below_it() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (path, text) in rust_files("core/src").unwrap() {
        let Some(room) = room_of(&path) else { continue };
        if room == "lib" {
            continue;
        }
        let own = floor(&room).unwrap_or_else(|| panic!("{} is in no room of the house", path.display()));
        for named in named_rooms(&text) {
            seen += 1;
            if named != room && floor(&named).is_none_or(|f| f >= own) {
                wrong.push(format!("{} names crate::{named}", path.display()));
            }
        }
    }
    assert!(
        seen > 10,
        "the test must find the `crate::` paths it judges, found {seen}"
    );
    assert!(wrong.is_empty(), "upward or sideways:\n{}", wrong.join("\n"));
}

#[test]
fn outside_crates_are_named_only_where_they_belong() {
    let mut wrong = Vec::new();
    for (path, text) in rust_files("core/src").unwrap() {
        let Some(room) = room_of(&path) else { continue };
        for (krate, owner) in OWNERS {
            let names = text.lines().filter(|l| !l.trim_start().starts_with("//")).any(|l| {
                l.match_indices(&format!("{krate}::")).any(|(at, _)| {
                    let before = l[..at].chars().last();
                    before.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == ':'))
                })
            });
            if names && room != *owner {
                wrong.push(format!("{} names {krate}, which belongs to {owner}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_use_lines_sees_groups_and_plain_paths() {
    let text = "use crate::{model::ids::OpId, wire::{push, pull}};\nlet x = crate::store::open();\n// crate::app\n";
    assert_eq!(named_rooms(text), ["model", "wire", "store"]);
}

/// Production files stay small enough to read (architecture: none over 500 lines).
#[test]
fn no_production_file_is_over_five_hundred_lines() {
    let mut long = Vec::new();
    for folder in ["core/src", "bindings/src", "tests/cli/src", "tests/platform/src"] {
        for (path, text) in rust_files(folder).unwrap() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let production = text
                .split("#[cfg(test)]\nmod ")
                .next()
                .unwrap_or_default()
                .lines()
                .count();
            if production > 500 && !name.contains("tests") {
                long.push(format!("{} has {production}", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// The test runner keeps to itself what passing tests print, so a skip is written past it (`scratch::skipped`).
#[test]
fn no_test_is_skipped_in_silence() {
    let mut skips = 0;
    for folder in ["tests", "core/src", "bindings/src"] {
        for (path, text) in rust_files(folder).unwrap() {
            if path.components().any(|part| part.as_os_str() == "target") || path.ends_with("layers.rs") {
                continue;
            }
            skips += text.matches("skipped(").count() + text.matches("b\"SKIPPED: ").count();
            let silent = text
                .lines()
                .find(|line| line.to_lowercase().contains("println!(\"skipped"));
            assert_eq!(silent, None, "{}", path.display());
        }
    }
    assert!(skips > 15, "the scan must find the skips, found {skips}");
}
