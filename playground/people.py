"""The people of the playground: the same members live in the Telegram group and in the Slack channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody one can be in the playground.

    Attributes:
        key: The short name by which both stand-ins know the person.
        name: The display name.
        telegram_id: A plausible Telegram user id.
        slack_id: A plausible Slack user id.
        language: The language of the person's clients, as an IETF tag.
    """

    key: str
    name: str
    telegram_id: int
    slack_id: str
    language: str


_PEOPLE = (
    Person("ada", "Ada", 512_340_017, "U07PBADA001", "en"),
    Person("bruno", "Bruno", 613_902_245, "U07PBBRU002", "fr"),
    Person("chloe", "Chloé", 704_518_831, "U07PBCHL003", "fr"),
    Person("dev", "Dev", 835_127_406, "U07PBDEV004", "en"),
    Person("farah", "Farah", 1_120_443_952, "U07PBFAR005", "fr"),
    Person("goran", "Goran", 1_204_877_310, "U07PBGOR006", "en"),
    Person("hana", "Hana", 1_315_609_748, "U07PBHAN007", "en"),
    Person("ines", "Inès", 1_398_220_165, "U07PBINE008", "fr"),
    Person("jonas", "Jonas", 1_442_731_099, "U07PBJON009", "en"),
    Person("kofi", "Kofi", 1_508_664_327, "U07PBKOF010", "en"),
    Person("lena", "Lena", 1_677_015_482, "U07PBLEN011", "en"),
    Person("mateo", "Mateo", 1_733_948_206, "U07PBMAT012", "en"),
    Person("noor", "Noor", 1_859_302_711, "U07PBNOO013", "en"),
    Person("olga", "Olga", 1_926_557_034, "U07PBOLG014", "en"),
    Person("paul", "Paul", 2_031_784_659, "U07PBPAU015", "fr"),
    Person("quynh", "Quỳnh", 5_112_406_873, "U07PBQUY016", "en"),
    Person("rosa", "Rosa", 5_640_918_227, "U07PBROS017", "en"),
    Person("sami", "Sami", 6_208_375_594, "U07PBSAM018", "fr"),
)

CAST: Mapping[str, Person] = MappingProxyType({person.key: person for person in _PEOPLE})
"""Everybody, by key: Ada runs both groups, Farah helps; Bruno and Chloé opt in, Dev never does, the rest are silent.

The page leads through the first week as an admin and a member who read its language.
"""

OWNER = "ada"
SECOND_ADMIN = "farah"
