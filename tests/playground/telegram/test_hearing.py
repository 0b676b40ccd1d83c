"""What the bot hears of what people do."""

from typing import Any

import pytest

from playground.telegram import TelegramStandIn


def heard(standin: TelegramStandIn) -> list[tuple[str, dict[str, Any]]]:
    """The kinds and bodies of all that waits for the bot."""
    return [(kind, body) for update in standin.deliveries() for kind, body in update.items() if kind != "update_id"]


def kinds(standin: TelegramStandIn) -> list[str]:
    return [kind for kind, _ in heard(standin)]


def last(standin: TelegramStandIn) -> dict[str, Any]:
    return heard(standin)[-1][1]


def answer(standin: TelegramStandIn, method: str, **args: Any) -> Any:
    from playground.telegram.methods import HANDLERS  # noqa: PLC0415 - only this helper calls behind the HTTP surface

    return HANDLERS[method](standin._platform, args)


async def test_a_bot_that_is_not_in_the_group_hears_nothing(standin: TelegramStandIn) -> None:
    await standin.say("bruno", standin.book_club, "/start https://example.org")
    assert kinds(standin) == []


async def test_privacy_mode_leaves_commands_replies_and_service_messages(standin: TelegramStandIn) -> None:
    club = standin.book_club
    await standin.invite_bot("ada", club)
    assert kinds(standin) == ["my_chat_member", "message"]
    assert last(standin)["new_chat_members"][0]["username"] == "penumbra_bot"
    await standin.say("bruno", club, "https://example.org/secret")
    await standin.say("bruno", club, "/help@other_bot")
    assert len(kinds(standin)) == 2
    await standin.say("bruno", club, "/help@penumbra_bot now")
    await standin.command("bruno", club, "privacy")
    sent = answer(standin, "sendMessage", chat_id=int(club), text="hello")
    await standin.say("bruno", club, "a reply", reply_to=str(sent["message_id"]))
    await standin.leave("dev", club)
    assert kinds(standin)[2:] == ["message"] * 4
    assert "left_chat_member" in last(standin)


async def test_privacy_mode_counts_from_the_next_joining_on(standin: TelegramStandIn) -> None:
    club = standin.book_club
    await standin.invite_bot("ada", club)
    standin.set_privacy(on=False)
    await standin.say("bruno", club, "before")
    assert "text" not in last(standin)
    await standin.remove_bot("ada", club)
    await standin.invite_bot("ada", club)
    await standin.say("bruno", club, "after")
    assert last(standin)["text"] == "after"


async def test_an_administrator_hears_everything_until_it_is_demoted(standin: TelegramStandIn) -> None:
    club = standin.book_club
    await standin.invite_bot("ada", club, rights=["can_delete_messages"])
    assert kinds(standin) == ["my_chat_member", "message", "my_chat_member"]
    assert last(standin)["new_chat_member"]["can_delete_messages"] is True
    await standin.say("bruno", club, "loud")
    assert last(standin)["text"] == "loud"
    await standin.demote_bot("ada", club)
    assert last(standin)["new_chat_member"]["status"] == "member"
    await standin.say("bruno", club, "quiet")
    assert "text" not in last(standin)
    await standin.promote_bot("farah", club)
    await standin.remove_bot("ada", club)
    assert last(standin)["new_chat_member"]["status"] == "kicked"


async def test_an_edit_is_heard_and_a_deletion_is_not(standin: TelegramStandIn) -> None:
    club = standin.book_club
    await standin.invite_bot("ada", club, rights=["can_manage_chat"])
    message = await standin.say("bruno", club, "see example.org")
    assert last(standin)["entities"] == [{"type": "url", "offset": 4, "length": 11}]
    await standin.edit("bruno", club, message, "see <a href='https://example.org/b'>this</a>", formatted=True)
    kind, body = heard(standin)[-1]
    assert kind == "edited_message"
    assert body["entities"][0]["url"] == "https://example.org/b"
    before = len(kinds(standin))
    await standin.remove("bruno", club, message)
    assert len(kinds(standin)) == before


