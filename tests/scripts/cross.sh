#!/usr/bin/env bash
# Checks that the door compiles for Android and iOS. Only a check: nothing is linked, there is no NDK and no Apple SDK here.
# It needs a Rust whose standard library comes as source, Debian's rustc-web, cargo-web and rust-web-src.
set -euo pipefail
cd "$(dirname "$0")/../.."
# whole, since compilers are started in other folders
target=${CARGO_TARGET_DIR:-target}
[ "${target#/}" != "$target" ] || target=$PWD/$target
out=$target/cross
rustc=${FUSHAN_CROSS_RUSTC:-/usr/bin/rustc}
cargo=${FUSHAN_CROSS_CARGO:-/usr/bin/cargo}
passed=0 failed=0

if [ ! -x "$rustc" ] || [ ! -d "$("$rustc" --print sysroot)/lib/rustlib/src/rust/library/std" ]; then
    echo "SKIPPED: the type checks for aarch64-linux-android and aarch64-apple-ios: no Rust with the source of its standard library;" \
        "apt-get install rustc-web cargo-web rust-web-src"
    exit 0
fi

# check TARGET FEATURES
check() {
    if RUSTC=$rustc RUSTC_BOOTSTRAP=1 "$cargo" check --locked --lib -p fushan-grid-bindings --target "$1" ${2:+--features "$2"} \
        -Zbuild-std=std,panic_abort,panic_unwind --target-dir "$out" >"$out.$1.log" 2>&1; then
        passed=$((passed + 1))
    elif grep -qE "failed to download|failed to get .* as a dependency|unable to update registry|can't find crate for .std." "$out.$1.log"; then
        echo "SKIPPED: the type check for $1: its standard library, or a crate of it, cannot be had here ($out.$1.log)"
    else
        failed=$((failed + 1))
        tail -n 20 "$out.$1.log" >&2
    fi
}

mkdir -p "$out"
if command -v aarch64-linux-gnu-gcc >/dev/null; then
    # for a check the C parts need a compiler that takes them, not one for Android
    export CC_aarch64_linux_android=aarch64-linux-gnu-gcc AR_aarch64_linux_android=aarch64-linux-gnu-ar
    export RANLIB_aarch64_linux_android=aarch64-linux-gnu-ranlib
    check aarch64-linux-android vendored-openssl
else
    echo "SKIPPED: the type check for aarch64-linux-android: no compiler for its C parts; apt-get install gcc-aarch64-linux-gnu"
fi

# for iOS a stand-in that writes empty objects: the C parts are not looked at
stand_in=$out/cc
cat >"$stand_in" <<'CC'
#!/bin/sh
while [ $# -gt 0 ]; do
    [ "$1" = -o ] && : >"$2"
    shift
done
CC
chmod +x "$stand_in"
export CC_aarch64_apple_ios=$stand_in AR_aarch64_apple_ios=true RANLIB_aarch64_apple_ios=true SDKROOT=$out
check aarch64-apple-ios ""
echo "cross checks: $passed passed, $failed failed"
[ "$failed" = 0 ]
