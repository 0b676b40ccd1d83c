"""Slack's request signature, version 0 (docs: "Verifying requests from Slack")."""

import hashlib
import hmac


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the value of `X-Slack-Signature` for this body at this time (seconds since the epoch, as text)."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def headers(secret: str, timestamp: str, body: bytes) -> dict[str, str]:
    """Return the two headers that prove a delivery comes from Slack."""
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature(secret, timestamp, body)}
