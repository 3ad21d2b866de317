#!/usr/bin/env bash
# Forms in and answers out, as a tester uses them. Argument: the folder of the built programs.
set -euo pipefail
bin=$1
. "$(dirname "$0")/lib.sh"

forms() { "$bin/fushan-grid" --lang en forms "$@"; }

cat >"$work/good.csv" <<'CSV'
"survey"
,"type","name","label","relevant"
,"text","name","Name",
,"integer","age","Age","${name} != ''"
,"geopoint","where","Where",
CSV
sed 's/{name} !=/{nmae} !=/' "$work/good.csv" >"$work/bad.csv"

expect "a workbook becomes GF/1" 0 forms import "$work/good.csv" -o "$work/good.json"
grep -q '"format": "GF/1"' "$work/good.json" || fail "import: no GF/1"
expect "a mistyped name is refused" 3 forms import "$work/bad.csv"
has "its cell and characters" 'survey!E3(1–7)'
has "the nearest name" 'perhaps ${name}'
expect "the same in Chinese" 3 "$bin/fushan-grid" --lang zh forms import "$work/bad.csv"
has "Chinese" '没有题目'
expect "check reads workbooks" 0 forms check "$work/good.csv"
head -c 3000 "$here/tests/fixtures/checklists/fire9.xlsx" >"$work/cut.xlsx"
expect "a workbook cut short is refused" 3 forms import "$work/cut.xlsx"
has "why" 'xls_unreadable'

expect "the checklists are built" 0 forms build-checklists --workbooks "$work/books" --forms "$work/forms"
diff -r "$work/books" "$here/tests/fixtures/checklists" || fail "the workbooks are not as built"
diff -r "$work/forms" "$here/core/assets/checklists" || fail "the forms are not as built"

cat >"$work/sent.xml" <<'XML'
<data id="good"><name>=1+1</name><age>7</age><where>37.5 121.3 0 5</where><meta><instanceID>uuid:1</instanceID></meta></data>
XML
expect "answers as CSV" 0 forms export "$work/good.json" "$work/sent.xml" --format csv -o "$work/csv"
grep -q "'=1+1,7" "$work"/csv/good.csv || fail "csv: $(cat "$work"/csv/*.csv)"
expect "answers as a workbook" 0 forms export "$work/good.json" "$work/sent.xml" --format xlsx -o "$work/answers.xlsx"
[ "$(head -c 2 "$work/answers.xlsx")" = PK ] || fail "xlsx: no archive"
expect "answers as GeoJSON" 0 forms export "$work/good.json" "$work/sent.xml" --format geojson -o "$work/a.geojson"
tr -d ' \n' <"$work/a.geojson" | grep -q '"coordinates":\[121.3,37.5\]' || fail "geojson: $(cat "$work/a.geojson")"
expect "answers as JSON" 0 forms export "$work/good.json" "$work/sent.xml" --format json -o "$work/a.json"
grep -q '"age": 7' "$work/a.json" || fail "json: $(cat "$work/a.json")"
expect "their schema" 0 forms export "$work/good.json" --format schema -o "$work/schema.json"
grep -q 'draft/2020-12' "$work/schema.json" || fail "schema"
expect "a file that is no submission" 3 forms export "$work/good.json" "$work/good.csv" --format json -o "$work/b.json"

summary "command line"
