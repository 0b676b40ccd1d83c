"""A member's own token ends at Slack too when it is erased here, wherever nothing else of theirs is left to need it."""

import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from pydantic import SecretStr

from bots.slack.handlers import Desk
from bots.slack.trouble import Trouble, error_word
from core.model import Account, Group, GroupAddress, Platform


async def handed_over(desk: Desk, workspace: str, account: Account) -> Mapping[Group, SecretStr]:
    """The channels for which a person handed a token over, each with that token."""
    groups = await desk.services.consent.groups_of(Platform.SLACK, workspace)
    tokens = [(each, await desk.own.tokens.get(each.address, account)) for each in groups]
    return {each: token for each, token in tokens if token is not None}


@asynccontextmanager
async def given_back(
    desk: Desk, workspace: str, account: Account, address: GroupAddress | None = None
) -> AsyncIterator[None]:
    """Around the erasure of a token: here first, then at Slack, whose refusal changes nothing about the erasure.

    Slack gives a person one token for every channel: one that they still want used elsewhere lives on.

    Args:
        desk: what every handler has at hand.
        workspace: where.
        account: whose.
        address: the one channel it is erased for; None for all of them.
    """
    if address is not None and await desk.own.tokens.get(address, account) is None:
        yield
        return
    held = await handed_over(desk, workspace, account)
    kept = {token for group, token in held.items() if address is not None and group.address != address}
    yield
    for token in set(held.values()) - kept:
        await _end(desk, token)


async def _end(desk: Desk, token: SecretStr) -> None:
    try:
        await desk.calls.revoke(token)
    except Trouble as trouble:  # nobody here has it any more; at Slack the member can end it too
        logging.getLogger(__name__).info("slack_token_not_revoked %s", error_word(trouble) or type(trouble).__name__)
