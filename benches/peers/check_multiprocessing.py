"""Checks URLs with a pool of processes, each with a session of its own."""

import argparse
import csv
import multiprocessing
import os
import sys

import requests

TIMEOUT = 20
MOST_REDIRECTS = 10
AUTHORITIES = os.environ.get("SSL_CERT_FILE", True)

session = None


def start():
    global session
    session = requests.Session()
    session.max_redirects = MOST_REDIRECTS


def check(job):
    index, url = job
    try:
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
    with multiprocessing.Pool(args.concurrency, initializer=start) as pool:
        rows.writerows(pool.imap_unordered(check, enumerate(urls, 1)))


if __name__ == "__main__":
    main()
