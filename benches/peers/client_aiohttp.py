"""Checks URLs with aiohttp on uvloop, as lean as the two allow: so many workers
as requests at once, no task a URL, connections closed unless told otherwise.

`check_asyncio.py` is what one would write on the spot; this is what a table
about speed owes to aiohttp.
"""

import argparse
import asyncio
import csv
import socket
import ssl
import sys

import aiohttp
import uvloop
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import ThreadedResolver

TIMEOUT = 20


class HostsFile(AbstractResolver):
    """Addresses of a file like /etc/hosts."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as lines:
            self.addresses = {name: address for address, name in map(str.split, lines)}

    async def resolve(self, host, port=0, family=socket.AF_INET):
        if host not in self.addresses:
            raise OSError(f"no address for {host}")
        address = self.addresses[host]
        return [{"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self):
        pass


async def work(session, urls, rows):
    for index, url in urls:
        try:
            async with session.get(url) as response:
                # Whoever keeps the connection has to read what it holds.
                await response.read()
                rows.writerow([index, url, response.status, ""])
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
            rows.writerow([index, url, "", type(error).__name__])


async def run(args):
    rows = csv.writer(sys.stdout)
    rows.writerow(["index", "url", "status_code", "error"])
    timeout = aiohttp.ClientTimeout(total=TIMEOUT, sock_connect=args.connect_seconds)
    connector = aiohttp.TCPConnector(
        limit=0,
        force_close=not args.keep_alive,
        # The default context reads SSL_CERT_FILE.
        ssl=ssl.create_default_context(),
        resolver=HostsFile(args.hosts) if args.hosts else ThreadedResolver(),
    )
    with open(args.urls, encoding="utf-8") as lines:
        urls = enumerate(map(str.strip, lines), 1)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            await asyncio.gather(*[work(session, urls, rows) for _ in range(args.concurrency)])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls")
    parser.add_argument("-c", "--concurrency", type=int, default=100)
    parser.add_argument("--connect-seconds", type=int, default=5)
    parser.add_argument("--hosts")
    parser.add_argument("--keep-alive", action="store_true")
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
