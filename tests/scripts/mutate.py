#!/usr/bin/env python3
"""Damaged workbooks: truncated and bit-flipped copies must get an answer, within 1 s of processor time and 64 MB.

    mutate.py ENGINE WORK COPIES SEED WORKBOOK...
"""
import os, random, subprocess, sys

ENGINE, WORK, COPIES, SEED = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def measure(path):
    """Exit code, processor seconds, and the most memory in KiB."""
    # the memory of a back-trace with all debug symbols says nothing about the importer
    plain = {**os.environ, "RUST_BACKTRACE": "0"}
    command = [ENGINE, "--json", "forms", "import", path]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=plain)
    _, status, usage = os.wait4(child.pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def damaged(content, chance):
    content = bytearray(content)
    if chance.random() < 0.4:
        del content[chance.randrange(len(content)):]
    for _ in range(chance.choice([1, 2, 8, 64])):
        if content:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(content)


os.makedirs(WORK, exist_ok=True)
chance = random.Random(SEED)
empty = os.path.join(WORK, "empty.csv")
open(empty, "w").close()
_, _, base = measure(empty)
passed = failed = 0
slowest = largest = 0
for workbook in sys.argv[5:]:
    content = open(workbook, "rb").read()
    for number in range(COPIES + 1):
        path = os.path.join(WORK, "damaged" + os.path.splitext(workbook)[1])
        with open(path, "wb") as out:
            out.write(damaged(content, chance) if number else content)
        code, seconds, memory = measure(path)
        slowest, largest = max(slowest, seconds), max(largest, memory - base)
        if code in (0, 3) and seconds <= 1.0 and memory - base <= 64 * 1024:
            passed += 1
        else:
            failed += 1
            kept = os.path.join(WORK, f"kept-{failed}-" + os.path.basename(workbook))
            os.replace(path, kept)
            print(f"FAILED {kept} (seed {SEED}): exit {code}, {seconds:.2f} s, {(memory - base) // 1024} MB")
print(f"slowest {slowest:.2f} s, largest {largest // 1024} MB above {base // 1024} MB")
print(f"command line: {passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
