#!/usr/bin/env bash
# Exported evidence, as a tester and a stranger handle it: the demo's folder, verified by us and by its own README; tampered with.
# Argument: the folder of the built programs.
set -euo pipefail
bin=$1
. "$(dirname "$0")/lib.sh"

fg() { "$bin/fushan-grid" --data "$work/none" --lang en "$@"; }

expect "the demo keeps its evidence" 0 "$bin/fushan-grid" --json demo --keep "$work/demo"
dir=$work/demo/evidence
expect "verify needs no phone, and tells what is absent" 9 fg evidence verify "$dir"
grep -q -- 'key_not_vouched' <<<"$out" || fail "absent: $out"
grep -q -- 'fail 0' <<<"$out" || fail "fail 0: $out"
expect "the log's published key vouches" 9 fg --json evidence verify "$dir" --log-key "$(cat "$dir/log.key")"
lacks "vouched" 'key_not_vouched'
expect "another key is told" 8 fg evidence verify "$dir" --log-key "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
grep -q -- log_key_changed <<<"$out" || fail "other key: $out"
expect "a key that is none is refused" 3 fg evidence verify "$dir" --log-key nonsense
if command -v openssl >/dev/null; then
    sed -n '/^```sh$/,/^```$/p' "$dir/README.zh.md" | sed '1d;$d' >"$work/check.sh"
    expect "the README's commands" 0 sh -c "cd '$dir' && sh '$work/check.sh'"
    grep -q -- '^OK.*photo' <<<"$out" || fail "stranger: $out"
    lacks "stranger" '^FAILED\|^BREAK'
else
    echo "SKIPPED: openssl is not installed" >&2
fi
(cd "$dir" && sha256sum --check --quiet SHA256SUMS) || fail "SHA256SUMS"
photo=$(find "$dir/entries" -name 'photo.*' | sort | head -n 1)
printf 'x' >>"$photo"
expect "a changed photo is told by its name" 8 fg --json evidence verify "$dir"
grep -q -- 'media_s' <<<"$out" || fail "changed photo: $out"

summary "command line"
