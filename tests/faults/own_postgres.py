"""A PostgreSQL of one test's own, to be taken away and brought back; what it committed survives that."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from storage import migrate
from tests.postgres import SETTINGS, _as, _binaries, _check, _die_with_parent, _free_port, _unprivileged, _wait

DURABLE = {**SETTINGS, "synchronous_commit": "on"}


@dataclass
class OwnPostgres:
    """One server on one port."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://penumbra@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        settings = [f"--{name}={value}" for name, value in {**DURABLE, "unix_socket_directories": self.folder}.items()]
        with (self.folder / "log").open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own binary and arguments
                [_binaries() / "postgres", "-D", self.folder / "data", "-p", str(self.port), *settings],
                cwd=self.folder,
                stdout=output,
                stderr=output,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - a killed run must not leave a server behind
                **_as(_unprivileged()),
            )
        _wait(self.port, self.process, self.folder / "log")

    def kill(self) -> None:
        """Immediate shutdown: no goodbye to anybody, no checkpoint; it recovers from its log at the next start."""
        assert self.process is not None
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)

    async def restart(self) -> None:
        await asyncio.to_thread(self.kill)
        await asyncio.to_thread(self.start)


@asynccontextmanager
async def own_postgres() -> AsyncIterator[OwnPostgres]:
    """A migrated database on a server that runs."""
    folder = Path(tempfile.mkdtemp(prefix="penumbra-pg-"))
    account = _unprivileged()
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
    how = ("-U", "penumbra", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
    await asyncio.to_thread(lambda: _check(_binaries() / "initdb", "-D", folder / "data", *how, cwd=folder))
    server = OwnPostgres(folder, _free_port())
    await asyncio.to_thread(server.start)
    try:
        await migrate.upgrade(server.url)
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            await asyncio.to_thread(server.kill)
        shutil.rmtree(folder, ignore_errors=True)
