#!/usr/bin/env python3
"""The guide's app in Python, run as it stands in docs/integrators.md against a platform of the sample district: enrolled, settled, and told
what is wrong when the code is used up. Arguments: the folder of the generated module and the library, the folder of the built programs."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

module, programs = sys.argv[1:]
here = pathlib.Path(__file__).resolve().parents[2]
app = re.search(r"```python\n(.*?)```", (here / "docs/integrators.md").read_text(encoding="utf-8"), re.S)[1]


def code(url):
    """A one-time code for a worker."""
    body = json.dumps({"staff": "s_370611001901001"}).encode()
    request = urllib.request.Request(url + "/admin/v1/codes", body, {"Authorization": "Bearer operator"})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)["code"]


def run(folder, url, word):
    """Runs the guide's app; gives what it printed."""
    script = folder / "guide.py"
    script.write_text(app, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, folder / "phone", url, word],
        env={**os.environ, "PYTHONPATH": module}, capture_output=True, text=True, timeout=120, check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "phone").mkdir()
    command = [f"{programs}/fushan-platform", "--listen", "127.0.0.1:0", "--data", folder / "platform",
               "--district", here / "tests/fixtures/district", "--admin-token", "operator"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as platform:
        try:
            url = platform.stdout.readline().strip()
            word = code(url)
            said = run(folder, url, word)
            assert "DONE" in said, said
            said = run(folder, url, word)
            assert "used already" in said and "another one" in said, said
        finally:
            platform.terminate()

print("python guide: 2 passed, 0 failed")
