//! Writes the Kotlin, Swift and Python sources of a built library: `fushan-bindgen generate LIB --language kotlin --out-dir DIR`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
