#!/usr/bin/env bash
# The organisation as its administrator and the operating company use it from a terminal, and a mobilisation from the desk's first call
# to the answer of a phone without signal. Argument: the folder of the built programs.
set -euo pipefail
bin=$1
. "$(dirname "$0")/lib.sh"

platform organisation
today=$(TZ=UTC-8 date +%Y-%m-%d)
day() { TZ=UTC-8 date -d "$1" +%Y-%m-%d; }
desk() { "$bin/fushan-grid" --lang en --json "$1" "$2" --url "$url" --key operator "${@:3}"; }
org() { "$bin/fushan-grid" --lang en --json org --url "$url" --key "$key" "$@"; }
mob() { desk mobilise "$@"; }
as() { local who=$1; shift; "$bin/fushan-grid" --data "$work/$who" --lang en --json "$@"; }
phone() {
    expect "$1: init" 0 as "$1" init
    expect "$1: enrol" 0 as "$1" enrol --url "$url" "$(enrolment_code "$2")"
    expect "$1: sync" 0 as "$1" sync
}
rule() { grep -q -- "$1" "$work/err" || has "$1" "\"code\": \"$1\""; }

# doors: a key for each, and each opens its own
key=operator
expect "a key for the administrator" 0 org key administrator --label "people-office" --days 2
administrator=$(field key)
expect "a key for the company" 0 org key company --label "operator" --days 2
company=$(field key)
key=nonsense; expect "a key that is none" 3 org alarms; rule token_invalid
key=$company; expect "the company reads no posts" 3 org posts; rule token_invalid
key=$administrator; expect "the administrator issues no keys" 3 org key company --label x; rule token_invalid

# posts and what they break
expect "nobody is made by a slip" 4 org post n_1 GRID_STAFF "$grid" --from "$today"; rule staff_unknown
expect "an area that is none" 3 org post n_1 GRID_STAFF 370611999 --from "$today" --new; rule area_unknown
has "which" '370611999'
expect "a role that is none" 3 org post n_1 KING "$grid" --from "$today" --new; rule post_role_unknown
expect "days in order" 3 org post n_1 GRID_STAFF "$grid" --from "$today" --until "$(day yesterday)" --new; rule post_ends_first
expect "a worker's post is of a grid" 3 org post n_1 GRID_STAFF 370611 --from "$today" --new; rule post_area_too_wide
got=0; "$bin/fushan-grid" --lang zh org --url "$url" --key "$key" post n_1 GRID_STAFF 370611 --from "$today" --new 2>"$work/err" || got=$?
[ "$got" = 3 ] || fail "Chinese: $got"; grep -q '只能在网格或社区' "$work/err" || fail "Chinese: $(cat "$work/err")"
expect "a new worker" 0 org post n_1 GRID_STAFF "$grid" --from "$today" --new
post=$(field id)
has "who gave it" '"given_by": "people-office"'
has "what is missing" GRID_BASIC
expect "the same again is the same" 0 org post n_1 GRID_STAFF "$grid" --from "$today" --new
[ "$(field id)" = "$post" ] || fail "another post: $out"
expect "twice at once" 3 org post n_1 GRID_STAFF "$grid" --from "$(day tomorrow)"; rule post_twice
expect "a leader fills in" 0 org post n_2 GRID_LEADER "$grid" --from "$today" --until "$(day '+14 days')" --acting-for l_370611001901 --new
expect "with an end" 3 org post n_3 GRID_LEADER "$grid" --from "$today" --acting-for l_370611001901 --new; rule post_acting_for_nobody
expect "posts of the grid" 0 org posts --area "$grid" --day "$today"
has "the new worker" '"staff": "n_1"'

# trainings at the moment of the act
expect "a course that is none" 3 org train n_1 KNITTING --passed "$today"; rule course_unknown
expect "a person that is none" 4 org train nobody GRID_BASIC --passed "$today"; rule staff_unknown
expect "a training that has run out" 0 org train n_1 GRID_BASIC --passed "$(day '-400 days')" --until "$(day yesterday)"
expect "alarms tell" 0 org alarms
has "who lacks what" '"n_1"'
phone worker n_1
for role in near far after; do pixel "$role" >"$work/$role.jpg"; done
report() {
    expect "report: $1" 0 as worker incident report --category A01.03 --title "$1" --description "on the walk" --lon 121.264 --lat 37.502 --crs WGS84 \
        --photo "near=$work/near.jpg" --photo "far=$work/far.jpg" "${@:2}"
    case=$(field id)
}
report "seen all the same" --submit
expect "what was seen goes up" 0 as worker sync
expect "and is told" 0 org marks
has "the mark" '"course": "GRID_BASIC"'
report "closed on the spot"
expect "closed on the phone" 0 as worker incident self-close "$case" --result "moved" --photo "after=$work/after.jpg"
expect "the platform refuses it" 7 as worker sync
expect "it stays with the worker" 0 as worker refused list
has "the rule" training_missing
refused=$(printf '%s' "$out" | sed -n 's/^ *"op": "\([0-9a-f-]*\)",*$/\1/p' | tail -n 1)
expect "renewed" 0 org train n_1 GRID_BASIC --passed "$today" --until "$(day '+1 year')"
has "may work again" '"GRID_STAFF"'
expect "sent again" 0 as worker refused requeue "$refused"
expect "and taken" 0 as worker sync
expect "nothing is refused any more" 0 as worker refused list
lacks "still refused" training_missing
report "waits for a check" --submit
expect "it goes up" 0 as worker sync

