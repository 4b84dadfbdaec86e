"""The network that all programs share: nothing but loopback, a web server, a
name server, addresses that never answer.

It stands in namespaces of its own (run.sh makes them), so it may use any port
and put its own files over /etc/hosts and /etc/resolv.conf; nothing in it leads
anywhere else.
"""

import os
import pathlib
import socket
import subprocess
import time

# Packets to these addresses are taken and thrown away: no reply, no error.
BLACK_HOLE = "10.200.0.0/16"
# Nothing listens there.
REFUSING_PORT = 81
# What the throttled host serves in a second, whoever asks and however.
THROTTLED_RATE = 300
# Every name is below it; one that has no address does not exist.
ZONE = "bench.test"

NGINX = """
load_module /usr/lib/nginx/modules/ngx_http_echo_module.so;
daemon off;
user root;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log crit;
worker_processes {workers};
worker_rlimit_nofile {files};
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    ssl_session_tickets off;
    limit_req_zone $server_port zone=throttled:1m rate={rate}r/s;
    limit_req_log_level info;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 80 reuseport backlog=4096;
        listen 443 ssl reuseport backlog=4096;
        ssl_certificate {folder}/site.pem;
        ssl_certificate_key {folder}/site.key;
        ssl_protocols TLSv1.3;
        default_type text/plain;
        location / {{ return 200 "hello world\\n"; }}
        location ~ ^/late/([0-9.]+)/ {{ echo_sleep $1; echo "hello world"; }}
        location /throttled/ {{ limit_req zone=throttled burst=1000000; echo "hello world"; }}
    }}
}}
"""


class Servers:
    """Running servers; `stop` ends them."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.names, self.records = None, ""
        _prepare_network()
        self.hosts = _put_over("/etc/hosts", self.folder / "hosts", "127.0.0.1 localhost\n")
        _put_over("/etc/resolv.conf", self.folder / "resolv.conf", "nameserver 127.0.0.1\n")
        self.authority = _make_certificates(self.folder)
        files = os.sysconf("SC_OPEN_MAX")
        text = NGINX.format(
            folder=self.folder, workers=os.cpu_count(), files=files, connections=files - 100, rate=THROTTLED_RATE
        )
        (self.folder / "nginx.conf").write_text(text)
        self.web = subprocess.Popen(["nginx", "-e", f"{self.folder}/nginx.log", "-c", f"{self.folder}/nginx.conf"])
        _wait_for(self.web, self.folder / "nginx.log", lambda: socket.create_connection(("127.0.0.1", 443)).close())

    def know(self, names, in_system_hosts, elsewhere):
        """Gives names their addresses: in /etc/hosts, in a file that only the
        program is told of, or else by the name server."""
        lines = "".join(f"{address} {name}\n" for name, address in names.items())
        self.hosts.write_text("127.0.0.1 localhost\n" + (lines if in_system_hosts else ""))
        records = "" if elsewhere else lines
        if self.names is None or records != self.records:
            self._serve_names(records)
            if records:
                _wait_for(self.names, self.folder / "dnsmasq.out", lambda: _answers(next(iter(names))))

    def _serve_names(self, text):
        _end(self.names)
        self.records, records = text, self.folder / "records"
        records.write_text(text)
        options = ["--no-daemon", "--conf-file=/dev/null", "--listen-address=127.0.0.1"]
        options += ["--bind-interfaces", "--no-resolv", "--no-hosts", f"--local=/{ZONE}/", f"--addn-hosts={records}"]
        options += [f"--pid-file={self.folder}/dnsmasq.pid"]
        with open(self.folder / "dnsmasq.out", "w", encoding="utf-8") as said:
            self.names = subprocess.Popen(["dnsmasq", *options], stdout=said, stderr=said)
        _wait_for(self.names, self.folder / "dnsmasq.out", lambda: _answers(f"no-such.{ZONE}"))

    def cpu_seconds(self):
        """What the web server and the name server took so far, each."""
        workers = pathlib.Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text().split()
        return sum(map(_cpu_seconds, workers)), _cpu_seconds(self.names.pid) if self.names else 0.0

    def stop(self):
        _end(self.web)
        _end(self.names)


def _prepare_network():
    run("ip", "link", "set", "lo", "up")
    # Thrown away, as nobody on loopback has these addresses.
    run("ip", "route", "add", BLACK_HOLE, "dev", "lo")
    # One host gets many connections a second, and each keeps its port for a minute.
    pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("1024 65535")


def _put_over(path, file, text):
    """Lets a file stand in for a file of the system, in this namespace alone."""
    file.write_text(text)
    run("mount", "--bind", str(file), os.path.realpath(path))
    return file


def _make_certificates(folder):
    """An authority, and a certificate of it for all names; P-256, the cheapest
    for a server, so that the server is not what bounds the programs."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    authority = folder / "authority.pem"
    run(
        "openssl", "req", "-x509", *curve, "-subj", "/CN=bench authority",
        "-keyout", f"{folder}/authority.key", "-out", str(authority),
    )  # fmt: skip
    run("openssl", "req", *curve, "-subj", "/CN=bench", "-keyout", f"{folder}/site.key", "-out", f"{folder}/site.csr")
    (folder / "names").write_text(f"subjectAltName=DNS:*.{ZONE}\n")
    run(
        "openssl", "x509", "-req", "-in", f"{folder}/site.csr", "-days", "2", "-extfile", f"{folder}/names",
        "-CA", str(authority), "-CAkey", f"{folder}/authority.key", "-CAcreateserial", "-out", f"{folder}/site.pem",
    )  # fmt: skip
    return authority


def _answers(name):
    """Fails unless the name server knows a name; a plain DNS question."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = b"\x12\x34\x01\x00\x00\x01" + bytes(6) + labels + b"\x00\x00\x01\x00\x01"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(1)
        asking.connect(("127.0.0.1", 53))
        asking.send(question)
        asking.recv(512)


def _wait_for(server, said, attempt):
    """Tries until it does not fail; a server that ended says so."""
    for _ in range(500):
        try:
            attempt()
            return
        except OSError:
            if server.poll() is not None:
                raise SystemExit(f"{server.args[0]} ended with code {server.returncode}: {said.read_text()}")
            time.sleep(0.02)
    raise SystemExit(f"{server.args[0]} does not answer within 10 s")


def _end(server):
    if server is not None:
        server.terminate()
        server.wait()


def _cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(*command):
    """Runs a command; its words are shown when it fails."""
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {ran.stderr or ran.stdout}")
    return ran.stdout
