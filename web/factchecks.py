"""Core's FactChecks, asked of the Google Fact Check Tools API.

`claims:search` and its answer: https://developers.google.com/fact-check/tools/api/reference/rest/v1alpha1/claims/search
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import ada_url
import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from core.errors import FactChecksUnavailable, TooSoon
from core.model import FactCheck
from core.ports import Storage
from core.rates import FACT_CHECKS_ASKED
from core.urls import registrable_domain
from web.outgoing import CallFailed, fetch
from web.unfurl import tidy

SHOWN = 3
ASKED_FOR = 10
"""Claims in one answer; some of their reviews lack what is shown."""
QUERY = 200
RATING = 120
BYTES = 256 * 1024
SECONDS = 2.5
"""Slack waits three seconds for the answer to a pressed button."""


class _Publisher(BaseModel):
    name: str | None = None
    site: str | None = None


class _Review(BaseModel):
    publisher: _Publisher = _Publisher()
    url: str | None = None
    reviewDate: str | None = None  # noqa: N815 - the API's own name
    textualRating: str | None = None  # noqa: N815 - the API's own name


class _Claim(BaseModel):
    text: str | None = None
    claimReview: list[_Review] = []  # noqa: N815 - the API's own name


class _Answer(BaseModel):
    claims: list[_Claim] = []


@dataclass(frozen=True, slots=True)
class Access:
    """Where fact checks are asked for, and as whom."""

    base_url: str
    """Up to and without `/v1alpha1`."""
    key: SecretStr


class GoogleFactChecks:
    """See `core.ports.FactChecks`.

    Args:
        client: from `web.outgoing.open_client`.
        access: where, and as whom.
        storage: keeps the rate, which all replicas share.
    """

    def __init__(self, client: httpx.AsyncClient, access: Access, storage: Storage) -> None:
        self._client = client
        self._access = access
        self._storage = storage

    async def about(self, claim: str) -> list[FactCheck]:
        """See `core.ports.FactChecks`. The key goes in a header, where no log of addresses has it."""
        try:
            async with self._storage.transaction() as records:
                await records.rates.take(FACT_CHECKS_ASKED)
        except TooSoon:
            raise FactChecksUnavailable from None
        key = {"X-Goog-Api-Key": self._access.key.get_secret_value()}
        try:
            url = httpx.URL(f"{self._access.base_url.rstrip('/')}/v1alpha1/claims:search")
            asked = url.copy_merge_params({"query": claim[:QUERY], "pageSize": str(ASKED_FOR)})
            return parse(await fetch(self._client, asked, key, at_most=BYTES, seconds=SECONDS))
        except (CallFailed, ValidationError, httpx.InvalidURL):
            raise FactChecksUnavailable from None


def parse(answer: bytes) -> list[FactCheck]:
    """The first fact checks of an answer, made safe to show; those without author, rating or address are left out.

    Raises:
        ValidationError: this is no answer of `claims:search`.
    """
    found = _Answer.model_validate_json(answer)
    checks = (_check(claim, review) for claim in found.claims for review in claim.claimReview)
    return list(_first(check for check in checks if check is not None))


def _first(checks: Iterator[FactCheck]) -> Iterator[FactCheck]:
    return (check for _, check in zip(range(SHOWN), checks, strict=False))


def _check(claim: _Claim, review: _Review) -> FactCheck | None:
    author = tidy.text(review.publisher.name, tidy.NAME) or tidy.text(review.publisher.site, tidy.NAME)
    rating, url = tidy.text(review.textualRating, RATING), tidy.address(review.url, review.url or "")
    if author is None or rating is None or url is None:
        return None
    site = registrable_domain(ada_url.URL(url).hostname)
    return FactCheck(author, rating, url, site, tidy.text(claim.text, tidy.TITLE) or "", _day(review.reviewDate))


def _day(moment: str | None) -> date | None:
    try:
        return date.fromisoformat((moment or "")[:10])
    except ValueError:
        return None
