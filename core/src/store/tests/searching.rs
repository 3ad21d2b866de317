use proptest::prelude::*;
use serde_json::json;

use super::fixture::*;
use crate::store::Store;
use crate::store::search::{SearchQuery, search};

fn people() -> (tempfile::TempDir, Store) {
    let (dir, store) = fresh();
    write(&store, |w| {
        for (n, name, number, phone, address) in [
            (
                1,
                "张三丰",
                "370699196409124494",
                "16934515707",
                "海棠社区3号楼2单元501",
            ),
            (2, "章三", "370699196505101241", "16910175156", "槐荫社区12号楼"),
            (3, "单雄信", "37069919781219883X", "16909888619", "海棠社区1号楼"),
            (4, "𠮷野·测试", "370699200001028465", "16949223930", "松岭村"),
        ] {
            add(
                w,
                n,
                n,
                create(json!({"name": name, "id_number": number, "phone": phone, "live_addr": address})),
            );
        }
    });
    (dir, store)
}

fn found(store: &Store, text: &str) -> Vec<u8> {
    let query = SearchQuery {
        text: text.into(),
        limit: 50,
        ..Default::default()
    };
    let hits = store.read(|r| search(r, &query)).unwrap().items;
    hits.iter()
        .map(|h| (1..=9).find(|n| id(*n) == h.record.id).unwrap())
        .collect()
}

#[test]
fn people_are_found_by_substring_pinyin_initials_number_tails_and_address() {
    let (_dir, store) = people();
    for (text, expected) in [
        ("三", vec![1, 2]),
        ("张三丰", vec![1]),
        ("三丰", vec![1]),
        ("丰", vec![1]),
        ("张丰", vec![]),
        ("zhangsan", vec![1, 2]),
        ("sanfeng", vec![1]),
        ("zsf", vec![1]),
        ("ZS", vec![1, 2]),
        ("shan", vec![3]),
        ("4494", vec![1]),
        ("883X", vec![3]),
        ("883x", vec![3]),
        ("5707", vec![1]),
        ("1693451", vec![]),
        ("海棠社区", vec![1, 3]),
        ("3号楼2单元", vec![1]),
        ("𠮷", vec![4]),
        ("野·测", vec![4]),
        ("没有这个人", vec![]),
    ] {
        assert_eq!(found(&store, text), expected, "{text}");
    }
}

#[test]
fn the_index_follows_edits_and_ends() {
    let (_dir, store) = people();
    write(&store, |w| {
        add(w, 11, 2, patch(json!({"name": "章三"}), json!({"name": "李四"})))
    });
    assert_eq!(found(&store, "章三"), Vec::<u8>::new());
    assert_eq!(found(&store, "lisi"), [2]);
    write(&store, |w| {
        add(w, 12, 2, crate::model::op::Action::Withdraw { reason: "x".into() })
    });
    assert_eq!(found(&store, "lisi"), Vec::<u8>::new());
}

#[test]
fn pages_go_on_after_their_key_without_gap_or_repeat() {
    let (_dir, store) = people();
    let page = |after| {
        let query = SearchQuery {
            text: "社区".into(),
            kind: Some("person".into()),
            after,
            limit: 1,
        };
        store.read(|r| search(r, &query)).unwrap()
    };
    let mut keys = Vec::new();
    let mut after = None;
    loop {
        let got = page(after);
        keys.extend(got.items.iter().map(|h| h.key));
        match got.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(keys.len(), 3);
    assert!(keys.is_sorted());
}

#[test]
fn text_that_looks_like_syntax_is_only_text() {
    let (_dir, store) = people();
    for text in [
        "\"",
        "*",
        "NEAR(a b)",
        "a:b",
        "^",
        "%",
        "_",
        "'",
        "--",
        "张 OR 1",
        "terms:",
        "\0",
        "{}",
        "()",
    ] {
        found(&store, text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn no_text_at_all_is_an_error(text in "\\PC{0,12}") {
        let (_dir, store) = people();
        found(&store, &text);
    }
}
