#!/usr/bin/env python3
"""Two ways from a workbook to GF/1 must meet: straight, and through pyxform's XForms document.

    commute.py ENGINE WORK CASE...      a case is a workbook, or a .md file of workbooks (see tests/fixtures/workbooks)

Both accept: the forms must be equal. pyxform refuses: so must the engine, at the same row of the same sheet when pyxform
names one. Prints every disagreement, and a last line `command line: N passed, N failed`.
"""
import json, os, re, subprocess, sys
import openpyxl
from pyxform.xls2xform import convert

ENGINE, WORK = sys.argv[1:3]


def workbooks(case):
    if not case.endswith(".md"):
        yield case
        return
    folder = os.path.join(WORK, os.path.basename(case)[:-3])
    os.makedirs(folder, exist_ok=True)
    for section in re.split(r"^## ", open(case, encoding="utf-8").read(), flags=re.M)[1:]:
        title, _, body = section.partition("\n")
        book = openpyxl.Workbook()
        book.remove(book.active)
        sheet = None
        for line in (line for line in body.splitlines() if line.startswith("|")):
            cells = [cell.strip() or None for cell in line.strip()[1:-1].split("|")]
            if cells[0]:
                sheet = book.create_sheet(cells[0])
            else:
                sheet.append(cells[1:])
        path = os.path.join(folder, title.strip().replace(" ", "_") + ".xlsx")
        book.save(path)
        yield path


def engine(path):
    """The form, or the errors as (sheet, row) pairs."""
    run = subprocess.run([ENGINE, "--json", "forms", "import", path], capture_output=True, text=True, timeout=60)
    document = json.loads(run.stdout)
    if document.get("load") != "refused":
        return document, None
    errors = [t for t in document["troubles"] if t["weight"] == "error"]
    return None, [(t["sheet"], t["row"], t["code"]) for t in errors]


def reference(path):
    """pyxform's document, or its complaint."""
    try:
        return convert(path, validate=False, pretty_print=True).xform, None
    except Exception as error:  # whatever it raises is a refusal
        return None, str(error) or type(error).__name__


def tidy(form):
    # in which order pyxform writes the forms of one text depends on the seed of Python's hashes
    for language in form.get("languages", []):
        for forms in language["texts"].values():
            forms.sort(key=lambda form: form.get("form") or "")
    return form


def differences(a, b, at=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b)):
            yield from differences(a.get(key), b.get(key), f"{at}.{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for index, (left, right) in enumerate(zip(a, b)):
            yield from differences(left, right, f"{at}[{index}]")
    elif a != b:
        yield f"{at}: {json.dumps(a, ensure_ascii=False)[:160]} != {json.dumps(b, ensure_ascii=False)[:160]}"


def compare(path):
    """What is wrong, or nothing."""
    document, complaint = reference(path)
    form, errors = engine(path)
    if document is None:
        if form is not None:
            return f"pyxform refuses it: {complaint}"
        row = re.search(r"\[row : (\d+)\]", complaint)
        sheet = re.search(r"On the '(\w+)' sheet", complaint)
        place = (sheet.group(1) if sheet else "survey", int(row.group(1))) if row else None
        if place and place not in [(s, r) for s, r, _ in errors]:
            return f"pyxform refuses {place}: {complaint}; the engine {errors}"
        return None
    xml = os.path.join(WORK, os.path.basename(path) + ".xml")
    with open(xml, "w", encoding="utf-8") as out:
        out.write(document)
    other, refused = engine(xml)
    if form is None or other is None:
        return None if form is None and other is None else f"straight {errors or 'ok'}, through pyxform {refused or 'ok'}"
    found = list(differences(tidy(form), tidy(other)))
    return "; ".join(found[:5]) or None


os.makedirs(WORK, exist_ok=True)
passed = failed = 0
for case in sys.argv[3:]:
    for path in workbooks(case):
        try:
            wrong = compare(path)
        except (subprocess.TimeoutExpired, json.JSONDecodeError) as error:
            wrong = f"the engine gave no answer: {error}"
        if wrong:
            failed += 1
            print(f"FAILED {os.path.basename(path)}: {wrong}")
        else:
            passed += 1
print(f"command line: {passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