async def test_nobody_touches_what_is_anothers(standin: TelegramStandIn) -> None:
    club = standin.book_club
    message = await standin.say("bruno", club, "mine")
    with pytest.raises(PermissionError, match="MESSAGE_AUTHOR_REQUIRED"):
        await standin.edit("dev", club, message, "yours")
    with pytest.raises(PermissionError, match="MESSAGE_DELETE_FORBIDDEN"):
        await standin.remove("dev", club, message)
    with pytest.raises(PermissionError, match="MESSAGE_NOT_MODIFIED"):
        await standin.edit("bruno", club, message, "mine")
    with pytest.raises(PermissionError, match="CHAT_ADMIN_REQUIRED"):
        await standin.promote_bot("dev", club)
    with pytest.raises(PermissionError, match="MESSAGE_ID_INVALID"):
        await standin.edit("dev", club, "4711", "nothing")
    with pytest.raises(PermissionError, match="message text is empty"):
        await standin.say("dev", club, "  ")
    with pytest.raises(PermissionError, match="CHAT_ID_INVALID"):
        await standin.say("dev", standin.private("ada"), "your chat")
    await standin.remove("ada", club, message)
    await standin.leave("dev", club)
    with pytest.raises(PermissionError, match="USER_NOT_PARTICIPANT"):
        await standin.say("dev", club, "still here?")
    with pytest.raises(KeyError):
        await standin.say("nobody", club, "x")


async def test_an_anonymous_administrator_signs_as_the_group(standin: TelegramStandIn) -> None:
    club = standin.book_club
    await standin.invite_bot("ada", club, rights=["can_manage_chat"])
    standin.set_anonymous("farah", club, on=True)
    await standin.say("farah", club, "from nobody")
    assert last(standin)["from"]["id"] == 1087968824
    assert last(standin)["sender_chat"]["id"] == int(club)
    await standin.demote_bot("farah", club)
    assert last(standin)["from"]["id"] == 1087968824
    standin.set_anonymous("farah", club, on=False)
    await standin.command("farah", club, "settings")
    assert last(standin)["from"]["first_name"] == "Farah"


async def test_the_private_chat_opens_with_start_and_closes_with_a_block(standin: TelegramStandIn) -> None:
    await standin.start("bruno", "settings_1")
    assert last(standin)["text"] == "/start settings_1"
    assert last(standin)["chat"]["type"] == "private"
    assert last(standin)["from"]["language_code"] == "fr"
    await standin.command("bruno", standin.private("bruno"), "forget", "now")
    assert last(standin)["text"] == "/forget now"
    await standin.block_bot("bruno")
    assert last(standin)["new_chat_member"]["status"] == "kicked"
    with pytest.raises(PermissionError, match="YOU_BLOCKED_USER"):
        await standin.say("bruno", standin.private("bruno"), "hello?")
    await standin.start("bruno")
    assert kinds(standin)[-2:] == ["my_chat_member", "message"]


async def test_a_startgroup_link_brings_the_bot_and_its_payload(standin: TelegramStandIn) -> None:
    await standin.start_group("ada", standin.book_club, "campaign", rights=["can_delete_messages"])
    assert last(standin)["text"] == "/start@penumbra_bot campaign"
    with pytest.raises(PermissionError, match="USER_ALREADY_PARTICIPANT"):
        await standin.invite_bot("farah", standin.book_club)


async def test_photos_albums_forwards_and_protected_chats(standin: TelegramStandIn) -> None:
    club = standin.book_club
    await standin.invite_bot("ada", club, rights=["can_manage_chat"])
    for caption in ("one https://example.org/1", ""):
        await standin.say_photo("bruno", club, caption, album="81")
        assert last(standin)["media_group_id"] == "81"
    assert "caption" not in last(standin)
    photo = await standin.say_photo("bruno", club, "seen on example.org")
    assert last(standin)["caption_entities"][0]["type"] == "url"
    await standin.edit("bruno", club, photo, "seen elsewhere")
    assert last(standin)["caption"] == "seen elsewhere"
    await standin.forward("chloe", club, photo, club)
    assert last(standin)["forward_origin"]["sender_user"]["first_name"] == "Bruno"
    standin.set_protected("ada", club, on=True)
    message = await standin.say("bruno", club, "keep it here")
    assert last(standin)["has_protected_content"] is True
    with pytest.raises(PermissionError, match="CHAT_FORWARDS_RESTRICTED"):
        await standin.forward("chloe", club, message, club)


