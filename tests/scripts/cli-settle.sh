#!/usr/bin/env bash
# Settling in detail, as a tester uses it: lanes and what is in their way, refused operations, diagnostics, the conflict table, an
# original that is fetched back, and phones that are wiped with work left. Argument: the folder of the built programs.
set -euo pipefail
bin=$1
. "$(dirname "$0")/lib.sh"

fg() { "$bin/fushan-grid" --data "$work/phone" --lang en "$@"; }
person() { fg --json registry add person --grid "$1" --set "name=$2" --set phone=16912349876; }

platform settle --keep-originals-h 0
expect "init" 0 fg init
expect "enrol" 0 fg enrol --url "$url" "$(enrolment_code)"
expect "first sync" 0 fg sync

expect "a person" 0 person "$grid" 测试甲
id=$(field id)
pixel one >"$work/one.jpg"
expect "a photo" 0 fg --json evidence add "$id" "$work/one.jpg"
sha=$(sha256sum "$work/one.jpg" | cut -d ' ' -f 1)
expect "all lanes may move where the network costs nothing" 0 fg status
lacks "a lane is blocked" 'P2.*\['
has "the oldest is told" "oldest 0 s"
expect "abroad the register waits" 0 fg status --network roaming
grep -q 'P2  1 operations.*\[' <<<"$out" || fail "P2 is not blocked: $out"
expect "and so do diagnostics say" 0 fg diagnostics --network roaming
has "conditions" '"network": "roaming"'
lacks "diagnostics hold personal data" '测试甲\|16912349876'
expect "abroad nothing of it goes out" 0 fg --json sync --network roaming
expect "home it does" 0 fg --json sync
sleep 0.1
expect "an original that is stored may leave" 0 fg --json sync
expect "it is on the platform" 0 fg --json evidence verify "$id"
has "verdict" on_platform
expect "it is fetched back" 0 fg evidence fetch "$sha"
expect "and intact" 0 fg --json evidence verify "$id"
lacks "not fetched back" on_platform
expect "a photo that nobody knows" 4 fg evidence fetch "$(printf '0%.0s' $(seq 64))"

expect "in another grid" 0 person 370611001901002 越界
expect "the platform refuses it" 7 fg --json sync
expect "the refusal is shown" 7 fg status
has "its code" "[scope]"
expect "refused list" 0 fg --json refused list
refused=$(printf '%s' "$out" | sed -n 's/^ *"op": "\([0-9a-f-]*\)",*$/\1/p' | head -n 1)
expect "queued again" 0 fg --json refused requeue "$refused"
[ "$(field operations)" = 1 ] || fail "requeue: $out"
expect "and refused again" 7 fg sync

expect "the conflict table" 0 fg conflicts table
[ "$(printf '%s\n' "$out" | wc -l)" -ge 70 ] || fail "a short table: $out"
has "late evidence" late_evidence
has "a second opinion" resolution

wipe() { post /admin/v1/wipe "{\"device\":\"$(post_get /admin/v1/devices | sed -n "s/.*\"device\":\"\([^\"]*\)\".*/\1/p")\"}" >/dev/null; }
post_get() {
    exec 3<>"/dev/tcp/127.0.0.1/${url##*:}"
    printf 'GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer operator\r\nConnection: close\r\n\r\n' "$1" >&3
    cat <&3
    exec 3>&-
}

expect "work that waits" 0 person "$grid" 未送达
wipe
expect "a wipe without a recovery key waits" 0 fg --json sync --network roaming
expect "the person is still there" 0 fg --json status
has "one waits" '"queued": 1'
expect "delivered, the phone is wiped" 6 fg --json sync
has "wiped" '"sealed": false'
post_get /admin/v1/handed-over | grep -q 越界 || fail "the refused person is with nobody"

if openssl genpkey -algorithm X25519 -outform DER -out "$work/recovery.der" 2>/dev/null; then
    hex() { tail -c 32 | od -An -tx1 | tr -d ' \n'; }
    hex <"$work/recovery.der" >"$work/recovery.hex"
    public=$(openssl pkey -inform DER -in "$work/recovery.der" -pubout -outform DER | hex)
    fg() { "$bin/fushan-grid" --data "$work/sealed" --lang en "$@"; }
    platform sealing
    expect "init with the recovery key" 0 fg init --recovery-key "$public"
    expect "enrol" 0 fg enrol --url "$url" "$(enrolment_code)"
    expect "sync" 0 fg sync
    expect "a person" 0 person "$grid" 有照片的人
    expect "with a photo" 0 fg evidence add "$(field id)" "$work/one.jpg"
    expect "a person that waits" 0 person "$grid" 封存的人
    wipe
    expect "wiped, the work is sealed" 6 fg --json sync --network roaming
    has "sealed" '"sealed": true'
    expect "the phone does not open any more" 3 fg status
    printf '%064d' 0 >"$work/other.hex"
    got=0; fg recover --key "$work/other.hex" "$work/nothing" >/dev/null 2>&1 || got=$?
    [ "$got" != 0 ] || fail "another key opened the phone"
    expect "the desk recovers it" 0 fg --json recover --key "$work/recovery.hex" "$work/recovered"
    grep -q 封存的人 "$work/recovered/work.json" || fail "the person is not in work.json"
    cmp -s "$work/one.jpg" "$work/recovered/$sha" || fail "the photo is not the same"
else
    echo "SKIPPED: openssl knows no X25519: apt-get install openssl"
fi
summary "command line, settling"
