#!/usr/bin/env bash
# The steps of the seven-step loop in three circulations, as phones of a worker, a community desk, a town, a department and a district
# take them. Argument: the folder of the built programs.
set -euo pipefail
bin=$1
. "$(dirname "$0")/lib.sh"

platform district
as() { local who=$1; shift; "$bin/fushan-grid" --data "$work/$who" --lang en --json "$@"; }
grids='["370611001901001","370611001901002"]'
# hire NAME ID ROLES GRIDS ORGS: somebody new with a phone
hire() {
    post /admin/v1/staff "{\"id\":\"$2\",\"roles\":$3,\"grids\":$4,\"orgs\":$5,\"new\":true}" >"$work/hired"
    phone "$1" "$2"
}
phone() {
    expect "$1: init" 0 as "$1" init
    expect "$1: enrol" 0 as "$1" enrol --url "$url" "$(enrolment_code "$2")"
    expect "$1: sync" 0 as "$1" sync
}
phone worker "s_$grid"
hire desk d_1 '["COMMUNITY_DESK"]' "$grids" '[]'
hire town t_1 '["TOWN_ACCEPTOR","TOWN_DISPATCHER"]' "$grids" '[]'
hire squad g_1 '["DEPT_HANDLER"]' '[]' '["squad"]'
hire water w_1 '["DEPT_HANDLER"]' '[]' '["water"]'
hire centre z_1 '["DISTRICT_ACCEPTOR","DISTRICT_DISPATCHER","SUPERVISOR","VISITOR"]' "$grids" '[]'

for role in near far after; do pixel "$role" >"$work/$role.jpg"; done
# report TITLE CATEGORY: a report that the worker has sent; its id is left in $case
report() {
    expect "report: $1" 0 as worker incident report --category "$2" --title "$1" --description "seen on the walk" \
        --lon 121.264 --lat 37.502 --crs WGS84 --photo "near=$work/near.jpg" --photo "far=$work/far.jpg" --submit
    case=$(field id)
    expect "sent: $1" 0 as worker sync
    for who in desk town centre; do expect "$who sees: $1" 0 as "$who" sync; done
}
step() { local name=$1 code=$2 who=$3 verb=$4; shift 4; expect "$name" "$code" as "$who" incident "$verb" "$case" "$@"; }
rule() { has "$1" "$2"; }
state() { [ "$(field state)" = "$1" ] || fail "state $(field state) instead of $1: $out"; }

