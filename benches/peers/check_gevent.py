"""Checks URLs with a pool of greenlets: blocking code, its sockets patched."""

from gevent import monkey

monkey.patch_all()

import argparse  # noqa: E402
import csv  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402

import requests  # noqa: E402
from gevent.pool import Pool  # noqa: E402

TIMEOUT = 20
MOST_REDIRECTS = 10
AUTHORITIES = os.environ.get("SSL_CERT_FILE", True)


def check(job):
    index, url = job
    try:
        with requests.Session() as session:
            session.max_redirects = MOST_REDIRECTS
            # With stream=True the body is left unread.
            with session.get(url, timeout=TIMEOUT, stream=True, verify=AUTHORITIES) as response:
                return index, url, response.status_code, ""
    except (requests.RequestException, ValueError) as error:
        return index, url, "", type(error).__name__


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls")
    parser.add_argument("-c", "--concurrency", type=int, default=100)
    args = parser.parse_args()
    with open(args.urls, encoding="utf-8") as lines:
        urls = [line.strip() for line in lines if line.strip()]

    rows = csv.writer(sys.stdout)
    rows.writerow(["index", "url", "status_code", "error"])
    rows.writerows(Pool(args.concurrency).imap_unordered(check, enumerate(urls, 1)))


if __name__ == "__main__":
    main()
