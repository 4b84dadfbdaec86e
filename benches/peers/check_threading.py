"""Checks URLs with threads: one queue of URLs in, one of results out."""

import argparse
import csv
import os
import queue
import sys
import threading

import requests

TIMEOUT = 20
MOST_REDIRECTS = 10
AUTHORITIES = os.environ.get("SSL_CERT_FILE", True)


def check(session, url):
    try:
        # With stream=True the body is left unread.
        with session.get(url, timeout=TIMEOUT, stream=True, verify=AUTHORITIES) as response:
            return response.status_code, ""
    except (requests.RequestException, ValueError) as error:
        return "", type(error).__name__


def work(jobs, results):
    session = requests.Session()
    session.max_redirects = MOST_REDIRECTS
    while (job := jobs.get()) is not None:
        index, url = job
        results.put((index, url, *check(session, url)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls")
    parser.add_argument("-c", "--concurrency", type=int, default=100)
    args = parser.parse_args()
    with open(args.urls, encoding="utf-8") as lines:
        urls = [line.strip() for line in lines if line.strip()]

    jobs, results = queue.Queue(), queue.Queue()
    threads = [threading.Thread(target=work, args=(jobs, results)) for _ in range(args.concurrency)]
    for thread in threads:
        thread.start()
    for job in enumerate(urls, 1):
        jobs.put(job)
    for _ in threads:
        jobs.put(None)

    rows = csv.writer(sys.stdout)
    rows.writerow(["index", "url", "status_code", "error"])
    for _ in urls:
        rows.writerow(results.get())
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
