//! Secondary instances: from inside the form, and from CSV, XML and GeoJSON files.

use super::{Compiler, Resources};
use crate::forms::definition::{Definition, ModelNode};
use crate::forms::form::Instance;
use crate::forms::names::Names;
use crate::forms::tree::{NodeId, Place, ShapeId, Tree};
use crate::forms::value::Answer;
use crate::forms::xpath::Expr;

const LARGEST: usize = 32 << 20;

impl Compiler {
    pub(super) fn secondaries(&mut self, definition: &Definition, resources: &dyn Resources) {
        for secondary in &definition.instances {
            let mut tree = Tree::default();
            let mut missing = false;
            match (&secondary.source, &secondary.root) {
                (Some(source), _) => match self.external(source, resources) {
                    Some(read) => tree = read,
                    None => missing = true,
                },
                (None, Some(root)) => {
                    plant(&mut tree, &mut self.names, root, None, 0);
                }
                (None, None) => missing = true,
            }
            self.instances.push(Instance {
                id: secondary.id.as_str().into(),
                tree,
                missing,
            });
        }
    }

    /// Reads the tables that `pulldata` names in some computation.
    pub(super) fn pulled_tables(&mut self, resources: &dyn Resources) {
        let mut files = Vec::new();
        for computation in &self.computations {
            computation.expr.walk(&mut |expr| {
                if let Expr::Call(name, args) = expr
                    && &**name == "pulldata"
                    && let Some(Expr::Text(file)) = args.first()
                {
                    files.push(if file.ends_with(".csv") {
                        file.to_string()
                    } else {
                        format!("{file}.csv")
                    });
                }
            });
        }
        for file in files {
            if !self.resources.contains_key(&file)
                && let Some(bytes) = resources.read(&file).filter(|bytes| bytes.len() <= LARGEST)
            {
                self.resources.insert(file, bytes);
            }
        }
    }

    fn external(&mut self, source: &str, resources: &dyn Resources) -> Option<Tree> {
        let name = source.rsplit('/').next().unwrap_or(source);
        let bytes = resources.read(name)?;
        let read = match name.rsplit('.').next().unwrap_or("").to_ascii_lowercase().as_str() {
            _ if bytes.len() > LARGEST => None,
            "csv" => csv(&bytes, &mut self.names),
            "geojson" => geojson(&bytes, &mut self.names),
            _ => xml(&bytes, &mut self.names),
        };
        if read.is_none() {
            self.error("form_bad_file", name);
        }
        read
    }
}

fn plant(tree: &mut Tree, names: &mut Names, node: &ModelNode, parent: Option<NodeId>, nth: u32) {
    let name = names.intern(&node.name);
    let id = tree.add(parent, name, ShapeId::NONE, Place::Nth(nth));
    tree[id].value = node.value.as_deref().map(|text| Answer::Text(text.into()));
    for attribute in &node.attributes {
        let name = names.intern(&attribute.name);
        let made = tree.add(Some(id), name, ShapeId::NONE, Place::Attribute);
        tree[made].value = Some(Answer::Text(attribute.value.clone()));
    }
    let mut counts: Vec<(&str, u32)> = Vec::new();
    for child in &node.children {
        let nth = next_place(&mut counts, &child.name);
        plant(tree, names, child, Some(id), nth);
    }
}

/// How many siblings of that name came before.
fn next_place<'a>(counts: &mut Vec<(&'a str, u32)>, name: &'a str) -> u32 {
    if let Some((_, count)) = counts.iter_mut().find(|(known, _)| *known == name) {
        *count += 1;
        return *count;
    }
    counts.push((name, 0));
    0
}

