//! A district of the real size, made up: nine towns, their communities and grids on a lattice, and a registry of any size.

use std::collections::BTreeMap;
use std::path::Path;

use fushan_grid_core::merge::Versioned;
use fushan_grid_core::model::ids::{DeviceId, RecordId};
use fushan_grid_core::model::record::{Kind, Record, Scope};
use fushan_grid_core::model::time::UtcMillis;
use fushan_platform::store::{Store, write};
use serde_json::{Value, json};

use super::random::Random;
use super::story::photo_of;

/// Towns with the number of their communities and villages (domain dictionary 2.1): 352 in all.
const TOWNS: [(&str, &str, usize); 9] = [
    ("370611001", "清洋街道", 26),
    ("370611002", "福新街道", 28),
    ("370611006", "东厅街道", 46),
    ("370611007", "门楼街道", 52),
    ("370611102", "高疃镇", 38),
    ("370611103", "张格庄镇", 25),
    ("370611104", "回里镇", 27),
    ("370611105", "臧家庄镇", 74),
    ("370611401", "福山经济开发区", 36),
];
/// Grids of the whole district.
pub const GRIDS: usize = 972;
const COMMUNITIES: usize = 352;
/// Grids in a row of the lattice, and the size of one in degrees.
const ROW: usize = 36;
const LON: f64 = 0.006;
const LAT: f64 = 0.005;
const PAGE: usize = 1_000;

/// A grid and its middle.
#[derive(Debug, Clone)]
pub struct Grid {
    pub code: String,
    pub lon: f64,
    pub lat: f64,
}

/// Writes the folder of a district with at most so many grids.
pub fn write_folder(folder: &Path, most: usize) -> Vec<Grid> {
    let mut grids = Vec::new();
    let mut community = 0;
    let towns: Vec<Value> = TOWNS
        .iter()
        .map(|(code, name, count)| {
            let children: Vec<Value> = (0..*count)
                .map(|n| {
                    // 972 grids over 352 communities: the share of those before it tells how many this one has
                    let upto = |c: usize| c * GRIDS / COMMUNITIES;
                    let many = upto(community + 1) - upto(community);
                    community += 1;
                    let code12 = format!("{code}{:03}", 901 + n);
                    let room = most.saturating_sub(grids.len());
                    let below: Vec<Value> = (0..many.min(room)).map(|g| grid(&code12, g, &mut grids)).collect();
                    json!({"code12": code12, "name": format!("{name}第{}社区", n + 1), "level": "COMMUNITY", "children": below})
                })
                .collect();
            json!({"code": code, "name": name, "level": "STREET", "children": children})
        })
        .collect();
    let tree = json!({"code": "370611", "name": "福山区", "level": "DISTRICT", "children": towns});
    std::fs::write(folder.join("grid_tree.json"), tree.to_string()).unwrap();
    std::fs::write(
        folder.join("persons_fake.csv"),
        "pid,name,id_number,sex,birth,mobile,grid\n",
    )
    .unwrap();
    std::fs::write(folder.join("orgs_fake.csv"), "oid,name,uscc\n").unwrap();
    grids
}

fn grid(code12: &str, n: usize, grids: &mut Vec<Grid>) -> Value {
    let (column, row) = ((grids.len() % ROW) as f64, (grids.len() / ROW) as f64);
    let (west, south) = (121.0 + column * LON, 37.25 + row * LAT);
    let code = format!("{code12}{:03}", n + 1);
    grids.push(Grid {
        code: code.clone(),
        lon: west + LON / 2.0,
        lat: south + LAT / 2.0,
    });
    let (east, north) = (west + LON, south + LAT);
    json!({
        "code": code, "name": format!("第{}网格", n + 1), "level": "GRID", "kind": "BASIC", "households": 300 + n * 50,
        "polygon_cgcs2000": [[west, south], [east, south], [east, north], [west, north], [west, south]]
    })
}

/// Puts a registry of so many rows into a store: people, buildings and places, by turns; and the pictures that all reports share.
pub fn fill_registry(store: &dyn Store, grids: &[Grid], rows: usize, from: UtcMillis) {
    let mut random = Random(7);
    write(store, |tx| {
        let device = DeviceId::v7(from, [1; 10]);
        ["near", "far", "after"]
            .iter()
            .try_for_each(|role| tx.put_blob(device, photo_of(role), 4, from))
    })
    .unwrap();
    for page in (0..rows).collect::<Vec<_>>().chunks(PAGE) {
        let records: Vec<Record> = page.iter().map(|n| row(*n, grids, &mut random, from)).collect();
        write(store, |tx| {
            for record in &records {
                let scopes: Vec<Scope> = record.grid.iter().map(Scope::grid).collect();
                tx.put(
                    &Versioned {
                        record: record.clone(),
                        field_rev: BTreeMap::new(),
                    },
                    &scopes,
                )?;
            }
            Ok(())
        })
        .unwrap();
    }
}

fn row(n: usize, grids: &[Grid], random: &mut Random, from: UtcMillis) -> Record {
    let grid = &grids[n % grids.len()];
    let (kind, body) = match n % 4 {
        0 => (
            "building",
            json!({"name": format!("{n}号楼"), "storeys": 6, "units": 3, "households": 36}),
        ),
        1 => (
            "place",
            json!({"kind": "SMALL_SHOP", "name": format!("第{n}小店"), "risk": "BLUE",
            "point": {"lon_e7": (grid.lon * 1e7) as i64, "lat_e7": (grid.lat * 1e7) as i64}}),
        ),
        _ => (
            "person",
            json!({"name": format!("测试{n}"), "phone": format!("169{:08}", n % 100_000_000), "sex": "1"}),
        ),
    };
    Record {
        id: RecordId::v7(from, random.bytes()),
        kind: Kind::of(kind),
        grid: grid.code.parse().ok(),
        rev: 1,
        state: String::new(),
        body: body.as_object().cloned().unwrap_or_default(),
        deleted: false,
    }
}
