#!/usr/bin/env bash
# Foreign clients and servers, really run: npm tus-js-client 4 against our platform, our phone's uploader against npm @tus/server 2,
# and schemathesis from PyPI with our OpenAPI document against both stores. They are installed into tests/.work, which git ignores;
# without a network or a tool this says so and skips. Arguments: the folder of the built programs, examples for each operation.
set -euo pipefail
bin=$1
. "$(dirname "$0")/lib.sh"
examples=${2:-15}
tools="$here/tests/.work/foreign"
chmod 711 "$work"

good() { echo "ok $1"; passed=$((passed + 1)); }
skip() { echo "SKIPPED: $1"; }

token() { # enrols a phone by hand
    post /v1/enrol "{\"code\":\"$(enrolment_code)\",\"device\":\"01920000-0000-7000-8000-000000000001\",\"incarnation\":\"01920000-0000-7000-8000-000000000002\",\"app\":\"foreign\"}" \
        | sed -n 's/.*"token":"\([^"]*\)".*/\1/p'
}

with_node() {
    command -v npm >/dev/null || { skip "tus: npm is not installed"; return; }
    mkdir -p "$tools"
    if ! [ -d "$tools/node_modules/@tus/file-store" ]; then
        (cd "$tools" && npm install --silent --no-fund --no-audit tus-js-client@4 @tus/server@2 @tus/file-store@2 >npm.log 2>&1) \
            || { skip "tus: the npm registry is not reached ($tools/npm.log)"; return; }
    fi
    export FOREIGN_MODULES="$tools/node_modules"
    platform tus --requests-per-minute 0
    node "$here/tests/foreign/tus-client.mjs" "$url" "$(token)" || fail "tus-js-client against our platform"
    good "tus-js-client $(node -p "require('$tools/node_modules/tus-js-client/package.json').version") against our platform"
    our_uploader
}

our_uploader() {
    local ours=$url photo
    mkdir -p "$work/taken"
    node "$here/tests/foreign/tus-server.mjs" "$ours" "$work/taken" >"$work/foreign.url" 2>"$work/foreign.log" &
    started+=($!)
    for _ in $(seq 100); do [ -s "$work/foreign.url" ] && break; sleep 0.1; done
    local theirs
    theirs=$(head -n 1 "$work/foreign.url")
    [ -n "$theirs" ] || fail "@tus/server did not start: $(cat "$work/foreign.log")"
    fg() { "$bin/fushan-grid" --data "$work/phone" --lang en "$@"; }
    "$bin/fushan-grid" demo --keep "$work/demo" --json >"$work/demo.json" || fail "no photos from the demo"
    photo=$(find "$work/demo/platform-photos" -maxdepth 1 -type f -size +100k | sort | head -n 1)
    fg init >/dev/null
    fg enrol --url "$theirs" "$(enrolment_code)" >/dev/null
    fg sync >/dev/null
    fg --json incident report --category A01.03 --title 楼道堆物 --description 占用通道 --lon 121.264 --lat 37.502 --crs WGS84 \
        --photo "near=$photo" --photo "far=$photo" --submit >"$work/report.json" || fail "report: $(cat "$work/report.json")"
    for _ in 1 2 3; do fg sync >"$work/sync.txt" 2>&1 || true; done
    node -e '
        fetch(process.argv[1] + "/told").then((r) => r.json()).then(({ files, cuts, patches }) => {
            const stored = files.filter((f) => f.state === "stored").length
            console.log(`   @tus/server holds ${stored} of ${files.length} files after ${patches} chunks, one of them cut`)
            process.exit(stored > 0 && stored === files.length && cuts === 0 ? 0 : 1)
        })' "$theirs" || fail "our uploader against @tus/server: $(cat "$work/sync.txt" "$work/foreign.log")"
    fg --json status >"$work/status.json"
    good "our uploader against @tus/server $(node -p "require('$tools/node_modules/@tus/server/package.json').version")"
}

