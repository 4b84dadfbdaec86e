"""The programs: how each is called for a workload, how its rows are read, and
what has to be known of its figures.

All get the same list, as many requests at once, as long to connect (where that
can be told them), and no retries.
"""

import csv
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
from collections.abc import Callable

from workloads import ALONE

HERE = pathlib.Path(__file__).parent
PROJECT = HERE.parent.parent
# curl takes no higher number for its requests at once.
MOST_OF_CURL = 300


@dataclasses.dataclass
class Program:
    """A program, or one of the ways to call it."""

    name: str
    # (workload, files) to the words of the command.
    call: Callable
    # The text of its output to pairs of a URL and its status, 0 when it failed.
    rows: Callable
    # How it tells its version: a command; none: it is of this project.
    version: list = dataclasses.field(default_factory=list)
    # Why it cannot do a workload; none: it can.
    why_not: Callable = lambda workload: None
    # What to know of its figures, for a workload.
    remark: Callable = lambda workload: ""
    # Names come from /etc/hosts, as it has no file of its own for them.
    reads_system_hosts: bool = False
    # It checks only the URLs that the others must not hold up.
    only_living: bool = False

    def is_installed(self, files):
        return shutil.which(self.call(None, files)[0]) is not None


class Files:
    """Where the programs and their inputs are; `prepare` writes the inputs."""

    def __init__(self, folder, authority, connect_seconds):
        self.folder, self.authority = pathlib.Path(folder), str(authority)
        self.connect_seconds = str(connect_seconds)
        self.target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", PROJECT / "target")).resolve()
        self.urlcheck = os.environ.get("URLCHECK", str(self.target / "release/urlcheck"))
        self.floor = str(self.target / "floor/release/floor")
        self.lychee = str(self.target / "tools/bin/lychee")
        self.python = str(self.target / "peers/bin/python3")
        self.list = str(self.folder / "urls.txt")
        self.living = str(self.folder / "living.txt")
        self.hosts = str(self.folder / "names.hosts")
        self.curl_config = str(self.folder / "curl.cfg")
        self.report = str(self.folder / "report")

    def prepare(self, workload):
        urls = list(workload.expected)
        pathlib.Path(self.list).write_text("".join(f"{url}\n" for url in urls))
        pathlib.Path(self.living).write_text("".join(f"{url}\n" for url in workload.living))
        pathlib.Path(self.hosts).write_text("".join(f"{ip} {name}\n" for name, ip in workload.names.items()))
        with open(self.curl_config, "w", encoding="utf-8") as config:
            if workload.in_hosts_file:
                port = 443 if workload.is_tls else 80
                config.writelines(f'resolve = "{name}:{port}:{ip}"\n' for name, ip in workload.names.items())
            config.writelines(f'url = "{url}"\noutput = "/dev/null"\n' for url in urls)


def programs(workload):
    """Those that run a workload, the ones of this project first."""
    found = [Program("urlcheck", _urlcheck, _rows_with_header("input", "status_code"))]
    if workload and workload.living:
        alone = dataclasses.replace(found[0], name=ALONE, call=_urlcheck_living, only_living=True)
        found.append(alone)
    if workload and workload.name == "dead":
        found.append(dataclasses.replace(found[0], name="urlcheck, two retries", call=_urlcheck_retrying))
    return found + [
        Program("floor", _floor, _rows_with_header("url", "status_code"), why_not=_why_no_floor, remark=_floor_remark),
        Program("lychee", _lychee, _lychee_rows, ["--version"], remark=_patient, reads_system_hosts=True),
        Program("ffuf", _ffuf, _ffuf_rows, ["-V"], remark=_ffuf_remark, reads_system_hosts=True),
        Program("curl", _curl, _curl_rows, ["--version"], why_not=_why_no_curl, remark=_curl_remark),
        Program("aiohttp", _aiohttp, _rows_with_header("url", "status_code"), ["-c", _packages("aiohttp", "uvloop")],
                remark=lambda _: "one core, uvloop"),
        Program("gevent", _gevent, _rows_with_header("url", "status_code"), ["-c", _packages("gevent", "requests")],
                why_not=_why_no_gevent, remark=_gevent_remark, reads_system_hosts=True),
    ]  # fmt: skip


def version(program, files):
    """What a program says of its version, in few words."""
    if not program.version:
        return program.name
    command = [program.call(None, files)[0], *program.version]
    ran = subprocess.run(command, capture_output=True, text=True)
    said = re.search(r"\d+\.\d+(\.\d+)*(, \w+ [\d.]+)*", ran.stdout + ran.stderr)
    return f"{program.name} {said.group() if said else '(unknown version)'}"


def _packages(first, second):
    return f"from importlib.metadata import version as v; print(v('{first}') + ', {second} ' + v('{second}'))"


