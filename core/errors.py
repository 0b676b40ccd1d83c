"""Everything that can go wrong and that Penumbra can name. The docstring is the default message."""

from inspect import getdoc


class PenumbraError(Exception):
    """Something went wrong that Penumbra can name.

    Args:
        message: what a log or a developer reads, in English; the docstring's first line by default.
        which: where an error of one name may say several things, the word for this one: with the name it is what a
            room that talks to people finds the text by.
        values: what that text names.
    """

    def __init__(self, message: str | None = None, *, which: str = "", **values: object) -> None:
        super().__init__(message or (getdoc(type(self)) or "").partition("\n")[0])
        self.which = which
        self.values = values


class NotALink(PenumbraError):
    """That is not an address of a web page."""


class UnknownGroup(PenumbraError):
    """Penumbra keeps nothing about this group: add the bot to it and switch it on first."""


class GroupNotEnabled(PenumbraError):
    """This group is not switched on: an admin can do that with the button in the welcome message."""


class NotAnAdmin(PenumbraError):
    """Only an admin of this group can do that."""


class SharedOutside(PenumbraError):
    """This group is shared with another workspace, for which nobody here can agree: it stays switched off."""


class NotYours(PenumbraError):
    """Only the person who shared this link can do that."""


class NotOnItsOwn(PenumbraError):
    """Counting clicks and statistics need a yes to counting shares: say yes to that too."""


class NotOffered(PenumbraError):
    """The admins of this group have not allowed that: ask one of them."""


class NoticeChanged(PenumbraError):
    """The notice has changed since this button was made: please read the new one first."""


class StorageUnavailable(PenumbraError):
    """The database can't be reached right now."""


class WrongRootKey(PenumbraError):
    """The root key does not open this database: give the one it was made with, or `penumbra keys rotate` with both."""


class Tampered(PenumbraError):
    """A stored row does not belong where it stands: it was changed or moved outside Penumbra."""


class PlatformUnavailable(PenumbraError):
    """The chat platform does not answer right now: please try again in a minute."""


class LeaseLost(PenumbraError):
    """Another replica has taken over this piece of work."""


class TooSoon(PenumbraError):
    """The platform may not be called yet."""

    def __init__(self, seconds: float, kind: str) -> None:
        super().__init__()
        self.seconds = seconds
        self.kind = kind


class IntakeFull(PenumbraError):
    """Too much work is waiting: the platform should deliver this again later."""


class PrivacyMapError(PenumbraError):
    """OpenDP does not confirm the privacy that Penumbra promises, so nothing may be published."""


class BudgetSpent(PenumbraError):
    """This week's privacy budget is spent, so nothing more may be published about it."""


class TooManyPages(PenumbraError):
    """A sitemap of more than 10,000 pages has no threshold, so its figures stay unpublished."""


class AlreadyKept(PenumbraError):
    """Another replica has kept the same thing at the same moment: look it up instead of adding it."""


class DatabaseInUse(PenumbraError):
    """Another Penumbra process has this SQLite database open: stop it first, or use PostgreSQL for several."""


class FactChecksUnavailable(PenumbraError):
    """Fact checks can't be looked up right now: please try again later."""


class LinkGone(PenumbraError):
    """Penumbra does not keep this link any more."""


class FeedUnavailable(PenumbraError):
    """The list of reported addresses can't be fetched right now: the one from before stays in place."""


class ClickLogFull(PenumbraError):
    """There is no room on the disk to write clicks down: they go uncounted until there is."""


class NotAReceipt(PenumbraError):
    """That is not a receipt that Penumbra gives."""


class ForgedReceipt(PenumbraError):
    """This receipt was not signed with the key of this server, or it was changed afterwards."""


class SignInOver(PenumbraError):
    """This sign-in has been used, has ended or was never made: ask the bot for a new link."""


class SitemapUnreadable(PenumbraError):
    """A domain's sitemap can't be read: its pages are counted like those that nobody listed."""


class LeadsToListed(PenumbraError):
    """A redirect on the way leads to an address that is on the list of those that spread malware."""


class SchemaIsNewer(PenumbraError):
    """A newer Penumbra has migrated this database: `penumbra doctor` says whether this one fits it."""
