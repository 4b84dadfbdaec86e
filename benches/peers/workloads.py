"""The lists that the programs check, and what each row of them must say.

They are the same each time: what is random in them has a fixed seed.
"""

import dataclasses
import random

from servers import REFUSING_PORT, ZONE

OK = 200
# What a row says that has no status: the check failed.
FAILED = 0
# The run of urlcheck that the others' delay is measured by.
ALONE = "urlcheck, without those"


@dataclasses.dataclass
class Workload:
    """A list, and how it is to be checked."""

    name: str
    title: str
    concurrency: int
    # What each URL must come to, in the list's order.
    expected: dict
    # The addresses of its names; none where the URLs have addresses.
    names: dict = dataclasses.field(default_factory=dict)
    # Whether programs get the names as a file, or from the name server.
    in_hosts_file: bool = False
    keep_alive: bool = False
    # What the web server waits at least, for the goal of a waiting-bound list.
    latency: float = 0.0
    # The URLs that the others must not hold up, for the goals about them.
    living: list = dataclasses.field(default_factory=list)
    # So many times as long as without the others may those take.
    most_delay: float = 1.2
    # Programs that would take hours, and why they are left out.
    left_out: dict = dataclasses.field(default_factory=dict)

    @property
    def is_tls(self):
        return next(iter(self.expected)).startswith("https:")


def workloads(size):
    """All of them; `size` is the number of URLs of the plain one."""
    return [
        _distinct(size),
        _verified("https-hosts", "Distinct hosts, verified HTTPS, names from a hosts file", size // 2, True),
        _verified("https-dns", "Distinct hosts, verified HTTPS, names from a DNS server on loopback", size // 2, False),
        _one_host("http-keep-alive", "One host, HTTP with keep-alive", "http", size * 2),
        _one_host("https-keep-alive", "One host, HTTPS with keep-alive", "https", size * 2),
        _late(size * 2),
        _dead(size // 2),
        _throttled(size // 2),
        _million(size * 50),
    ]


def address(number):
    """An address of this machine for each number up to 16 million."""
    return f"127.{number // 62500 + 1}.{number // 250 % 250}.{number % 250 + 1}"


def _all_ok(urls):
    return dict.fromkeys(urls, OK)


def _distinct(size):
    expected = _all_ok(f"http://{address(n)}/page" for n in range(size))
    return Workload("http", "Distinct hosts, HTTP", 200, expected)


def _verified(name, title, size, in_hosts_file):
    names = {f"h{n}.{ZONE}": address(n) for n in range(size)}
    expected = _all_ok(f"https://{host}/page" for host in names)
    return Workload(name, title, 200, expected, names, in_hosts_file)


def _one_host(name, title, scheme, size):
    names = {f"one.{ZONE}": "127.0.0.2"}
    expected = _all_ok(f"{scheme}://one.{ZONE}/page/{n}" for n in range(size))
    return Workload(name, title, 64, expected, names, in_hosts_file=True, keep_alive=True)


def _late(size):
    latency = 0.1
    expected = _all_ok(f"http://{address(n)}/late/{latency}/" for n in range(size))
    return Workload("late", "Distinct hosts, every reply 100 ms late", 1000, expected, latency=latency)


def _dead(size):
    chance = random.Random(1)
    expected, living = {}, []
    for n in range(size):
        # A median of 100 ms, one in a hundred above a second.
        wait = min(chance.lognormvariate(-2.3, 1.0), 3.0)
        dead = [
            f"http://{address(n)}:{REFUSING_PORT}/refused",
            f"http://10.200.{n // 250}.{n % 250 + 1}/black-holed",
            f"http://no-such-{n}.{ZONE}/",
        ]
        if n % 10 == 9:
            expected[dead[n // 10 % 3]] = FAILED
        else:
            url = f"http://{address(n)}/late/{wait:.3f}/"
            expected[url] = OK
            living.append(url)
    title = "Log-normal delays, 10 % of the hosts dead: refused, black-holed, no such name"
    return Workload("dead", title, 256, expected, living=living)


def _throttled(size):
    n_throttled = size * 2 // 5
    # At the front, as in a list that is sorted by host: the hard place for it.
    throttled = [f"http://127.0.0.2/throttled/{n}" for n in range(n_throttled)]
    living = [f"http://{address(n)}/late/0.1/" for n in range(size - n_throttled)]
    title = "One throttled host with 40 % of the list, 300 replies a second; the others 100 ms late"
    return Workload("throttled", title, 256, _all_ok(throttled + living), living=living, most_delay=1.05)


def _million(size):
    left_out = {
        "lychee": "its memory grows with the hosts, beyond that of this machine",
        "curl": "it would take an hour and more",
        "gevent": "it would take half an hour and more",
    }
    expected = _all_ok(f"http://{address(n)}/" for n in range(size))
    return Workload("million", f"Distinct hosts, HTTP, {size:,} lines", 200, expected, left_out=left_out)
