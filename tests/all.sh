#!/usr/bin/env bash
# Runs all tests, from any directory, and first installs what they need and
# this machine lacks. Only a Rust toolchain must be there (https://rustup.rs).
set -euo pipefail
cd "$(dirname "$0")/.."

bash tests/install.sh

# The fuzz targets are a package of their own; below they run for a moment.
echo "cargo check --locked --manifest-path fuzz/Cargo.toml"
cargo check --quiet --locked --manifest-path fuzz/Cargo.toml --target-dir target
# What the originals import, from PyPI, once: it lies beside what cargo builds.
peers="${CARGO_TARGET_DIR:-target}/peers"
if ! cmp -s benches/peers/requirements.txt "$peers/requirements.txt"; then
    echo "installing into $peers: $(paste -sd ' ' benches/peers/requirements.txt)"
    python3 -m venv --clear "$peers"
    "$peers/bin/pip" install --quiet --disable-pip-version-check -r benches/peers/requirements.txt
    cp benches/peers/requirements.txt "$peers/"
fi

# The unit tests, the integration tests, then the examples in the docs and in README.
echo "cargo test --locked"
exec cargo test --locked
