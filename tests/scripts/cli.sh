#!/usr/bin/env bash
# The command line as a tester uses it, against a running platform: every verb once, its output read, exit codes checked.
# Argument: the folder of the built programs.
set -euo pipefail
bin=$1
. "$(dirname "$0")/lib.sh"

platform platform

fg() { "$bin/fushan-grid" --data "$work/phone" --lang en "$@"; }

expect "a command before init is refused" 5 fg status
expect "init makes the database" 0 fg --json init
[ "$(field created)" = true ] || fail "init: $out"
expect "init again changes nothing" 0 fg --json init
[ "$(field created)" = false ] || fail "init again: $out"
expect "sync before enrolment is refused" 3 fg sync
code=$(enrolment_code)
expect "a wrong code is refused" 3 fg enrol --url "$url" 0000
expect "enrol" 0 fg --json enrol --url "$url" "$code"
[ "$(field staff)" = "s_$grid" ] || fail "enrol: $out"
expect "first sync" 0 fg --json sync
[ "$(field outcome)" = "done" ] || fail "sync: $out"

expect "add a person" 0 fg --json registry add person --grid "$grid" --set name=测试甲99 --set phone=16912349876
person=$(field id)
expect "search by initials" 0 fg --json registry search csj
grep -q -- "$person" <<<"$out" || fail "search: $out"
expect "search by the last digits of a number" 0 fg --json registry search 9876
grep -q -- "$person" <<<"$out" || fail "search: $out"
expect "show masks personal data" 0 fg --json registry show "$person"
lacks "show is not masked" '测试甲99\|16912349876'
expect "a wrong check digit is refused with its field" 3 fg --json registry add person --grid "$grid" \
    --set name=测试 --set id_type=111 --set id_number=370699196409124495
grep -q -- id_check_digit <<<"$out" || fail "check digit: $out"
expect "an unknown record" 4 fg registry show 01890000-0000-7000-8000-000000000000
expect "an id that is none" 3 fg registry show ../../etc/passwd
expect "locate" 0 fg --json registry locate --lon 121.264 --lat 37.502 --crs CGCS2000
[ "$(field grid)" = "$grid" ] || fail "locate: $out"
expect "a point without reference system is refused" 3 fg registry locate --lon 121.264 --lat 37.502

"$bin/fushan-grid" demo --keep "$work/demo" --json >"$work/demo.json" || fail "demo for photos: $(cat "$work/demo.json")"
photo=$(find "$work/demo/platform-photos" -maxdepth 1 -type f -size +100k | sort | head -n 1)
expect "report with photos" 0 fg --json incident report --category A01.03 --title 楼道堆物 --description 占用通道 \
    --lon 121.264 --lat 37.502 --crs WGS84 --photo "near=$photo" --photo "far=$photo" --submit
incident=$(field id)
[ "$(field state)" = REPORTED ] || fail "report: $out"
expect "self-close needs its photos" 3 fg --json incident self-close "$incident" --result x
expect "a draft" 0 fg --json incident report --category A01.03 --title 门厅堆物 --description 已请业主推走 \
    --lon 121.264 --lat 37.502 --crs WGS84 --photo "near=$photo"
draft=$(field id)
expect "self-close on the spot" 0 fg --json incident self-close "$draft" --result 已清理 --photo "after=$photo"
[ "$(field state)" = CLOSED ] || fail "self-close: $out"
expect "a note" 0 fg incident note "$incident" 已通知物业
expect "a deadline over a make-up day" 0 fg --json deadline explain --start 2026-09-18T20:00:00+08:00 --limit "1 WORK_DAY"
[ "$(field deadline)" = "2026-09-20 17:30:00" ] || fail "deadline: $out"
expect "a deadline past the known calendars names the year" 3 fg --json deadline explain --start 2031-01-01T00:00:00Z \
    --limit "1 WORK_HOUR"
[ "$(field year)" = 2031 ] || fail "calendar: $out"
expect "the limits of an incident" 0 fg --json deadline explain "$incident"
[ "$(field stage)" = ACCEPT ] || fail "limits: $out"
expect "the likely handler, with the reason" 0 fg --json dispatch explain --category D01.10 --managed-estate true
[ "$(field rule)" = R-D01 ] || fail "dispatch: $out"
expect "the likely handler of an incident on this phone" 0 fg --json dispatch explain "$incident"
[ "$(field rule)" = T-A01.03 ] || fail "dispatch of an incident: $out"
expect "what no rule knows goes to a person" 0 fg --json dispatch explain --category Z99.99
[ "$(field to)" = human ] || fail "dispatch of what no rule knows: $out"
day=$(date -u -d '+8 hours' +%F)
expect "the monthly report of the own grid" 0 fg --json report monthly --from "$day" --level "$grid"
printf '%s' "$out" | tr -d ' \n' | grep -q '"code":"K01","zh":"上报数","en":"reports","now":{"count":2}' || fail "report: $out"
expect "the report as a page" 0 fg report weekly --from "$day" --level "$grid" --format html -o "$work/report.html"
grep -q 'K-2026' "$work/report.html" || fail "report page"
expect "list" 0 fg --json incident list --state REPORTED
grep -q -- "$incident" <<<"$out" || fail "list: $out"
expect "status tells what waits" 0 fg --json status
expect "sync sends it" 0 fg --json sync
[ "$(field outcome)" = "done" ] || fail "sync: $out"
expect "no conflicts" 0 fg --json conflicts list
expect "photos are intact" 0 fg --json evidence verify
expect "export" 0 fg evidence export "$incident" "$work/export"
(cd "$work/export" && sha256sum --check --quiet SHA256SUMS) || fail "the exported photos do not fit their digests"
expect "repair finds a sound database" 0 fg repair

mv "$work/phone/harness.key" "$work/key"
expect "a missing key is told as such" 5 fg --json status
[ "$(field code)" = key_missing ] || fail "missing key: $out"
head -c 32 /dev/zero >"$work/phone/harness.key"
expect "a wrong key is told as such" 5 fg --json status
[ "$(field code)" = key_wrong ] || fail "wrong key: $out"
mv "$work/key" "$work/phone/harness.key"
expect "the right key opens it again" 0 fg status
kill "$platform"; wait "$platform" 2>/dev/null || true
expect "without a platform work is kept" 6 fg --json sync
[ "$(field code)" = offline ] || fail "offline: $out"
if grep -q '16912349876\|测试甲99' "$work/platform.log"; then fail "personal data in the platform's log"; fi

summary "command line"
