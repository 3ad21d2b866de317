//! What the log and the evidence ask of both databases.

use fushan_grid_core::model::ids::DeviceId;
use fushan_grid_core::model::time::UtcMillis;
use fushan_grid_core::wire::log::merkle::{leaf_hash, verify_consistency, verify_inclusion};
use fushan_grid_core::wire::manifest::{HexSha256, HexSm3, Named256, SignedEntry};

use super::{BoundKey, ChainRow, DayStamp, Flag, Kept, Store, StoreError, StoredMedia, read, write};

type Rule = fn(&dyn Store);

pub(super) const RULES: &[(&str, Rule)] = &[
    ("the log grows with its transaction or not at all", log_grows),
    ("evidence comes back as it was kept", evidence_kept),
    ("a flag is raised and closed once", flags),
    ("a day that is stamped stays stamped", stamps),
];

fn device(byte: u8) -> DeviceId {
    DeviceId::from_slice(&[byte; 16]).unwrap()
}

fn leaves(from: u32, count: u32) -> Vec<String> {
    (from..from + count).map(|n| format!("leaf {n}")).collect()
}

fn log_grows(store: &dyn Store) {
    assert_eq!(write(store, |tx| tx.append_to_log(&leaves(0, 3))).unwrap(), 0);
    let failed = write(store, |tx| {
        tx.append_to_log(&leaves(100, 5))?;
        Err::<(), _>(StoreError::Shape)
    });
    assert!(failed.is_err());
    assert_eq!(read(store, |tx| tx.log_size()).unwrap(), 3);
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for _ in 0..5 {
                    write(store, |tx| {
                        let first = tx.append_to_log(&[])?;
                        let next = u32::try_from(first).unwrap();
                        assert_eq!(tx.append_to_log(&leaves(next, 2))?, first);
                        Ok(())
                    })
                    .unwrap();
                }
            });
        }
    });
    read(store, |tx| {
        let size = tx.log_size()?;
        assert_eq!(size, 43);
        let root = tx.log_root(size)?;
        for index in 0..size {
            let text = tx.log_leaf(index)?.unwrap();
            assert_eq!(text, format!("leaf {index}"));
            let proof = tx.log_inclusions(&[index], size)?.remove(0);
            verify_inclusion(leaf_hash(text.as_bytes()), index, size, root, &proof).unwrap();
            let (old, proof) = (tx.log_root(index)?, tx.log_consistency(index, size)?);
            verify_consistency((index, old), (size, root), &proof).unwrap();
        }
        assert_eq!(tx.log_leaf(size)?, None);
        Ok(())
    })
    .unwrap();
}

