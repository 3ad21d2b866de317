#!/usr/bin/env bash
# ShellCheck over every shell script of the repository.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v shellcheck >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get install -y -qq shellcheck >/dev/null 2>&1 || true
fi
if ! command -v shellcheck >/dev/null; then
    echo "SKIPPED: shell scripts are not linted; apt-get install shellcheck"
    exit 0
fi
mapfile -t scripts < <(git ls-files -- '*.sh' .ci/run)
shellcheck "${scripts[@]}"
echo "shell scripts: ${#scripts[@]} are clean"
