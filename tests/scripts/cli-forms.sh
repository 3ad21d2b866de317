#!/usr/bin/env bash
# The form verbs of the command line as a tester uses them: each once, its output read, exit codes checked.
# Argument: the folder of the built programs.
set -euo pipefail
bin=$1
. "$(dirname "$0")/lib.sh"
forms=$here/tests/fixtures/forms/walked

fg() { "$bin/fushan-grid" --lang en forms "$@"; }

expect "a sound form is ok" 0 fg check "$forms/nested.xml" --json
has "check" '"load": "ok"'
sed 's/sum(\.\.\/i\/b)/summ(..\/i\/b)/' "$forms/nested.xml" >"$work/bad.xml"
expect "a form with an unknown function is refused, and that is an answer" 0 fg check "$work/bad.xml" --json
has "check bad" '"load": "refused"'
echo "<a" >"$work/bad-xml.xml"
has "check bad" expr_unknown_function
expect "a refused form cannot be shown" 3 fg show "$work/bad-xml.xml" --json
expect "show lists what is asked" 0 fg show "$forms/relgroup.xml" --json
has "show" '"/data/g/b"'

expect "a random walk" 0 fg walk "$forms/twolevelcnt.xml" --seed 5 --json
printf '%s' "$out" >"$work/walk.json"
sent=$(printf '%s' "$out" | sed -n 's/^ *"submission": //p')
expect "the same seed walks the same way" 0 fg walk "$forms/twolevelcnt.xml" --seed 5 --json
[ "$out" = "$(cat "$work/walk.json")" ] || fail "walk again: $out"
expect "a walk can be repeated as a script" 0 fg run "$forms/twolevelcnt.xml" --script "$work/walk.json" --json
[ "$(printf '%s' "$out" | sed -n 's/^ *"submission": //p' | tr -d ,)" = "$(printf '%s' "$sent" | tr -d ,)" ] || fail "replay: $out"

# shellcheck disable=SC2216 # fg is the program here, and it reads what it is given
fill() { printf 'ok\n\n' | fg run "$forms/relgroup.xml" --json; }
expect "question by question, what is not relevant is not asked" 0 fill
has "fill" '<a>ok</a>'
lacks "a group that is not relevant was sent" '<g>'
# shellcheck disable=SC2216
wrong() { printf 'x\n7\n' | fg run "$forms/cntnest.xml" --json; }
expect "the terminal takes what it is given" 0 wrong
has "fill with a repeat" finalized
echo '{"steps": []}' >"$work/empty.json"
expect "a script without a clock is refused" 3 fg run "$forms/nested.xml" --script "$work/empty.json" --json
has "script without clock" bad_clock

summary "command line"
