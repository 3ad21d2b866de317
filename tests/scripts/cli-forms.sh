#!/usr/bin/env bash
# The form verbs of the command line as a tester uses them: each once, its output read, exit codes checked.
# Argument: the folder of the built programs.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=$1
forms=$here/tests/fixtures/forms/walked
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0

fail() { echo "FAILED: $1" >&2; exit 1; }
# expect NAME CODE COMMAND…: the exit code must be CODE; the output is left in $out
expect() {
    local name=$1 code=$2 got=0
    shift 2
    out=$("$@" 2>"$work/err") || got=$?
    [ "$got" = "$code" ] || fail "$name: exit code $got instead of $code: $out $(cat "$work/err")"
    passed=$((passed + 1))
}
has() { printf '%s' "$out" | grep -qF -- "$1" || fail "$2: $out"; }
fg() { "$bin/fushan-grid" --lang en forms "$@"; }

expect "a sound form is ok" 0 fg check "$forms/nested.xml" --json
has '"load": "ok"' "check"
sed 's/sum(\.\.\/i\/b)/summ(..\/i\/b)/' "$forms/nested.xml" >"$work/bad.xml"
expect "a form with an unknown function is refused, and that is an answer" 0 fg check "$work/bad.xml" --json
has '"load": "refused"' "check bad"
echo "<a" >"$work/bad-xml.xml"
has expr_unknown_function "check bad"
expect "a refused form cannot be shown" 3 fg show "$work/bad-xml.xml" --json
expect "show lists what is asked" 0 fg show "$forms/relgroup.xml" --json
has '"/data/g/b"' "show"

expect "a random walk" 0 fg walk "$forms/twolevelcnt.xml" --seed 5 --json
printf '%s' "$out" >"$work/walk.json"
sent=$(printf '%s' "$out" | sed -n 's/^ *"submission": //p')
expect "the same seed walks the same way" 0 fg walk "$forms/twolevelcnt.xml" --seed 5 --json
[ "$out" = "$(cat "$work/walk.json")" ] || fail "walk again: $out"
expect "a walk can be repeated as a script" 0 fg run "$forms/twolevelcnt.xml" --script "$work/walk.json" --json
[ "$(printf '%s' "$out" | sed -n 's/^ *"submission": //p' | tr -d ,)" = "$(printf '%s' "$sent" | tr -d ,)" ] || fail "replay: $out"

fill() { printf 'ok\n\n' | fg run "$forms/relgroup.xml" --json; }
expect "question by question, what is not relevant is not asked" 0 fill
has '<a>ok</a>' "fill"
printf '%s' "$out" | grep -qF '<g>' && fail "a group that is not relevant was sent: $out"
wrong() { printf 'x\n7\n' | fg run "$forms/cntnest.xml" --json; }
expect "the terminal takes what it is given" 0 wrong
has finalized "fill with a repeat"
echo '{"steps": []}' >"$work/empty.json"
expect "a script without a clock is refused" 3 fg run "$forms/nested.xml" --script "$work/empty.json" --json
has bad_clock "script without clock"

echo "command line: $passed passed, 0 failed"
