use super::canonical::{CanonicalError, is_plain, plain, read, strict, text};
use super::*;
use crate::model::env::KeyKind;
use serde_json::{Value, json};

/// RFC 8785, section 3.2.4: input and canonical output of the document's own sample.
#[test]
fn the_sample_of_the_rfc_comes_out_as_the_rfc_prints_it() {
    let input = r#"{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    let value: Value = serde_json::from_str(input).unwrap();
    let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
                    \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
    assert_eq!(text(&value).unwrap(), expected);
}

/// RFC 8785, section 3.2.3: names sort by UTF-16 code units, not by bytes.
#[test]
fn names_sort_as_the_rfc_says() {
    let input = json!({
        "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis"
    });
    let value: Value = serde_json::from_str(&text(&input).unwrap()).unwrap();
    let order: Vec<&str> = value
        .as_object()
        .unwrap()
        .values()
        .map(|v| v.as_str().unwrap())
        .collect();
    let expected = [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ];
    assert_eq!(order, expected);
}

/// RFC 8785, appendix B: some of the numbers, as ECMAScript prints them.
#[test]
fn numbers_print_as_ecmascript_prints_them() {
    for (bits, expected) in [
        (0x0000_0000_0000_0000_u64, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
    ] {
        assert_eq!(text(&f64::from_bits(bits)).unwrap(), expected, "{bits:x}");
    }
}

pub(super) fn start() -> Entry {
    Entry::Start(Start {
        v: VERSION,
        id: "0199".into(),
        reason: StartReason::First,
        actor: Actor {
            staff: "s_1".into(),
            grid: String::new(),
            device_key: Named256([1; 32]),
            attest: "0199".into(),
        },
        at: "2026-08-01T02:22:03.120Z".into(),
        key_kind: KeyKind::Software,
        attestation: Vec::new(),
        chain: Link {
            of: "0199".into(),
            seq: 1,
            prev: None,
        },
    })
}

#[test]
fn an_entry_is_read_from_its_own_text_and_from_no_other() {
    let entry = start();
    let good = text(&entry).unwrap();
    assert_eq!(read(&good).unwrap(), entry);
    assert!(good.contains(r#""typ":"grid.start""#));
    let spaced = good.replace(":", ": ");
    let doubled = good.replacen("{\"actor\"", "{\"v\":1,\"actor\"", 1);
    let inner = good.replacen("\"staff\":\"s_1\"", "\"staff\":\"s_1\",\"staff\":\"s_2\"", 1);
    for (bad, why) in [
        (spaced, CanonicalError::NotCanonical),
        (doubled, CanonicalError::DuplicateKey),
        (inner, CanonicalError::DuplicateKey),
        (good.replace("\"seq\":1", "\"seq\":1.0"), CanonicalError::NotWhole),
        (
            good.replace("\"seq\":1", "\"seq\":9007199254740992"),
            CanonicalError::NotWhole,
        ),
        (good.replace("\"v\":1", "\"v\":2"), CanonicalError::UnknownVersion),
        (good.replace("grid.start", "grid.other"), CanonicalError::Shape),
        (good.replace("s_1", "s_\\u202e1"), CanonicalError::NotPlain),
        (good.replace("sha256:01", "sha256:0G"), CanonicalError::Shape),
        (format!("{good} "), CanonicalError::NotCanonical),
        (format!("{good}{{}}"), CanonicalError::NotJson),
        (good.trim_end_matches('}').to_owned(), CanonicalError::NotJson),
        (" ".repeat(ENTRY_BYTES + 1), CanonicalError::TooLong),
        ("[".repeat(60_000), CanonicalError::NotJson),
        (String::new(), CanonicalError::NotJson),
    ] {
        assert_eq!(read(&bad), Err(why), "{bad:.80}");
    }
}

#[test]
fn a_field_of_a_newer_app_is_passed_over_and_stays_in_the_text() {
    let mut value = serde_json::to_value(start()).unwrap();
    value["from_a_newer_app"] = json!(["x"]);
    let newer = text(&value).unwrap();
    assert_eq!(read(&newer).unwrap(), start());
    assert!(newer.contains("from_a_newer_app"));
}

#[test]
fn decimals_are_fixed_texts_and_nought_has_one() {
    assert_eq!(decimal(37.498_312, 7).unwrap(), "37.4983120");
    assert_eq!(decimal(-121.267_145, 7).unwrap(), "-121.2671450");
    assert_eq!(decimal(-0.000_000_01, 7).unwrap(), "0.0000000");
    assert_eq!(decimal(f64::NAN, 1), None);
    assert_eq!(decimal(f64::INFINITY, 1), None);
    assert_eq!(decimal(1e300, 1), None);
}

#[test]
fn texts_of_the_system_are_made_plain() {
    assert!(is_plain("福山区 Ω 👷"));
    assert_eq!(plain("Model\u{0}\u{202e}X\u{feff}Y\n", 6), "ModelX");
    assert_eq!(plain(&"长".repeat(500), 64).chars().count(), 64);
}

#[test]
fn a_reader_of_strict_json_is_not_drowned() {
    let wide = format!("[{}1]", "1,".repeat(30_000));
    assert!(strict(&wide).is_ok());
    let deep = format!("{}{}", "[".repeat(17), "]".repeat(17));
    assert_eq!(strict(&deep), Err(CanonicalError::NotJson));
}
