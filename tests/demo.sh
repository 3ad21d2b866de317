#!/usr/bin/env bash
# The main job: a platform and two phones, a day without signal, settled without loss. Arguments go to `fushan-grid demo`.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/prepare.sh
# shellcheck disable=SC2086
cargo build --locked --quiet --release $FEATURES -p fushan-grid-cli
exec "${CARGO_TARGET_DIR:-target}/release/fushan-grid" demo "$@"
