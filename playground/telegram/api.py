"""The HTTP surface of the Bot API: a route for methods, a route for files, and nothing else."""

import inspect
from collections import deque
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from playground.telegram.arguments import Upload, arguments
from playground.telegram.errors import ApiError, DroppedResponseError, not_found, unauthorized
from playground.telegram.forms import read_body
from playground.telegram.methods import HANDLERS
from playground.telegram.methods.updates import file_content
from playground.telegram.parameters import METHOD_NAMES
from playground.telegram.platform import Platform
from playground.traffic import Traffic

ANY = "*"
"""Stands for every method where a fault is armed."""


class BotApi:
    """Answers the bot's calls.

    Args:
        token: The one token that is let in.
        platform: What the methods act upon.
        traffic: Where calls are recorded.
    """

    def __init__(self, token: str, platform: Platform, traffic: Traffic) -> None:
        self._token = token
        self._platform = platform
        self._traffic = traffic
        self._faults: dict[str, deque[Exception]] = {}
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._file, methods=["GET"]),
            ]
        )

    def fail_next(self, method: str, error: Exception) -> None:
        """Let the next call of a method fail; a DroppedResponseError lets it take effect first.

        Args:
            method: Its name; ANY for whichever comes next, but for the polls for updates.
            error: What goes wrong.

        Raises:
            KeyError: There is no such method.
        """
        name = ANY if method == ANY else METHOD_NAMES[method.lower()]
        self._faults.setdefault(name, deque()).append(error)

    def armed(self) -> list[tuple[str, Exception]]:
        """What is still to go wrong: the method, or ANY, and how."""
        return [(method, error) for method, errors in self._faults.items() for error in errors]

    def calm(self) -> None:
        """Let nothing more go wrong."""
        self._faults.clear()

    def _next_fault(self, method: str) -> Exception | None:
        for name in (method, ANY) if method != "getUpdates" else (method,):
            if waiting := self._faults.get(name):
                return waiting.popleft()
        return None

    async def _call(self, request: Request) -> Response:
        fields: dict[str, Any] = {}
        method = METHOD_NAMES.get(request.path_params["method"].lower(), "")
        try:
            if request.path_params["token"] != self._token:
                raise unauthorized()
            if not method:
                raise not_found("method not found")
            fields, uploads = await _read(request)
            args = arguments(method, fields, uploads)
            fields |= {name: f"attach://{name}" for name in uploads if name in args}
            answer, status = await self._answer(method, args), 200
        except ApiError as error:
            answer, status = error.as_json(), error.code
        except DroppedResponseError:
            self._record(method, fields, "the connection broke", ok=False)
            return _BrokenResponse()
        if answer != {"ok": True, "result": []} or method != "getUpdates":
            self._record(method or request.path_params["method"], fields, answer, ok=status == 200)
        return JSONResponse(answer, status)

    async def _answer(self, method: str, args: dict[str, Any]) -> dict[str, Any]:
        fault = self._next_fault(method)
        if fault is not None and not isinstance(fault, DroppedResponseError):
            raise fault
        result = HANDLERS[method](self._platform, args)
        if inspect.isawaitable(result):
            result = await result
        if fault is not None:
            raise fault
        return {"ok": True, "result": result}

    async def _file(self, request: Request) -> Response:
        try:
            if request.path_params["token"] != self._token:
                raise unauthorized()
            content, mime = file_content(self._platform, request.path_params["path"])
        except ApiError as error:
            return JSONResponse(error.as_json(), error.code)
        return Response(content, media_type=mime)

    def _record(self, method: str, fields: dict[str, Any], answer: dict[str, Any] | str, *, ok: bool) -> None:
        self._traffic.record(
            at=self._platform.now(), platform="telegram", method=method, request=fields, response=answer, ok=ok
        )


class _BrokenResponse(Response):
    """Promises more bytes than it sends, so that the server has to cut the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"4096")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"ok":', "more_body": False})


async def _read(request: Request) -> tuple[dict[str, Any], dict[str, Upload]]:
    fields, uploads = read_body(request.headers.get("content-type", ""), await request.body())
    return dict(request.query_params) | fields, uploads
