"""What the Bot API refuses, in its own words."""

from typing import Any


class ApiError(Exception):
    """An answer with `ok: false`.

    Args:
        code: The error code, also the HTTP status.
        description: The platform's words.
        parameters: What helps to go on: `retry_after` in seconds, `migrate_to_chat_id`.
    """

    def __init__(self, code: int, description: str, parameters: dict[str, int] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters or {}

    def as_json(self) -> dict[str, Any]:
        """Say it as the body of the response."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


class DroppedResponseError(Exception):
    """The call takes effect, but its answer never reaches the bot: the connection breaks in the middle of the body."""


def bad_request(words: str) -> ApiError:
    """400, with the platform's words behind its prefix."""
    return ApiError(400, f"Bad Request: {words}")


def forbidden(words: str) -> ApiError:
    """403, with the platform's words behind its prefix."""
    return ApiError(403, f"Forbidden: {words}")


def conflict(words: str) -> ApiError:
    """409, two ways of taking updates at once."""
    return ApiError(409, f"Conflict: {words}")


def too_many_requests(retry_after: int) -> ApiError:
    """429, with the seconds to wait."""
    words = f"Too Many Requests: retry after {retry_after}"
    return ApiError(429, words, {"retry_after": retry_after})


def migrated(new_chat_id: int) -> ApiError:
    """400, the group lives on as a supergroup under another id."""
    words = "Bad Request: group chat was upgraded to a supergroup chat"
    return ApiError(400, words, {"migrate_to_chat_id": new_chat_id})


def server_error() -> ApiError:
    """500, the platform has trouble of its own."""
    return ApiError(500, "Internal Server Error")


def unauthorized() -> ApiError:
    """401, the token is nobody's."""
    return ApiError(401, "Unauthorized")


def not_found(words: str = "") -> ApiError:
    """404, no such method or file."""
    return ApiError(404, f"Not Found: {words}" if words else "Not Found")


def query_too_old() -> ApiError:
    """400, a query that was answered already, is too old, or never was."""
    return bad_request("query is too old and response timeout expired or query ID is invalid")


def not_modified() -> ApiError:
    """400, an edit that would change nothing."""
    return bad_request(
        "message is not modified: specified new message content and reply markup are exactly the same "
        "as a current content and reply markup of the message"
    )
