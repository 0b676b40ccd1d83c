"""Whether this process lives, and whether it can do its work."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be well: its name, and what is wrong with it, or None."""

    name: str
    trouble: str | None


Checks = Callable[[], Awaitable[list[Check]]]


class Health:
    """`/healthz` and `/readyz`.

    Args:
        checks: looks at everything this process depends on.
    """

    def __init__(self, checks: Checks) -> None:
        self._checks = checks

    async def alive(self, _: Request) -> Response:
        """`GET /healthz`: the process answers."""
        return PlainTextResponse("ok\n")

    async def ready(self, _: Request) -> Response:
        """`GET /readyz`: 200 when everything is well, else 503 with what is not; cached links go on redirecting."""
        checks = await self._checks()
        troubled = any(check.trouble for check in checks)
        answer = {"status": "degraded" if troubled else "ready", "checks": {c.name: c.trouble or "ok" for c in checks}}
        return JSONResponse(answer, 503 if troubled else 200, headers={"cache-control": "no-store"})
