"""Pages that anybody may read: where a short URL leads, what is kept, and plain words for what went wrong."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from core.clicks import ClickService, Gone
from core.errors import StorageUnavailable
from core.links import short_url
from core.model import Code, Destination
from core.ports import Now
from texts.catalogue import Texts
from texts.notices import notice_text
from web.pages.render import Pages

_MAIL: Final = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\"]+")


@dataclass(frozen=True, slots=True)
class About:
    """Who runs this Penumbra, as pages say it."""

    operator: str
    contact: str
    public_url: str
    receipt_key: str = ""
    """The public half of the key that signs receipts, base64."""


def contact_link(contact: str, subject: str, body: str) -> str | None:
    """Where a contact leads when it is an e-mail address (RFC 6068) or a page; None for anything else."""
    if _MAIL.fullmatch(contact):
        return f"mailto:{quote(contact, safe='@')}?subject={quote(subject)}&body={quote(body)}"
    return contact if contact.startswith("https://") else None


WENT_WRONG = {"unknown": ("unknown_code", 404), "gone": ("gone", 410), "unavailable": ("unavailable", 503)}


class PublicPages:
    """Handlers of the public pages.

    Args:
        pages: renders templates.
        clicks: finds where a code leads, without counting.
        texts: every language's words.
        about: who runs this.
        now: the clock.
    """

    def __init__(self, pages: Pages, clicks: ClickService, texts: Texts, about: About, now: Now) -> None:
        self._pages = pages
        self._clicks = clicks
        self._texts = texts
        self._about = about
        self._now = now

    async def went_wrong(self, request: Request) -> Response:
        """Any address nothing else answers: an unknown or expired code, or a page that was never here."""
        why = getattr(request.state, "redirect", "unknown")
        return await self._warn(request) if why == "listed" else self._explain(request, why)

    async def _warn(self, request: Request) -> Response:
        """A short URL whose destination was reported since it was shared: what is known, and the way on."""
        found = await self._clicks.look_up(request.url.path[1:])
        if not isinstance(found, Destination):  # it expired between two looks
            return self._explain(request, "gone")
        return self._pages.show(request, "listed.html", 403, url=found.url)

    async def preview(self, request: Request) -> Response:
        """`GET /{code}+`: where it leads and what is counted; looking is not counted."""
        text = request.path_params["code"]
        try:
            found = await self._clicks.look_up(text)
        except StorageUnavailable:
            return self._explain(request, "unavailable")
        if not isinstance(found, Destination):
            return self._explain(request, "gone" if isinstance(found, Gone) else "unknown")
        words = self._pages.words(request)
        counted = found.counted_until is not None and found.counted_until > self._now()
        short = short_url(self._about.public_url, Code(text))
        return self._pages.show(
            request,
            "preview.html",
            url=found.url,
            listed=found.listed,
            short=short,
            operator=self._about.operator,
            contact=self._about.contact,
            write_to=contact_link(self._about.contact, words.say("web.preview.report.subject"), short),
            counted=words.say("web.preview.counted" if counted else "web.preview.uncounted"),
            expires=words.say("web.preview.expires", day=words.day(found.expires_at.date())),
        )

    async def privacy(self, request: Request) -> Response:
        """`GET /privacy`: what is read, kept and for how long, in full."""
        words = self._pages.words(request)
        return self._pages.show(
            request,
            "privacy.html",
            operator=self._about.operator,
            contact=self._about.contact,
            receipt_key=self._about.receipt_key,
            notice=notice_text(self._texts, words.language),
        )

    async def home(self, request: Request) -> Response:
        """`GET /`: what this is, and where members and admins go on."""
        return self._pages.show(request, "home.html", operator=self._about.operator)

    async def broken(self, request: Request, _: Exception) -> Response:
        """A fault of ours, which the log has: what it was is told to nobody here."""
        words = self._pages.words(request)
        body = words.say("web.broken.body", operator=self._about.operator, contact=self._about.contact)
        return self._pages.show(request, "message.html", 500, title=words.say("web.broken.title"), body=body)

    def _explain(self, request: Request, why: str) -> Response:
        name, status = WENT_WRONG[why]
        words = self._pages.words(request)
        title, body = words.say(f"web.{name}.title"), words.say(f"web.{name}.body")
        return self._pages.show(request, "message.html", status, title=title, body=body)