# A cluster of PostgreSQL for this run: a socket in a temporary folder, gone with this script.
cluster() {
    local programs user=()
    programs=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    [ -x "$programs/initdb" ] || { skip "PostgreSQL is not installed: apt-get install postgresql"; return 1; }
    mkdir -p "$work/pg"
    if [ "$(id -u)" = 0 ]; then
        id postgres >/dev/null 2>&1 || { skip "PostgreSQL does not run as root and there is no user postgres"; return 1; }
        chown postgres "$work/pg"
        user=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    fi
    (cd "$work/pg" && "${user[@]}" "$programs/initdb" --auth=trust --username=fushan --encoding=UTF8 --locale=C --no-sync \
        -D "$work/pg/data" >"$work/initdb.log" 2>&1) || fail "initdb: $(cat "$work/initdb.log")"
    (cd "$work/pg" && exec "${user[@]}" "$programs/postgres" -D "$work/pg/data" -k "$work/pg" -c listen_addresses= -c fsync=off \
        >"$work/pg.log" 2>&1) &
    started+=($!)
    for _ in $(seq 100); do "$programs/pg_isready" -q -h "$work/pg" && break; sleep 0.1; done
    database="postgres://fushan@${work//\//%2F}%2Fpg/postgres"
}

# access CHANNEL: a key that opens its door; without a channel, that of the hall's screen
access() { post /admin/v1/access-keys "{\"label\":\"foreign\",\"days\":30${1:+,\"channel\":\"$1\"}}" | sed -n 's/.*"key":"\([^"]*\)".*/\1/p'; }

# Something in the desks' lists: two reports of one thing, one that nobody mapped and that told no place.
stocked() {
    local place='"place":{"lon":121.264,"lat":37.502,"crs":"CGCS2000"}'
    for order in "\"order_no\":\"F1\",\"class\":\"求助/供热/漏水\",$place" "\"order_no\":\"F2\",\"class\":\"求助/供热/漏水\",$place" \
        '"order_no":"F3","class":"投诉/从未见过"'; do
        bearer=$FOREIGN_CHANNEL post /channels/v1/orders "{$order,\"description\":\"楼道口有异味\"}" | grep -q '"record"' \
            || fail "an order for schemathesis was not taken"
    done
    post /admin/v1/tick '{}' >/dev/null
}

described() { # described NAME: schemathesis against the platform at $url
    FOREIGN_PHONE=$(token) FOREIGN_CHANNEL=$(access HOTLINE_12345) FOREIGN_SCREEN=$(access) FOREIGN_OPERATOR=operator
    export FOREIGN_PHONE FOREIGN_CHANNEL FOREIGN_SCREEN FOREIGN_OPERATOR
    stocked
    SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH="$here/tests/foreign" \
        "$tools/venv/bin/st" --config-file "$here/tests/foreign/schemathesis.toml" run "$url/openapi.json" --max-examples "$examples" --seed 20261125 --no-color \
        --report-dir "$work/st" >"$work/st-$1.txt" 2>&1 \
        || fail "schemathesis against $1: $(tail -n 150 "$work/st-$1.txt")"
    grep -E "generated|passed|Test cases" "$work/st-$1.txt" | sed 's/^/   /' || true
    grep -q '"level":"ERROR"' "$work/$1.log" && fail "$1: errors in the log: $(grep '"level":"ERROR"' "$work/$1.log" | head -n 3)"
    good "schemathesis against $1"
}

with_python() {
    command -v python3 >/dev/null || { skip "schemathesis: python3 is not installed"; return; }
    if ! [ -x "$tools/venv/bin/st" ]; then
        mkdir -p "$tools"
        { python3 -m venv "$tools/venv" && "$tools/venv/bin/pip" install -q 'schemathesis==4.*'; } >"$tools/pip.log" 2>&1 \
            || { skip "schemathesis: PyPI is not reached ($tools/pip.log)"; return; }
    fi
    platform sqlite --requests-per-minute 0
    described sqlite
    if cluster; then
        platform postgres --requests-per-minute 0 --database-url "$database"
        described postgres
    fi
}

with_node
with_python
summary "foreign"
