#!/usr/bin/env bash
# Builds FushanGrid.xcframework for devices and simulators, and the Swift sources beside it. Needs macOS with Xcode and the Rust targets
#   rustup target add aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios
# Then `FUSHAN_XCFRAMEWORK=1 swift build` or Xcode takes the binary target. Not run where there is no Apple SDK.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
[ "$(uname)" = Darwin ] || { echo "an Apple SDK is needed: run this on macOS with Xcode" >&2; exit 77; }
export IPHONEOS_DEPLOYMENT_TARGET=17.0
targets=(aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios)
cd "$root"
for target in "${targets[@]}"; do cargo build --locked --release -p fushan-grid-bindings --target "$target"; done

out=$here/.generated
rm -rf "$out" "$here/FushanGrid.xcframework"
cargo run --locked -p fushan-grid-bindings --features bindgen --bin fushan-bindgen -- \
    generate "target/aarch64-apple-ios/release/libfushan_grid.a" --language swift --out-dir "$out" --no-format
mkdir -p "$out/FushanGrid" "$out/headers"
mv "$out"/*.swift "$out/FushanGrid/"
mv "$out"/*.h "$out/headers/"
mv "$out"/*.modulemap "$out/headers/module.modulemap"

mkdir -p target/ios-sim
lipo -create -output target/ios-sim/libfushan_grid.a \
    target/aarch64-apple-ios-sim/release/libfushan_grid.a target/x86_64-apple-ios/release/libfushan_grid.a
xcodebuild -create-xcframework \
    -library target/aarch64-apple-ios/release/libfushan_grid.a -headers "$out/headers" \
    -library target/ios-sim/libfushan_grid.a -headers "$out/headers" \
    -output "$here/FushanGrid.xcframework"
echo "made $here/FushanGrid.xcframework"
