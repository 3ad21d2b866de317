#!/usr/bin/env bash
# How far the engine agrees with JavaRosa, the engine of ODK: the recorded walks of ../shared/oracle are carried out again.
# Argument: the folder of the built programs. Fails when a share falls below its threshold; skips aloud without the oracle.
#   ORACLE_LIST=FILE   writes every disagreement there as a JSON line
#   ORACLE_LIVE=1      also installs JavaRosa below target/oracle and walks our own forms in both engines
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=$(cd "$1" && pwd)
oracle=$here/../shared/oracle
forms=$here/../shared/corpora/xforms
export PYTHONDONTWRITEBYTECODE=1

if [ ! -x "$oracle/agree" ] || [ ! -d "$forms" ]; then
    echo "SKIPPED: there is no oracle at ../shared/oracle, so agreement with JavaRosa was not measured"
    exit 0
fi
if ! command -v python3 >/dev/null; then
    echo "SKIPPED: python3 is missing, so agreement with JavaRosa was not measured"
    exit 0
fi

passed=0 failed=0
# at_least LABEL MINIMUM: the percentage in the line that starts with LABEL
at_least() {
    local share
    # a set without such forms says nothing about them
    if printf '%s\n' "$report" | grep -q "^$1: 0/0 "; then
        return
    fi
    share=$(printf '%s\n' "$report" | sed -n "s/^$1.* = \([0-9.]*\) %.*/\1/p" | head -n 1)
    if [ -n "$share" ] && awk "BEGIN { exit !($share >= $2) }"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1: ${share:-no figure} %, at least $2 % wanted" >&2
    fi
}

measure() {
    report=$(cd "$oracle" && python3 ./agree "$bin/fushan-grid" "$@") || true
    printf '%s\n' "$report"
    at_least "forms JavaRosa accepts that load here" 99
    at_least "forms it refuses that are refused here" 99
    at_least "walks agree" 99
}

measure given-results.jsonl.xz "$forms" --media media ${ORACLE_LIST:+--list "$ORACLE_LIST"}

if [ "${ORACLE_LIVE:-}" = 1 ]; then
    work=$here/target/oracle
    [ -f "$work/oracle.jar" ] || python3 "$oracle/oracle" setup "$work"
    python3 "$oracle/oracle" batch "$work" "$here/tests/fixtures/forms/walked" --out "$work/own.jsonl"
    measure "$work/own.jsonl" "$here/tests/fixtures/forms/walked"
fi

echo "oracle: $passed passed, $failed failed"
[ "$failed" = 0 ]
