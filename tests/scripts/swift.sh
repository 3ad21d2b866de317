#!/usr/bin/env bash
# The Swift package of ios-shim, built and tested on Linux with the library of this host: generated bindings, shim, models of the shell,
# a field day against a running platform. What needs Apple's frameworks is left out by the compiler.
# Argument: the folder of the built programs. Takes `swift` where there is one; else, as root, a small Debian tree with a Swift toolchain
# in tests/.work/swift (made once, 3.2 GB); else says that it is skipped.
set -euo pipefail
bin=$(cd "$1" && pwd)
. "$(dirname "$0")/lib.sh"
tree="$here/tests/.work/swift"
shim="$here/ios-shim"

skip() { echo "SKIPPED: swift: $1"; exit 0; }
for built in libfushan_grid.so fushan-bindgen; do
    [ -e "$bin/$built" ] || skip "the library and its generator are not built"
done

generated() {
    rm -rf "$shim/.generated"
    mkdir -p "$shim/.generated/FushanGrid" "$shim/.generated/FushanGridFFI" "$shim/.generated/FushanGuide" "$shim/.generated/lib"
    "$bin/fushan-bindgen" generate "$bin/libfushan_grid.so" --language swift --out-dir "$work/swift" --no-format >"$work/bindgen.log" 2>&1 \
        || fail "the generator: $(cat "$work/bindgen.log")"
    cp "$work"/swift/*.swift "$shim/.generated/FushanGrid/"
    cp "$work"/swift/*.h "$shim/.generated/FushanGridFFI/"
    cp "$work"/swift/*.modulemap "$shim/.generated/FushanGridFFI/module.modulemap"
    cp "$bin/libfushan_grid.so" "$shim/.generated/lib/"
    sed -n '/^```swift$/,/^```$/p' "$here/docs/integrators.md" | sed '1d;$d' >"$shim/.generated/FushanGuide/SmallApp.swift"
}
# The toolchain of Debian 13, for machines whose own release has none.
planted() {
    [ -e "$tree/.ready" ] && return
    [ "$(id -u)" = 0 ] || skip "there is no swift, and a tree with one needs root"
    [ "$(df --output=avail -k "$here" | tail -n 1)" -gt 6000000 ] || skip "there is no swift, and a tree with one needs 6 GB of disk"
    command -v debootstrap >/dev/null || apt-get install -y -q debootstrap >"$work/apt.log" 2>&1 || skip "debootstrap is not installed"
    mkdir -p "$tree"
    { debootstrap --variant=minbase trixie "$tree" \
        && chroot "$tree" apt-get install -y -q --no-install-recommends \
            swiftlang ca-certificates libc6-dev libstdc++-14-dev libssl3t64; } >"$tree.log" 2>&1 \
        || skip "the tree could not be made ($tree.log)"
    touch "$tree/.ready"
}
# Shows the tree the package, the programs and the district; it is hidden again at the end.
shown() {
    mkdir -p "$tree/package" "$tree/programs" "$tree/district"
    trap 'hidden; rm -rf "$work"' EXIT
    mount -t proc proc "$tree/proc" 2>/dev/null || skip "this machine forbids mounts"
    mounted=("$tree/proc")
    for pair in "$shim:package" "$bin:programs" "$here/tests/fixtures/district:district"; do
        mount --bind "${pair%%:*}" "$tree/${pair##*:}"
        mounted+=("$tree/${pair##*:}")
    done
}
hidden() {
    for at in "${mounted[@]}"; do umount "$at" || true; done
    rm -rf "$tree"/tmp/*
}
mounted=()

# --allow-shlib-undefined: the Observation library of Swift 6.0 for Linux misses a symbol that nothing calls
swift=(swift test --build-path .build/linux -Xlinker --allow-shlib-undefined)
generated
if command -v swift >/dev/null; then
    run() { (cd "$shim" && TMPDIR="$work" FUSHAN_PLATFORM="$bin/fushan-platform" FUSHAN_DISTRICT="$here/tests/fixtures/district" "${swift[@]}"); }
else
    planted
    shown
    run() {
        chroot "$tree" env FUSHAN_PLATFORM=/programs/fushan-platform FUSHAN_DISTRICT=/district \
            sh -c 'cd /package && exec "$@"' sh "${swift[@]}"
    }
fi
got=0
run >"$work/swift.log" 2>&1 || got=$?
[ "$got" = 0 ] || fail "swift test: $(grep -E 'error:|Fatal' "$work/swift.log" | grep -v '^ ' | sort -u | head -n 40; tail -n 15 "$work/swift.log")"
# the last of these lines tells of all: Executed N tests, with M tests skipped and …; a skipped one has not passed
executed=$(sed -n 's/.*Executed \([0-9]*\) test.*/\1/p' "$work/swift.log" | sort -n | tail -n 1)
skipped=$(sed -n 's/.*Executed [0-9]* tests\{0,1\}, with \([0-9]*\) tests\{0,1\} skipped.*/\1/p' "$work/swift.log" | sort -n | tail -n 1)
[ "${executed:-0}" -gt 0 ] || fail "no test was run: $(tail -n 15 "$work/swift.log")"
passed=$((executed - ${skipped:-0}))
grep -E '^.*SKIPPED:' "$work/swift.log" | sed 's/.*SKIPPED:/SKIPPED: swift:/' | sort -u || true
echo "swift: $passed passed, 0 failed, ${skipped:-0} skipped"
