"""The goals that urlcheck has, and whether the figures of a table reach them.

They stand in issue 5: CPU beside the floor and beside other programs, memory,
and how little dead or throttled hosts may hold up the others.
"""

import statistics

from workloads import ALONE

# Shorter lists are over before the programs are under way.
FEWEST_URLS = 1_000
# CPU of urlcheck over that of the floor, at most. That of one host is the next
# goal on the machine where it was set: 10 µs, where the floor took 4.6.
OF_THE_FLOOR = {"http": 1.5, "https-hosts": 1.15, "http-keep-alive": 2.2}
# CPU of urlcheck for a URL, in microseconds, at most.
CPU_US = {"http-keep-alive": 10.0}
# CPU of other programs over that of urlcheck, at least, on distinct hosts.
OF_THE_OTHERS = {"lychee": 5, "curl": 25, "aiohttp": 6, "gevent": 28}
# Memory of lychee over that of urlcheck, at least, on distinct hosts.
MEMORY_OF_LYCHEE = 15
# Memory in MiB, and in KiB for each request in flight.
MEMORY_MIB, MEMORY_KIB_HTTP, MEMORY_KIB_HTTPS = 32, 8, 20
# Of what is possible where all time is waited.
OF_THE_POSSIBLE_RATE = 0.95


def lines(workload, runs, earlier):
    """A line for each goal that a workload is about; `earlier` has the runs of
    the workloads before it."""
    if len(workload.expected) < FEWEST_URLS:
        return ["Too short a list to hold goals against."]
    said = list(_memory(workload, runs))
    if workload.name in OF_THE_FLOOR and "floor" in runs:
        times, most = _ratio("cpu_us", runs, "urlcheck", "floor"), OF_THE_FLOOR[workload.name]
        said.append(_goal(f"CPU {times:.2f} times that of the floor", times <= most, f"{most} at most"))
    if workload.name in CPU_US:
        took, most = _median("cpu_us", runs, "urlcheck"), CPU_US[workload.name]
        said.append(_goal(f"CPU {took:.1f} µs a URL", took <= most, f"{most:.0f} µs at most"))
    if workload.name == "http":
        for name in filter(runs.__contains__, OF_THE_OTHERS):
            times, least = _ratio("cpu_us", runs, name, "urlcheck"), OF_THE_OTHERS[name]
            said.append(_goal(f"{name} took {times:.1f} times the CPU", times >= least, f"{least} at least"))
    said += [*_rate(workload, runs), *_living(workload, runs)]
    return said + list(_names(workload, runs, earlier))


def _memory(workload, runs):
    kib = MEMORY_KIB_HTTPS if workload.is_tls else MEMORY_KIB_HTTP
    took, most = _median("peak_mib", runs, "urlcheck"), MEMORY_MIB + workload.concurrency * kib / 1024
    yield _goal(f"memory {took:.1f} MiB", took <= most, f"{most:.1f} MiB at most")
    if workload.name == "http" and "lychee" in runs:
        times = _ratio("peak_mib", runs, "lychee", "urlcheck")
        yield _goal(f"lychee took {times:.1f} times the memory", times >= MEMORY_OF_LYCHEE, f"{MEMORY_OF_LYCHEE}")


def _rate(workload, runs):
    if workload.latency:
        possible = workload.concurrency / workload.latency
        rate = len(workload.expected) / _median("wall", runs, "urlcheck")
        said = f"{rate:,.0f} URLs a second, {rate / possible:.1%} of {workload.concurrency:,} at once / "
        said += f"{workload.latency} s = {possible:,.0f}"
        yield _goal(said, rate / possible >= OF_THE_POSSIBLE_RATE, f"{OF_THE_POSSIBLE_RATE:.0%} or more")


def _living(workload, runs):
    for name in runs if workload.living else []:
        if name.startswith("urlcheck") and name != ALONE:
            alone, among = _median("living_seconds", runs, ALONE), _median("living_seconds", runs, name)
            said = f"{name}: the other hosts' {len(workload.living):,} URLs ended after {among:.2f} s, "
            said += f"without those {alone:.2f} s: {among / alone:.2f} times"
            yield _goal(said, among / alone <= workload.most_delay, f"{workload.most_delay} at most")


def _names(workload, runs, earlier):
    """No goal, but a figure of its own: what a lookup costs."""
    by_file = earlier.get("https-hosts")
    if workload.name == "https-dns" and by_file:
        both = [name for name in runs if name in by_file]
        costs = {name: _median("cpu_us", runs, name) - _median("cpu_us", by_file, name) for name in both}
        said = ", ".join(f"{name} {cost:+,.0f} µs" for name, cost in costs.items())
        yield f"- CPU a URL beside names from a file: {said}"


def _median(figure, runs, name):
    return statistics.median(getattr(run, figure) for run in runs[name])


def _ratio(figure, runs, name, other):
    return _median(figure, runs, name) / _median(figure, runs, other)


def _goal(said, is_met, goal):
    return f"- {said} (goal: {goal}): {'met' if is_met else 'MISSED'}"
