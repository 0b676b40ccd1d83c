"""An error's docstring is what it says."""

from core.errors import NotYours, PenumbraError


def test_the_docstring_is_the_default_message():
    assert str(NotYours()) == "Only the person who shared this link can do that."
    assert str(PenumbraError("in particular this")) == "in particular this"
