//! The platform as a witness: what it finds in each kind of entry, and that its log and receipts hold.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, clippy::panic)]

use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::platform::Method;
use fushan_grid_core::rules::proof::key_digest;
use fushan_grid_core::wire::evidence::{
    CheckpointReply, CheckpointRequest, EntryResult, EntryStatus, ReceiptsReply, ReceiptsRequest, StampState,
};
use fushan_grid_core::wire::log::leaf::{Leaf, Place, verify_receipt};
use fushan_grid_core::wire::log::{LogError, Seen};
use fushan_grid_core::wire::manifest::{Capture, Entry, Fix, HexSha256, HexSm3, Likeness, SignedEntry, StartReason};
use fushan_platform::timestamp::Authority as Asked;
use fushan_suite::authority::{Authority, has_openssl};
use fushan_suite::entries::Speaker;
use fushan_suite::field::{Field, GRID};
use serde_json::{Value, json};

fn speaker(field: &Field) -> Speaker {
    Speaker::enrol(field, &format!("s_{GRID}"), 1).unwrap()
}

fn capture(by: &mut Speaker, bytes: &[u8], change: impl FnOnce(&mut Capture)) -> SignedEntry {
    let mut capture = by.capture("case-1", bytes).unwrap();
    change(&mut capture);
    by.sign(&Entry::Capture(Box::new(capture))).unwrap()
}

fn findings(by: &Speaker, field: &Field, entry: &SignedEntry) -> Vec<String> {
    by.send(field, std::slice::from_ref(entry)).unwrap().remove(0).findings
}

fn head(by: &Speaker, field: &Field, from: u64) -> CheckpointReply {
    by.ask(field, "/v1/evidence/checkpoint", &CheckpointRequest { from })
        .unwrap()
}

#[test]
fn sound_entries_get_receipts_that_verify_and_a_repeat_gets_the_same() {
    let field = Field::start().unwrap();
    let mut phone = speaker(&field);
    let key = head(&phone, &field, 0).key;
    let entries = [
        phone.start(StartReason::First).unwrap(),
        capture(&mut phone, b"one", |_| ()),
    ];
    let first = phone.send(&field, &entries).unwrap();
    for result in &first {
        assert_eq!(
            (result.status, result.findings.len()),
            (EntryStatus::Stored, 0),
            "{result:?}"
        );
        let told = verify_receipt(result.receipt.as_ref().unwrap(), result.entry, &key).unwrap();
        assert_eq!(told.device, phone.device);
    }
    let again = phone.send(&field, &entries).unwrap();
    for (result, before) in again.iter().zip(&first) {
        assert_eq!(result.status, EntryStatus::Same);
        let (now, then) = (result.receipt.as_ref().unwrap(), before.receipt.as_ref().unwrap());
        assert_eq!((now.received_at, now.place.index), (then.received_at, then.place.index));
    }
}

/// One kind of wrong entry, the finding it must end in, and how to make it.
type Case = (&'static str, &'static str, fn(&mut Speaker) -> SignedEntry);

const CASES: &[Case] = &[
    ("a byte of the signature is changed", "signature_wrong", |p| {
        let mut entry = capture(p, b"x", |_| ());
        let other = capture(p, b"y", |_| ());
        entry.signature = other.signature;
        entry
    }),
    ("the signature is no signature", "signature_malformed", |p| {
        let mut entry = capture(p, b"x", |_| ());
        entry.signature = "AAAA".into();
        entry
    }),
    ("the key store did not sign", "signature_absent", |p| {
        let mut entry = capture(p, b"x", |_| ());
        entry.signature = String::new();
        entry
    }),
    ("the key is another than the entry names", "signing_key_mismatch", |p| {
        let mut entry = capture(p, b"x", |_| ());
        p.rotation().unwrap();
        entry.public_key = capture(p, b"y", |_| ()).public_key;
        entry
    }),
    ("signed again with another key", "signing_key_not_of_chain", |p| {
        let (seq, prev) = (p.seq, p.prev);
        p.rotation().unwrap();
        (p.seq, p.prev) = (seq, prev);
        capture(p, b"x", |_| ())
    }),
    ("an entry is missing before it", "chain_gap", |p| {
        capture(p, b"dropped", |_| ());
        capture(p, b"x", |_| ())
    }),
    ("it names another entry before it", "chain_prev", |p| {
        capture(p, b"x", |c| c.chain.prev = Some(key_digest(b"other")))
    }),
    ("its place was passed already", "chain_order", |p| {
        capture(p, b"x", |c| c.chain.seq = 1)
    }),
    ("its chain never began", "chain_start", |p| {
        p.chain = "another".into();
        p.seq = 6;
        capture(p, b"x", |_| ())
    }),
    ("it is of somebody else", "staff_other", |p| {
        capture(p, b"x", |c| c.actor.staff = "s_somebody".into())
    }),
    ("its clock is ahead of the platform's", "clock_ahead", |p| {
        capture(p, b"x", |c| c.time.wall = "2126-09-01T00:00:00.000Z".into())
    }),
    ("its clock is none", "clock_unreadable", |p| {
        capture(p, b"x", |c| c.time.wall = "noon".into())
    }),
    ("the position comes from a mock provider", "mock_location", |p| {
        capture(p, b"x", |c| c.place = Some(fix(37.5, true)))
    }),
];