/// The rows of a CSV text: commas or semicolons, quotes doubled inside quotes.
pub(in crate::forms) fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or("");
    let delimiter = if first.contains(';') && !first.contains(',') {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    reader
        .records()
        .filter_map(Result::ok)
        .map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

fn csv(bytes: &[u8], names: &mut Names) -> Option<Tree> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut rows = csv_rows(text).into_iter();
    let headings: Vec<_> = rows
        .next()?
        .iter()
        .map(|heading| names.intern(heading.trim()))
        .collect();
    let mut tree = Tree::default();
    let root = tree.add(None, names.intern("root"), ShapeId::NONE, Place::Nth(0));
    let item = names.intern("item");
    for (nth, row) in rows.enumerate() {
        let node = tree.add(Some(root), item, ShapeId::NONE, Place::Nth(u32::try_from(nth).ok()?));
        for (index, heading) in headings.iter().enumerate() {
            let cell = tree.add(Some(node), *heading, ShapeId::NONE, Place::Nth(0));
            let text = row.get(index).map(String::as_str).unwrap_or_default();
            tree[cell].value = (!text.is_empty()).then(|| Answer::Text(text.into()));
        }
    }
    Some(tree)
}

fn xml(bytes: &[u8], names: &mut Names) -> Option<Tree> {
    let document = roxmltree::Document::parse(std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}')).ok()?;
    let mut tree = Tree::default();
    grow(&mut tree, names, document.root_element(), None, 0, 0)?;
    Some(tree)
}

fn grow(
    tree: &mut Tree,
    names: &mut Names,
    node: roxmltree::Node<'_, '_>,
    parent: Option<NodeId>,
    nth: u32,
    depth: u32,
) -> Option<()> {
    if depth > 200 {
        return None;
    }
    let id = tree.add(
        parent,
        names.intern(node.tag_name().name()),
        ShapeId::NONE,
        Place::Nth(nth),
    );
    for attribute in node.attributes() {
        let made = tree.add(
            Some(id),
            names.intern(attribute.name()),
            ShapeId::NONE,
            Place::Attribute,
        );
        tree[made].value = Some(Answer::Text(attribute.value().into()));
    }
    let mut counts = Vec::new();
    for child in node.children().filter(roxmltree::Node::is_element) {
        let nth = next_place(&mut counts, child.tag_name().name());
        grow(tree, names, child, Some(id), nth, depth + 1)?;
    }
    if counts.is_empty() {
        let text: String = node.children().filter_map(|child| child.text()).collect();
        tree[id].value = (!text.trim().is_empty()).then(|| Answer::Text(text.trim().into()));
    }
    Some(())
}

/// A GeoJSON feature collection: one item a feature, `geometry` as ODK writes places, properties as columns.
fn geojson(bytes: &[u8], names: &mut Names) -> Option<Tree> {
    let document: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let mut tree = Tree::default();
    let root = tree.add(None, names.intern("root"), ShapeId::NONE, Place::Nth(0));
    let item = names.intern("item");
    for (nth, feature) in document.get("features")?.as_array()?.iter().enumerate() {
        let node = tree.add(Some(root), item, ShapeId::NONE, Place::Nth(u32::try_from(nth).ok()?));
        let mut cell = |name: &str, text: String| {
            let cell = tree.add(Some(node), names.intern(name), ShapeId::NONE, Place::Nth(0));
            tree[cell].value = (!text.is_empty()).then(|| Answer::Text(text.into()));
        };
        cell("geometry", geometry(feature.get("geometry")?)?);
        for (name, value) in feature.get("properties").and_then(serde_json::Value::as_object)? {
            cell(name, value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
        if let Some(id) = feature.get("id") {
            cell("id", id.as_str().map_or_else(|| id.to_string(), str::to_owned));
        }
    }
    Some(tree)
}

fn geometry(value: &serde_json::Value) -> Option<String> {
    let coordinates = value.get("coordinates")?;
    let point = |pair: &serde_json::Value| {
        let pair = pair.as_array()?;
        Some(format!("{} {} 0 0", pair.get(1)?.as_f64()?, pair.first()?.as_f64()?))
    };
    let line = |points: &serde_json::Value| {
        let points: Option<Vec<String>> = points.as_array()?.iter().map(point).collect();
        points.map(|points| points.join("; "))
    };
    match value.get("type")?.as_str()? {
        "Point" => point(coordinates),
        "LineString" => line(coordinates),
        "Polygon" => line(coordinates.as_array()?.first()?),
        _ => None,
    }
}
