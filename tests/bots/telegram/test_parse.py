"""Telegram's words into ours."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Chat, ChatMemberUpdated, Message, MessageEntity, Update

from bots.telegram import parse
from bots.telegram.parse import Presence
from core.model import Account, Actor

DAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CLUB = {"id": -1001, "type": "supergroup", "title": "Book club"}
DEV = {"id": 5, "is_bot": False, "first_name": "Dev"}


def posted(**fields: Any) -> Message:
    return Message.de_json({"message_id": 7, "date": 1_795_424_400, "chat": CLUB, "from": DEV, **fields}, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"sender_chat": CLUB},
        {"sender_chat": {"id": -1009, "type": "channel", "title": "News"}},
        {"is_automatic_forward": True},
        {"from": {"id": 8, "is_bot": True, "first_name": "Another bot"}},
        {"from": {"id": 1087968824, "is_bot": True, "first_name": "Group"}},
        {"from": {"id": 777000, "is_bot": False, "first_name": "Telegram"}},
        {"from": None},
        {"via_bot": {"id": 9, "is_bot": True, "first_name": "gif"}},
    ],
)
def test_what_no_person_posted_is_nobody_s(fields: dict[str, Any]) -> None:
    assert parse.sender(posted(**fields)) is None


def test_an_admin_who_posts_as_the_group_is_vouched_for_and_a_channel_is_not() -> None:
    channel = {"id": -1009, "type": "channel", "title": "News"}
    assert parse.actor(posted(sender_chat=CLUB)) == Actor(None, speaks_as_group=True)
    assert parse.actor(posted(sender_chat=channel)) == Actor(None, speaks_as_group=False)
    assert parse.actor(posted()) == Actor(Account("5"))


PIECES = st.lists(
    st.one_of(
        st.tuples(st.just("words"), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)),
        st.tuples(st.just("url"), st.sampled_from(["https://a.example/1", "example.com/x", "http://ü.example/?q=🚀"])),
        st.tuples(st.just("text_link"), st.sampled_from(["here", "🚀🚀", "été"])),
        st.tuples(st.just("code"), st.sampled_from(["print(1)", "https://in.example/code"])),
        st.tuples(st.just("bold"), st.just("loud")),
    ),
    max_size=8,
)


@given(pieces=PIECES, in_caption=st.booleans())
def test_links_are_found_where_telegram_says_counted_in_utf_16(
    *, pieces: list[tuple[str, str]], in_caption: bool
) -> None:
    text, entities, expected = "", [], []
    for kind, piece in pieces:
        offset, length = len(text.encode("utf-16-le")) // 2, len(piece.encode("utf-16-le")) // 2
        text += piece
        if kind == "words":
            continue
        target = f"https://t.example/{len(entities)}" if kind == "text_link" else None
        entities.append(MessageEntity(kind, offset, length, url=target))
        if kind in {"url", "text_link"}:
            expected.append(target or piece)
    chat = Chat(-1001, "supergroup")
    message = (
        Message(7, DAY, chat, caption=text, caption_entities=entities)
        if in_caption
        else Message(7, DAY, chat, text=text, entities=entities)
    )
    assert parse.links(message) == tuple(expected)


def test_an_address_that_touches_code_is_none() -> None:
    entities = [MessageEntity("url", 0, 19), MessageEntity("pre", 0, 25)]
    assert not parse.links(Message(7, DAY, Chat(-1, "group"), text="https://a.example/1 and so", entities=entities))


def test_a_message_without_words_has_no_links() -> None:
    assert parse.links(posted()) == ()


def test_a_message_is_reduced_to_what_counting_needs() -> None:
    link = {"type": "url", "offset": 0, "length": 19}
    given = posted(text="https://a.example/1", entities=[link], is_topic_message=True, message_thread_id=3)
    message = parse.message(given, Account("5"))
    assert (message.id, message.urls, message.topic, message.edited_at) == ("7", ("https://a.example/1",), "3", None)
    assert message.posted_at.tzinfo is not None


def test_a_reply_s_thread_is_no_topic() -> None:
    assert parse.topic(posted(message_thread_id=3)) is None


def test_a_delivery_has_one_name_and_an_edit_another() -> None:
    first, edited = posted(text="a"), posted(text="a", edit_date=1_795_424_460)
    assert parse.event_id(Update(1, message=first), first) == "telegram:1:-1001:7:0"
    assert parse.event_id(Update(2, edited_message=edited), edited) == "telegram:2:-1001:7:1795424460"


@pytest.mark.parametrize(
    ("before", "after", "meant"),
    [
        ({"status": "left"}, {"status": "member"}, Presence.CAME),
        ({"status": "kicked", "until_date": 0}, {"status": "administrator"}, Presence.CAME),
        ({"status": "member"}, {"status": "administrator"}, Presence.SAME),
        ({"status": "administrator"}, {"status": "left"}, Presence.LEFT),
        ({"status": "member"}, {"status": "kicked", "until_date": 0}, Presence.LEFT),
        ({"status": "member"}, {"status": "restricted", "is_member": True}, Presence.SAME),
        ({"status": "member"}, {"status": "restricted", "is_member": False}, Presence.LEFT),
    ],
)
def test_coming_and_going_is_told_from_promotion(
    before: dict[str, Any], after: dict[str, Any], meant: Presence
) -> None:
    assert parse.presence(change(before, after)) is meant


def change(before: dict[str, Any], after: dict[str, Any]) -> Any:
    data = {"chat": CLUB, "from": DEV, "date": 1_795_424_400}
    members = {"old_chat_member": {**RIGHTS, **before}, "new_chat_member": {**RIGHTS, **after}}
    return ChatMemberUpdated.de_json({**data, **members}, None)


RIGHTS: dict[str, Any] = {
    "user": DEV,
    "until_date": 0,
    **dict.fromkeys(
        [
            *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
            *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users"),
            *("can_post_stories", "can_edit_stories", "can_delete_stories", "is_member", "can_send_messages"),
            *("can_send_polls", "can_send_other_messages", "can_add_web_page_previews", "can_pin_messages"),
            *("can_manage_topics", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos"),
            *("can_send_video_notes", "can_send_voice_notes", "can_edit_tag", "can_react_to_messages"),
        ],
        False,
    ),
}


URL = "https://a.example/1"


def entity(text: str, part: str = URL, **fields: Any) -> dict[str, Any]:
    before = len(text[: text.index(part)].encode("utf-16-le")) // 2
    return {"type": "url", "offset": before, "length": len(part.encode("utf-16-le")) // 2, **fields}


@pytest.mark.parametrize("text", [URL, f"  {URL}\n", f"{URL} https://b.example/2"])
def test_a_message_of_addresses_alone_is_bare(text: str) -> None:
    found = [entity(text, part) for part in text.split()]
    assert parse.is_bare(posted(text=text, entities=found))


@pytest.mark.parametrize(
    "fields",
    [
        {"text": f"🚀 {URL}", "entities": [entity(f"🚀 {URL}")]},
        {"text": "here", "entities": [entity("here", "here", type="text_link", url=URL)]},
        {"text": "no link"},
        {"caption": URL, "caption_entities": [entity(URL)]},
        {"media_group_id": "7"},
        {"reply_to_message": {"message_id": 1, "date": 1_795_424_400, "chat": CLUB}},
        {"forward_origin": {"type": "hidden_user", "date": 1_795_424_400, "sender_user_name": "X"}},
        {"has_protected_content": True},
        {"edit_date": 1_795_424_401},
    ],
)
def test_a_message_with_anything_else_about_it_is_not_bare(fields: dict[str, Any]) -> None:
    whole = {} if "text" in fields or "caption" in fields else {"text": URL, "entities": [entity(URL)]}
    assert not parse.is_bare(posted(**whole, **fields))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"via_bot": {"id": 9, "is_bot": True, "first_name": "Us"}}, Account("5")),
        ({"via_bot": {"id": 8, "is_bot": True, "first_name": "Another"}}, None),
        ({"via_bot": {"id": 9, "is_bot": True, "first_name": "Us"}, "sender_chat": CLUB}, None),
        ({}, None),
    ],
)
def test_only_a_person_s_message_through_us_was_sent_through_us(
    fields: dict[str, Any], expected: Account | None
) -> None:
    assert parse.sent_through(posted(**fields), 9) == expected
