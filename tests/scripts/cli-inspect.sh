#!/usr/bin/env bash
# Inspections, plans and patrols from the command line, as a tester uses them. Argument: the folder of the built programs.
set -euo pipefail
bin=$1
. "$(dirname "$0")/lib.sh"

platform platform

fg() { "$bin/fushan-grid" --data "$work/phone" --lang en "$@"; }
at=(--lon 121.264 --lat 37.502 --crs CGCS2000)
forms=$here/tests/fixtures/forms

expect "init" 0 fg init
code=$(enrolment_code)
expect "enrol" 0 fg enrol --url "$url" "$code"
expect "first sync" 0 fg --json sync

expect "a file that is no form" 3 fg inspect install "$here/Cargo.toml"
expect "install a checklist" 0 fg --json inspect install "$forms/shop.json"
[ "$(field form)" = SHOP ] || fail "install: $out"
expect "list checklists" 0 fg inspect forms
has "forms" SHOP
has "what ships with the engine" fushan_fire9
expect "a place" 0 fg --json registry add place --grid "$grid" --set place_kind=SMALL_CATERING --set name=测试小面馆 \
    --set risk=BLUE --set 'point={"lon_e7":1212640000,"lat_e7":375020000}' --set no_uscc_reason=个体
place=$(field id)
expect "a place of the same name nearby may be the same" 0 fg --json inspect duplicates place --set name=测试小面馆 \
    --set 'point={"lon_e7":1212641000,"lat_e7":375020000}'
has "duplicates" same_name_near

cat >"$work/plan.json" <<'P'
{"id": "shop", "name": "季检", "department": "消防", "forms": ["SHOP"], "from": "2026-01-01",
 "targets": {"kind": {"kind": "place"}}, "frequency": {"times": 1, "per": "quarter"}}
P
expect "a plan" 0 fg plan put "$work/plan.json"
sed 's/"SHOP"/"NONE"/; s/quarter/month/; s/"from"/"until": "2025-01-01", "from"/' "$work/plan.json" >"$work/bad.json"
expect "a plan that contradicts itself" 3 fg plan put "$work/bad.json"
grep -q plan_refused "$work/err" || fail "plan: $(cat "$work/err")"
expect "plans" 0 fg plan list
has "plans" 消防
expect "today's list" 0 fg plan today "${at[@]}"
has "today" "$place"

expect "an unknown checklist" 3 fg inspect start NONE --place "$place" "${at[@]}"
expect "too far away without a reason" 3 fg inspect start SHOP --place "$place" --lon 121.3 --lat 37.502 --crs CGCS2000
expect "start" 0 fg --json inspect start SHOP --place "$place" "${at[@]}"
sheet=$(field sheet)
expect "answer" 0 fg inspect answer "$sheet" /data/exits no
has "answer" hazard
expect "a number that is none" 3 fg inspect answer "$sheet" /data/count many
grep -q answer_bad_type "$work/err" || fail "type: $(cat "$work/err")"
expect "a number out of bounds" 3 fg inspect answer "$sheet" /data/count 201
grep -q 数量在0到200之间 "$work/err" || fail "the author's message: $(cat "$work/err")"
expect "finishing too early" 3 fg inspect finish "$sheet"
grep -q missing_photos "$work/err" || fail "early: $(cat "$work/err")"
expect "what is missing" 0 fg inspect missing "$sheet"
has "missing" /data/count
expect "answer the rest" 0 fg inspect answer "$sheet" /data/count 1
expect "a room" 0 fg inspect repeat "$sheet" /data/room
expect "its sockets" 0 fg inspect answer "$sheet" '/data/room[1]/sockets' 4
expect "remove the room" 0 fg inspect repeat "$sheet" '/data/room[1]' --remove

