#!/usr/bin/env bash
# Runs all tests, from any directory, and first installs what they need and
# this machine lacks. Only a Rust toolchain must be there (https://rustup.rs).
set -euo pipefail
cd "$(dirname "$0")/.."

bash tests/needs.sh

# The fuzz targets are a package of their own; below they run for a moment.
echo "cargo check --locked --manifest-path fuzz/Cargo.toml"
cargo check --quiet --locked --manifest-path fuzz/Cargo.toml --target-dir target
# So is the floor that the peers are measured against; its rows are looked at, too.
echo "cargo build --locked --manifest-path benches/floor/Cargo.toml"
cargo build --quiet --locked --manifest-path benches/floor/Cargo.toml --target-dir "${CARGO_TARGET_DIR:-target}"
# What the originals import.
benches/peers/venv.sh

# The unit tests, the integration tests, then the examples in the docs and in README.
echo "cargo test --locked"
exec cargo test --locked
