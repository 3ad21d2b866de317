//! The place of the Kotlin and Swift door. It is empty until its own issue: nothing is exported yet.

pub use fushan_grid_core::app::Engine;
