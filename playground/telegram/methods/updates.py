"""Who the bot is, and how it takes its updates."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from playground.telegram.delivery import Webhook
from playground.telegram.errors import bad_request, not_found
from playground.telegram.methods.calls import Handler, Result
from playground.telegram.parameters import UPDATE_KINDS
from playground.telegram.platform import Platform
from playground.telegram.shapes import bot_json, unix

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_UNHEARD = frozenset(
    {
        "channel_post",
        "edited_channel_post",
        "message_reaction_count",
        "chat_join_request",
        "poll",
        "poll_answer",
        "shipping_query",
        "pre_checkout_query",
        "chat_boost",
        "removed_chat_boost",
    }
)
"""Kinds a bot may ask for though nothing here emits them."""


def get_me(platform: Platform, args: dict[str, Any]) -> dict[str, Any]:
    """GetMe."""
    return bot_json(platform.world)


async def get_updates(platform: Platform, args: dict[str, Any]) -> Result:
    """GetUpdates."""
    limit = args.get("limit", 100)
    if not 1 <= limit <= 100:
        raise bad_request("limit must be between 1 and 100")
    _check_kinds(args)
    platform.delivery.allow(args.get("allowed_updates"))
    return await platform.delivery.poll(args.get("offset", 0), limit, max(0, args.get("timeout", 0)))


def set_webhook(platform: Platform, args: dict[str, Any]) -> bool:
    """setWebhook; as a local Bot API server it takes plain HTTP and every port."""
    _check_kinds(args)
    if not args["url"]:
        return delete_webhook(platform, args)
    parts = urlsplit(args["url"])
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if "secret_token" in args and not _SECRET.fullmatch(args["secret_token"]):
        raise bad_request("secret token contains unallowed characters")
    connections = args.get("max_connections", 40)
    if not 1 <= connections <= 100:
        raise bad_request("max_connections must be between 1 and 100")
    if args.get("drop_pending_updates"):
        platform.delivery.drop_pending()
    platform.delivery.allow(args.get("allowed_updates"))
    platform.delivery.point_at(Webhook(args["url"], args.get("secret_token"), connections))
    return True


def delete_webhook(platform: Platform, args: dict[str, Any]) -> bool:
    """DeleteWebhook."""
    if args.get("drop_pending_updates"):
        platform.delivery.drop_pending()
    platform.delivery.point_at(None)
    return True


def get_webhook_info(platform: Platform, args: dict[str, Any]) -> dict[str, Any]:
    """GetWebhookInfo."""
    delivery = platform.delivery
    info: dict[str, Any] = {"url": "", "has_custom_certificate": False}
    info["pending_update_count"] = len(delivery.pending)
    if delivery.webhook is not None:
        info |= {"url": delivery.webhook.url, "max_connections": delivery.webhook.max_connections}
    if delivery.last_error is not None:
        info |= {"last_error_date": unix(delivery.last_error[0]), "last_error_message": delivery.last_error[1]}
    if delivery.allowed is not None:
        info["allowed_updates"] = sorted(delivery.allowed)
    return info


def get_file(platform: Platform, args: dict[str, Any]) -> dict[str, Any]:
    """GetFile."""
    file = platform.world.files.get(args["file_id"])
    if file is None:
        raise bad_request("invalid file_id")
    known = {"file_id": file.file_id, "file_unique_id": file.file_id[-12:], "file_size": len(file.content)}
    return known | {"file_path": file_path(file.file_id)}


def file_path(file_id: str) -> str:
    """Where a file is fetched, under `/file/bot{token}/`."""
    return f"files/{file_id}"


def file_content(platform: Platform, path: str) -> tuple[bytes, str]:
    """Read a file by the path that getFile gave: its bytes and its type.

    Raises:
        ApiError: 404, there is none.
    """
    file = platform.world.files.get(path.removeprefix("files/"))
    if file is None or not path.startswith("files/"):
        raise not_found()
    return file.content, file.mime


def _check_kinds(args: dict[str, Any]) -> None:
    unknown = set(args.get("allowed_updates", ())) - set(UPDATE_KINDS) - _UNHEARD
    if unknown:
        raise bad_request(f"unknown update types: {', '.join(sorted(unknown))}")


METHODS: Mapping[str, Handler] = MappingProxyType(
    {
        "getMe": get_me,
        "getUpdates": get_updates,
        "setWebhook": set_webhook,
        "deleteWebhook": delete_webhook,
        "getWebhookInfo": get_webhook_info,
        "getFile": get_file,
    }
)