fn fix(lat: f64, mock: bool) -> Fix {
    Fix {
        lat: format!("{lat:.7}"),
        lon: "121.2640000".into(),
        crs: fushan_grid_core::model::geo::Crs::Wgs84,
        acc_m: None,
        alt_m: None,
        speed_mps: None,
        bearing_deg: None,
        provider: "gnss".into(),
        fix_age_ms: 10,
        mock,
        sats_used: None,
    }
}

#[test]
fn each_kind_of_wrong_entry_is_kept_with_its_own_finding() {
    let field = Field::start().unwrap();
    for (number, (what, code, make)) in (10..).zip(CASES) {
        let mut phone = Speaker::enrol(&field, &format!("s_{GRID}"), number).unwrap();
        let start = phone.start(StartReason::First).unwrap();
        assert_eq!(findings(&phone, &field, &start), Vec::<String>::new(), "{what}");
        let entry = make(&mut phone);
        let result = phone.send(&field, &[entry]).unwrap().remove(0);
        assert_eq!(result.status, EntryStatus::Stored, "{what}");
        assert!(
            result.findings.contains(&(*code).to_owned()),
            "{what}: {:?}",
            result.findings
        );
        let flagged = field.operate("/admin/v1/flags", &Value::Null).unwrap();
        let entry = json!(result.entry);
        let own = flagged["flags"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| f["entry"] == entry);
        assert!(own.clone().any(|f| f["code"] == *code), "{what}: no flag");
    }
}

#[test]
fn what_is_no_entry_is_refused_by_its_own_name() {
    let field = Field::start().unwrap();
    let mut phone = speaker(&field);
    let good = phone.start(StartReason::First).unwrap();
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(70_000));
    for (text, code) in [
        ("not json".to_owned(), "entry_not_json"),
        (good.manifest.replacen(':', ": ", 1), "entry_not_canonical"),
        (good.manifest.replace("\"v\":1", "\"v\":1.5"), "entry_number_not_whole"),
        ("{\"a\":1,\"a\":2}".to_owned(), "entry_duplicate_key"),
        ("{\"a\":\"\u{202E}gpj\"}".to_owned(), "entry_text_not_plain"),
        (huge, "entry_too_long"),
        (format!("{}1{}", "[".repeat(5000), "]".repeat(5000)), "entry_not_json"),
    ] {
        let entry = SignedEntry {
            manifest: text,
            ..good.clone()
        };
        let result = phone.send(&field, &[entry]).unwrap().remove(0);
        assert_eq!(
            (result.status, result.findings),
            (EntryStatus::Refused, vec![code.to_owned()])
        );
        assert!(result.receipt.is_none());
    }
}

#[test]
fn a_gap_stays_visible_until_the_missing_entries_come() {
    let field = Field::start().unwrap();
    let mut phone = speaker(&field);
    let start = phone.start(StartReason::First).unwrap();
    let (two, three, four) = (
        capture(&mut phone, b"2", |_| ()),
        capture(&mut phone, b"3", |_| ()),
        capture(&mut phone, b"4", |_| ()),
    );
    phone.send(&field, &[start, four]).unwrap();
    let missing = || field.operate("/admin/v1/chains", &Value::Null).unwrap()["chains"][0]["missing"].clone();
    assert_eq!(missing(), json!([[2, 3]]));
    phone.send(&field, &[two]).unwrap();
    assert_eq!(missing(), json!([[3, 3]]));
    phone.send(&field, &[three]).unwrap();
    assert_eq!(missing(), json!([]));
}

