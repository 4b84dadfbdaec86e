#!/usr/bin/env bash
# Runs all tests, from any directory, and first installs what they need and
# this machine lacks. Only a Rust toolchain must be there (https://rustup.rs).
set -euo pipefail
cd "$(dirname "$0")/.."

# Commands, and the Debian packages that they come from.
. tests/install.sh
# The build needs a C compiler and the headers of its library (for aws-lc, the
# cryptography below TLS).
need cc gcc libc6-dev
# For the fuzzer that the targets in fuzz/ are linked with.
need c++ g++
# Mode subprocess sends with curl; the originals in benches/peers are Python.
need curl curl
python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3 python3-venv)
# The browser that looks at the page of `compare`.
need chromium chromium
# Networks of a test's own, and the servers that benches/peers/run.sh asks there.
need ip iproute2
need unshare util-linux
need openssl openssl
need nginx nginx-light
[ -e /usr/lib/nginx/modules/ngx_http_echo_module.so ] || missing+=(libnginx-mod-http-echo)
need dnsmasq dnsmasq-base
install_missing

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
