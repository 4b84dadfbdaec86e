#!/usr/bin/env python3
"""One line of growth.sh's table: a list of so many targets on so many hosts
through urlcheck, what it took, and whether each target has its row.

The list goes in and the rows come out through pipes, as they are made: neither
is ever whole, here or on a disk.
"""

import os
import subprocess
import sys
import threading
import time

from measure import Watch

COLUMNS = ["targets", "hosts", "CPU a URL", "user", "system", "memory", "URLs/s", "rows right"]

# --per-host 0, as one host is to be asked as much at once as many: its limit
# would measure politeness, not cost. All else is as anyone has it.
FLAGS = ["-q", "-f", "csv", "--per-host", "0", "--progress", "never", "-"]

# A run that takes longer hangs.
MOST_SECONDS = 3 * 3600


def host(n):
    """The address of the n-th host; 127.0.0.0 and 127.255.255.255 are none."""
    n += 1
    return f"127.{n >> 16}.{n >> 8 & 255}.{n & 255}"


def write_list(pipe, targets, hosts):
    """The hosts take turns, as in a list that nobody has sorted."""
    try:
        with pipe:
            for first in range(0, targets, 1000):
                lines = range(first, min(first + 1000, targets))
                pipe.write("".join(f"http://{host(n % hosts)}:8085/{n}\n" for n in lines).encode())
    except BrokenPipeError:
        pass  # It ended early, which its rows tell.


def count_rows(pipe, targets):
    """How many targets have a row, and one that is right. A row of no target, a
    second one, and one that is not up are wrong."""
    seen = bytearray(targets + 1)
    told = right = wrong = 0
    header = next(pipe, b"").decode().strip().split(",")
    index, verdict, status = (header.index(name) for name in ("index", "verdict", "status_code"))
    for row in pipe:
        cells = row.split(b",")
        n = int(cells[index])
        if not 1 <= n <= targets or seen[n]:
            wrong += 1
            continue
        seen[n] = 1
        told += 1
        if cells[verdict] == b"up" and cells[status] == b"200":
            right += 1
        else:
            wrong += 1
    return right, wrong, targets - told


def run(targets, hosts, program):
    began = time.monotonic()
    child = subprocess.Popen([program, *FLAGS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    watch = Watch(child, MOST_SECONDS)
    writer = threading.Thread(target=write_list, args=(child.stdin, targets, hosts))
    watch.start()
    writer.start()
    right, wrong, lost = count_rows(child.stdout, targets)
    _, exit_status, used = os.wait4(child.pid, 0)
    took = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(exit_status)
    watch.over.set()
    watch.join()
    writer.join()
    user, system = used.ru_utime / targets * 1e6, used.ru_stime / targets * 1e6
    is_right = right == targets and not wrong and not lost
    cells = [
        f"{targets:,}",
        f"{hosts:,}",
        f"{user + system:.1f} µs",
        f"{user:.1f} µs",
        f"{system:.1f} µs",
        f"{watch.peak_kib / 1024:.0f} MiB",
        f"{targets / took:,.0f}",
        "all" if is_right else f"{right:,} ({wrong:,} wrong, {lost:,} lost)",
    ]
    print("| " + " | ".join(cells) + " |", flush=True)
    return 0 if is_right else 1


def main():
    match sys.argv[1:]:
        case ["header"]:
            print("| " + " | ".join(COLUMNS) + " |")
            print("|" + "--:|" * len(COLUMNS), flush=True)
            return 0
        case ["run", targets, hosts, program]:
            return run(int(targets), int(hosts), program)
        case _:
            print("usage: growth.py header | run TARGETS HOSTS PROGRAM; growth.sh calls it", file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main())
