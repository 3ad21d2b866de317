#![no_main]

use fushan_grid_core::forms::{NoResources, authoring};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    for name in ["book.xlsx", "book.xls", "book.csv"] {
        if let Ok(book) = authoring::import(name, data) {
            fushan_suite::hostile::definition(&book.definition, &NoResources);
        }
    }
});
