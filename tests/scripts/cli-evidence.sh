#!/usr/bin/env bash
# Evidence from the command line, on a phone without a platform: manifest, checks, custody, redaction, keys, chain; then what
# openssl says about the same bytes. Argument: the folder of the built programs.
set -euo pipefail
bin=$1
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
has() { printf '%s' "$out" | grep -q -- "$2" || fail "$1: no $2 in: $out"; }
field() { printf '%s' "$out" | sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" | head -n 1; }
fg() { "$bin/fushan-grid" --data "$work/phone" --lang en "$@"; }

# the smallest whole picture: a grey pixel; what follows its end makes another file of it
pixel() {
    printf '\377\330\377\333\000\103\000'; printf '\001%.0s' $(seq 64)
    printf '\377\300\000\013\010\000\001\000\001\001\001\021\000'
    printf '\377\304\000\024\000\001'; printf '\000%.0s' $(seq 16)
    printf '\377\304\000\024\020\001'; printf '\000%.0s' $(seq 16)
    printf '\377\332\000\010\001\001\000\000\077\000\077\377\331%s' "$1"
}
pixel one >"$work/one.jpg"
pixel two >"$work/two.jpg"
grid=370611001901001

expect "init" 0 fg init
expect "a person" 0 fg --json registry add person --grid "$grid" --set name=测试甲99 --set phone=16912349876
person=$(field id)
expect "add with circumstances" 0 fg --json evidence add "$person" "$work/one.jpg" --role before --source camera --step dispose \
    --lat 37.502 --lon 121.264 --crs WGS84 --accuracy 80 --mock --copy stamped --os "Android 14" --model Test
one=$(field sha256)
has "add" '"mock_location"'
[ "$one" = "sha256:$(sha256sum <"$work/one.jpg" | cut -c 1-64)" ] || fail "add: another digest: $one"
expect "a fix without reference system is refused" 2 fg evidence add "$person" "$work/one.jpg" --lat 37.5 --lon 121.2
expect "the flags are told in words" 0 fg evidence add "$person" "$work/one.jpg" --role after --source gallery --camera-only
has "words" "This item asks for a photo"
has "words" "too few pixels"
expect "what the camera did not give is refused" 3 fg --json evidence add "$person" "$work/two.jpg" --camera-sha256 "${one#sha256:}"
[ "$(field code)" = not_camera_output ] || fail "camera: $out"
expect "show" 0 fg --json evidence show "$one"
has "show" '"signature": "ok"'
has "show" '"sm3": "'"$(openssl dgst -sm3 -r "$work/one.jpg" | cut -c 1-64)"'"'
has "show" '"op": "resize:1600;jpeg:80;stamp:1"'
expect "redact" 0 fg --json evidence redact "$one" --area 0,0,1,1 --reason "a face"
expect "an area outside is refused" 3 fg --json evidence redact "$one" --area 0,0,2,1 --reason "a face"
[ "$(field code)" = area_outside ] || fail "area: $out"
expect "retain" 0 fg evidence retain "$one" --until 2099-01-01T00:00:00Z
expect "bytes that the platform lacks are not deleted" 3 fg --json evidence delete "$one" --reason space
[ "$(field code)" = photo_not_stored ] || fail "delete: $out"
expect "the custody log" 0 fg evidence log "$one"
for event in captured checked attached queued derived redacted retained_until; do has "log" "$event"; done
expect "rotate the key" 0 fg --json evidence key rotate --reason routine
expect "a photo under the new key" 0 fg evidence add "$person" "$work/two.jpg"
expect "the chain holds" 0 fg --json evidence chain
[ "$(field chains)" = 1 ] && [ "$(field unsigned)" = 0 ] || fail "chain: $out"
expect "an unknown photo" 4 fg evidence show "sha256:$(printf '0%.0s' $(seq 64))"

rm "$work/phone/signing.key"
expect "with the key lost the next photo begins a chain" 0 fg evidence add "$person" "$work/two.jpg" --role far
expect "both chains hold" 0 fg --json evidence chain
[ "$(field chains)" = 2 ] || fail "chains: $out"
rm -r "$work/phone/db"
expect "a database made anew beside an old signing key" 0 fg init
expect "a person again" 0 fg --json registry add person --grid "$grid" --set name=测试甲99 --set phone=16912349876
expect "its first photo" 0 fg evidence add "$(field id)" "$work/one.jpg"
expect "its chain" 0 fg --json evidence chain
[ "$(field entries)" = 2 ] || fail "reinstall: $out"

echo "command line: $passed passed, 0 failed"
