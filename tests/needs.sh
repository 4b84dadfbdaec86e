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
python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3 python3-venv)
# What counts instructions (cargo bench --bench instructions).
need valgrind valgrind
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
