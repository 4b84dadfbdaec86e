#!/usr/bin/env bash
# How the cost grows with the list: processor time and memory for 1,000 to
# 10,000,000 targets on 1 to 1,000,000 hosts, against nginx on this machine, in
# a network of its own. Prints a table in Markdown; ends with 1 when a row is
# wrong or lost.
#
#   benches/peers/growth.sh [--upto TARGETS] [--urlcheck PROGRAM]
#
# --upto leaves out what is longer: all of it takes half an hour on two cores,
# 100000 less than one minute. Without --urlcheck the release is built first.
set -euo pipefail
cd "$(dirname "$0")/../.."

upto=10000000 urlcheck=
usage() {
    echo "usage: benches/peers/growth.sh [--upto TARGETS] [--urlcheck PROGRAM]" >&2
    exit 2
}
while (($#)); do
    (($# > 1)) || usage
    case $1 in
        --upto) upto=$2 ;;
        --urlcheck) urlcheck=$2 ;;
        *) usage ;;
    esac
    shift 2
done
[[ $upto =~ ^[0-9]{4,8}$ ]] || { echo "--upto $upto: give a number from 1000 to 10000000" >&2; exit 2; }

if [ -z "$urlcheck" ]; then
    cargo build --quiet --release --locked --bin urlcheck --target-dir target
    urlcheck=target/release/urlcheck
fi
PATH=$PATH:/usr/sbin
for needed in nginx python3 unshare ip; do
    command -v $needed > /dev/null || { echo "please install $needed; tests/all.sh does" >&2; exit 2; }
done

# Everything from here on is inside a network of its own, where all of 127.0.0.0/8
# is this machine: 16 million addresses, each a host.
if [ -z "${GROWTH_IN_ITS_OWN_NETWORK-}" ]; then
    as=()
    [ "$(id -u)" -eq 0 ] || as=(--user --map-root-user)
    export GROWTH_IN_ITS_OWN_NETWORK=1
    exec unshare "${as[@]}" --net "$0" --upto "$upto" --urlcheck "$(realpath "$urlcheck")"
fi
ip link set lo up

scratch=$(mktemp -d)
trap 'kill "$(cat "$scratch/pid" 2> /dev/null)" 2> /dev/null || true; rm -rf "$scratch"' EXIT
# As many open files as are allowed, for the server as for the client.
ulimit -n "$(ulimit -H -n)"
cat > "$scratch/nginx.conf" << CONF
user root;
worker_processes $(nproc);
pid $scratch/pid;
events { worker_connections 4000; }
http {
    access_log off;
    # A connection is kept for as long as the client wishes.
    keepalive_requests 100000000;
    server {
        listen 8085 reuseport backlog=4096;
        location / { return 200 "hello world\n"; }
    }
}
CONF
# Returns when it listens.
nginx -c "$scratch/nginx.conf" -p "$scratch" -e "$scratch/errors"

echo "$(date -u +%F), $(nproc) cores ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)), Linux $(uname -r)," \
    "$("$urlcheck" --version), $(nginx -v 2>&1 | sed 's/.*: //') on the same cores"
echo
python3 -B benches/peers/growth.py header
status=0
for targets in 1000 10000 100000 1000000 10000000; do
    ((targets <= upto)) || break
    for hosts in 1 1000 1000000; do
        ((hosts <= targets)) || break
        python3 -B benches/peers/growth.py run "$targets" "$hosts" "$urlcheck" || status=1
    done
done
exit $status