# hand-over: a case in the hands of somebody who leaves
act() { post /admin/v1/act "{\"record\":\"$case\",\"event\":\"$1\",\"role\":\"COMMUNITY_DESK\",\"staff\":\"d_9\",\"args\":$2}" >"$work/act"; grep -q applied "$work/act" || fail "$1: $(cat "$work/act")"; }
act T08_ACCEPT '{}'
act T13_DISPATCH "{\"main\":\"$grid\",\"person\":\"n_1\"}"
expect "to nobody" 4 org hand-over n_1 nobody --reason leaving; rule staff_unknown
expect "to the same" 3 org hand-over n_1 n_1 --reason leaving; rule hand_over_same_person
expect "a reserve" 0 org post r_1 RESERVE 370611001901 --from "$today" --new
expect "to somebody without standing" 3 org hand-over n_1 r_1 --reason leaving; rule hand_over_standing
expect "to the grid's other worker" 0 org hand-over n_1 "s_$grid" --reason leaving --id first
has "moved by a step" T14_REASSIGN
expect "once" 0 org hand-over n_1 "s_$grid" --reason leaving --id first
has "the same answer" T14_REASSIGN
expect "not for another" 3 org hand-over n_1 r_1 --reason leaving --id first; rule hand_over_conflict
phone other "s_$grid"
expect "the other has it" 0 as other incident show "$case"
has "in whose hands" "\"handler_user\": \"s_$grid\""

# teams, the end of a post, and the company's view
expect "a team of two" 0 org team "$grid" n_1 n_2
expect "is too small" 0 org alarms
has "alarm" team_too_small
expect "ended" 0 org end "$post" --until "$today"
expect "not before it began" 3 org end "$post" --until "$(day yesterday)"; rule post_ends_first
expect "a post that is none" 4 org end none --until "$today"; rule post_unknown
key=$company
expect "the company sees who is in post" 0 org staffing
has "workers" '"GRID_STAFF"'
expect "and what was done" 0 org performance --from "$(day '-1 day')" --until "$today"
has "reports" '"reported"'
lacks "a title" 'seen all the same\|closed on the spot'
expect "days in order" 3 org performance --from "$today" --until "$(day yesterday)"; rule period_unknown

# mobilisation
by="--staff z_1 --role DISTRICT_DISPATCHER"
# shellcheck disable=SC2086
start() { mob start "$case" --task "clear building 3" --meeting-point "east gate" --risk-note "mains" $by "$@"; }
expect "nobody is asked for" 3 start --people 0; rule mobilisation_people
expect "the district is for what is serious" 3 start --people 2 --farthest W4; rule mobilisation_too_wide
expect "a citizen calls nobody" 3 mob start "$case" --people 2 --task t --meeting-point m --staff z_1 --role CITIZEN; rule role
expect "nothing runs yet" 4 mob show "$case"
expect "started" 0 start --people 2
has "the first wave" '"wave": "W0"'
expect "a second start" 3 start --people 2; rule mobilisation_running
expect "who was not called" 3 mob answer "$case" r_1 coming; rule mobilisation_not_called
expect "a no has a reason" 3 mob answer "$case" l_370611001901 cannot; rule reason_missing
expect "the leader cannot" 0 mob answer "$case" l_370611001901 cannot --reason "out of town"
expect "the acting one neither" 0 mob answer "$case" n_2 cannot --reason "on leave"
expect "the one whose last day it is cannot" 0 mob answer "$case" n_1 cannot --reason "leaving"
expect "the worker hears" 0 as other sync
expect "calls on the phone" 0 as other mobilise calls
has "where" "east gate"
call=$(field id)
expect "not done before there" 3 as other mobilise reply "$call" "done"; rule mobilisation_answer_backwards
expect "answered without signal" 0 as other mobilise reply "$call" coming --minutes 6
expect "shown at once" 0 as other mobilise calls
has "coming" '"answer": "coming"'
expect "it goes up" 0 as other sync
expect "the desk sees it" 0 mob show "$case"
has "on the way" '"minutes": 6'
post /admin/v1/tick '{}' >"$work/tick"
expect "one is too few and all have answered" 0 mob show "$case"
has "the next wave" '"wave": "W2"'
expect "arrived" 0 as other mobilise reply "$call" arrived
expect "it goes up" 0 as other sync
expect "another arrives" 0 mob answer "$case" s_370611001901002 arrived
has "enough" '"state": "STOPPED"'
# shellcheck disable=SC2086
expect "nothing runs any more" 3 mob stop "$case" $by --reason over; rule mobilisation_not_running
expect "a text for people" 0 "$bin/fushan-grid" --lang en mobilise show --url "$url" --key operator "$case"
has "arrived" "s_370611001901002  arrived"
summary "command line, organisation"
