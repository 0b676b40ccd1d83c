"""The pages and addresses of Slack that are not the Web API: the OAuth page, response URLs, uploads."""

from html import escape
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from playground.slack.errors import SlackError
from playground.slack.install import check_request, issue_code, requested
from playground.slack.platform import Platform
from playground.slack.request import body_arguments
from playground.slack.responses import respond
from playground.slack.state import Json
from playground.slack.wire import mimetype
from playground.traffic import Traffic


class Pages:
    """Answers everything outside `/api/`.

    Args:
        platform: the platform.
        traffic: where answers to response URLs are remembered.
    """

    def __init__(self, platform: Platform, traffic: Traffic) -> None:
        self._platform = platform
        self._traffic = traffic

    async def authorize(self, request: Request) -> Response:
        """Show the page that asks a person, with every scope on it; or carry out their answer."""
        if request.method == "POST":
            return await self._decided(request)
        query = dict(request.query_params)
        try:
            check_request(self._platform, query)
        except SlackError as refusal:
            return HTMLResponse(f"<p>{escape(refusal.word)}</p>", status_code=400)
        return HTMLResponse(self._page(query))

    async def _decided(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        query = {name: form.get(name, "") for name in ("client_id", "scope", "user_scope", "redirect_uri", "state")}
        try:
            check_request(self._platform, query)
            user = self._platform.workspace.account_of(form.get("person", "")).id
        except (SlackError, KeyError) as refusal:
            return HTMLResponse(f"<p>{escape(str(refusal))}</p>", status_code=400)
        if form.get("answer") == "allow":
            answer = {"code": issue_code(self._platform, user, query)}
        else:
            answer = {"error": "access_denied"}
        joint = "&" if "?" in query["redirect_uri"] else "?"
        address = query["redirect_uri"] + joint + urlencode({**answer, "state": query["state"]})
        return RedirectResponse(address, status_code=302)

    def _page(self, query: dict[str, str]) -> str:
        platform = self._platform
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(query.get(name, ""))}">'
            for name in ("client_id", "scope", "user_scope", "redirect_uri", "state")
        )
        lists = _scopes("The app may", query.get("scope", "")) + _scopes("As you", query.get("user_scope", ""))
        people = "".join(
            f'<option value="{escape(account.key)}">{escape(account.name)}</option>'
            for account in platform.workspace.accounts.values()
            if account.key is not None
        )
        title = f"{escape(platform.manifest.name)} asks to join {escape(platform.workspace.name)}"
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><main><h1>{title}</h1>{lists}'
            f'<form method="post">{hidden}<label>You are <select name="person">{people}'
            '</select></label> <button name="answer" value="allow">Allow</button> '
            '<button name="answer" value="cancel">Cancel</button></form></main></html>'
        )

    async def respond(self, request: Request) -> Response:
        """Take one answer at a response URL."""
        body: Json = {}
        try:
            body = body_arguments(await request.body(), request.headers.get("content-type", ""))
            reply = self._platform.exchange.answer(request.path_params["key"], self._platform.now())
            respond(self._platform, reply, body)
        except SlackError as refusal:
            self._record(body, refusal.word, ok=False)
            status = refusal.status if refusal.status != 200 else 400  # a response URL answers by status
            return PlainTextResponse(refusal.word, status_code=status)
        self._record(body, "ok", ok=True)
        return PlainTextResponse("ok")

    def _record(self, body: Json, answer: str, *, ok: bool) -> None:
        now = self._platform.now()
        self._traffic.record(at=now, platform="slack", method="response_url", request=body, response=answer, ok=ok)

    async def upload(self, request: Request) -> Response:
        """Take the bytes of an announced file; their number must be the announced one."""
        stored = self._platform.workspace.files.get(request.path_params["file"])
        if stored is None or stored.data is not None:
            return PlainTextResponse("not found", status_code=404)
        data = await request.body()
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            parts = body_arguments(data, request.headers["content-type"]).values()
            data = next((part for part in parts if isinstance(part, bytes)), b"")
        if len(data) != stored.length:
            return PlainTextResponse("length mismatch", status_code=400)
        stored.data = data
        return PlainTextResponse(f"OK - {stored.length}")

    async def file(self, request: Request) -> Response:
        """Serve a completed file, for the page that shows the playground."""
        stored = self._platform.workspace.files.get(request.path_params["file"])
        if stored is None or stored.data is None or not stored.completed:
            return PlainTextResponse("not found", status_code=404)
        return Response(stored.data, media_type=mimetype(stored.name), headers={"X-Content-Type-Options": "nosniff"})


def _scopes(title: str, words: str) -> str:
    items = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in requested(words))
    return f"<h2>{title}</h2><ul>{items}</ul>" if items else ""
