"""Fills the address shapes of tests/core/corpus with made-up tokens and words, the same ones on every run."""

import re
from pathlib import Path
from random import Random

from core.sensitive_rules import Sensitive

_FOLDER = Path(__file__).parent / "corpus"
_PLACE = re.compile(r"\{([A-Za-z]+)(\d*(?:x\d+)?)\}")
_HEX, _LOWER, _DIGITS = "0123456789abcdef", "abcdefghijklmnopqrstuvwxyz", "0123456789"
_UPPER = _LOWER.upper()
_B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def sensitive() -> list[tuple[Sensitive, str]]:
    """Every sensitive shape that is known for one, filled twice, with its class."""
    return _classed("sensitive")


def missed() -> list[tuple[Sensitive, str]]:
    """The same, of those that are not."""
    return _classed("missed")


def _classed(file: str) -> list[tuple[Sensitive, str]]:
    random = Random(file)
    found = []
    for line in _lines(f"{file}.txt"):
        name, _, shape = line.partition(" ")
        found += [(Sensitive(name), _filled(shape, random)) for _ in range(2)]
    return found


def ordinary() -> list[str]:
    """Every ordinary shape, filled eight times, each address once."""
    random = Random("ordinary")
    return list(dict.fromkeys(_filled(shape, random) for shape in _lines("ordinary.txt") for _ in range(8)))


def _lines(name: str) -> list[str]:
    return [line for line in (_FOLDER / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]


def _filled(shape: str, random: Random) -> str:
    return _PLACE.sub(lambda place: _word(place[1], place[2], random), shape)


def _word(kind: str, size: str, random: Random) -> str:
    if kind == "b":
        base, _, length = size.partition("x")
        return _token(_BASES[base], int(length or {"36": 7, "64": 32}[base]), random)
    if kind in _ALPHABETS:
        return _token(_ALPHABETS[kind], int(size), random)
    return _KINDS[kind](random)


def _token(alphabet: str, length: int, random: Random) -> str:
    made = [random.choice(alphabet) for _ in range(length)]
    for place, one_of in enumerate(part for part in (_DIGITS[1:], _LOWER, _UPPER) if set(part) & set(alphabet)):
        if place < length - 1:
            made[place * 2 % length] = random.choice([char for char in one_of if char in alphabet])
    return "".join(made)


def _slug(random: Random) -> str:
    return "-".join(random.choices(_VOCABULARY["words"], k=random.randint(2, 8)))


_ALPHABETS = {
    "hex": _HEX,
    "n": _DIGITS,
    "mixed": _UPPER + _LOWER + _DIGITS,
    "lower": _LOWER,
    "upper": _UPPER + _DIGITS,
}
_VOCABULARY = {name: words.split() for name, _, words in (line.partition(" ") for line in _lines("words.txt"))}
_BASES = {"32": _LOWER + "234567", "36": _LOWER + _DIGITS, "58": _B58, "64": _UPPER + _LOWER + _DIGITS + "-_"}
_KINDS = {
    "uuid": lambda random: "-".join(_token(_HEX, size, random) for size in (8, 4, 4, 4, 12)),
    "jwt": lambda random: ".".join(
        (
            "eyJ" + _token(_UPPER + _LOWER + _DIGITS, 17, random),
            "eyJ" + _token(_UPPER + _LOWER + _DIGITS, 40, random),
            _token(_UPPER + _LOWER + _DIGITS + "-_", 43, random),
        )
    ),
    "epoch": lambda random: str(random.randint(1_700_000_000, 1_799_999_999)),
    "gid": lambda random: "1" + _token(_UPPER + _LOWER + _DIGITS + "-_", 43, random),
    "pnr": lambda random: _token(_UPPER + _DIGITS, 6, random),
    "tab": lambda _: "\t",
    "site": lambda random: random.choice(_VOCABULARY["sites"]),
    "cat": lambda random: random.choice(_VOCABULARY["categories"]),
    "slug": _slug,
    "Title": lambda random: "_".join(word.capitalize() for word in random.choices(_VOCABULARY["words"], k=3)),
    "uni": lambda random: "-".join(random.choices(_VOCABULARY["foreign"], k=2)),
    "lang": lambda random: random.choice(["en", "de", "fr", "es", "ru", "ja", "pl", "pt"]),
    "year": lambda random: str(random.randint(2009, 2026)),
    "mm": lambda random: f"{random.randint(1, 12):02}",
    "dd": lambda random: f"{random.randint(1, 28):02}",
}
