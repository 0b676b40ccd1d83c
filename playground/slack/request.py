"""Reading a call as Slack does: arguments from the query, a form, JSON or multipart; the token from the header."""

import base64
import binascii
import json
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from starlette.requests import Request

from playground.slack.errors import SlackError
from playground.slack.state import Json


async def arguments(request: Request) -> Json:
    """Return all arguments of a call by name, untyped.

    Raises:
        SlackError: `invalid_post_type`, `invalid_form_data` or `invalid_json`.
    """
    found: Json = dict(request.query_params)
    if request.method == "POST":
        found |= body_arguments(await request.body(), request.headers.get("content-type", ""))
    found |= _basic(request.headers.get("authorization", ""))
    return found


def body_arguments(body: bytes, content_type: str) -> Json:
    """Return the arguments in a body of this type.

    Raises:
        SlackError: `invalid_post_type`, `invalid_form_data` or `invalid_json`.
    """
    if not body:
        return {}
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return _json(body)
    if kind == "multipart/form-data":
        return _multipart(body, content_type)
    if kind != "application/x-www-form-urlencoded":
        raise SlackError("invalid_post_type")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
    except ValueError as wrong:
        raise SlackError("invalid_form_data") from wrong


def _json(body: bytes) -> Json:
    try:
        parsed = json.loads(body)
    except ValueError as wrong:
        raise SlackError("invalid_json") from wrong
    if not isinstance(parsed, dict):
        raise SlackError("json_not_object")
    return parsed


def _multipart(body: bytes, content_type: str) -> Json:
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    if not message.is_multipart():
        raise SlackError("invalid_form_data")
    found: Json = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            found[name] = payload if part.get_filename() else payload.decode()
    return found


def _basic(authorization: str) -> Json:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": name, "client_secret": secret}


def token_of(request: Request, raw: Json) -> str | None:
    """Take the token of a call out of its header or its arguments; None when there is none."""
    in_body = raw.pop("token", None)
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    return in_body if isinstance(in_body, str) else None
