"""Why a link stands where it stands in a digest: the terms of its score, in words, as they were frozen."""

from core.anonymity import bucket
from core.model import Entry
from texts.catalogue import Words


def reasons(each: Entry, words: Words) -> str:
    """What each kind of attention added to a link's score, and what another link of its site took away.

    The clicks' term is made from the frozen noisy figure: to work that figure out from the term tells no more of
    anybody's click than the noise allows.
    """
    terms = each.terms
    parts = [
        words.say(
            "why.shares", term=_one_decimal(terms.shares, words), shares=words.count("digest.shares", each.shares)
        ),
        words.say("why.reactions", term=_one_decimal(terms.reactions, words)),
        _clicks(each, words),
    ]
    line = words.say("why.score", score=_one_decimal(terms.score, words), parts=", ".join(parts))
    if terms.same_site == 1:
        return line
    return f"{line} {words.say('why.same_site', factor=words.number(round(terms.same_site, 2)))}"


def _clicks(each: Entry, words: Words) -> str:
    if each.clicks is None:
        return words.say("why.clicks_untold")
    clicks = words.say(f"bucket.{bucket(each.clicks).value}")
    return words.say("why.clicks", term=_one_decimal(each.terms.clicks, words), clicks=clicks)


def _one_decimal(number: float, words: Words) -> str:
    return words.number(round(number, 1))
