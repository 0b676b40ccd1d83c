"""What core refuses, in words for the person concerned: the same on every platform."""

from collections.abc import Mapping

from core.errors import (
    FactChecksUnavailable,
    GroupNotEnabled,
    IntakeFull,
    LinkGone,
    NotAnAdmin,
    NoticeChanged,
    NotOffered,
    NotOnItsOwn,
    NotYours,
    PlatformUnavailable,
    SharedOutside,
    StorageUnavailable,
    UnknownGroup,
)

TROUBLES: Mapping[type[Exception], str] = {
    NotAnAdmin: "error.not_an_admin",
    GroupNotEnabled: "error.not_enabled",
    UnknownGroup: "error.unknown_group",
    SharedOutside: "error.shared_outside",
    NotYours: "error.not_yours",
    NoticeChanged: "error.notice_changed",
    NotOffered: "error.not_offered",
    NotOnItsOwn: "error.not_on_its_own",
    StorageUnavailable: "error.unavailable",
    IntakeFull: "error.unavailable",
    PlatformUnavailable: "error.platform_unavailable",
    FactChecksUnavailable: "error.facts_unavailable",
    LinkGone: "error.link_gone",
}
"""What can be refused -> the id of the text that says what to do."""
