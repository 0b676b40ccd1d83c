"""wrk, run once and read."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("redirect.lua")
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Load:
    requests: int
    a_second: float
    p50: float
    """Milliseconds."""
    p99: float
    failed: int
    """Answers that are no 2xx or 3xx, and connections that broke."""


def needed(*tools: str) -> None:
    """Say what is missing, in words."""
    missing = [tool for tool in tools if shutil.which(tool, path=f"{os.environ['PATH']}:/usr/sbin") is None]
    if missing:
        sys.exit(f"this bench needs {' and '.join(missing)}: apt-get install {' '.join(missing)}")


def load(url: str, seconds: float, links: int, connections: int = 64, *, walk: bool = False) -> Load:
    """Ask for so many links' codes, at random or each in order, for some seconds."""
    cores = os.cpu_count() or 1
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--latency", "-s", str(SCRIPT), url]
    if shutil.which("taskset") and cores > 1:
        command = ["taskset", "-c", f"1-{cores - 1}", *command]
    order = {"LINKS": str(links), "ORDER": "walk" if walk else "random"}
    said = subprocess.run(command, env=os.environ | order, capture_output=True, text=True, check=True).stdout
    return Load(
        requests=int(_found(r"(\d+) requests in", said)),
        a_second=float(_found(r"Requests/sec:\s+([\d.]+)", said)),
        p50=_milliseconds(said, 50),
        p99=_milliseconds(said, 99),
        failed=sum(map(int, re.findall(r"(?:responses: |connect |read |write |timeout )(\d+)", said))),
    )


def _found(pattern: str, said: str) -> str:
    match = re.search(pattern, said)
    if match is None:
        sys.exit(f"wrk said something else:\n{said}")
    return match[1]


def _milliseconds(said: str, share: int) -> float:
    match = re.search(rf"{share}%\s+([\d.]+)(us|ms|s|m)\b", said)
    return float(match[1]) * _UNITS[match[2]] if match else float("nan")
