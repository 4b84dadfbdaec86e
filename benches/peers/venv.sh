#!/usr/bin/env bash
# Installs what the Python programs here import, from PyPI, once: it lies beside
# what cargo builds.
set -euo pipefail
here=$(dirname "$0")

peers="${CARGO_TARGET_DIR:-$here/../../target}/peers"
if ! cmp -s "$here/requirements.txt" "$peers/requirements.txt"; then
    echo "installing into $peers: $(paste -sd ' ' "$here/requirements.txt")"
    python3 -m venv --clear "$peers"
    "$peers/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$peers/"
fi
