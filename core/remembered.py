"""What is remembered of a code, packed: of a hundred thousand, in a third of the memory that as many objects take.

An answer begins with `_HEAD`; ids that are 32 hexadecimal digits, as ours are, then take 16 bytes each, and the address
is the rest. Where either id is of another kind, the lengths of both come first, and they stand there as they are.
"""

import re
from datetime import UTC, datetime
from struct import Struct

from core.model import Destination, GroupId, LinkId, LinkState

_HEAD = Struct("<BBddd")
"""Flags; list; asked at, expires at, counted until, in seconds since 1970."""
_LEADS, _CONFIRMED, _LISTED, _COUNTED, _SHORT = 1, 2, 4, 8, 16
_IDS = Struct("16s16s")
_IDS_AT = _HEAD.size
_GROUP_AT, _URL_AT = _IDS_AT + 16, _IDS_AT + 32
_OURS = re.compile(r"[0-9a-f]{32}")


Standing = tuple[float, bool, int]
"""How far an answer is to be believed: when storage was asked, in seconds since 1970; whether looks at what changed
tell that it is still so; and by which list of bad addresses it was judged, below 256."""


Leads = tuple[LinkId, GroupId, str, bool]
"""Where a code leads a visitor at this moment: its link and group, the address, and whether clicks count as far as the
link decides that. A bare tuple, since one is made for every click."""


def pack(leads: Destination | None, standing: Standing) -> bytes:
    """What storage said of a code, in as few bytes as it takes; `unpack` gives it back. Ids have at most 255 bytes."""
    asked_at, confirmed, judged_by = standing
    flags = _CONFIRMED * confirmed
    if leads is None:
        return _HEAD.pack(flags, judged_by, asked_at, 0.0, 0.0)
    short = _OURS.fullmatch(leads.link) and _OURS.fullmatch(leads.group)
    flags |= _LEADS | _LISTED * leads.listed | (_SHORT if short else 0)
    ids = bytes.fromhex(leads.link + leads.group) if short else _long(leads.link.encode(), leads.group.encode())
    state = LinkState(leads.expires_at, leads.counted_until)
    return _head(flags, judged_by, asked_at, state) + ids + leads.url.encode()


def changed(packed: bytes, state: LinkState) -> bytes:
    """An answer that leads somewhere, with what has changed since."""
    flags, judged_by, asked_at, *_ = _HEAD.unpack_from(packed)
    return _head(flags & ~_COUNTED, judged_by, asked_at, state) + packed[_IDS_AT:]


def _head(flags: int, judged_by: int, asked_at: float, state: LinkState) -> bytes:
    until = state.counted_until
    if until is None:
        return _HEAD.pack(flags, judged_by, asked_at, state.expires_at.timestamp(), 0.0)
    return _HEAD.pack(flags | _COUNTED, judged_by, asked_at, state.expires_at.timestamp(), until.timestamp())


def _long(link: bytes, group: bytes) -> bytes:
    return bytes((len(link), len(group))) + link + group


def unpack(packed: bytes) -> tuple[Destination | None, Standing]:
    """What was packed."""
    flags, judged_by, asked_at, expires_at, until = _HEAD.unpack_from(packed)
    leads = None
    if flags & _LEADS:
        link, group, url = _where(packed, short=flags & _SHORT)
        counted = datetime.fromtimestamp(until, UTC) if flags & _COUNTED else None
        leads = Destination(link, group, url, datetime.fromtimestamp(expires_at, UTC), counted, bool(flags & _LISTED))
    return leads, (asked_at, bool(flags & _CONFIRMED), judged_by)


def leads_now(packed: bytes, now: float) -> tuple[Leads | None, Standing]:
    """The same in a third of the time, for those who only lead on.

    Args:
        packed: an answer.
        now: seconds since 1970.

    Returns:
        None for what leads nowhere, or not without a word.
    """
    flags, judged_by, asked_at, expires_at, until = _HEAD.unpack_from(packed)
    leads = None
    if flags & (_LEADS | _LISTED) == _LEADS and expires_at > now:
        leads = *_where(packed, short=flags & _SHORT), bool(flags & _COUNTED and until > now)
    return leads, (asked_at, bool(flags & _CONFIRMED), judged_by)


def _where(packed: bytes, *, short: int) -> tuple[LinkId, GroupId, str]:
    if short:
        link_id, group_id = _IDS.unpack_from(packed, _IDS_AT)
        return link_id.hex(), group_id.hex(), packed[_URL_AT:].decode()
    link_at = _IDS_AT + 2
    group_at = link_at + packed[_IDS_AT]
    url_at = group_at + packed[_IDS_AT + 1]
    link, group = packed[link_at:group_at].decode(), packed[group_at:url_at].decode()
    return LinkId(link), GroupId(group), packed[url_at:].decode()


def link_in(packed: bytes) -> LinkId:
    """The link, without the rest; empty where the code leads nowhere."""
    if packed[0] & _SHORT:
        return LinkId(packed[_IDS_AT:_GROUP_AT].hex())
    return _where(packed, short=0)[0] if packed[0] & _LEADS else LinkId("")
