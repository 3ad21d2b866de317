#!/usr/bin/env bash
# The engine from the other side of its door: names, Kotlin on the JVM, Python. Argument: the folder of the built programs, which
# must hold fushan-platform. FUSHAN_API_UPDATE=1 rewrites bindings/api.txt instead of comparing; FUSHAN_DOOR_COST=1 prints what calls cost on
# the JVM and tests nothing: give it the folder of a release build then.
set -euo pipefail
programs=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
. tests/scripts/prepare.sh
out=$programs/../doors
kotlin=$out/kotlin/fushan/grid/core/fushan_grid.kt

profile=""
[ "$(basename "$programs")" != release ] || profile=--release
# shellcheck disable=SC2086
cargo build --locked --quiet $profile $FEATURES -p fushan-grid-bindings --features bindgen
library=$programs/libfushan_grid.so
[ -e "$library" ] || library=$programs/libfushan_grid.dylib
rm -rf "$out"
for language in kotlin swift python; do
    "$programs/fushan-bindgen" generate "$library" --language "$language" --out-dir "$out/$language" --no-format >"$out.log" 2>&1 \
        || { cat "$out.log" >&2; exit 1; }
done

# tests ARGUMENTS…: compiles the Kotlin and runs its tests; a daemon of the compiler would outlive the build with 1 to 2 GB
tests() {
    mvn -B -q -f tests/kotlin/pom.xml -Dkotlin.compiler.daemon=false -Dnative.dir="$programs" -Dbindings.dir="$out/kotlin" \
        -Dbuild.dir="$out/maven" "$@" test >"$out.mvn" 2>&1
}

if [ "${FUSHAN_DOOR_COST:-}" = 1 ]; then
    tests -Dcost=yes -Dtest=CostTest || { tail -n 40 "$out.mvn" >&2; exit 1; }
    # Maven writes colours before it
    grep -o "COST .*" "$out.mvn"
    exit 0
fi
if [ "${FUSHAN_API_UPDATE:-}" = 1 ]; then
    python3 tests/scripts/api_names.py "$kotlin" "$out/swift/FushanGrid.swift" >bindings/api.txt
    echo "bindings/api.txt is written anew"
else
    python3 tests/scripts/api_names.py "$kotlin" "$out/swift/FushanGrid.swift" | diff bindings/api.txt - >"$out.diff" || {
        cat "$out.diff" >&2
        echo "FAILED: the public names are not those of bindings/api.txt; FUSHAN_API_UPDATE=1 accepts them" >&2
        exit 1
    }
    echo "door names: 1 passed, 0 failed"
fi

python3 tests/scripts/api_uncalled.py

cp "$library" "$out/python/"
python3 tests/python/smoke.py "$out/python"
python3 tests/python/guide.py "$out/python" "$programs"

if ! command -v mvn >/dev/null || ! command -v javac >/dev/null; then
    echo "SKIPPED: Kotlin on the JVM; JDK 17 and Maven are missing"
    exit 0
fi
code=0
tests || code=$?
python3 - "$out/maven/surefire-reports" <<'P' || code=1
import glob, sys, xml.etree.ElementTree as xml
suites = [xml.parse(name).getroot() for name in glob.glob(sys.argv[1] + "/*.xml")]
count = lambda *names: sum(int(suite.get(name, 0)) for suite in suites for name in names)
failed, skipped = count("failures", "errors"), count("skipped")
# JUnit passes over a test that returns something, and says so where nobody looks
written = sum(open(name, encoding="utf-8").read().count("@Test fun") for name in glob.glob("tests/kotlin/src/**/*.kt", recursive=True))
if count("tests") != written:
    print(f"FAILED: {written} tests are written and {count('tests')} were run", file=sys.stderr)
for suite in suites:
    for case in suite.iter("testcase"):
        bad = case.find("failure") if case.find("failure") is not None else case.find("error")
        if bad is not None:
            print(f"FAILED: {case.get('classname')}: {case.get('name')}: {bad.get('message')}", file=sys.stderr)
print(f"kotlin: {count('tests') - failed - skipped} passed, {failed} failed, {skipped} skipped")
sys.exit(failed > 0 or count("tests") != written)
P
[ "$code" = 0 ] || { tail -n 40 "$out.mvn" >&2; exit "$code"; }