#[test]
fn keys_are_bound_rotated_bound_again_and_revoked_from_a_place() {
    let field = Field::start().unwrap();
    let mut phone = speaker(&field);
    let start = phone.start(StartReason::First).unwrap();
    let rotation = phone.rotation().unwrap();
    let with_new = capture(&mut phone, b"new key", |_| ());
    for result in phone.send(&field, &[start, rotation, with_new]).unwrap() {
        assert_eq!(result.findings, Vec::<String>::new());
    }
    let new_key = key_digest(&phone.key().unwrap());
    let request = json!({"device": phone.device, "key": new_key, "from_seq": 5, "reason": "丢失"});
    field.operate("/admin/v1/keys/revoke", &request).unwrap();
    let before = capture(&mut phone, b"before", |_| ());
    assert_eq!(findings(&phone, &field, &before), Vec::<String>::new());
    let after = capture(&mut phone, b"after", |_| ());
    assert_eq!(findings(&phone, &field, &after), ["key_revoked"]);

    let mut again = Speaker {
        chain: "reinstalled".into(),
        seq: 0,
        prev: None,
        signer: fushan_suite::signer::MemorySigner::new(77),
        ..phone
    };
    let start = again.start(StartReason::Reinstall).unwrap();
    assert_eq!(findings(&again, &field, &start), ["chain_again"]);
    let unbound = Speaker {
        signer: fushan_suite::signer::MemorySigner::new(78),
        ..again
    };
    let mut thief = Speaker {
        chain: "stolen".into(),
        seq: 3,
        ..unbound
    };
    let entry = capture(&mut thief, b"thief", |_| ());
    assert!(findings(&thief, &field, &entry).contains(&"key_unbound".to_owned()));
}

#[test]
fn a_phone_follows_the_log_and_refuses_another_past() {
    let field = Field::start().unwrap();
    let mut phone = speaker(&field);
    begin(&mut phone, &field);
    let first = head(&phone, &field, 0);
    let seen = Seen::nothing(first.key.clone())
        .follow(&first.checkpoint, &first.consistency)
        .unwrap();
    for n in 0..5_u8 {
        let entry = capture(&mut phone, &[n], |_| ());
        phone.send(&field, &[entry]).unwrap();
    }
    let second = head(&phone, &field, seen.size);
    let grown = seen.follow(&second.checkpoint, &second.consistency).unwrap();
    assert!(grown.size >= seen.size + 5);
    assert_eq!(grown.follow(&first.checkpoint, &[]), Err(LogError::Shrunk));
    // another platform with the same name and key, but another past
    let seed = std::fs::read(field.dir.path().join("blobs/log.key")).unwrap();
    let forged = Field::start_with(|config| {
        let file = config.blobs.join("../forged.key");
        std::fs::create_dir_all(&config.blobs).unwrap();
        std::fs::write(&file, &seed).unwrap();
        config.witness.key_file = Some(file);
    })
    .unwrap();
    let mut other = Speaker::enrol(&forged, &format!("s_{GRID}"), 2).unwrap();
    begin(&mut other, &forged);
    for n in 10..20_u8 {
        let entry = capture(&mut other, &[n], |_| ());
        other.send(&forged, &[entry]).unwrap();
    }
    let lie = head(&other, &forged, grown.size);
    assert_eq!(
        grown.follow(&lie.checkpoint, &lie.consistency),
        Err(LogError::Rewritten)
    );
}

fn begin(phone: &mut Speaker, field: &Field) -> EntryResult {
    let start = phone.start(StartReason::First).unwrap();
    phone.send(field, &[start]).unwrap().remove(0)
}

