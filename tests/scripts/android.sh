#!/usr/bin/env bash
# The Android shim and the reference shell under Robolectric, with the real library and a real platform. No SDK, no device.
# Argument: the folder of the built programs (libfushan_grid.so, fushan-bindgen, fushan-platform).
set -euo pipefail
bin=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
shim=$PWD/android-shim
report=$shim/target/surefire-reports

skip() { echo "SKIPPED: android: $1"; exit 0; }
command -v java >/dev/null || skip "no JDK"
command -v mvn >/dev/null || skip "no Maven"
for part in libfushan_grid.so fushan-bindgen fushan-platform; do
    [ -e "$bin/$part" ] || skip "$part is not built"
done
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# the generator finds the names of packages in bindings/uniffi.toml, from within the workspace
rm -rf "$shim/target/generated-bindings" "$report"
"$bin/fushan-bindgen" generate "$bin/libfushan_grid.so" --language kotlin --out-dir "$shim/target/generated-bindings" --no-format

run() { mvn -q -B "$@" -f "$shim/pom.xml" -Dfushan.bin="$bin" test >"$log" 2>&1; }
# from Maven's own store when everything is there already
code=0
run -o || code=$?
if [ "$code" != 0 ] && [ ! -d "$report" ]; then
    code=0
    run || code=$?
fi
if ! ls "$report"/TEST-*.xml >/dev/null 2>&1; then
    grep -qE "Could not (transfer|find) artifact|Could not resolve dependencies|in offline mode" "$log" && skip "Maven cannot fetch what is needed"
    grep -m 40 -E "ERROR" "$log" >&2 || true
    echo "android: 0 passed, 1 failed"
    exit 1
fi
read -r run failed skipped < <(sed -n 's/.*<testsuite .* tests="\([0-9]*\)" errors="\([0-9]*\)" skipped="\([0-9]*\)" failures="\([0-9]*\)".*/\1 \2 \3 \4/p' \
    "$report"/TEST-*.xml | awk '{ t += $1; f += $2 + $4; s += $3 } END { print t, f, s }')
[ "$failed" = 0 ] && [ "$code" = 0 ] || grep -m 60 -E "^\[ERROR\]|Caused by" "$log" >&2 || true
# Maven may fail with no test that failed, such as a test process that died
[ "$failed" = 0 ] && [ "$code" != 0 ] && echo "android: Maven ended with $code" >&2
echo "android: $((run - failed - skipped)) passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$code" = 0 ]
