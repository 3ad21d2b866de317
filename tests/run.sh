#!/usr/bin/env bash
# Passes all tests: everything in Rust, then the demo as its user runs it.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/scripts/prepare.sh

step() { printf '\n== %s\n' "$1"; }

step "Rust: unit tests, tests across crates, doc examples"
# shellcheck disable=SC2086
cargo test --locked --workspace $FEATURES -- --quiet

step "The command line, as a tester uses it"
# shellcheck disable=SC2086
cargo build --locked --quiet $FEATURES -p fushan-grid-cli -p fushan-platform
bash tests/scripts/cli.sh "${CARGO_TARGET_DIR:-target}/debug"

step "The demo: two phones and a platform, offline and back"
"${CARGO_TARGET_DIR:-target}/debug/fushan-grid" demo

step "Summary"
