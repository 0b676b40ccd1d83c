"""The hand-written tables against slack_sdk: nothing is made up, and what is left out is left out knowingly.

Where Slack's samples lie beside the repository, the table of shapes is held against them too.
"""

from collections.abc import Mapping

import pytest

from playground.slack.api import METHODS
from playground.slack.manifest import EVENT_SCOPES
from tests.playground import slack_contract as contract
from tests.playground.slack_shapes import ANSWERS, DELIVERIES, EVENTS, OBJECTS, PLAIN, faults, fields

NOT_PLAYED: Mapping[str, set[str]] = {
    "chat.postMessage": {"container_id"},
    "chat.update": {"markdown_text"},
    "files.completeUploadExternal": {"channels"},
    "team.info": {"include_slackbot_availability"},
    "views.open": {"interactivity_pointer"},
    "views.push": {"interactivity_pointer"},
}
NEWER_THAN_THE_SAMPLES = {"revoked", "team_id", "event_ts", "response_urls", "from_url", "files", "subtype"}
LEFT_OUT_OF_SAMPLES = {"blocks", "values", "users", "metadata", "username"}
"""What the samples show empty, as a union of everything it can be, or of one kind of interaction only."""
INSTEAD_OF_A_POINTER = {"views.open": {"trigger_id"}, "views.push": {"trigger_id"}}
"""Required of who has no interactivity pointer, which only workflows have."""


@pytest.mark.parametrize("method", METHODS)
def test_a_methods_parameters_are_the_platforms(method: str) -> None:
    theirs, ours = contract.sdk_parameters(method), METHODS[method]
    assert set(ours.kinds()) - contract.NOT_IN_THE_SDK.get(method, frozenset()) <= set(theirs)
    assert set(theirs) - set(ours.kinds()) == NOT_PLAYED.get(method, set())
    required = {name for name, needed in theirs.items() if needed}
    assert ours.required() - required == INSTEAD_OF_A_POINTER.get(method, set())
    assert required <= ours.required()


@pytest.mark.parametrize("method", METHODS)
def test_a_methods_answer_has_a_shape(method: str) -> None:
    assert method in ANSWERS


def test_every_event_one_can_subscribe_to_has_a_shape() -> None:
    subscribed = {name.partition(".")[0] for name in EVENT_SCOPES}
    assert subscribed <= {name.partition("/")[0] for name in EVENTS}


@pytest.mark.parametrize("table", [DELIVERIES, EVENTS, ANSWERS, OBJECTS])
def test_the_shapes_are_made_of_kinds_that_exist(table: Mapping[str, str]) -> None:
    kinds = {kind.strip("[]?") for row in table.values() for _, kind, _ in fields(row)}
    assert kinds <= {*OBJECTS, *PLAIN, "any"}


def test_a_shape_refuses_what_lacks_what_is_invented_and_what_is_of_another_kind() -> None:
    place = {"id": "C1", "name": "x"}
    assert list(faults(place, OBJECTS["Place"], "place")) == []
    assert list(faults({"id": "C1"}, OBJECTS["Place"], "place")) == ["place lacks name"]
    assert list(faults(place | {"hue": 1}, OBJECTS["Place"], "place")) == ["place invents hue"]
    assert list(faults(place | {"id": 1}, OBJECTS["Place"], "place")) == ["place.id is 1, no str"]
    assert list(faults([], OBJECTS["Place"], "place")) == ["place is no object"]
    tokens = {"oauth": "U1", "bot": [2]}
    assert set(faults(tokens, OBJECTS["Tokens"], "it")) == {"it.oauth is no list", "it.bot is 2, no str"}


def test_the_contract_itself_refuses_what_is_not_in_it() -> None:
    contract.check_call("chat.postMessage", {"channel": "C1", "text": "x"})
    for method, params in (
        ("chat.shout", {}),
        ("chat.postMessage", {"channel": "C1", "text": "x", "colour": "red"}),
        ("chat.postMessage", {"channel": "C1", "text": "x", "blocks": [{"type": "section"}]}),
    ):
        with pytest.raises(AssertionError):
            contract.check_call(method, params)
    with pytest.raises(AssertionError):
        contract.check_answer("chat.getPermalink", {"ok": True, "channel": "C1"})
    with pytest.raises(AssertionError):
        contract.check_event({"type": "shortcut", "team": {"id": "T1"}})


@pytest.mark.parametrize("method", ANSWERS)
def test_the_shape_of_an_answer_is_in_slacks_sample(method: str) -> None:
    """Trivially true where the samples are not beside the repository, or have none of the method."""
    sample = contract.sample(f"{method}.json")
    invented = list(contract.strangers_of_row(ANSWERS[method], sample, method)) if sample else []
    assert set(invented) <= NEWER_THAN_THE_SAMPLES | LEFT_OUT_OF_SAMPLES


@pytest.mark.parametrize("name", contract.SAMPLES_BY_EVENT)
def test_the_shape_of_a_delivery_is_in_slacks_sample(name: str) -> None:
    """As above."""
    sample = contract.sample(f"{contract.SAMPLES_BY_EVENT[name]}Payload.json")
    row, inside = (EVENTS[name], (sample or {}).get("event")) if name in EVENTS else (DELIVERIES[name], sample)
    invented = list(contract.strangers_of_row(row, inside, name)) if inside else []
    assert set(invented) <= NEWER_THAN_THE_SAMPLES | LEFT_OUT_OF_SAMPLES
