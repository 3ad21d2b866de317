#!/usr/bin/env bash
# Builds the library for Android and writes the Kotlin sources: jniLibs/<abi>/libfushan_grid.so and kotlin/ below the folder given.
# Needs the NDK (ANDROID_NDK_HOME), cargo-ndk, and rustup's Android targets. It has not been run in this repository's own tests:
# there is no NDK there. tests/scripts/cross.sh checks that the code compiles for the target.
set -euo pipefail
out=$(mkdir -p "${1:?usage: bindings/build-android.sh FOLDER}" && cd "$1" && pwd)
cd "$(dirname "$0")/.."

: "${ANDROID_NDK_HOME:?set ANDROID_NDK_HOME to the NDK}"
command -v cargo-ndk >/dev/null || { echo "cargo-ndk is missing: cargo install cargo-ndk" >&2; exit 1; }
rustup target add aarch64-linux-android armv7-linux-androideabi x86_64-linux-android

# 26 is the oldest Android with a key store that attests signing keys
cargo ndk --target arm64-v8a --target armeabi-v7a --target x86_64 --platform 26 --output-dir "$out/jniLibs" \
    build --locked --release -p fushan-grid-bindings --features vendored-openssl
cargo run --locked -p fushan-grid-bindings --features bindgen --bin fushan-bindgen -- generate \
    target/aarch64-linux-android/release/libfushan_grid.so --language kotlin --no-format --out-dir "$out/kotlin"
echo "written: $out/jniLibs, $out/kotlin"
