"""Checks URLs on one event loop, with aiohttp and a semaphore."""

import argparse
import asyncio
import csv
import ssl
import sys

import aiohttp

TIMEOUT = 20
MOST_REDIRECTS = 10


async def check(session, slots, index, url):
    async with slots:
        try:
            # The body is left unread.
            async with session.get(url, max_redirects=MOST_REDIRECTS) as response:
                return index, url, response.status, ""
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return index, url, "", type(error).__name__


async def run(urls, concurrency):
    rows = csv.writer(sys.stdout)
    rows.writerow(["index", "url", "status_code", "error"])
    slots = asyncio.Semaphore(concurrency)
    # The default context reads SSL_CERT_FILE.
    connector = aiohttp.TCPConnector(limit=0, ssl=ssl.create_default_context())
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        checks = [check(session, slots, index, url) for index, url in enumerate(urls, 1)]
        for done in asyncio.as_completed(checks):
            rows.writerow(await done)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls")
    parser.add_argument("-c", "--concurrency", type=int, default=100)
    args = parser.parse_args()
    with open(args.urls, encoding="utf-8") as lines:
        urls = [line.strip() for line in lines if line.strip()]
    asyncio.run(run(urls, args.concurrency))


if __name__ == "__main__":
    main()
