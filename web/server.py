"""The list of routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from core.clicks import ClickService
from web.health import Health
from web.metrics import Metrics
from web.pages.public import PublicPages
from web.redirect import Redirect

if TYPE_CHECKING:  # who only redirects is spared the pages and what they ask, some 5 MB
    from web.pages.signed_in import SignedInPages


@dataclass(frozen=True, slots=True)
class Front:
    """What the server answers with."""

    clicks: ClickService
    pages: PublicPages
    health: Health
    metrics: Metrics
    signed_in: "SignedInPages | None" = None
    """None: they are served elsewhere."""


def build_server(front: Front, platforms: Mapping[str, ASGIApp]) -> Redirect:
    """Everything that listens, in one ASGI app: short URLs first, then the platforms' deliveries, then pages.

    Args:
        front: the pages and what they ask.
        platforms: ASGI apps by the path they answer at, as `/telegram/webhook`; each checks for itself who calls.
    """
    pages = front.pages
    routes = [
        Route("/healthz", front.health.alive),
        Route("/readyz", front.health.ready),
        Route("/metrics", front.metrics.tell),
        Route("/privacy", pages.privacy),
        Route("/", pages.home),
        *(_behind_a_sign_in(front.signed_in) if front.signed_in else ()),
        Mount("/static", StaticFiles(packages=[("web", "static")])),
        Route("/{code}+", pages.preview),
        Route("/{rest:path}", pages.went_wrong, methods=["GET", "HEAD"]),
    ]
    told = {Exception: pages.broken}
    return Redirect(front.clicks, Deliveries(platforms, Starlette(routes=routes, exception_handlers=told)))


class Deliveries:
    """Answers the platforms' deliveries ahead of the pages: they are asked most, and the way past pages costs time.

    Args:
        platforms: ASGI apps by the path they answer at.
        pages: everything else.
    """

    def __init__(self, platforms: Mapping[str, ASGIApp], pages: ASGIApp) -> None:
        self._platforms = platforms
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI 3.0."""
        app = self._platforms.get(scope["path"]) if scope["type"] == "http" else None
        await (app or self._pages)(scope, receive, send)


def _behind_a_sign_in(pages: "SignedInPages") -> list[Route]:
    told = pages.told
    return [
        Route("/in/{secret}", told(pages.door)),
        Route("/in/{secret}", told(pages.enter), methods=["POST"]),
        Route("/out", told(pages.leave), methods=["POST"]),
        Route("/out", pages.again),
        Route("/groups", told(pages.groups)),
        Route("/groups/{group}", told(pages.group)),
        Route("/groups/{group}/settings", told(pages.save), methods=["POST"]),
        Route("/groups/{group}/pause", told(pages.pause), methods=["POST"]),
        Route("/groups/{group}/resume", told(pages.resume), methods=["POST"]),
        *(Route(f"/groups/{{group}}/{form}", pages.again) for form in ("settings", "pause", "resume")),
        Route("/groups/{group}/editions", told(pages.editions)),
        Route("/groups/{group}/editions/{week}", told(pages.edition)),
    ]
