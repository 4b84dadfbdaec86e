#!/usr/bin/env bash
# Installs what the tests and .ci/run need and this machine lacks, if that is a
# Debian. Only a Rust toolchain must be there (https://rustup.rs).
set -euo pipefail
. "$(dirname "$0")/install.sh"

# Commands, and the Debian packages that they come from. The build needs a C
# compiler and the headers of its library (for aws-lc, the cryptography below TLS).
need cc gcc libc6-dev
# For the fuzzer that the targets in fuzz/ are linked with.
need c++ g++
# Mode subprocess sends with curl; the originals in benches/peers are Python.
need curl curl
need_python
# What counts instructions (cargo bench --bench instructions).
need valgrind valgrind
# The browser that looks at the page of `compare`.
need chromium chromium
# Networks of a test's own, and the servers that benches/peers/run.sh asks there.
need_servers
install_missing
