"""What a failed call means. Pure."""

import aiohttp
from slack_sdk.errors import SlackApiError

from core.model import InDoubt, Later, Outcome, Refused

Trouble = (SlackApiError, aiohttp.ClientError, TimeoutError)
"""Everything that a call can fail with."""
GONE = frozenset(
    {"channel_not_found", "not_in_channel", "account_inactive", "token_revoked", "team_access_not_granted"}
)
"""The bot was removed, the channel deleted, or the app uninstalled. An archived channel may come back."""
MAYBE_DONE = frozenset({"internal_error", "fatal_error", "service_unavailable", "team_added_to_org"})
"""Slack says itself that some part may have taken effect."""
RATE_LIMITED = frozenset({"ratelimited", "rate_limited"})
TOKEN_DEAD = frozenset({"token_revoked", "token_expired", "invalid_auth", "account_inactive", "missing_scope"})
"""What is said of a person's own token that is good for nothing any more."""
PAUSE_SECONDS = 30.0
"""After a connection that could not be made, or a 429 that names no time."""


def error_word(error: Exception) -> str:
    """Slack's short word for a refusal; `http_<status>` where there is none, nothing for other trouble."""
    if not isinstance(error, SlackApiError):
        return ""
    data = getattr(error.response, "data", None)
    word = data.get("error") if isinstance(data, dict) else None
    return str(word) if word else f"http_{http_status(error)}"


def http_status(error: SlackApiError) -> int:
    """The HTTP status of a refusal, whichever of the library's two kinds of answer it holds; 0 for none."""
    status = getattr(error.response, "status_code", None) or getattr(error.response, "status", None)
    return status if isinstance(status, int) else 0


def outcome_of(trouble: Exception) -> Outcome:
    """What a failed call means for what it wanted to do."""
    match trouble:
        case SlackApiError():
            return _refusal(trouble)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return Later(PAUSE_SECONDS)  # it never left this machine
        case _:
            return InDoubt()


def _refusal(error: SlackApiError) -> Outcome:
    word, status = error_word(error), http_status(error)
    if status == 429 or word in RATE_LIMITED:
        return Later(_retry_after(error))
    if status >= 500 or (status < 400 and word.startswith("http_")) or word in MAYBE_DONE:
        return InDoubt()
    return Refused(word, group_gone=word in GONE, try_again=status >= 400)


def _retry_after(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    stated = str(headers.get("Retry-After", ""))
    return float(stated) if stated.isdigit() else PAUSE_SECONDS