#[test]
fn reuse_of_bytes_and_of_pictures_goes_to_the_supervisor_who_decides() {
    let field = Field::start().unwrap();
    let mut phone = speaker(&field);
    begin(&mut phone, &field);
    let likeness = |bits: u8| {
        let mut hash = [0x5A; 32];
        hash[0] ^= bits;
        Some(Likeness {
            dhash256: HexSha256(hash),
            crops: Vec::new(),
            algo: "grid-dhash/1".into(),
        })
    };
    let first = capture(&mut phone, b"original", |c| c.ph = likeness(0));
    assert_eq!(findings(&phone, &field, &first), Vec::<String>::new());
    let same_case = capture(&mut phone, b"again", |c| c.ph = likeness(1));
    assert_eq!(findings(&phone, &field, &same_case), Vec::<String>::new());
    let elsewhere = |c: &mut Capture| c.subject.case = "case-2".into();
    let exact = capture(&mut phone, b"original", |c| elsewhere(c));
    assert_eq!(findings(&phone, &field, &exact), ["reuse_exact"]);
    let near = capture(&mut phone, b"recoded", |c| {
        elsewhere(c);
        c.ph = likeness(7);
    });
    assert_eq!(findings(&phone, &field, &near), ["reuse_near"]);
    let far = capture(&mut phone, b"other", |c| {
        c.subject.case = "case-3".into();
        c.ph = Some(Likeness {
            dhash256: HexSha256([0xFF; 32]),
            crops: Vec::new(),
            algo: "grid-dhash/1".into(),
        });
    });
    assert_eq!(findings(&phone, &field, &far), Vec::<String>::new());
    let flags = field.operate("/admin/v1/flags", &Value::Null).unwrap()["flags"].clone();
    assert_eq!(flags.as_array().unwrap().len(), 2);
    let decision = json!({"entry": flags[0]["entry"], "code": flags[0]["code"], "decision": "误报", "staff": "l_1"});
    field.operate("/admin/v1/flags", &decision).unwrap();
    let open = field.operate("/admin/v1/flags", &Value::Null).unwrap();
    assert_eq!(open["flags"].as_array().unwrap().len(), 1);
    let closed = field.operate("/admin/v1/flags/closed", &Value::Null).unwrap();
    assert_eq!(closed["flags"][0]["decision"], "误报");
    // deciding again is too late, and the one decision is the log's last leaf, under a signed head
    let again = field.operate("/admin/v1/flags", &decision).unwrap();
    assert_eq!(again["error"]["code"], "not_found", "{again}");
    let request = CheckpointRequest { from: 0 };
    let head: CheckpointReply = phone.ask(&field, "/v1/evidence/checkpoint", &request).unwrap();
    let size = head.key.open(&head.checkpoint).unwrap().size;
    let last = field
        .operate(&format!("/admin/v1/log/{}", size - 1), &Value::Null)
        .unwrap();
    let place: Place = serde_json::from_value(last).unwrap();
    match place.verify(&head.key).unwrap().0 {
        Leaf::Decision(told) => {
            assert_eq!((told.decision.as_str(), told.by.as_str()), ("误报", "l_1"));
            assert_eq!(json!(told.entry), flags[0]["entry"]);
            assert_eq!(json!(told.code), flags[0]["code"]);
        }
        other => panic!("{other:?}"),
    }
    let behind = field.operate(&format!("/admin/v1/log/{size}"), &Value::Null).unwrap();
    assert_eq!(behind["error"]["code"], "not_found", "{behind}");
}

#[test]
fn an_impossible_way_between_two_captures_is_found() {
    let field = Field::start().unwrap();
    let mut phone = speaker(&field);
    begin(&mut phone, &field);
    let here = capture(&mut phone, b"1", |c| c.place = Some(fix(37.5, false)));
    assert_eq!(findings(&phone, &field, &here), Vec::<String>::new());
    let there = capture(&mut phone, b"2", |c| c.place = Some(fix(37.6, false)));
    assert_eq!(findings(&phone, &field, &there), ["speed_impossible"]);
    let backwards = capture(&mut phone, b"3", |c| c.time.mono_ms = 1);
    assert_eq!(findings(&phone, &field, &backwards), ["clock_backwards"]);
}

#[test]
fn the_bytes_are_hashed_by_the_platform_and_a_lie_about_them_is_found_whichever_comes_first() {
    let field = Field::start().unwrap();
    let mut phone = speaker(&field);
    begin(&mut phone, &field);
    let lie = |c: &mut Capture| c.media.sm3 = HexSm3([1; 32]);
    upload(&field, &phone, b"bytes first");
    let after = capture(&mut phone, b"bytes first", lie);
    assert!(findings(&phone, &field, &after).contains(&"media_sm3".to_owned()));
    let before = capture(&mut phone, b"entry first", lie);
    let result = phone.send(&field, &[before]).unwrap().remove(0);
    assert_eq!(result.findings, Vec::<String>::new());
    upload(&field, &phone, b"entry first");
    let flags = field.operate("/admin/v1/flags", &Value::Null).unwrap();
    let of_entry = flags["flags"]
        .as_array()
        .unwrap()
        .iter()
        .any(|f| f["entry"] == json!(result.entry) && f["code"] == "media_sm3");
    assert!(of_entry, "{flags}");
    // the receipt, asked for again, now says that the bytes are there
    let request = ReceiptsRequest {
        entries: vec![result.entry],
    };
    let reply: ReceiptsReply = phone.ask(&field, "/v1/evidence/receipts", &request).unwrap();
    let (leaf, _) = reply.receipts[0]
        .stored
        .as_ref()
        .unwrap()
        .verify(&head(&phone, &field, 0).key)
        .unwrap();
    assert!(matches!(leaf, Leaf::Stored(stored) if stored.bytes == 11));
    let stranger = Speaker::enrol(&field, &format!("s_{GRID}"), 99).unwrap();
    let reply: ReceiptsReply = stranger.ask(&field, "/v1/evidence/receipts", &request).unwrap();
    assert_eq!(reply.receipts, []);
}

