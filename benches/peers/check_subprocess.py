"""Checks URLs with a curl process for each, waited for by a pool of threads."""

import argparse
import csv
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed

TIMEOUT = 20
MOST_REDIRECTS = 10

CURL = ["curl", "--silent", "--show-error", "--globoff", "--location", "--max-redirs", str(MOST_REDIRECTS)]
# GET, but the head alone.
CURL += ["--head", "--request", "GET", "--output", os.devnull, "--write-out", "%{http_code}"]
CURL += ["--max-time", str(TIMEOUT)]
if "SSL_CERT_FILE" in os.environ:
    CURL += ["--cacert", os.environ["SSL_CERT_FILE"]]


def check(index, url):
    try:
        # curl has a time-out, and might not keep it.
        done = subprocess.run([*CURL, "--", url], capture_output=True, text=True, timeout=TIMEOUT + 5)
    except subprocess.TimeoutExpired:
        return index, url, "", "TimeoutExpired"
    if done.returncode:
        return index, url, "", f"curl {done.returncode}"
    return index, url, int(done.stdout), ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls")
    parser.add_argument("-c", "--concurrency", type=int, default=100)
    args = parser.parse_args()
    with open(args.urls, encoding="utf-8") as lines:
        urls = [line.strip() for line in lines if line.strip()]

    rows = csv.writer(sys.stdout)
    rows.writerow(["index", "url", "status_code", "error"])
    with ThreadPoolExecutor(args.concurrency) as pool:
        for done in as_completed([pool.submit(check, *job) for job in enumerate(urls, 1)]):
            rows.writerow(done.result())


if __name__ == "__main__":
    main()