fn evidence_kept(store: &dyn Store) {
    let signed = SignedEntry {
        manifest: "{\"文\":1}".into(),
        signature: "c2ln".into(),
        public_key: "a2V5".into(),
    };
    let kept = |n: u8, media: Option<u8>| Kept {
        entry: Named256([n; 32]),
        device: device(7),
        chain: "c".into(),
        seq: n.into(),
        typ: if media.is_some() { "grid.capture" } else { "grid.start" },
        subject: "case".into(),
        media: media.map(|m| HexSha256([m; 32])),
        received_at: UtcMillis(5),
        leaf: n.into(),
        signed: signed.clone(),
    };
    let key = BoundKey {
        device: device(7),
        key: Named256([3; 32]),
        chain: "c".into(),
        from_seq: 1,
        kind: "software".into(),
        revoked_from: None,
        reason: String::new(),
    };
    let revoked = BoundKey {
        revoked_from: Some(9),
        reason: "丢失".into(),
        ..key.clone()
    };
    let media = StoredMedia {
        media: HexSha256([4; 32]),
        sm3: HexSm3([5; 32]),
        bytes: 6,
        leaf: 7,
    };
    write(store, |tx| {
        tx.keep_entry(&kept(1, None))?;
        tx.keep_entry(&kept(4, Some(8)))?;
        tx.put_chain("c", device(7), "{}", "")?;
        tx.put_chain("c", device(7), "{\"a\":1}", "{}")?;
        tx.put_key(&key, UtcMillis(5))?;
        tx.put_key(&revoked, UtcMillis(6))?;
        tx.put_stored_media(&media)?;
        tx.put_stored_media(&StoredMedia { leaf: 99, ..media })
    })
    .unwrap();
    read(store, |tx| {
        let found = tx.kept_entry(Named256([4; 32]))?.unwrap();
        assert_eq!((found.0, found.1, &found.2), (UtcMillis(5), 4, &signed));
        assert!(tx.kept_entry(Named256([9; 32]))?.is_none());
        assert_eq!(tx.captures_of(HexSha256([8; 32]), 5)?.len(), 1);
        assert_eq!(tx.captures_after(0, 5)?.len(), 1);
        assert_eq!(tx.captures_after(5, 5)?.len(), 0);
        assert_eq!(tx.chain_places("c")?, [1, 4]);
        assert_eq!(tx.chains()?, [("c".to_owned(), device(7))]);
        let own = [Named256([4; 32]), Named256([9; 32])];
        assert_eq!(tx.entries_of(device(7), &own)?, [Named256([4; 32])]);
        assert_eq!(tx.entries_of(device(8), &own)?, []);
        assert_eq!(tx.keys_of(device(7))?, std::slice::from_ref(&revoked));
        assert_eq!(tx.stored_media(media.media)?, Some(media));
        assert_eq!(tx.stored_media(HexSha256([0; 32]))?, None);
        Ok(())
    })
    .unwrap();
    let row = write(store, |tx| Ok((tx.chain("c")?, tx.chain("none")?))).unwrap();
    assert_eq!((row.0.head.as_str(), row.0.last.as_str()), ("{\"a\":1}", "{}"));
    assert_eq!(row.1, ChainRow::default());
}

fn flags(store: &dyn Store) {
    let flag = |detail: &str| Flag {
        entry: Named256([1; 32]),
        code: "chain_gap".into(),
        subject: "case".into(),
        grid: "g".into(),
        detail: detail.into(),
        raised_at: UtcMillis(1),
        closed_at: None,
        decision: String::new(),
        decided_by: String::new(),
    };
    write(store, |tx| {
        tx.raise(&flag("first"))?;
        tx.raise(&flag("second"))
    })
    .unwrap();
    assert_eq!(read(store, |tx| tx.flags(true, 9)).unwrap(), [flag("first")]);
    let close = || {
        write(store, |tx| {
            tx.close_flag(Named256([1; 32]), "chain_gap", "误报", "l_1", UtcMillis(2))
        })
        .unwrap()
    };
    assert!(close());
    assert!(!close());
    assert_eq!(read(store, |tx| tx.flags(true, 9)).unwrap(), []);
    let closed = read(store, |tx| tx.flags(false, 9)).unwrap();
    assert_eq!(
        (closed[0].decision.as_str(), closed[0].closed_at),
        ("误报", Some(UtcMillis(2)))
    );
}

fn stamps(store: &dyn Store) {
    let stamp = |day: &str, size, state: &str, token: Option<Vec<u8>>| DayStamp {
        day: day.into(),
        size,
        checkpoint: "head".into(),
        state: state.into(),
        code: String::new(),
        token,
        tried_at: UtcMillis(1),
    };
    let (failed, stamped) = (
        stamp("2026-11-25", 3, "failed", None),
        stamp("2026-11-25", 5, "stamped", Some(vec![1])),
    );
    let put = |stamp: &DayStamp| write(store, |tx| tx.put_stamp(stamp)).unwrap();
    put(&failed);
    assert_eq!(
        read(store, |tx| tx.day_stamp("2026-11-25")).unwrap(),
        Some(failed.clone())
    );
    put(&stamped);
    put(&failed);
    read(store, |tx| {
        assert_eq!(tx.day_stamp("2026-11-25")?, Some(stamped.clone()));
        assert_eq!(tx.last_stamp()?, Some(stamped.clone()));
        assert_eq!(tx.stamp_over(4)?, Some(stamped.clone()));
        assert_eq!(tx.stamp_over(5)?, None);
        Ok(())
    })
    .unwrap();
}
