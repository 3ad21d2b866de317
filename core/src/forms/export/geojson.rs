//! Places among the answers as GeoJSON (RFC 7946).

use serde_json::{Map, Value, json};

use super::json::field_value;
use super::layout::{Field, Level, Part, layout};
use super::record::{Filled, Record};
use crate::forms::definition::Definition;
use crate::forms::value::DataType;

/// One feature for every place, line and area among the answers, with the other answers beside it as properties.
/// Coordinates are as recorded, longitude first.
#[must_use]
pub fn geojson(definition: &Definition, records: &[Record]) -> Value {
    let layout = layout(definition);
    let mut features = Vec::new();
    for record in records {
        walk(&layout, &record.root, &record.id, &record.root.name, &mut features);
    }
    json!({"type": "FeatureCollection", "features": features})
}

fn walk(level: &Level, node: &Filled, key: &str, path: &str, features: &mut Vec<Value>) {
    for part in &level.parts {
        match part {
            Part::Field(field) => {
                let answered = node.children(&field.name).next().map(|child| child.value.as_str());
                if let Some(geometry) = answered.and_then(|answer| geometry(field, answer)) {
                    let mut properties = properties(level, node);
                    properties.insert("KEY".into(), key.into());
                    properties.insert("field".into(), format!("/{path}/{}", field.name).into());
                    features.push(json!({"type": "Feature", "geometry": geometry, "properties": properties}));
                }
            }
            Part::Group(inner) | Part::Repeat(inner) => {
                for child in node.children(&inner.name) {
                    walk(inner, child, key, &format!("{path}/{}", inner.name), features);
                }
            }
        }
    }
}

fn properties(level: &Level, node: &Filled) -> Map<String, Value> {
    let fields = level.parts.iter().filter_map(|part| match part {
        Part::Field(field) => Some(field),
        _ => None,
    });
    let plain = fields.filter(|field| !is_place(field.data_type));
    let answered = plain.filter_map(|field| Some((field, node.children(&field.name).next()?)));
    answered
        .map(|(field, child)| (field.name.clone(), field_value(field, &child.value)))
        .collect()
}

fn is_place(data_type: DataType) -> bool {
    matches!(data_type, DataType::GeoPoint | DataType::GeoTrace | DataType::GeoShape)
}

fn geometry(field: &Field, answer: &str) -> Option<Value> {
    if !is_place(field.data_type) {
        return None;
    }
    let points: Option<Vec<Value>> = answer
        .split(';')
        .map(str::trim)
        .filter(|point| !point.is_empty())
        .map(position)
        .collect();
    let points = points.filter(|points| !points.is_empty())?;
    match field.data_type {
        DataType::GeoPoint => Some(json!({"type": "Point", "coordinates": points.first()?})),
        DataType::GeoTrace if points.len() > 1 => Some(json!({"type": "LineString", "coordinates": points})),
        DataType::GeoShape if points.len() > 3 => Some(json!({"type": "Polygon", "coordinates": [closed(points)]})),
        _ => None,
    }
}

/// A ring ends where it starts.
fn closed(mut points: Vec<Value>) -> Vec<Value> {
    if points.first() != points.last()
        && let Some(first) = points.first().cloned()
    {
        points.push(first);
    }
    points
}

/// `latitude longitude altitude accuracy` as longitude, latitude and altitude.
fn position(text: &str) -> Option<Value> {
    let numbers: Vec<f64> = text.split_whitespace().map_while(|word| word.parse().ok()).collect();
    let (latitude, longitude) = (numbers.first()?, numbers.get(1)?);
    if latitude.abs() > 90.0 || longitude.abs() > 180.0 {
        return None;
    }
    Some(match numbers.get(2).filter(|altitude| **altitude != 0.0) {
        Some(altitude) => json!([longitude, latitude, altitude]),
        None => json!([longitude, latitude]),
    })
}
