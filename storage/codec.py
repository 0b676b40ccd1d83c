"""Core's nouns as bytes to be sealed, and back."""

from dataclasses import dataclass
from typing import Annotated, Final, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from core.errors import Tampered
from core.model import (
    Aside,
    Card,
    Consent,
    Digest,
    Edition,
    Group,
    Intake,
    Offer,
    Pass,
    Preview,
    PublishedWeek,
    Question,
    Removal,
    Revision,
    TrackedLink,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What the outbox seals: the posting, and the key that only its look-up is kept of."""

    key: str
    posting: Annotated[Card | Digest | Aside | Offer | Revision | Question | Removal, Field(discriminator="kind")]


CONSENT: Final = TypeAdapter(Consent)
EDITION: Final = TypeAdapter(Edition)
GROUP: Final = TypeAdapter(Group)
INTAKE: Final = TypeAdapter(Intake)
LINK: Final = TypeAdapter(TrackedLink)
PARCEL: Final = TypeAdapter(Parcel)
PASS: Final = TypeAdapter(Pass)
PUBLISHED: Final = TypeAdapter(PublishedWeek)
PREVIEW: Final[TypeAdapter[Preview | None]] = TypeAdapter(Preview | None)


def read(kind: TypeAdapter[T], plain: bytes) -> T:
    """A noun out of what was sealed.

    Raises:
        Tampered: it opens, and is none: changed outside, or written by a version that knew more. What stands there is
            not told.
    """
    try:
        return kind.validate_json(plain)
    except ValidationError:
        raise Tampered("A stored value opens, and can't be read by this version.", which="version") from None
