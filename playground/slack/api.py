"""The Web API: one route, a table of methods, and what happens around every call."""

from collections import defaultdict, deque
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from playground.slack.errors import RateLimited, SlackError
from playground.slack.methods import access, chat, conversations, files, identity, unfurls, views
from playground.slack.methods.spec import Method, read
from playground.slack.platform import Platform, needs
from playground.slack.request import arguments, token_of
from playground.slack.state import Json
from playground.traffic import Traffic

METHODS: dict[str, Method] = {
    **chat.METHODS,
    **unfurls.METHODS,
    **conversations.METHODS,
    **identity.METHODS,
    **views.METHODS,
    **files.METHODS,
    **access.METHODS,
}
HTTP_500, DROPPED = "http_500", "dropped"
"""Faults that are no words of Slack's: an error page before any effect; a connection cut after the effect."""
ANY = "*"
"""Stands for every method where a fault is armed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one call."""

    error: str
    retry_after: int


class Dropped(Response):
    """An answer that never arrives: the headers promise a body, then nothing more is sent."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise a body and break off."""
        del scope, receive
        promise = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": promise})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


class Api:
    """Answers `/api/{method}`.

    Args:
        platform: the platform.
        traffic: where every call is remembered.
    """

    def __init__(self, platform: Platform, traffic: Traffic) -> None:
        self._platform = platform
        self._traffic = traffic
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)

    def fail_next(self, method: str, error: str, *, retry_after: int = 30) -> None:
        """Let the next call of a method fail; several faults queue up.

        Args:
            method: such as `chat.postMessage`; ANY for whichever comes next.
            error: a word of Slack's (`ratelimited` becomes HTTP 429), `http_500`, or `dropped`, where the call takes
                effect and its answer is lost.
            retry_after: seconds, for `ratelimited`.
        """
        self._faults[method].append(Fault(error, retry_after))

    def armed(self) -> list[tuple[str, Fault]]:
        """What is still to go wrong: the method, or ANY, and how."""
        return [(method, fault) for method, faults in self._faults.items() for fault in faults]

    def calm(self) -> None:
        """Let nothing more go wrong."""
        self._faults.clear()

    def _next_fault(self, method: str) -> Fault | None:
        waiting = self._faults.get(method) or self._faults.get(ANY)
        return waiting.popleft() if waiting else None

    async def endpoint(self, request: Request) -> Response:
        """Answer one call."""
        name = request.path_params["method"]
        fault = self._next_fault(name)
        if fault is not None and fault.error == HTTP_500:
            self._record(name, {}, {"error": HTTP_500}, ok=False)
            return PlainTextResponse("Internal Server Error", status_code=500)
        shown: Json = {}
        try:
            answer = await self._answer(name, request, fault, shown)
        except SlackError as refusal:
            self._record(name, shown, refusal.body(), ok=False)
            return _refused(refusal)
        dropped = fault is not None
        self._record(name, shown, {"error": DROPPED} if dropped else answer, ok=not dropped)
        return Dropped() if dropped else JSONResponse(answer)

    async def _answer(self, name: str, request: Request, fault: Fault | None, shown: Json) -> Json:
        platform = self._platform
        raw = await arguments(request)
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        grant = access.ANONYMOUS
        if method.with_token:
            grant = platform.grants.check(token_of(request, raw), platform.now())
        shown |= raw
        if fault is not None and fault.error != DROPPED:
            raise RateLimited(fault.retry_after) if fault.error == "ratelimited" else SlackError(fault.error)
        if method.scopes:
            needs(grant, *method.scopes)
        args = read(method, raw)
        shown |= args
        platform.limits.method(name, method.tier, platform.now())
        return {"ok": True, **method.run(platform, grant, args)}

    def _record(self, name: str, request: Json, response: Json, *, ok: bool) -> None:
        self._traffic.record(
            at=self._platform.now(), platform="slack", method=name, request=request, response=response, ok=ok
        )


def _refused(refusal: SlackError) -> Response:
    headers = {"Retry-After": str(refusal.retry_after)} if isinstance(refusal, RateLimited) else None
    return JSONResponse(refusal.body(), status_code=refusal.status, headers=headers)
