"""`penumbra run` as a process of its own, to be killed without a warning."""

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from config.demo import LOOPBACK, free_port
from config.keys import make_root_key
from playground.stage import Stage
from tests.walks.theatre import until

ROOT = Path(__file__).parents[2]
STARTED_WITHIN = 60.0


@dataclass
class PenumbraProcess:
    """One operator's installation: its settings stay, its process comes and goes."""

    stage: Stage
    database_url: str
    folder: Path
    port: int = field(default_factory=free_port)
    root_key: str = field(default_factory=make_root_key)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        settings = {
            "DATABASE_URL": self.database_url,
            "DATA_DIR": str(self.folder / "clicks"),
            "JOURNAL_DIR": str(self.folder / "journal"),
            "ROOT_KEY": self.root_key,
            "PUBLIC_URL": self.url,
            "PORT": str(self.port),
            "TELEGRAM_TOKEN": self.stage.credentials.telegram_token,
            "TELEGRAM_API_URL": self.stage.telegram_api_url,
            "SLACK_SIGNING_SECRET": self.stage.credentials.slack_signing_secret,
            "SLACK_BOT_TOKEN": self.stage.credentials.slack_bot_token,
            "SLACK_API_URL": self.stage.slack_api_url,
            "UNFURL_TEST_HOSTS": self.stage.test_hosts,
            "DIGEST_WINDOW_MINUTES": "0",
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PENUMBRA_", "COV_"))}
        return inherited | {f"PENUMBRA_{name}": value for name, value in settings.items()}

    async def start(self) -> None:
        """Start it and wait until it is ready and polls."""
        self.stage.traffic.clear()
        with (self.folder / "log").open("ab") as log:
            command = (sys.executable, "-m", "config", "run")
            self.process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=self.environment, stderr=log)
        async with asyncio.timeout(STARTED_WITHIN):
            while not await self._is_ready():  # noqa: ASYNC110 - another process tells only when asked
                await asyncio.sleep(0.05)
        await until(lambda: self.stage.traffic.calls(method="deleteWebhook"))

    async def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
        return await self.process.wait()

    async def kill_and_restart(self) -> None:
        await self.kill()
        await self.start()

    async def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, (self.folder / "log").read_text()
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{self.url}/readyz")).status_code == 200
        except httpx.TransportError:
            return False


@dataclass
class RoleProcess(PenumbraProcess):
    """One role of one installation; they share database, root key and folders."""

    roles: str = ""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"PENUMBRA_ROLES": self.roles, "PENUMBRA_TELEGRAM_TOKEN": ""}

    async def start(self) -> None:
        """Start it, without waiting until it is ready."""
        with (self.folder / "log").open("ab") as log:
            command = (sys.executable, "-m", "config", "run")
            self.process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=self.environment, stderr=log)


async def settled(role: RoleProcess) -> None:
    """Wait until it is ready, however often it was killed."""
    async with asyncio.timeout(120):
        while not await role._is_ready():  # noqa: ASYNC110 - another process tells only when asked
            await asyncio.sleep(0.2)
