"""Tokens: who holds which, for what, and whether they still live."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from playground.slack.errors import SlackError

ROTATION = timedelta(seconds=43_200)
"""How long a rotating access token lives (12 h, platforms.md 1.5)."""
CODE_LIFE = timedelta(minutes=10)


@dataclass(slots=True)
class Grant:
    """One token: the bot's, or one person's."""

    token: str
    kind: Literal["bot", "user"]
    user: str
    scopes: tuple[str, ...]
    dead: str | None = None
    expires_at: datetime | None = None
    refresh_token: str | None = None


@dataclass(slots=True)
class Code:
    """An OAuth code on its way: single use, bound to its redirect address."""

    code: str
    user: str
    bot_scopes: tuple[str, ...]
    user_scopes: tuple[str, ...]
    redirect_uri: str | None
    issued: datetime
    used: bool = False


@dataclass(slots=True)
class Grants:
    """All tokens and codes ever given out by this workspace."""

    seed: str
    tokens: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    serial: int = 0

    def check(self, token: str | None, now: datetime) -> Grant:
        """Return the grant behind a token.

        Raises:
            SlackError: `not_authed`, `invalid_auth`, `account_inactive`, `token_revoked` or `token_expired`.
        """
        if not token:
            raise SlackError("not_authed")
        grant = self.tokens.get(token)
        if grant is None:
            raise SlackError("invalid_auth")
        if grant.dead is not None:
            raise SlackError(grant.dead)
        if grant.expires_at is not None and now >= grant.expires_at:
            raise SlackError("token_expired")
        return grant

    def bot(self) -> Grant | None:
        """Return the living bot grant, None while the app is not installed."""
        return next((g for g in self.tokens.values() if g.kind == "bot" and g.dead is None), None)

    def add(self, grant: Grant) -> Grant:
        """Remember a grant; one with the same token is replaced."""
        self.tokens[grant.token] = grant
        return grant

    def revoke(self, grant: Grant) -> None:
        """End a grant, with the word its kind answers afterwards (chat.update's list of errors)."""
        grant.dead = "account_inactive" if grant.kind == "bot" else "token_revoked"

    def secret(self, prefix: str) -> str:
        """Return a new token-like string, the same in every run with the same seed."""
        self.serial += 1
        digest = hashlib.sha256(f"{self.seed} {prefix} {self.serial}".encode()).hexdigest()
        return f"{prefix}{digest[:40]}"