pixel "" >"$work/photo.jpg"
photo=$work/photo.jpg
expect "attach" 0 fg inspect attach "$sheet" /data/exits "$photo"
expect "fix on the spot" 0 fg inspect fix "$sheet" /data/count --note 补齐
expect "the fix needs photos" 3 fg inspect finish "$sheet"
expect "take the fix back" 0 fg inspect fix "$sheet" /data/count --note ""

expect "a newer version of the checklist" 0 fg inspect install "$forms/shop-2.json"
expect "the draft is told" 0 fg inspect show "$sheet"
has "show" "newer version"
expect "a note that the new version has no place for" 0 fg inspect answer "$sheet" /data/note 后门
expect "migrate" 0 fg inspect migrate "$sheet"
has "migrate" /data/note
expect "undo" 0 fg inspect migrate "$sheet" --undo
expect "nothing left to undo" 3 fg inspect migrate "$sheet" --undo
expect "drafts" 0 fg inspect list
has "drafts" "$sheet"
expect "the audit log" 0 fg inspect log "$sheet"
has "log" "event,node,start,end"
expect "finish" 0 fg --json inspect finish "$sheet"
[ "$(field result)" = HAZARD ] || fail "finish: $out"
hazard=$(first hazards)
expect "a finished sheet takes no answer" 3 fg inspect answer "$sheet" /data/count 9
expect "hazards" 0 fg inspect hazards
has "hazards" "$hazard"
expect "report" 0 fg --json inspect report "$sheet"
has "report" 测试小面馆
has "seal" '"unchanged": true'
has "seal" '"signature": true'
expect "a printable report" 0 fg inspect report "$sheet" --html "$work/report.html"
grep -q 'data:image/jpeg;base64' "$work/report.html" || fail "the report has no photo"
expect "sync sends it" 0 fg --json sync

expect "recheck" 0 fg --json inspect recheck "$hazard" "${at[@]}"
again=$(field sheet)
expect "last visit" 0 fg inspect last "$again"
has "last" /data/exits
expect "in order now" 0 fg inspect answer "$again" /data/exits yes
expect "the rest is unchanged" 0 fg inspect confirm "$again"
expect "finish the recheck" 0 fg --json inspect finish "$again"
has "cleared" "$hazard"
expect "a correction needs a reason" 3 fg inspect correct "$again" --reason ""
expect "correct" 0 fg --json inspect correct "$again" --reason 数错了
corrected=$(field sheet)
expect "drop the correction" 0 fg inspect drop "$corrected"
expect "start again" 0 fg --json inspect start SHOP --place "$place" "${at[@]}"
expect "closed today" 0 fg inspect finish "$(field sheet)" --none closed --note 休息
expect "remove the plan" 0 fg plan remove shop

printf '{"id":"r","name":"早巡","points":[{"id":"a","name":"东门","point":{"lon_e7":1212640000,"lat_e7":375020000},"qr":"QR-1"}]}' \
    >"$work/route.json"
printf '[%s,%s]' '{"lon":121.264,"lat":37.502,"accuracy_m":5,"ms":0,"wall_ms":0}' \
    '{"lon":121.265,"lat":37.502,"accuracy_m":5,"ms":60000,"wall_ms":60000}' >"$work/track.json"
expect "start a patrol" 0 fg --json patrol start "$work/route.json"
patrol=$(field id)
expect "readings without a reference system" 3 fg patrol track "$patrol" "$work/track.json"
expect "readings" 0 fg patrol track "$patrol" "$work/track.json" --crs WGS84
expect "check in by the plate" 0 fg patrol check-in "$patrol" a --code QR-1
expect "no such point" 3 fg patrol check-in "$patrol" b
expect "show" 0 fg patrol show "$patrol"
expect "end the patrol" 0 fg --json patrol finish "$patrol"
[ "$(field finished)" = true ] || fail "patrol: $out"
expect "an ended patrol takes no readings" 3 fg patrol track "$patrol" "$work/track.json" --crs WGS84
expect "patrols" 0 fg patrol list
expect "everything is settled" 0 fg --json sync
has "sync" '"refused": 0'

summary "command line"
