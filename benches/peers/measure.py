"""Runs one command and writes what it took, as JSON, to the standard output.

It is a process of its own so that its figures are of nothing else: the rusage
of a child includes what its parent held in memory when it was started, and so
the peak is asked of /proc, of what the command itself had.
"""

import argparse
import json
import os
import pathlib
import subprocess
import threading
import time

# How often memory is looked at: short runs have their peak seen, and the looks
# take no CPU worth telling.
LOOK_SECONDS = 0.02


def peak_kib(pid):
    """The most memory that a process had so far; none when it is gone."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(found[0]) if found else 0


class Watch(threading.Thread):
    """Notes the peak of a process, and kills it when its time is up."""

    def __init__(self, process, most_seconds):
        super().__init__(daemon=True)
        self.process, self.end = process, time.monotonic() + most_seconds
        self.over = threading.Event()
        self.peak_kib, self.gave_up = 0, False

    def run(self):
        while not self.over.wait(LOOK_SECONDS):
            self.peak_kib = max(self.peak_kib, peak_kib(self.process.pid))
            if time.monotonic() > self.end and not self.gave_up:
                self.gave_up = True
                self.process.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--errors", required=True)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    with open(args.output, "wb") as output, open(args.errors, "wb") as errors:
        began = time.monotonic()
        process = subprocess.Popen(args.command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        watch = Watch(process, args.seconds)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    watch.over.set()
    watch.join()
    took = {
        "wall": wall,
        "user": usage.ru_utime,
        "system": usage.ru_stime,
        # A run that ended before the first look.
        "peak_kib": watch.peak_kib or usage.ru_maxrss,
        "code": os.waitstatus_to_exitcode(status),
        "gave_up": watch.gave_up,
    }
    print(json.dumps(took))


if __name__ == "__main__":
    main()
