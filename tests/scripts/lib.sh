#!/usr/bin/env bash
# What the shell checks share: a folder of their own, platforms that are stopped at the end, and commands whose exit codes and output
# are checked. Sourced with $bin set to the folder of the built programs; the caller's last line is `summary NAME`.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
started=()
passed=0
grid=370611001901001
ended() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null
    rm -rf "$work"
}
trap ended EXIT

fail() { echo "FAILED: $1" >&2; exit 1; }
summary() { echo "$1: $passed passed, 0 failed"; }

# expect NAME CODE COMMAND…: the exit code must be CODE; the output is left in $out, complaints in $work/err
expect() {
    local name=$1 code=$2 got=0
    shift 2
    out=$("$@" 2>"$work/err") || got=$?
    [ "$got" = "$code" ] || fail "$name: exit code $got instead of $code: $out $(cat "$work/err")"
    passed=$((passed + 1))
}
# has NAME TEXT: the last output holds the text
# (no pipe: a reader that has seen enough would break it, and the check with it)
has() { [[ $out == *"$2"* ]] || fail "$1: no '$2' in: $out"; }
# lacks NAME PATTERN: no line of the last output fits
lacks() { if grep -q -- "$2" <<<"$out"; then fail "$1: '$2' in: $out"; fi; }
# field NAME: the first value of that name in the last output, which is JSON
field() { printf '%s' "$out" | sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" | head -n 1; }
# first NAME: the first id of a list in the last output; it stands on the line after the list's name
first() { printf '%s' "$out" | sed -n "/\"$1\": \[/{n;s/[^0-9a-f-]//gp;}" | head -n 1; }

# platform NAME ARGUMENTS…: starts one, whose timers look only when they are told to; its address is left in $url, its process in $platform
platform() {
    local name=$1
    shift
    # shellcheck disable=SC2154 # the caller's
    "$bin/fushan-platform" --listen 127.0.0.1:0 --data "$work/$name" --district "$here/tests/fixtures/district" \
        --admin-token operator --tick-seconds 0 "$@" >"$work/$name.url" 2>"$work/$name.log" &
    platform=$!
    started+=("$platform")
    for _ in $(seq 300); do [ -s "$work/$name.url" ] && break; sleep 0.1; done
    url=$(head -n 1 "$work/$name.url")
    [ -n "$url" ] || fail "the platform did not start: $(cat "$work/$name.log")"
}
# post PATH MESSAGE: a request to the operators' door of the platform, or to another with its key in $bearer, without any tool beyond
# the shell
post() {
    exec 3<>"/dev/tcp/127.0.0.1/${url##*:}"
    printf 'POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
        "$1" "${bearer:-operator}" "$(printf %s "$2" | wc -c)" "$2" >&3
    cat <&3
    exec 3>&-
}
# enrolment_code [STAFF]: a code to enrol a phone with, by default for the worker of $grid
enrolment_code() { post /admin/v1/codes "{\"staff\":\"${1:-s_$grid}\"}" | sed -n 's/.*"code":"\([^"]*\)".*/\1/p'; }
# pixel TEXT: the smallest whole picture, a grey pixel; what follows its end makes another file of it
pixel() {
    printf '\377\330\377\333\000\103\000'; printf '\001%.0s' $(seq 64)
    printf '\377\300\000\013\010\000\001\000\001\001\001\021\000'
    printf '\377\304\000\024\000\001'; printf '\000%.0s' $(seq 16)
    printf '\377\304\000\024\020\001'; printf '\000%.0s' $(seq 16)
    printf '\377\332\000\010\001\001\000\000\077\000\077\377\331%s' "$1"
}