fn upload(field: &Field, by: &Speaker, bytes: &[u8]) {
    use base64::Engine as _;
    use fushan_grid_core::platform::{Cancel, HttpConfig, HttpTransport, Request, Transport as _};
    use sha2::Digest as _;
    let transport = HttpTransport::new(&field.platform.url(), HttpConfig::default()).unwrap();
    let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(bytes));
    let bearer = ("authorization", format!("Bearer {}", by.token));
    let create = Request {
        method: Method::Post,
        path: "/v1/uploads".into(),
        headers: vec![
            bearer.clone(),
            ("tus-resumable", "1.0.0".into()),
            ("upload-length", bytes.len().to_string()),
            ("repr-digest", format!("sha-256=:{digest}:")),
        ],
        body: Vec::new(),
    };
    let made = transport.send(&create, &Cancel::new()).unwrap();
    let add = Request {
        method: Method::Patch,
        path: made.headers["location"].clone(),
        headers: vec![
            bearer,
            ("tus-resumable", "1.0.0".into()),
            ("content-type", "application/offset+octet-stream".into()),
            ("upload-offset", "0".into()),
        ],
        body: bytes.to_vec(),
    };
    assert_eq!(transport.send(&add, &Cancel::new()).unwrap().status, 204);
}

#[test]
fn the_days_head_is_stamped_and_receipts_move_under_it() {
    if !has_openssl() {
        fushan_platform::scratch::skipped("openssl is not on this machine");
        return;
    }
    let authority = Authority::start().unwrap();
    let asked = Asked {
        url: authority.url().to_owned(),
        certificates: authority.certificates(),
    };
    let field = Field::start_with(|config| config.witness.authority = Some(asked)).unwrap();
    let mut phone = speaker(&field);
    let result = begin(&mut phone, &field);
    assert_eq!(result.receipt.unwrap().stamp.state, StampState::Pending);
    let told = field.operate("/admin/v1/stamp", &json!({})).unwrap();
    assert_eq!(told["state"], "stamped");
    let request = ReceiptsRequest {
        entries: vec![result.entry],
    };
    let reply: ReceiptsReply = phone.ask(&field, "/v1/evidence/receipts", &request).unwrap();
    let receipt = &reply.receipts[0];
    assert_eq!(receipt.stamp.state, StampState::Stamped);
    let token = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &receipt.stamp.token).unwrap();
    let trusted = std::fs::read(authority.certificates()).unwrap();
    let at = fushan_platform::timestamp::verify(&token, receipt.place.checkpoint.as_bytes(), &trusted).unwrap();
    assert!(at > UtcMillis(0));
    verify_receipt(receipt, result.entry, &head(&phone, &field, 0).key).unwrap();
}

#[test]
fn an_absent_or_failing_authority_is_told_in_every_receipt() {
    let field = Field::start().unwrap();
    let mut phone = speaker(&field);
    let result = begin(&mut phone, &field);
    assert_eq!(result.receipt.unwrap().stamp.state, StampState::None);
    let gone = Asked {
        url: "http://127.0.0.1:1/".into(),
        certificates: "/dev/null".into(),
    };
    let field = Field::start_with(|config| config.witness.authority = Some(gone)).unwrap();
    let mut phone = speaker(&field);
    begin(&mut phone, &field);
    let told = field.operate("/admin/v1/stamp", &json!({})).unwrap();
    assert_eq!(told["state"], "failed");
    let entry = capture(&mut phone, b"x", |_| ());
    let stamp = phone.send(&field, &[entry]).unwrap().remove(0).receipt.unwrap().stamp;
    assert_eq!(stamp.state, StampState::Failed);
    assert!(!stamp.code.is_empty());
}

#[test]
fn the_supervisors_door_needs_the_operators_token() {
    let field = Field::start().unwrap();
    for path in ["/admin/v1/flags", "/admin/v1/chains"] {
        assert_eq!(
            field.raw(Method::Get, path, Some("wrong"), Vec::new()).unwrap().status,
            401
        );
    }
    for path in ["/v1/evidence", "/v1/evidence/receipts", "/v1/evidence/checkpoint"] {
        assert_eq!(field.raw(Method::Post, path, None, b"{}".to_vec()).unwrap().status, 401);
    }
}
