#!/usr/bin/env bash
# Runs all tests, from any directory, and first installs what they need and
# this machine lacks. Only a Rust toolchain must be there (https://rustup.rs).
set -euo pipefail
cd "$(dirname "$0")/.."

# Commands, and the Debian packages that they come from. The build needs a C
# compiler and the headers of its library (for aws-lc, the cryptography below TLS).
missing=()
command -v cc > /dev/null || missing+=(gcc libc6-dev)
# For the fuzzer that the targets in fuzz/ are linked with.
command -v c++ > /dev/null || missing+=(g++)
# Mode subprocess sends with curl; the originals in benches/peers are Python.
command -v curl > /dev/null || missing+=(curl)
python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3 python3-venv)
# What benches/peers measures: a web server, and the peak of a program's memory.
PATH=$PATH:/usr/sbin command -v nginx > /dev/null || missing+=(nginx-light)
[ -x /usr/bin/time ] || missing+=(time)
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
    (
        # A web server that is installed is started, unless this file, which
        # belongs to no package, says that services are not.
        policy=/usr/sbin/policy-rc.d
        if [ ! -e $policy ]; then
            trap '"${as_root[@]}" rm -f $policy' EXIT
            printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy > /dev/null
            "${as_root[@]}" chmod 755 $policy
        fi
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}"
    )
fi

# The fuzz targets are a package of their own; below they run for a moment.
echo "cargo check --locked --manifest-path fuzz/Cargo.toml"
cargo check --quiet --locked --manifest-path fuzz/Cargo.toml --target-dir target
# So is the floor that the peers are measured against; its rows are looked at, too.
echo "cargo build --locked --manifest-path benches/floor/Cargo.toml"
cargo build --quiet --locked --manifest-path benches/floor/Cargo.toml --target-dir "${CARGO_TARGET_DIR:-target}"
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
