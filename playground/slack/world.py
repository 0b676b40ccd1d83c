"""The workspace "Gazette": the cast, a private channel of readers, a public one, and the app's bot user."""

from collections.abc import Iterable
from datetime import datetime

from playground.people import OWNER, SECOND_ADMIN, Person
from playground.slack.state import Account, Channel, Workspace

BOT_USER, BOT_ID = "U07PBBOT000", "B07PBBOT000"
READING_ROOM, GENERAL = "C07PBREAD01", "C07PBGEN002"
_CREATED_DAYS = 400


def gazette(people: Iterable[Person], app_name: str, now: datetime) -> Workspace:
    """Return the workspace as it stands before anybody installs anything.

    Args:
        people: who is in it; all of them are in both channels.
        app_name: the bot's display name.
        now: the channels are some four hundred days older than this.
    """
    workspace = Workspace("T07PBGAZET1", "Gazette", "gazette", BOT_USER, BOT_ID)
    workspace.accounts = {person.slack_id: _account(person) for person in people}
    members = list(workspace.accounts)
    owner = workspace.account_of(OWNER).id
    handle = "".join(letter for letter in app_name.lower() if letter.isalnum()) or "app"
    workspace.accounts[BOT_USER] = Account(BOT_USER, handle, app_name, None, is_bot=True)
    created = int(now.timestamp()) - _CREATED_DAYS * 86_400
    workspace.channels = {
        READING_ROOM: Channel(READING_ROOM, "reading-room", "private", owner, created, list(members)),
        GENERAL: Channel(GENERAL, "general", "public", owner, created, list(members)),
    }
    return workspace


def _account(person: Person) -> Account:
    return Account(
        id=person.slack_id,
        handle=person.key,
        name=person.name,
        key=person.key,
        language=person.language,
        tz="Europe/Paris" if person.language == "fr" else "Europe/London",
        is_admin=person.key in {OWNER, SECOND_ADMIN},
        is_owner=person.key == OWNER,
    )
