"""Reading a request's body: form fields, multipart uploads or JSON, as bot libraries send them."""

import json
from collections.abc import Iterator
from email.message import Message as Headers
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import parse_qsl

from playground.telegram.arguments import Upload
from playground.telegram.errors import bad_request

_HEADERS_END = b"\r\n\r\n"


def read_body(content_type: str, body: bytes) -> tuple[dict[str, Any], dict[str, Upload]]:
    """Read the fields and the files of a body.

    Raises:
        ApiError: It is not what its content type says.
    """
    headers = Headers()
    headers["content-type"] = content_type or "application/x-www-form-urlencoded"
    kind = headers.get_content_type()
    if kind == "application/json":
        return _json_object(body), {}
    if kind == "multipart/form-data":
        return _multipart(str(headers.get_param("boundary", "")), body)
    return dict(_urlencoded(body)), {}


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(found, dict):
        raise bad_request("can't parse JSON object")
    return found


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(_utf8(body), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


def _multipart(boundary: str, body: bytes) -> tuple[dict[str, Any], dict[str, Upload]]:
    fields: dict[str, Any] = {}
    uploads: dict[str, Upload] = {}
    for headers, content in _parts(boundary, body):
        name = str(headers.get_param("name", "", header="content-disposition"))
        filename = headers.get_filename()
        if filename is None:
            fields[name] = _utf8(content)
        else:
            uploads[name] = Upload(filename, headers.get_content_type(), content)
    return fields, uploads


def _parts(boundary: str, body: bytes) -> Iterator[tuple[Headers, bytes]]:
    if not boundary:
        raise bad_request("can't parse multipart body: no boundary")
    for part in (b"\r\n" + body).split(f"\r\n--{boundary}".encode())[1:]:
        if part.startswith(b"--"):
            return
        head, end, content = part.removeprefix(b"\r\n").partition(_HEADERS_END)
        if not end:
            raise bad_request("can't parse multipart body")
        yield BytesHeaderParser().parsebytes(head + _HEADERS_END), content
    raise bad_request("can't parse multipart body: it has no end")


def _utf8(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
