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
# these commands stand in a README without a first line, for any shell
parts=(core/src/app/dossier/commands.sh)
mapfile -t scripts < <(git ls-files -- '*.sh' .ci/run ":!:${parts[0]}")
shellcheck "${scripts[@]}"
shellcheck -s sh "${parts[@]}"
echo "shell scripts: $((${#scripts[@]} + ${#parts[@]})) are clean"
