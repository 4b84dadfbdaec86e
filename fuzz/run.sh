#!/usr/bin/env bash
# Runs a fuzz target, or all of them one after another, for so many seconds
# each: fuzz/run.sh TARGET|all SECONDS. Needs a stable Rust toolchain and a C++
# compiler. An input that breaks a promise ends it and is told.
set -euo pipefail
cd "$(dirname "$0")"

(($# == 2)) || { echo "usage: $0 TARGET|all SECONDS" >&2; exit 2; }
command -v c++ > /dev/null || { echo "please install a C++ compiler (g++), for libFuzzer" >&2; exit 1; }
target=$1 seconds=$2
if [ "$target" = all ]; then
    target=$(cd fuzz_targets && printf '%s\n' *.rs | sed 's/\.rs$//')
fi

# What cargo-fuzz would ask a nightly compiler for: counters at every edge, a
# table of where they are, and the operands of comparisons.
export RUSTFLAGS="--cfg fuzzing -Ccodegen-units=1 -Cdebug-assertions -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares"
# With a target named, these flags are not those of build scripts.
host=$(rustc -vV | sed -n 's/^host: //p')
built=../target/fuzz
CARGO_PROFILE_DEV_OPT_LEVEL=1 cargo build --locked --target "$host" --target-dir "$built"

for name in $target; do
    # New inputs are kept beside the build, not among those that are committed.
    mkdir -p "$built/corpus/$name" "$built/found/$name"
    echo "== $name, $seconds s"
    "$built/$host/debug/$name" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$built/found/$name/" \
        "$built/corpus/$name" "corpus/$name" 2> "$built/$name.log" ||
        { tail -n 40 "$built/$name.log" >&2; exit 1; }
    grep -E '^(#[0-9]+.*(INITED|DONE)|stat::(number_of|average))' "$built/$name.log"
done
