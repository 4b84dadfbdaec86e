#!/usr/bin/env bash
# urlcheck and other programs side by side, on the same lists in turn: prints a
# table for each workload. Sets up what it needs; the network is one of its own,
# in which nothing leads off this machine. All of it takes an hour.
#
#     benches/peers/run.sh                       all workloads, 3 rounds
#     benches/peers/run.sh --rounds 5 --workloads http,late --programs aiohttp
#     benches/peers/run.sh --without-lychee      does not build lychee (20 minutes)
#     benches/peers/run.sh --quick               tiny lists, once, what is installed
set -euo pipefail
cd "$(dirname "$0")/../.."
target="${CARGO_TARGET_DIR:-$PWD/target}"
export CARGO_TARGET_DIR="$target"
LYCHEE=0.24.2

quick='' lychee=1 options=()
for option in "$@"; do
    case "$option" in
    --quick) quick=1 ;;
    --without-lychee) lychee='' ;;
    *) options+=("$option") ;;
    esac
done

. tests/install.sh
if [ "$quick" ]; then
    options=(--urls 60 --rounds 1 --connect-seconds 2 ${options[@]+"${options[@]}"})
else
    need_servers
    need curl curl
    need ffuf ffuf
    need_python
    install_missing
    benches/peers/venv.sh
    if [ "$lychee" ] && [ "$("$target/tools/bin/lychee" --version 2> /dev/null)" != "lychee $LYCHEE" ]; then
        echo "installing: lychee $LYCHEE (10 to 20 minutes on two cores; --without-lychee does without)"
        cargo install --quiet --locked --root "$target/tools" --target-dir "$target/tools/build" "lychee@$LYCHEE"
        rm -rf "$target/tools/build"
    fi
    echo "building: urlcheck and the floor"
    cargo build --quiet --release --locked
    cargo build --quiet --release --locked --manifest-path benches/floor/Cargo.toml --target-dir "$target/floor"
fi

for command in ip unshare openssl nginx dnsmasq python3; do
    command -v "$command" > /dev/null || { echo "there is no $command; without --quick it is installed" >&2; exit 2; }
done
apart=(unshare --user --map-root-user --net --mount --)
"${apart[@]}" true || {
    echo "it needs a kernel that lets users have namespaces (sysctl kernel.unprivileged_userns_clone=1," \
        "kernel.apparmor_restrict_unprivileged_userns=0; in a container, --security-opt seccomp=unconfined)" >&2
    exit 2
}
# No compiled files beside the sources.
export PYTHONDONTWRITEBYTECODE=1
# As many files as the system allows; the programs get the same.
ulimit -n "$(ulimit -Hn)"
exec "${apart[@]}" python3 benches/peers/side_by_side.py ${options[@]+"${options[@]}"}
