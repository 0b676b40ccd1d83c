"""Which of our languages a browser likes best. Pure."""

from texts.catalogue import LANGUAGES


def wanted_language(accept_language: str) -> str:
    """The language of ours that a browser likes best (RFC 9110, 12.5.4); English when it names none of them."""
    ranked = [_weighed(part) for part in accept_language.split(",") if part.strip()]
    ours = [(weight, language) for weight, language in ranked if language in LANGUAGES and weight > 0]
    return max(ours, key=lambda each: each[0])[1] if ours else LANGUAGES[0]


def _weighed(part: str) -> tuple[float, str]:
    name, _, weight = part.strip().partition(";q=")
    try:
        return float(weight or 1), name.partition("-")[0].lower()
    except ValueError:
        return 0.0, name.lower()
