#!/usr/bin/env bash
# Installs what the tests and .ci/run need and this machine lacks, if that is a
# Debian. Only a Rust toolchain must be there (https://rustup.rs).
set -euo pipefail

# Commands, and the Debian packages that they come from. The build needs a C
# compiler and the headers of its library (for aws-lc, the cryptography below TLS).
missing=()
command -v cc > /dev/null || missing+=(gcc libc6-dev)
# For the fuzzer that the targets in fuzz/ are linked with.
command -v c++ > /dev/null || missing+=(g++)
# Mode subprocess sends with curl; the originals in benches/peers are Python.
command -v curl > /dev/null || missing+=(curl)
python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3 python3-venv)
# What counts instructions (cargo bench --bench instructions).
command -v valgrind > /dev/null || missing+=(valgrind)
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
