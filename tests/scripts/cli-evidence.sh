#!/usr/bin/env bash
# Evidence from the command line, on a phone without a platform: manifest, checks, custody, redaction, keys, chain; then what
# openssl says about the same bytes. Argument: the folder of the built programs.
set -euo pipefail
bin=$1
. "$(dirname "$0")/lib.sh"

fg() { "$bin/fushan-grid" --data "$work/phone" --lang en "$@"; }

pixel one >"$work/one.jpg"
pixel two >"$work/two.jpg"

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
[ "$(field chains)/$(field unsigned)" = 1/0 ] || fail "chain: $out"
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

summary "command line"
