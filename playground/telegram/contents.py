"""What a message says, read from a call's arguments: text or caption with its entities, a picture, a keyboard."""

from collections.abc import Sequence
from typing import Any

from playground.telegram.arguments import Upload
from playground.telegram.entities import Entity, stripped, utf16_length, with_found
from playground.telegram.errors import bad_request
from playground.telegram.images import IMAGE_LIMIT, mime_of, size_of
from playground.telegram.keyboards import inline_keyboard
from playground.telegram.markup import MarkupError, parse_html, valid_link
from playground.telegram.state import Body, Picture, StoredFile, World

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
_EXPLICIT = frozenset(
    {
        "bold",
        "italic",
        "underline",
        "strikethrough",
        "spoiler",
        "blockquote",
        "expandable_blockquote",
        "code",
        "pre",
        "text_link",
    }
)


def text_body(args: dict[str, Any], field: str = "text", limit: int = TEXT_LIMIT) -> Body:
    """Read a text message.

    Raises:
        ApiError: The text is empty, too long, or ill-formed; the keyboard is refused.
    """
    text, entities = _formatted(args.get(field, ""), args.get("parse_mode"), args.get("entities"))
    if not text:
        raise bad_request("message text is empty")
    if len(text) > limit:
        raise bad_request("message is too long")
    markup = inline_keyboard(args.get("reply_markup"))
    return Body(text, entities, markup=markup, preview=_preview(args.get("link_preview_options")))


def picture_body(args: dict[str, Any], picture: Picture) -> Body:
    """Read the caption and keyboard that go with a picture.

    Raises:
        ApiError: The caption is too long or ill-formed; the keyboard is refused.
    """
    text, entities = _formatted(args.get("caption", ""), args.get("parse_mode"), args.get("caption_entities"))
    if len(text) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    above = bool(args.get("show_caption_above_media"))
    return Body(text, entities, picture, inline_keyboard(args.get("reply_markup")), caption_above=above)


def typed_body(text: str, *, formatted: bool) -> Body:
    """Read what a person typed; `formatted`: as HTML, the way a client formats.

    Raises:
        ApiError: The text is empty, too long, or ill-formed.
    """
    return text_body({"text": text} | ({"parse_mode": "HTML"} if formatted else {}))


def store_picture(world: World, given: str | Upload, kind: str) -> Picture:
    """Keep an uploaded file, or find one by its id.

    Raises:
        ApiError: There is no such file, it is too large, or it is no image.
    """
    if isinstance(given, str):
        if given not in world.files:
            raise bad_request(
                "failed to get HTTP URL content" if "://" in given else "wrong file identifier/HTTP URL specified"
            )
        return _picture(given, kind)
    file_id = f"AgACAgQAAxkBAAIB{world.next_serial():012d}"
    world.files[file_id] = _measured(file_id, given) if kind == "photo" else _as_it_is(file_id, given)
    return _picture(file_id, kind)


def _picture(file_id: str, kind: str) -> Picture:
    return Picture(file_id, "photo" if kind == "photo" else "document")


def _as_it_is(file_id: str, upload: Upload) -> StoredFile:
    if not upload.content:
        raise bad_request("file must be non-empty")
    return StoredFile(file_id, upload.name, upload.mime, upload.content)


def _measured(file_id: str, upload: Upload) -> StoredFile:
    size = size_of(upload.content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if len(upload.content) > IMAGE_LIMIT:
        raise bad_request("file is too big")
    if sum(size) > 10_000 or max(size) > 20 * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return StoredFile(file_id, upload.name, mime_of(upload.content), upload.content, *size)


def _formatted(
    text: str, parse_mode: str | None, given: Sequence[dict[str, Any]] | None
) -> tuple[str, tuple[Entity, ...]]:
    if parse_mode is not None and parse_mode.lower() != "html":
        raise bad_request("unsupported parse_mode")
    entities: tuple[Entity, ...] = tuple(_given(text, entity) for entity in given or () if entity["type"] in _EXPLICIT)
    if parse_mode is not None:
        try:
            text, entities = parse_html(text)
        except MarkupError as error:
            raise bad_request(f"can't parse entities: {error}") from error
    text, entities = stripped(text, entities)
    return text, with_found(text, entities)


def _given(text: str, entity: dict[str, Any]) -> Entity:
    made = Entity(entity["type"], entity["offset"], entity["length"], entity.get("url"), entity.get("language"))
    if made.offset < 0 or made.length <= 0 or made.end > utf16_length(text):
        raise bad_request("ENTITY_BOUNDS_INVALID")
    if made.type == "text_link" and valid_link(made.url or "") is None:
        raise bad_request("ENTITY_URL_INVALID")
    return made


def _preview(options: dict[str, Any] | None) -> dict[str, Any] | None:
    if options is None:
        return None
    if "url" in options and valid_link(options["url"]) is None:
        raise bad_request("WEBPAGE_URL_INVALID")
    return options
