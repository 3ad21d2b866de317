//! Reads a district's tree of areas, as the pack `areas` carries it, into a flat list of nodes.

use serde_json::Value;

use crate::model::area::AreaCode;
use crate::model::geo::{Crs, Point};
use crate::model::org::AreaNode;

/// What is wrong with a tree: the path to the node by the places of its ancestors, such as `0.3.1`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("node {path} of the area tree is malformed")]
pub struct TreeError {
    /// Places from the root, counted from 0; empty for the root.
    pub path: String,
}

impl crate::model::fault::Coded for TreeError {
    fn fault(&self) -> crate::model::fault::Fault {
        crate::model::fault::Fault::of("area_tree_malformed").with("path", &self.path)
    }
}

/// Deepest tree that is read; five levels exist.
const DEPTH: usize = 8;

/// Reads a tree: nodes with `code` (or the 12-digit `code12`), `name`, `level` or `kind`, `polygon_cgcs2000` as pairs
/// of degrees, `children`, and `micro` for micro-grids.
///
/// # Errors
/// The first node without a readable code, name or polygon.
pub fn read(tree: &Value) -> Result<Vec<AreaNode>, TreeError> {
    let mut nodes = Vec::new();
    walk(tree, "", DEPTH, &mut nodes)?;
    Ok(nodes)
}

fn walk(node: &Value, path: &str, depth: usize, into: &mut Vec<AreaNode>) -> Result<(), TreeError> {
    let malformed = || TreeError { path: path.to_owned() };
    let deeper = depth.checked_sub(1).ok_or_else(malformed)?;
    into.push(read_node(node).ok_or_else(malformed)?);
    let below = |list: &str| node.get(list).and_then(Value::as_array).into_iter().flatten();
    for (place, child) in below("children").chain(below("micro")).enumerate() {
        let path = if path.is_empty() {
            place.to_string()
        } else {
            format!("{path}.{place}")
        };
        walk(child, &path, deeper, into)?;
    }
    Ok(())
}

fn read_node(node: &Value) -> Option<AreaNode> {
    let text = |name: &str| node.get(name).and_then(Value::as_str);
    let day = |name: &str| text(name).map(str::parse).transpose().ok();
    let households = node.get("households").and_then(Value::as_u64);
    Some(AreaNode {
        code: text("code").or_else(|| text("code12"))?.parse::<AreaCode>().ok()?,
        name: text("name")?.to_owned(),
        kind: text("kind")
            .or_else(|| text("urban_rural"))
            .or_else(|| text("level"))
            .unwrap_or("MICRO")
            .to_owned(),
        dedicated: text("dedicated_kind").map(str::to_owned),
        households: households.and_then(|n| u32::try_from(n).ok()),
        from: day("from")?,
        until: day("until")?,
        version: node
            .get("version")
            .and_then(Value::as_u64)
            .map_or(Some(1), |v| u32::try_from(v).ok())?,
        succeeded_by: codes(node.get("succeeded_by"))?,
        ring: ring(node.get("polygon_cgcs2000"))?,
    })
}

fn codes(list: Option<&Value>) -> Option<Vec<AreaCode>> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.map(|item| item.as_str()?.parse().ok()).collect()
}

fn ring(polygon: Option<&Value>) -> Option<Vec<Point>> {
    let corner = |pair: &Value| {
        let (lon, lat) = (pair.get(0)?.as_f64()?, pair.get(1)?.as_f64()?);
        Point::from_degrees(lon, lat, Crs::Cgcs2000).ok()
    };
    polygon
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(corner)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::area::AreaLevel;
    use serde_json::json;

    fn district() -> Value {
        json!({"code": "370611", "code12": "370611000000", "name": "福山区", "level": "DISTRICT", "children": [
            {"code": "370611001", "name": "清洋街道", "level": "STREET", "children": [
                {"code12": "370611001901", "name": "海棠社区", "level": "COMMUNITY", "urban_rural": "URBAN", "children": [
                    {"code": "370611001901501", "name": "学校专属网格", "level": "GRID", "kind": "DEDICATED",
                     "dedicated_kind": "SCHOOL", "from": "2026-01-01",
                     "polygon_cgcs2000": [[121.262, 37.501], [121.2665, 37.501], [121.2665, 37.5046], [121.262, 37.501]],
                     "micro": [{"code": "37061100190150101", "name": "微网格1"}]}]}]}]})
    }

    #[test]
    fn every_level_of_a_tree_is_read() {
        let nodes = read(&district()).unwrap();
        let levels: Vec<AreaLevel> = nodes.iter().map(|n| n.code.level()).collect();
        use AreaLevel::{Community, District, Grid, MicroGrid, Town};
        assert_eq!(levels, [District, Town, Community, Grid, MicroGrid]);
        let kinds: Vec<&str> = nodes.iter().map(|n| n.kind.as_str()).collect();
        assert_eq!(kinds, ["DISTRICT", "STREET", "URBAN", "DEDICATED", "MICRO"]);
        let grid = nodes[3].grid_area().unwrap();
        assert!(grid.dedicated && grid.ring.len() == 4);
        assert!(nodes[2].grid_area().is_none());
        assert!(!nodes[3].is_in_force("2025-12-31".parse().unwrap()));
    }

    #[test]
    fn a_malformed_node_is_named_by_its_place() {
        let mut tree = district();
        tree["children"][0]["children"][0]["children"][0]["polygon_cgcs2000"][1] = json!(["x", 1]);
        assert_eq!(
            read(&tree),
            Err(TreeError {
                path: "0.0.0".to_owned()
            })
        );
        let deep = (0..20).fold(
            json!({"code": "370611", "name": "x"}),
            |inner, _| json!({"code": "370611", "name": "x", "children": [inner]}),
        );
        assert!(read(&deep).is_err(), "no tree is that deep");
    }
}
