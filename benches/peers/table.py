"""What is printed: the machine and its versions, a table for each workload, and
the goals below it.

Figures are medians of all rounds; `±` is half of the way from the least to the
most, in per cent of the median.
"""

import datetime
import os
import pathlib
import platform
import re
import statistics
import subprocess

import goals

HEADER = [
    "program", "wall", "±", "CPU a URL", "±", "× urlcheck", "memory", "right", "wrong", "lost", "server's CPU", "remarks"
]  # fmt: skip


def head(versions, rounds):
    """The machine, its date and what runs on it."""
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    nginx = subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr.split("/")[-1].strip()
    dnsmasq = subprocess.run(["dnsmasq", "--version"], capture_output=True, text=True).stdout.split()[2]
    return "\n".join([
        f"{datetime.date.today()}, {os.cpu_count()} cores ({cpu.group(1) if cpu else platform.machine()}), "
        f"{memory:.0f} GiB, {platform.system()} {platform.release()}, "
        f"load before {os.getloadavg()[0]:.1f}; medians of {rounds} {'rounds' if rounds > 1 else 'round'} in turn",
        f"programs: {' · '.join(versions)}; served by nginx {nginx} and dnsmasq {dnsmasq} on the same cores",
    ])  # fmt: skip


def of(workload, programs, runs, left_out, earlier):
    """The table of a workload and the goals below it."""
    n_urls = len(workload.expected)
    lines = ["", f"### {workload.title}", "", f"`{workload.name}`: {n_urls:,} URLs, {workload.concurrency:,} at once", ""]
    rows = [HEADER, ["---"] + ["--:"] * 10 + ["---"]]
    ours = statistics.median(run.cpu_us for run in runs["urlcheck"])
    for program in programs:
        rows.append(_row(program.name, runs[program.name], ours, _remarks(program, workload, runs[program.name])))
    rows += [[name, *[""] * 10, f"left out: {reason}"] for name, reason in left_out.items()]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([*lines, "", *goals.lines(workload, runs, earlier)])


def _row(name, runs, ours, remarks):
    cpu = statistics.median(run.cpu_us for run in runs)
    return [
        f"**{name}**" if name == "urlcheck" else name,
        f"{statistics.median(run.wall for run in runs):.2f} s",
        _spread([run.wall for run in runs]),
        f"{cpu:,.0f} µs",
        _spread([run.cpu_us for run in runs]),
        f"{cpu / ours:.2f}",
        f"{statistics.median(run.peak_mib for run in runs):,.0f} MiB",
        # Rows are not averaged: the worst round is told.
        f"{min(run.right for run in runs):,}",
        f"{max(run.wrong for run in runs):,}",
        f"{max(run.lost for run in runs):,}",
        " + ".join(f"{statistics.median(run.served[n] for run in runs):.1f}" for n in range(2)) + " s",
        remarks,
    ]


def _spread(figures):
    return f"{(max(figures) - min(figures)) / 2 / statistics.median(figures):.0%}"


def _remarks(program, workload, runs):
    remarks = [program.remark(workload)]
    if any(run.gave_up for run in runs):
        remarks.append("not waited for")
    elif any(run.code not in (0, 1, 2) for run in runs):
        remarks.append(f"exit code {', '.join({str(run.code) for run in runs})}")
    return "; ".join(filter(None, remarks))

