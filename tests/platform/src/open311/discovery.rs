//! What this door is and where it lies, for clients that look for it (GeoReport v2, service discovery).

use serde_json::json;

use super::document::Document;
use crate::books::Books;

/// The discovery document. `base` is the address of the door as the caller reached it.
pub(crate) fn discovery(books: &Books, base: &str) -> Document {
    let name = books.area(&books.channels.district).map(|node| node.name.clone());
    let endpoint = json!({
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": base,
        "changeset": books.channels.version,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    });
    Document {
        list: "discovery",
        item: "discovery",
        items: vec![json!({
            "changeset": books.channels.version,
            "contact": name,
            "key_service": "The district issues keys, one for each client.",
            "endpoints": [endpoint],
        })],
        single: true,
    }
}
