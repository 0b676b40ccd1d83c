"""Who is signed in, and whether a form came from a page of ours. The cookie holds a random number and nothing else."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from core.errors import PenumbraError
from core.signin import SESSION_LIVES

FORM_BYTES = 16 * 1024
FORM_FIELDS = 100
TOKEN_FIELD = "form"  # noqa: S105 - the name of a field
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Form = Mapping[str, Sequence[str]]


class FormRefused(PenumbraError):
    """This form was not sent from a page of this Penumbra, or it is too long."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """How a browser is asked to keep a session.

    `__Host-` binds it to this very host, over https alone (RFC 6265bis, 4.1.3.2). On plain http there is one exception:
    a server on loopback, as the playground's, where no one can read along; Chromium would keep a Secure cookie there,
    Safari would not.
    """

    name: str
    secure: bool

    def give(self, response: Response, secret: str) -> None:
        """Have the browser keep a session's secret."""
        seconds = int(SESSION_LIVES.total_seconds())
        response.set_cookie(
            self.name, secret, max_age=seconds, path="/", secure=self.secure, httponly=True, samesite="strict"
        )

    def take_back(self, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="strict")


def cookie_at(public_url: str) -> Cookie | None:
    """The cookie for a server at this address; None where signing in would not be safe."""
    parts = urlsplit(public_url)
    if parts.scheme == "https":
        return Cookie("__Host-penumbra", secure=True)
    return Cookie("penumbra", secure=False) if parts.hostname in LOOPBACK else None


def form_token(secret: str) -> str:
    """What a form of a session carries, so that none can be forged (OWASP: HMAC based token pattern)."""
    return hmac.digest(secret.encode(), b"penumbra form", "sha256").hex()


def comes_from_here(request: Request, public_url: str) -> bool:
    """Whether a page of ours sent this, as far as the browser says (Fetch metadata, else the Origin header)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    parts = urlsplit(public_url)
    return origin is None or origin == f"{parts.scheme}://{parts.netloc}"


async def read_form(request: Request) -> Form:
    """The fields of a posted form.

    Raises:
        FormRefused: too long, or of too many fields.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            raise FormRefused
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FORM_FIELDS)
    except ValueError as error:
        raise FormRefused from error


def field(form: Form, name: str) -> str:
    """The one value of a field; empty where there is none."""
    return form.get(name, [""])[0].strip()


async def form_of(request: Request, secret: str, public_url: str) -> Form:
    """A form that a page of ours sent for this session.

    Raises:
        FormRefused: it did not.
    """
    form = await read_form(request)
    sent = field(form, TOKEN_FIELD).encode()
    if not comes_from_here(request, public_url) or not hmac.compare_digest(sent, form_token(secret).encode()):
        raise FormRefused
    return form
