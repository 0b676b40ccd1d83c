"""The page over HTTP: the page itself, what it shows (`/play/state`), and what people do on it (`POST /play/…`)."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from playground.page.acts import ACTS, Wish
from playground.page.origin import is_same_origin
from playground.page.scene import Scene
from playground.page.state import scenery, state, traffic
from playground.page.words import LANGUAGES, preferred, words
from playground.people import CAST

_HERE = Path(__file__).parent
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Page:
    """Answers everything that the browser asks for.

    Args:
        scene: what is shown and acted upon.
        base_url: where the page is served, without a slash at the end; pictures in messages come from there.
        patience: how long, in real seconds, a question for news waits for some.
        glance: how often, in real seconds, it looks.
    """

    def __init__(self, scene: Scene, base_url: str, *, patience: float = 5.0, glance: float = 0.2) -> None:
        self._scene = scene
        self._patience = patience
        self._glance = glance
        self._closing = asyncio.Event()
        self._policy = _policy(base_url)
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE), autoescape=True, undefined=jinja2.StrictUndefined
        )

    def routes(self) -> list[BaseRoute]:
        """The routes of the page."""
        return [
            Route("/", self._index),
            Route("/play/scenery", self._scenery),
            Route("/play/words/{language}", self._words),
            Route("/play/state", self._state),
            Route("/play/traffic", self._traffic),
            Route("/play/stored", self._stored),
            Route("/play/{act}", self._act, methods=["POST"]),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ]

    def close(self) -> None:
        """Answer every question that waits for news, so that the server can stop."""
        self._closing.set()

    async def _index(self, request: Request) -> Response:
        language = preferred(request.query_params.get("lang"), request.headers.get("accept-language", ""))
        known = words(language)
        html = self._templates.get_template("index.html").render(
            language=language, languages=LANGUAGES, say=known.__getitem__
        )
        headers = {"Content-Security-Policy": self._policy, "Referrer-Policy": "no-referrer", "Vary": "Accept-Language"}
        return HTMLResponse(html, headers=_HEADERS | headers)

    async def _words(self, request: Request) -> Response:
        language = request.path_params["language"]
        return _json(words(language)) if language in LANGUAGES else _json({"error": "no such language"}, 404)

    async def _scenery(self, request: Request) -> Response:
        del request
        return _json(scenery(self._scene))

    async def _traffic(self, request: Request) -> Response:
        del request
        return _json({"calls": traffic(self._scene)})

    async def _state(self, request: Request) -> Response:
        viewer, since = request.query_params.get("viewer", ""), request.query_params.get("since")
        if viewer not in CAST:
            return _json({"error": f"nobody is called {viewer}"}, 404)
        shown = await self._news(viewer, since)
        return Response(status_code=204, headers=_HEADERS) if shown is None else _json(shown)

    async def _news(self, viewer: str, since: str | None) -> dict[str, Any] | None:
        """What somebody sees once it is something else than they saw; None when patience ran out."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._patience
        while (shown := state(self._scene, viewer))["version"] == since:
            if self._closing.is_set() or loop.time() >= until:
                return None
            await self._pause()
        return shown

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._glance):
                await self._closing.wait()
        except TimeoutError:
            return

    async def _stored(self, request: Request) -> Response:
        viewer, stored = request.query_params.get("viewer", ""), self._scene.hooks.stored
        if viewer not in CAST:
            return _json({"error": f"nobody is called {viewer}"}, 404)
        if stored is None:  # it is not offered, or the house is being emptied
            return Response(status_code=204, headers=_HEADERS)
        if self._scene.hooks.reached is not None:
            self._scene.guide.reach(await self._scene.hooks.reached())
        return _json({"stored": await stored(viewer)})

    async def _act(self, request: Request) -> Response:
        act = ACTS.get(request.path_params["act"])
        if act is None:
            return _json({"error": "no such act"}, 404)
        if not is_same_origin(request.headers):
            return _json({"error": "only this page may do that"}, 403)
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return _json({"error": "JSON, please"}, 415)
        try:
            return _json({"ok": True, **await act(self._scene, Wish(_fields(await request.body())))})
        except PermissionError as refusal:
            return _json({"ok": False, "error": str(refusal)}, 409)
        except ValueError as mistake:
            return _json({"ok": False, "error": str(mistake)}, 400)


def _fields(body: bytes) -> Mapping[str, Any]:
    match json.loads(body):
        case dict(fields):
            return fields
        case _:
            raise ValueError("a JSON object, please")


def _json(data: Mapping[str, Any], status: int = 200) -> Response:
    return JSONResponse(data, status, _HEADERS)


def _policy(base_url: str) -> str:
    """The Content-Security-Policy: scripts, styles and questions only from here, pictures also from the local sites."""
    port = urlsplit(base_url).port
    pictures = f"'self' data: {base_url} http://*.localhost" + (f":{port}" if port else "")
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src {pictures}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