async def test_topics_go_along_with_messages(standin: TelegramStandIn) -> None:
    club = standin.book_club
    await standin.invite_bot("ada", club, rights=["can_manage_chat"])
    topic = await standin.open_topic("ada", club, "Links")
    assert last(standin)["forum_topic_created"]["name"] == "Links"
    message = await standin.say("bruno", club, "in a topic", thread=topic)
    assert last(standin)["message_thread_id"] == int(topic)
    assert last(standin)["is_topic_message"] is True
    await standin.say("chloe", club, "answer", reply_to=message)
    assert last(standin)["message_thread_id"] == int(topic)
    assert last(standin)["reply_to_message"]["text"] == "in a topic"
    await standin.close_topic("ada", club, topic)
    with pytest.raises(PermissionError, match="TOPIC_CLOSED"):
        await standin.say("bruno", club, "too late", thread=topic)
    await standin.reopen_topic("ada", club, topic)
    assert "forum_topic_reopened" in last(standin)
    with pytest.raises(PermissionError, match="MESSAGE_THREAD_INVALID"):
        await standin.say("bruno", club, "where?", thread="4711")


async def test_a_basic_group_becomes_a_supergroup_under_a_new_id(standin: TelegramStandIn) -> None:
    group = await standin.create_group("ada", "Little club", ["bruno"])
    await standin.invite_bot("ada", group)
    moved = await standin.migrate("ada", group)
    services = [body for kind, body in heard(standin) if kind == "message"][-2:]
    assert services[0]["migrate_to_chat_id"] == int(moved)
    assert services[0]["chat"]["id"] == int(group)
    assert services[1]["migrate_from_chat_id"] == int(group)
    assert services[1]["chat"] == {"id": int(moved), "type": "supergroup", "title": "Little club"}
    await standin.command("bruno", group, "help")
    assert last(standin)["chat"]["id"] == int(moved)
    other = await standin.create_group("ada", "Other club")
    await standin.invite_bot("ada", other)
    await standin.migrate("ada", other, with_membership=True)
    assert kinds(standin)[-3:] == ["message", "my_chat_member", "message"]


async def test_members_and_reactions_are_told_to_an_administrator_that_asked(standin: TelegramStandIn) -> None:
    club = standin.book_club
    await standin.invite_bot("ada", club, rights=["can_manage_chat"])
    message = await standin.say("bruno", club, "nice")
    before = len(kinds(standin))
    await standin.react("chloe", club, message, "👍")
    await standin.promote("ada", club, "bruno", [])
    assert len(kinds(standin)) == before
    asked = ["message", "chat_member", "message_reaction", "my_chat_member"]
    await answer(standin, "getUpdates", allowed_updates=asked)
    await standin.react("chloe", club, message, "🔥")
    assert last(standin)["old_reaction"] == [{"type": "emoji", "emoji": "👍"}]
    assert last(standin)["new_reaction"] == [{"type": "emoji", "emoji": "🔥"}]
    await standin.react("chloe", club, message, None)
    assert last(standin)["new_reaction"] == []
    await standin.leave("dev", club)
    assert kinds(standin)[-2:] == ["chat_member", "message"]
    await standin.join("dev", club)
    assert kinds(standin)[-2:] == ["chat_member", "message"]
    await standin.promote("ada", club, "bruno")
    assert last(standin)["new_chat_member"]["status"] == "administrator"
    await standin.demote_bot("ada", club)
    before = len(kinds(standin))
    await standin.react("chloe", club, message, "👍")
    assert len(kinds(standin)) == before
