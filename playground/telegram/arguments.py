"""The arguments of a call, checked against the tables and turned from form fields into values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground.telegram.errors import ApiError, bad_request
from playground.telegram.parameters import METHODS, OBJECTS, REPLY_MARKUPS, Parameter


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a multipart request.

    Attributes:
        name: Its file name.
        mime: Its declared type.
        content: Its bytes.
    """

    name: str
    mime: str
    content: bytes


def arguments(method: str, fields: Mapping[str, Any], uploads: Mapping[str, Upload]) -> dict[str, Any]:
    """Check and read the arguments of a method; uploads that some argument names by `attach://` are put in their place.

    Raises:
        ApiError: A parameter is unknown, missing, or not of its kind.
    """
    table = METHODS[method]
    given = dict(fields) | {name: upload for name, upload in uploads.items() if name in table}
    checked = _read_fields(given, table, method)
    return _with_uploads(checked, uploads)


def _read_fields(given: Mapping[str, Any], table: Mapping[str, Parameter], owner: str) -> dict[str, Any]:
    for name in given:
        if name not in table:
            raise bad_request(f'unknown parameter "{name}" of {owner}')
    for name, parameter in table.items():
        if parameter.required and given.get(name) is None:
            raise _missing(name, owner)
    return {name: _read(value, table[name].kind, name) for name, value in given.items() if value is not None}


def _missing(name: str, owner: str) -> ApiError:
    words = {
        "text": "message text is empty",
        "chat_id": "chat_id is empty",
        "message_id": "message identifier is not specified",
    }
    if name in {"photo", "document"}:
        return bad_request(f"there is no {name} in the request")
    return bad_request(words.get(name, f'parameter "{name}" of {owner} is required'))


def _read(value: Any, kind: str, name: str) -> Any:  # noqa: ANN401 - JSON of any shape in, a checked value out
    if kind.startswith("["):
        return [_read(item, kind[1:-1], name) for item in _decoded(value, list, name)]
    if kind in _READERS:
        return _READERS[kind](value, name)
    fields = _decoded(value, dict, name)
    return _read_fields(fields, OBJECTS[_object_kind(kind, fields, name)], kind)


def _object_kind(kind: str, fields: Mapping[str, Any], name: str) -> str:
    if kind != "ReplyMarkup":
        return kind
    found = [REPLY_MARKUPS[field] for field in fields if field in REPLY_MARKUPS]
    if len(found) != 1:
        raise bad_request(f"can't parse {name}: object expected as reply markup")
    return found[0]


def _decoded(value: Any, expected: type, name: str) -> Any:  # noqa: ANN401 - form fields carry JSON as text
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            raise bad_request(f"can't parse {name} JSON object") from None
    if not isinstance(value, expected):
        raise bad_request(f"can't parse {name}: {'array' if expected is list else 'object'} expected")
    return value


def _read_int(value: Any, name: str) -> int:  # noqa: ANN401 - see _read
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().removeprefix("-").isdecimal():
        return int(value)
    raise bad_request(f'parameter "{name}" must be an integer')


def _read_bool(value: Any, name: str) -> bool:  # noqa: ANN401 - see _read
    words = {"true": True, "false": False, "1": True, "0": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise bad_request(f'parameter "{name}" must be a boolean')


def _read_str(value: Any, name: str) -> str:  # noqa: ANN401 - see _read
    if not isinstance(value, str):
        raise bad_request(f'parameter "{name}" must be a string')
    try:
        value.encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    return value


def _read_chat(value: Any, name: str) -> int | str:  # noqa: ANN401 - see _read
    if isinstance(value, str) and value.startswith("@"):
        return value
    return _read_int(value, name)


def _read_file(value: Any, name: str) -> str | Upload:  # noqa: ANN401 - see _read
    return value if isinstance(value, Upload) else _read_str(value, name)


_FILES = frozenset({"photo", "document", "media"})
_READERS = {"int": _read_int, "bool": _read_bool, "str": _read_str, "chat": _read_chat, "file": _read_file}


def _with_uploads(values: dict[str, Any], uploads: Mapping[str, Upload]) -> dict[str, Any]:
    return {name: _with_upload(name, value, uploads) for name, value in values.items()}


def _with_upload(name: str, value: Any, uploads: Mapping[str, Upload]) -> Any:  # noqa: ANN401 - see _read
    if name == "media" and isinstance(value, dict):
        return _with_uploads(value, uploads)
    if name not in _FILES or not isinstance(value, str) or not value.startswith("attach://"):
        return value
    if value.removeprefix("attach://") not in uploads:
        raise bad_request(f"file must be attached to the request: {value}")
    return uploads[value.removeprefix("attach://")]
