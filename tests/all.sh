#!/usr/bin/env bash
# Runs all tests, from any directory, and first installs what they need and
# this machine lacks. Only a Rust toolchain must be there (https://rustup.rs).
set -euo pipefail
cd "$(dirname "$0")/.."

# Commands, and the Debian packages that they come from. The build needs a C
# compiler and the headers of its library (for aws-lc, the cryptography below TLS).
missing=()
command -v cc > /dev/null || missing+=(gcc libc6-dev)
# The browser that looks at the page of `compare`.
command -v chromium > /dev/null || missing+=(chromium)

if ((${#missing[@]})); then
    echo "installing: ${missing[*]}"
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo > /dev/null || { echo "please install: ${missing[*]}" >&2; exit 1; }
        as_root=(sudo)
    fi
    command -v apt-get > /dev/null || { echo "please install: ${missing[*]}" >&2; exit 1; }
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

# The unit tests, the integration tests, then the examples in the docs and in README.
echo "cargo test --locked"
exec cargo test --locked
