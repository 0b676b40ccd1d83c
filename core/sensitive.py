"""Addresses that are never touched, each with the name of its reason: keys, private things, links that act."""

import re
from collections.abc import Iterator
from itertools import chain
from string import digits

from core.address import Address, Pairs, pairs, parse
from core.errors import NotALink
from core.hosts import is_public, literal
from core.sensitive_rules import Parameter, Sensitive, SensitiveRules, Word
from core.spoken import BETWEEN_WORDS, parts_of, spellings, spoken
from core.urls import Tracker

_SEMICOLON = re.compile(r"(?<!amp);")
_FOR_EVERYBODY = frozenset({"", "80", "443"})
"""Ports of the web; on others answer consoles, routers and things at home, and nothing of ours dials them."""
_WORDED = re.compile(r"[A-Za-z]{2}[-_][A-Za-z]{2}")
"""Words that are joined in a path: a page that somebody wrote, whatever port it is on."""

_UUID = re.compile(r"(?i)^[^?]*/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.pdf|\.ics|\.zip)?(?=[/?#]|$)")
"""A segment that is nothing else, also in a path that stands in the fragment: `/#/documents/…`."""
_HEADLINE = re.compile(r"^(?:19|20)\d\d(?:-\d\d){0,2}$|(?:[^\W\d_]{2,}[-_+]){2}[^\W\d_]{2,}")
"""A year, a day, or three words that are joined."""
_ARTICLE = re.compile(r"(?:art|article|artikel|articulo|story|news|id|ld|nid|a|c|n)[-_.]?\d+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_ROUTE = re.compile(r"(?:^|&)(?:route|r|q|page|path|view|module|p|url)=([a-z_-]+(?:(?:/|%2[Ff])[\w.~=-]+)+)")
"""A path that stands in the query, as many shops and publishing systems write it: `?route=account/reset`."""
_PAGE_OR_PICTURE = re.compile(r"(?i)\.(?:s?html?|jpe?g|png|gif|webp|svg|mp[34])$")

_BROAD = frozenset({Sensitive.INTRANET, Sensitive.PRIVATE_SHARE})
_CLOSE = frozenset({Sensitive.ONE_TIME, Sensitive.INVITATION})


def reason(url: str, rules: SensitiveRules) -> Sensitive | None:
    """Why an address must be left alone, or nothing when it is an ordinary one.

    Judged by structure: hosts, path shapes, names and shapes of parameters. Any string is answered; what is not an
    http(s) address at all counts as another scheme.
    """
    try:
        address = parse(url)
    except NotALink:
        return Sensitive.OTHER_SCHEME
    return reason_of(address, rules)


def reason_of(address: Address, rules: SensitiveRules) -> Sensitive | None:
    """The same, for an address that is already taken apart."""
    if address.userinfo:
        return Sensitive.CREDENTIALS
    if _is_internal(address, rules):
        return Sensitive.INTRANET
    for place in rules.places.at(address.host):
        if place.matches(address):
            return _said_closer(place.reason, address, rules)
    if any(place.matches(address) for place in rules.ordinary.at(address.host)):
        return None
    return _anywhere(address, rules)


def _said_closer(of_place: Sensitive | None, address: Address, rules: SensitiveRules) -> Sensitive | None:
    """A place's reason, or what its path says: among an application's own pages are its invitations and resets."""
    if of_place not in _BROAD:
        return of_place
    by_word = _by_word(address, _parameters_of(address, rules), rules)
    return by_word if by_word in _CLOSE else of_place


def _is_internal(address: Address, rules: SensitiveRules) -> bool:
    host = address.host
    if host in rules.served_here:
        return False
    at_home = address.port not in _FOR_EVERYBODY and not _WORDED.search(address.path)
    return at_home or _is_inside(host, rules)


def _is_inside(host: str, rules: SensitiveRules) -> bool:
    ip = literal(host)
    if ip is not None:
        return not is_public(ip)
    first, dot, rest = host.partition(".")
    if not dot or (first in rules.intranet_labels and "." in rest):
        return True
    while rest:
        if rest in rules.intranet_suffixes:
            return True
        label, _, rest = rest.partition(".")
        if label in rules.intranet_zones and "." in rest:
            return True
    return False


def _anywhere(address: Address, rules: SensitiveRules) -> Sensitive | None:
    """What holds on every host: words in the path first, then parameters, what its first label says, then shapes."""
    parameters = _parameters_of(address, rules)
    by_word = _by_word(address, parameters, rules)
    if by_word is not None:
        return by_word
    by_parameter = _by_parameter(parameters, rules)
    if by_parameter is not None:
        return by_parameter
    first, _, rest = address.host.partition(".")
    if "." in rest:
        for place in rules.labels.at(first.rstrip(digits) or first):
            if place.matches(address):
                return place.reason
    whole = address.path + f"?{address.query}" * bool(address.query) + f"#{address.fragment}" * bool(address.fragment)
    by_shape = next((shape.reason for shape in rules.shapes if shape.has in whole and shape.finds(whole)), None)
    return by_shape or (rules.named_by_uuid if _UUID.search(whole) and _is_for_one(address, rules) else None)


def _is_for_one(address: Address, rules: SensitiveRules) -> bool:
    """Whether nothing beside a UUID says that it names a page for many: no such word, no headline, no year."""
    if address.host.partition(".")[0] in rules.documentation_labels or _PAGE_OR_PICTURE.search(address.path):
        return False
    said = [spoken(segment) for segment in _segments(address)]
    words = chain(said, chain.from_iterable(map(parts_of, said)))
    return (
        rules.for_many.isdisjoint(said)
        and rules.documentation.isdisjoint(words)
        and not any(map(_HEADLINE.search, said))
    )


def _parameters_of(address: Address, rules: SensitiveRules) -> Pairs:
    # some forums part their parameters by semicolons, as HTML 4 asked servers to allow (appendix B.2.2)
    return _squashed(pairs(_SEMICOLON.sub("&", address.query)) + _fragment_pairs(address.fragment), rules.trackers)


def _fragment_pairs(fragment: str) -> Pairs:
    """Parameters in a fragment: after its own `?`, or all of it (`#access_token=…`)."""
    before, mark, query = fragment.partition("?")
    found = query if mark else before
    return pairs(found) if "=" in found else ()


def _squashed(parameters: Pairs, trackers: Tracker) -> Pairs:
    """Names without case, hyphens and brackets: resetToken, reset_token and reset-token are one. No campaign tags."""
    return tuple(
        (BETWEEN_WORDS.sub("", name).lower(), value)
        for name, value in parameters
        if not trackers.names_it(name.lower())
    )


def _by_parameter(parameters: Pairs, rules: SensitiveRules) -> Sensitive | None:
    names = frozenset(name for name, _ in parameters)
    for name, value in parameters:
        for rule in rules.parameters.get(name) or _by_part(name, rules):
            if rule.matches(value, names - {name}):
                return rule.reason
    return None


def _by_part(name: str, rules: SensitiveRules) -> Iterator[Parameter]:
    """What holds for a name that stands in no table: by how it ends, then by what it has in it."""
    yield from (rule for ending, rule in rules.endings if name.endswith(ending))
    yield from (rule for part, rule in rules.within if part.search(name))


def _by_word(address: Address, parameters: Pairs, rules: SensitiveRules) -> Sensitive | None:
    segments = _segments(address)
    said = [spoken(segment) for segment in segments]
    documentation = address.host.partition(".")[0] in rules.documentation_labels
    inside = None  # a place of somebody's own, where what is done there tells more: my-account/lost-password
    for place, words in enumerate(spellings(said)):
        word = rules.words.get(words[0]) or rules.words.get(words[1]) or rules.words.get(words[2])
        phrase = _in_phrase(said, place, rules) if said[place][:3] in rules.begins_phrase else None
        if word or phrase:
            undated = _undated(segments)
            for meant in filter(None, (word, phrase)):
                around = undated[_from(place, said, meant, rules) : place + 4]
                if _means_it(meant, around, parameters, rules, documentation=documentation):
                    if meant.reason is not Sensitive.INTRANET:
                        return meant.reason
                    inside = meant.reason
        documentation = documentation or said[place] in rules.documentation
    return rules.done_to_one if said[-1] in rules.member_acts and _is_done_to_one(segments, said, rules) else inside


def _from(place: int, said: list[str], word: Word, rules: SensitiveRules) -> int:
    """Where that begins which stands beside a word: an article's number before it belongs to the article."""
    if word.reason is Sensitive.SIDE_EFFECT or not place:
        return max(place - 1, 0)
    titled = _ARTICLE.fullmatch(said[place - 1]) or (place > 1 and said[place - 2] in rules.titled)
    return place if titled else place - 1


def _undated(segments: list[str]) -> list[str]:
    """Segments with months, days and numbers of pages left empty: those number nothing of anybody's."""
    found, left = [], 0
    for segment in segments:
        if left and len(segment) < 3 and segment.isdigit():
            found.append("")
            left -= 1
        else:
            found.append(segment)
            left = 2 if _YEAR.fullmatch(segment) else int(segment.lower() == "page")
    return found


def _is_done_to_one(segments: list[str], said: list[str], rules: SensitiveRules) -> bool:
    """Whether a path ends in a thing, its number, and the act: `tickets/345/solve`."""
    thing = said[-3] if len(said) > 3 else ""
    if not thing or thing.isdigit() or thing in rules.documentation:  # a number before a number is a date
        return False
    return any(rules.value_shapes[shape].search(segments[-2]) for shape in ("number", "segment"))


def _means_it(word: Word, around: list[str], parameters: Pairs, rules: SensitiveRules, *, documentation: bool) -> bool:
    """Whether a word has beside it what makes it more than a subject."""
    if not documentation:
        return _has(word.needs, around, parameters, rules)
    return _has("key", around, parameters, rules) or _tells_twice(word.needs, around, parameters, rules)


def _in_phrase(said: list[str], place: int, rules: SensitiveRules) -> Word | None:
    """What a segment says in several words, or together with the one after it."""
    parts = parts_of(said[place])
    if parts[0] not in rules.in_phrases:
        return None
    both = parts + parts_of(said[place + 1]) if place + 1 < len(said) else parts
    return next((word for phrase, word in rules.phrases if phrase.says(parts) or phrase.says(both)), None)


def _tells_twice(needs: str, around: list[str], parameters: Pairs, rules: SensitiveRules) -> bool:
    """Whether two things say for whom or about what: mails send their links from `news.` and `forum.` too."""
    if needs not in {"token", "act"}:
        return False
    told = rules.telling["token"] | (rules.telling["act"] if needs == "act" else frozenset())
    opaque = sum(rules.value_shapes["segment"].search(segment) is not None for segment in around)
    return opaque + sum(bool(value) and name in told for name, value in parameters) > 1


def _segments(address: Address) -> list[str]:
    """The first label of a host of three or more, the segments of the path, of a `#/` fragment and of a `?route=`."""
    first, _, rest = address.host.partition(".")
    route = address.fragment.removeprefix("!").partition("?")[0] if address.fragment.startswith(("/", "!/")) else ""
    label = first if "." in rest else ""
    asked = _ROUTE.search(address.query) if address.query else None
    queried = asked[1].replace("%2F", "/").replace("%2f", "/") if asked else ""
    return [label, *(segment for segment in f"{address.path}/{route}/{queried}".split("/") if segment)]


def _has(needs: str, around: list[str], parameters: Pairs, rules: SensitiveRules) -> bool:
    """Whether a word has beside it what it needs."""
    if needs == "nothing":
        return True
    shapes = rules.value_shapes
    wanted = shapes["key" if needs == "key" else "segment"]
    if any(wanted.search(segment) for segment in around):
        return True
    if needs == "key":
        told = rules.telling["token"] | rules.telling["key"]
        return any(name in told and shapes["key"].search(value) for name, value in parameters)
    if needs == "act" and any(shapes["number"].search(segment) for segment in around):
        return True
    told = rules.telling["token"] | (rules.telling["act"] if needs == "act" else frozenset())
    return any(value and (name in told or shapes["telling"].search(value)) for name, value in parameters)
