"""Pictures with words in them: a digest's chart in a language, as SVG and as PNG."""

from importlib import resources

from resvg_py import svg_to_bytes

from core.anonymity import Bucket, bucket
from core.charts import Labels, draw
from core.drafts import Kind
from core.model import Edition, Entry
from core.schedules import last_day_of, monday_of
from texts.catalogue import Words

FONT = "DejaVuSans-Latin.ttf"
"""The only font that is used: a picture must be the same on every machine, and without any font no text is drawn."""
ZOOM = 2.0
"""Device pixels for one of the drawing: sharp on a phone, and inside what Telegram keeps of a photo (1280)."""


def chart(edition: Edition, words: Words, kind: Kind = Kind.FROZEN) -> str:
    """An edition's chart as SVG; one that is not frozen says so in its title."""
    return draw(edition, labels(edition, words, kind))


def png(svg: str) -> bytes:
    """An SVG of ours as PNG; the same bytes for the same SVG. Some milliseconds of work."""
    with resources.as_file(resources.files("texts").joinpath("fonts", FONT)) as font:
        return bytes(
            svg_to_bytes(
                svg_string=svg, zoom=ZOOM, skip_system_fonts=True, font_files=[str(font)], font_family="DejaVu Sans"
            )
        )


def labels(edition: Edition, words: Words, kind: Kind = Kind.FROZEN) -> Labels:
    """The words in an edition's chart."""
    span = words.span(monday_of(edition.week), last_day_of(edition.week))
    return Labels(
        title=words.say(f"chart.title.{kind}", span=span),
        by_day=words.say(f"chart.by_day.{kind}"),
        days=words.weekdays(),
        by_link=words.say("chart.by_link"),
        shares=words.say("chart.shares"),
        clicks=words.say("chart.clicks"),
        untold=untold(words, kind),
        buckets={each: words.say(f"bucket.{each.value}") for each in Bucket},
        told=told(edition, words, kind),
    )


def untold(words: Words, kind: Kind = Kind.FROZEN) -> str:
    """Why no clicks are told: the group is small, or they are told only when the digest is frozen."""
    return words.say("chart.untold_yet" if kind is Kind.BY_NOW else "chart.untold")


def told(edition: Edition, words: Words, kind: Kind = Kind.FROZEN) -> str:
    """The chart in words, for who hears it: every figure that is drawn."""
    without = untold(words, kind)
    links = "; ".join(_told_of(place, each, words, without) for place, each in enumerate(edition.entries, start=1))
    return words.say("chart.told", by_day=by_day(edition, words), by_link=links)


def by_day(edition: Edition, words: Words) -> str:
    """The shares of each day of the week, in one line."""
    days = zip(words.weekdays(), edition.shares_by_day, strict=True)
    return words.say("digest.by_day", days=" · ".join(f"{day}\u00a0{words.number(shares)}" for day, shares in days))


def _told_of(place: int, each: Entry, words: Words, without: str) -> str:
    clicks = without if each.clicks is None else words.say(f"bucket.{bucket(each.clicks).value}")
    told_clicks = words.say("digest.clicks", bucket=clicks)
    return f"{place}. {each.site}, {words.count('digest.shares', each.shares)}, {told_clicks}"