def _rows_with_header(url, status):
    def rows(files):
        with open(files.report, encoding="utf-8", newline="") as report:
            for row in csv.DictReader(report):
                yield row[url], int(row[status] or 0)

    return rows


def _urlcheck(workload, files, urls=None, retries="0"):
    command = [files.urlcheck, "-q", "-f", "csv", "--fail-on", "never", "--retries", retries]
    if workload is None:
        return command
    command += ["-c", str(workload.concurrency), "--connect-timeout", f"{files.connect_seconds}s"]
    if workload.keep_alive:
        command += ["--per-host", "0"]
    if workload.in_hosts_file:
        command += ["--hosts", files.hosts]
    if workload.is_tls:
        command += ["--cacert", files.authority]
    return [*command, urls or files.list]


def _urlcheck_living(workload, files):
    return _urlcheck(workload, files, files.living)


def _urlcheck_retrying(workload, files):
    return _urlcheck(workload, files, retries="2")


def _floor(workload, files):
    command = [files.floor]
    if workload is None:
        return command
    command += ["--concurrency", str(workload.concurrency)]
    if workload.in_hosts_file:
        command += ["--hosts", files.hosts]
    if workload.is_tls:
        command += ["--ca", files.authority]
    if workload.keep_alive:
        command += ["--keep-alive"]
    return [*command, files.list]


def _why_no_floor(workload):
    if workload.name == "https-dns":
        return "it has no resolver"
    return "it has no time-outs" if workload.name == "dead" else None


def _floor_remark(_):
    return "sockets and a parser, nothing else"


def _lychee(workload, files):
    command = [files.lychee, "--no-progress", "--max-retries", "0", "--timeout", "20", "--format", "json"]
    if workload is None:
        return command
    # Without the last two, ten at once and a pause of 50 ms for a host.
    command += ["--verbose", "--max-concurrency", str(workload.concurrency)]
    command += ["--host-concurrency", str(workload.concurrency), "--host-request-interval", "0ms"]
    return [*command, files.list]


def _lychee_rows(files):
    with open(files.report, encoding="utf-8") as report:
        told = json.load(report)
    for group in ("success_map", "error_map", "timeout_map"):
        for entries in told[group].values():
            for entry in entries:
                yield entry["url"], entry.get("status", {}).get("code") or 0


def _ffuf(workload, files):
    command = ["ffuf", "-s", "-u", "FUZZ", "-mc", "all", "-timeout", files.connect_seconds]
    if workload is None:
        return command
    return [*command, "-w", files.list, "-t", str(workload.concurrency), "-of", "csv", "-o", f"{files.report}.ffuf"]


def _ffuf_rows(files):
    with open(f"{files.report}.ffuf", encoding="utf-8", newline="") as report:
        for row in csv.DictReader(report):
            yield row["FUZZ"], int(row["status_code"])


def _ffuf_remark(workload):
    return "certificates are not verified" if workload.is_tls else ""


def _curl(workload, files):
    command = ["curl", "--silent", "--parallel", "--write-out", "%{url} %{http_code}\\n"]
    if workload is None:
        return command
    command += ["--parallel-max", str(min(workload.concurrency, MOST_OF_CURL)), "--connect-timeout", files.connect_seconds]
    if workload.is_tls:
        command += ["--cacert", files.authority]
    return [*command, "--config", files.curl_config]


def _curl_remark(workload):
    fewer = f", {MOST_OF_CURL} at once, its most" if workload.concurrency > MOST_OF_CURL else ""
    return f"one core{fewer}"


def _why_no_curl(workload):
    return "it reads the addresses of all names anew for each URL" if workload.name == "https-hosts" else None


def _curl_rows(files):
    with open(files.report, encoding="utf-8") as report:
        for line in report:
            url, status = line.split()
            yield url, int(status)


def _aiohttp(workload, files):
    command = [files.python, str(HERE / "client_aiohttp.py")]
    if workload is None:
        return command
    command += [files.list, "-c", str(workload.concurrency), "--connect-seconds", files.connect_seconds]
    if workload.in_hosts_file:
        command += ["--hosts", files.hosts]
    return command + (["--keep-alive"] if workload.keep_alive else [])


def _gevent(workload, files):
    command = [files.python, str(HERE / "check_gevent.py")]
    return command if workload is None else [*command, files.list, "-c", str(workload.concurrency)]


def _gevent_remark(workload):
    return ", ".join(filter(None, ["one core", _patient(workload)]))


def _patient(workload):
    return "20 s to connect" if workload.name == "dead" else ""


def _why_no_gevent(workload):
    if workload.name == "https-hosts":
        return "the system's resolver reads the whole file of names for each"
    return "it opens a connection a URL all the same" if workload.keep_alive else None
