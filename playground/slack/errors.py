"""How Slack says no."""

from typing import Any


class SlackError(Exception):
    """A refusal in Slack's own words: `{"ok": false, "error": word, ...}`.

    Args:
        word: Slack's error code, such as `channel_not_found`.
        status: the HTTP status; Slack answers 200 for almost every refusal.
        messages: details for `response_metadata.messages`.
        extra: further fields of the answer (`needed`, `provided`).
    """

    def __init__(self, word: str, *, status: int = 200, messages: list[str] | None = None, **extra: object) -> None:
        super().__init__(word)
        self.word = word
        self.status = status
        self.messages = messages or []
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """Return the JSON answer."""
        answer: dict[str, Any] = {"ok": False, "error": self.word, **self.extra}
        if self.messages:
            answer["response_metadata"] = {"messages": self.messages}
        return answer


class RateLimited(SlackError):
    """HTTP 429: come back after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited", status=429)
        self.retry_after = retry_after