# small circulation with everything that may go wrong on the way
report "stalls at the gate" A11.02
step "a worker does not accept" 3 worker accept; rule "role" '[role]'
step "a town does not accept at the community's level" 3 town accept; rule "level" '[wrong_level]'
step "a return names what is missing" 3 desk return; rule "missing" '[missing_items_not_named]'
step "returned for completion" 0 desk return --missing "which gate"
state RETURNED
expect "the worker hears of it" 0 as worker sync
step "reported again without signal" 0 worker resubmit --note "the east gate"
expect "it goes up" 0 as worker sync
step "accepted" 0 desk accept
step "escalation says why" 3 desk escalate; rule "why" '[reason_missing]'
step "passed up to the town" 0 desk escalate --reason "no right to enforce"
[ "$(field owner_org)" = 370611001 ] || fail "the town has it: $out"
step "one main handler" 3 town dispatch --main squad --co squad; rule "twice" '[handler_twice]'
step "dispatched" 0 town dispatch --main water --co squad --limit "2 WORK_DAY"
expect "the wrong department sees it" 0 as water sync
step "refused with a reason" 0 water refuse --reason "not ours"
step "dispatched again" 0 town dispatch --main squad --co water
expect "the squad sees it" 0 as squad sync
expect "and no resident" 0 as squad registry search c
lacks "the squad sees people" '"kind": "person"'
expect "water was told" 0 as water sync
step "only the main handler signs" 3 water sign; rule "whose" '[noted_reassigned]'
step "signed without signal" 0 squad sign
step "progress without signal" 0 squad progress --note "on the way"
step "an extension needs signal and a reason" 3 squad ask-extension --limit "1 WORK_DAY"; rule "why" '[reason_missing]'
step "asked for more time" 0 squad ask-extension --limit "1 WORK_DAY" --reason "rain"
step "granted" 0 town decide-extension --grant "1 WORK_DAY"
expect "deadlines hold the extension" 0 as town deadline explain "$case"
step "suspended" 0 town suspend --code WEATHER --until "$(date -u -d '+2 days' +%Y-%m-%dT%H:%M:%SZ)"
state SUSPENDED
step "resumed" 0 town resume
expect "the squad hears" 0 as squad sync
step "feedback needs a photo" 3 squad feedback --result resolved; rule "photo" '[photo_after_missing]'
step "feedback" 0 squad feedback --result resolved --note "cleared" --photo "after=$work/after.jpg"
expect "it goes up" 0 as squad sync
step "no closing without a check" 3 town close; rule "check" '[check_missing]'
step "check ordered" 0 town order-check --person "s_$grid"
expect "the checker hears" 0 as worker sync
step "a check is made near the place" 3 worker check --result pass; rule "place" '[check_far_away]'
step "it fails" 0 worker check --result not_pass --lon 121.264 --lat 37.502 --crs WGS84
expect "it goes up" 0 as worker sync
step "reworked" 0 town rework --reason "two stalls are back"
expect "the squad hears" 0 as squad sync
step "feedback again" 0 squad feedback --result resolved --note "cleared for good"
expect "it goes up" 0 as squad sync
step "checked again" 0 town order-check
expect "the worker hears" 0 as worker sync
step "it passes" 0 worker check --result pass --lon 121.264 --lat 37.502 --crs WGS84
expect "it goes up" 0 as worker sync
step "closed" 0 town close --reply "cleared"
state CLOSED
step "the citizen is not content" 0 centre redo --reason "they came back"
state ACCEPTED
step "dispatched once more" 0 town dispatch --main squad
step "reassigned with a reason" 0 town reassign --main water --reason "a pipe is the cause"
step "supervised" 0 centre supervise --level 2
step "supervision only rises" 3 centre supervise --level 1; rule "upwards" '[supervision_only_upwards]'
step "urged" 0 town urge --note "today"
step "more urgent" 0 town urgency --to URGENT --reason "rain tonight"
step "instructed" 0 centre instruct --note "to the end"
step "evaluation of an open case" 3 centre evaluate --satisfaction 5; rule "state" '[wrong_state]'
step "a second person" 3 centre force-close --reason "settled in court" --second z_1; rule "second" '[second_person_missing]'
long=$case

# micro circulation, merged as a star; a late feedback becomes a note
report "the same stalls" A11.02
twin=$case
report "stalls once more" A11.02
step "merged into the other" 0 desk merge --into "$twin"
state MERGED
case=$twin
step "not into itself" 3 desk merge --into "$twin"; rule "itself" '[merge_into_itself]'
step "accepted" 0 desk accept
step "dispatched to the grid" 0 desk dispatch --main "$grid" --person "s_$grid"
expect "the worker hears" 0 as worker sync
step "signed without signal" 0 worker sign
step "handled without signal" 0 worker feedback --result explained --note "spoke to them"
step "meanwhile given to the squad" 0 desk reassign --main squad --reason "they have the right"
expect "the late feedback goes up" 0 as worker sync
expect "and is kept as a note" 0 as worker incident show "$case"
has "the text" 'spoke to them'
has "the notice" 'noted_reassigned'

# a report that is not accepted, in Chinese, and without signal
report "nothing there" A11.02
step "a reason of the list" 3 desk reject --code because --reply no; rule "list" '[reason_code_unknown]'
expect "in Chinese" 3 "$bin/fushan-grid" --data "$work/desk" --lang zh incident reject "$case" --code because --reply 无
grep -q '原因代码不在列表里' "$work/err" || fail "Chinese: $(cat "$work/err")"
step "rejected" 0 desk reject --code not_exist --reply "nobody was there"
state REJECTED
report "the last one" A11.02
last=$case case=$long
step "the second person is of the district, as the platform knows" 7 centre force-close --reason "settled in court" --second nobody
rule "who" second_person_may_not
case=$last
kill "$platform"; wait "$platform" 2>/dev/null || true
step "a desk's step without signal" 6 desk accept
expect "nothing was queued" 0 as desk incident show "$case"
[ "$(field state)" = REPORTED ] || fail "the step was queued: $out"
summary "command line"
