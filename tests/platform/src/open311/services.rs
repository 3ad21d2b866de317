//! The services: the categories that a citizen may report, and what each asks for.

use fushan_grid_core::model::incident::Category;
use serde_json::{Value, json};

use super::document::Document;
use crate::books::Books;

/// Classes that are not for the public: Party building and the rest.
const INTERNAL: [char; 2] = ['P', 'Z'];

fn is_public(category: &Category) -> bool {
    !category.code.starts_with(INTERNAL)
}

fn group<'b>(books: &'b Books, code: &str) -> Option<&'b Category> {
    books.taxonomy.category(code.split('.').next()?)
}

/// All services.
pub(crate) fn services(books: &Books) -> Document {
    let services = books
        .taxonomy
        .categories
        .iter()
        .filter(|category| is_public(category))
        .map(|category| {
            json!({
                "service_code": category.code,
                "service_name": category.zh,
                "description": category.en,
                "metadata": true,
                "type": "realtime",
                "keywords": format!("{},{}", category.zh, category.en),
                "group": group(books, &category.code).map(|group| group.zh.clone()),
            })
        });
    Document::list("services", "service", services.collect())
}

/// What a service asks for besides the place and a description: the facts by which it finds its handler.
pub(crate) fn definition(books: &Books, code: &str) -> Option<Document> {
    let category = books.taxonomy.category(code).filter(|category| is_public(category))?;
    let attributes: Vec<Value> = [
        (
            "managed_estate",
            "singlevaluelist",
            "小区有物业 Estate with a property company",
        ),
        ("at_home", "singlevaluelist", "在住宅内 Inside a home"),
        ("involved_count", "number", "涉及人数 People involved"),
    ]
    .iter()
    .zip(1..)
    .map(|((code, datatype, description), order)| {
        let mut attribute = json!({
            "variable": true, "code": code, "datatype": datatype, "required": false, "datatype_description": null,
            "order": order, "description": description,
        });
        if let (true, Some(map)) = (*datatype == "singlevaluelist", attribute.as_object_mut()) {
            map.insert(
                "values".into(),
                json!([{"key": "true", "name": "是 Yes"}, {"key": "false", "name": "否 No"}]),
            );
        }
        attribute
    })
    .collect();
    Some(Document {
        list: "service_definitions",
        item: "service_definition",
        items: vec![json!({"service_code": category.code, "attributes": attributes})],
        single: true,
    })
}
