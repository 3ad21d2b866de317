#!/usr/bin/env python3
"""Every call of the door is made by a test in Kotlin, Swift or Python: compares the Kotlin names of bindings/api.txt with what the tests call."""
import pathlib
import re
import sys

here = pathlib.Path(__file__).resolve().parents[2]
CALL = re.compile(r"^(?:(?:Engine|SyncHandle|PhotoReader)\.)?(?:suspend )?fun (\w+)\(", re.M)


def calls():
    """The functions and methods that an app calls; those of the host's traits are called by the engine."""
    text = (here / "bindings/api.txt").read_text(encoding="utf-8")
    return sorted(set(CALL.findall(text.split("== Swift")[0])))


def called():
    """Everything that the tests call, in one spelling."""
    files = [path for folder in ("tests/kotlin/src", "tests/python", "ios-shim/Tests") for path in (here / folder).rglob("*.*")]
    texts = (path.read_text(encoding="utf-8") for path in files if path.suffix in (".kt", ".swift", ".py"))
    return {word.replace("_", "").lower() for text in texts for word in re.findall(r"(\w+)\(", text)}


made = called()
missing = [name for name in calls() if name.lower() not in made]
if missing:
    print("FAILED: no test calls " + ", ".join(missing), file=sys.stderr)
    sys.exit(1)
print(f"door calls: 1 passed, 0 failed, {len(calls())} calls of the door")
