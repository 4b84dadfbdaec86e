"""Runs every program on every workload, in turn and for several rounds, and
prints a table for each. run.sh starts it, in a network of its own.

Its exit code is 1 when urlcheck lost a row or told one wrong.
"""

import argparse
import collections
import csv
import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile

import table
from peers import HERE, Files, programs, version
from servers import Servers
from workloads import workloads

# A program that takes longer than this for one list is not waited for.
MOST_SECONDS = 900


class Run:
    """One run of a program: what it took, and what its rows say."""

    def __init__(self, took, n_urls):
        self.wall, self.code, self.gave_up = took["wall"], took["code"], took["gave_up"]
        self.cpu_us = (took["user"] + took["system"]) * 1e6 / n_urls
        self.peak_mib = took["peak_kib"] / 1024
        self.right = self.wrong = self.lost = 0
        # The CPU seconds of the web server and the name server.
        self.served = (0.0, 0.0)
        # Seconds from the first request until the last reply of the URLs that
        # the others must not hold up.
        self.living_seconds = None

    def judge(self, rows, expected):
        """Holds rows against what they must say; a second row for a URL is wrong."""
        told = collections.defaultdict(list)
        for url, status in rows:
            told[url].append(status)
        for url, status in expected.items():
            said = told.pop(url, None)
            self.lost += said is None
            self.right += said == [status]
            self.wrong += said is not None and said != [status]
        self.wrong += len(told)


def main():
    args = parse()
    # The servers end with this process, unless it is killed.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    known = workloads(args.urls)
    wanted = [workload for workload in known if not args.workloads or workload.name in args.workloads]
    if unknown := set(args.workloads) - {workload.name for workload in known}:
        sys.exit(f"--workloads: there is no {', '.join(unknown)}; there are {', '.join(w.name for w in known)}")
    all_runs = {}
    with tempfile.TemporaryDirectory(prefix="urlcheck-peers-") as folder:
        servers = Servers(folder)
        try:
            set_environment(servers.authority)
            files = Files(folder, servers.authority, args.connect_seconds)
            wished = [program for program in programs(None) if is_wished(program, args)]
            versions = [version(program, files) for program in wished if program.is_installed(files)]
            print(table.head(versions, args.rounds), flush=True)
            for workload in wanted:
                all_runs[workload.name] = measure(workload, servers, files, args, all_runs)
        finally:
            servers.stop()
    ours = [run for runs in all_runs.values() for name in runs if is_ours(name) for run in runs[name]]
    return 1 if any(run.wrong or run.lost for run in ours) else 0


def set_environment(authority):
    """All programs trust the authority, and none has settings of this user's."""
    for name in list(os.environ):
        if name.startswith("URLCHECK_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ["SSL_CERT_FILE"] = str(authority)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--urls", type=int, default=20_000, help="URLs of the plain list; the others follow it")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each program on each list")
    parser.add_argument("--workloads", type=lambda names: names.split(","), default=[], help="only these, by name")
    parser.add_argument("--programs", type=lambda names: names.split(","), default=[], help="only these, and urlcheck")
    parser.add_argument("--connect-seconds", type=int, default=5, help="how long a connection may take")
    args = parser.parse_args()
    if args.urls < 60 or args.rounds < 1:
        parser.error("a list has 60 URLs or more, and each is run once or more")
    return args


def measure(workload, servers, files, args, earlier):
    """Runs a workload, prints its table, returns the runs of each program."""
    files.prepare(workload)
    left_out, running = dict(workload.left_out), []
    for program in programs(workload):
        if not is_wished(program, args):
            continue
        if not program.is_installed(files):
            left_out[program.name] = "it is not installed"
        elif reason := program.why_not(workload):
            left_out[program.name] = reason
        elif program.name not in left_out:
            running.append(program)
    runs = {program.name: [] for program in running}
    # The longest list is run once: it is there for its memory.
    rounds = 1 if workload.name == "million" else args.rounds
    for round_number in range(1, rounds + 1):
        # To and fro, so that none always follows the same one.
        for program in running if round_number % 2 else reversed(running):
            note = f"{workload.name}: round {round_number} of {rounds}, {program.name}"
            print(f"{datetime.datetime.now():%H:%M:%S} {note}", file=sys.stderr, flush=True)
            runs[program.name].append(run_once(program, workload, servers, files))
    print(table.of(workload, running, runs, left_out, earlier), flush=True)
    return runs


def is_ours(name):
    return name.startswith("urlcheck")


def is_wished(program, args):
    return not args.programs or program.name in args.programs or is_ours(program.name)


def run_once(program, workload, servers, files):
    living = set(workload.living)
    expected = workload.expected
    if program.only_living:
        expected = {url: status for url, status in expected.items() if url in living}
    servers.know(workload.names, workload.in_hosts_file and program.reads_system_hosts, workload.in_hosts_file)
    measuring = [sys.executable, str(HERE / "measure.py"), "--seconds", str(MOST_SECONDS)]
    measuring += ["--output", files.report, "--errors", f"{files.report}.errors"]
    before = servers.cpu_seconds()
    command = [*measuring, *program.call(workload, files)]
    # In a folder without a urlcheck.toml.
    ran = subprocess.run(command, cwd=files.folder, capture_output=True, text=True, check=True)
    run = Run(json.loads(ran.stdout), len(expected))
    run.served = tuple(after - first for after, first in zip(servers.cpu_seconds(), before, strict=True))
    try:
        run.judge(program.rows(files), expected)
    except (OSError, ValueError, KeyError) as error:
        # What cannot be read as rows is no row.
        print(f"{program.name}: {type(error).__name__}: {error}", file=sys.stderr)
        run.right, run.wrong, run.lost = 0, 0, len(expected)
    if run.right < len(expected):
        with open(f"{files.report}.errors", encoding="utf-8", errors="replace") as errors:
            said = errors.read(500).strip()
        print(f"{program.name}: exit code {run.code}, {run.wrong} wrong, {run.lost} lost. {said}", file=sys.stderr)
    if living and is_ours(program.name):
        run.living_seconds = living_seconds(files.report, living)
    return run


def living_seconds(report, living):
    """By urlcheck's own rows: from the first request of all until the last reply
    of these URLs, each asked once."""
    first, last = float("inf"), 0.0
    with open(report, encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            if not row["checked_at"]:
                continue
            began = datetime.datetime.fromisoformat(row["checked_at"]).timestamp()
            first = min(first, began)
            if row["input"] in living:
                last = max(last, began + float(row["total_ms"] or 0) / 1000)
    return last - first


if __name__ == "__main__":
    sys.exit(main())
