"""Servers as processes of their own, each on one core, and what they have used of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from config.demo import LOOPBACK, free_port

ROOT = Path(__file__).parents[1]
STARTED_WITHIN = 60
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    name: str
    port: int
    pid: int
    """Of the process that answers."""

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND

    def megabytes(self) -> float:
        return _megabytes(self.pid, "VmRSS")

    def own_megabytes(self) -> float:
        """Without what is mapped from files and shared with every other process that runs the same code."""
        return _megabytes(self.pid, "RssAnon")


def _megabytes(pid: int, kind: str) -> float:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status[kind].split()[0]) * 1024 / 1e6


@contextmanager
def server(name: str, command: list[str], port: int, core: int = 0, **settings: str) -> Iterator[Server]:
    """Start a server on one core and wait until it answers; it ends with the block."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PENUMBRA_")}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=inherited | settings,
        stdout=subprocess.DEVNULL,
        stderr=None if os.environ.get("BENCH_LOG") else subprocess.DEVNULL,
    )
    os.sched_setaffinity(process.pid, {core % (os.cpu_count() or 1)})
    try:
        _wait_until_it_answers(port, process)
        answers = _who_answers(process.pid)
        os.sched_setaffinity(answers, {core % (os.cpu_count() or 1)})
        yield Server(name, port, answers)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(STARTED_WITHIN * 20):
        if process.poll() is not None:
            sys.exit(f"{process.args!r} ended by itself; BENCH_LOG=1 shows what it said")
        asked = HTTPConnection(LOOPBACK, port, timeout=5)
        try:
            asked.request("GET", "/healthz")
            asked.getresponse()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            asked.close()
    sys.exit(f"{process.args!r} does not answer")


def _who_answers(pid: int) -> int:
    """nginx answers from a child of its own."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(children[0]) if children else pid


def nginx(folder: Path) -> tuple[list[str], int]:
    """nginx with one worker that answers 302 to everything."""
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        "events { worker_connections 1024; }\n"
        "http { access_log off; keepalive_requests 1000000000; keepalive_time 1h;\n"
        f"  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;\n"
        f"  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"  server {{ listen {LOOPBACK}:{port}; location / {{ return 302 https://news.example/; }} }} }}\n"
    )
    return ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], port


def penumbra(database_url: str, root_key: str, folder: Path, roles: str = "redirect") -> tuple[Mapping[str, str], int]:
    """The settings of one worker; it reaches no platform."""
    port = free_port()
    settings = {
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder / "clicks"),
        "ROOT_KEY": root_key,
        "PORT": str(port),
        "ROLES": roles,
        "PUBLIC_URL": f"http://{LOOPBACK}:{port}",
        "TELEGRAM_TOKEN": "1:bench",
    }
    return {f"PENUMBRA_{name}": value for name, value in settings.items()}, port
