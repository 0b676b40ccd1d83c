"""What people do on the page, each an act on one of the two platforms, or on the clock."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from playground.page import faults
from playground.page.scene import PlatformName, Scene
from playground.page.state import next_monday
from playground.people import CAST

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the page asks for: one JSON object.

    Args:
        fields: its fields; `viewer` is the person who acts.
    """

    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field that has to be there, as text.

        Raises:
            ValueError: it is not.
        """
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise ValueError(f"{name} is missing")
        return value

    def maybe(self, name: str) -> str | None:
        """A field that may be there, as text; None when it is not."""
        return None if self.fields.get(name) is None else self.text(name)

    def number(self, name: str, most: int) -> int:
        """A field that has to be there, as a whole number from 1.

        Raises:
            ValueError: it is not, or is more than `most`.
        """
        value = self.fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            raise ValueError(f"{name} must be a whole number from 1 to {most}")
        return value

    @property
    def viewer(self) -> str:
        """The key of the person who acts. Raises ValueError when nobody has it."""
        if (key := self.text("viewer")) not in CAST:
            raise ValueError(f"nobody is called {key}")
        return key

    @property
    def platform(self) -> PlatformName:
        """The platform that is meant. Raises ValueError when it is neither of the two."""
        match self.text("platform"):
            case "telegram" | "slack" as name:
                return name
            case other:
                raise ValueError(f"there is no platform {other}")


Act = Callable[[Scene, Wish], Awaitable[Json]]


async def say(scene: Scene, wish: Wish) -> Json:
    """Post what was typed; `/command` on Slack and `@bot query` on Telegram are what they are there."""
    text, place = wish.text("text"), wish.text("conversation")
    if wish.platform == "telegram":
        return await _say_on_telegram(scene, wish, place, text)
    command, _, rest = text.partition(" ")
    if command.startswith("/"):
        await scene.slack.command(wish.viewer, place, command, rest.strip())
        return {}
    return {"message": await scene.slack.say(wish.viewer, place, text, thread=wish.maybe("reply_to"), composer=True)}


async def _say_on_telegram(scene: Scene, wish: Wish, place: str, text: str) -> Json:
    handle, _, query = text.partition(" ")
    if query and handle == f"@{scene.telegram.bot_username}":
        await scene.telegram.inline(wish.viewer, place, query.strip())
        return {"inline": True}
    return {"message": await scene.telegram.say(wish.viewer, place, text, reply_to=wish.maybe("reply_to"))}


async def choose(scene: Scene, wish: Wish) -> Json:
    """Send one of the results that the bot offered inline."""
    message = await scene.telegram.choose(wish.viewer, wish.text("conversation"), wish.text("result"))
    return {"message": message}


async def press(scene: Scene, wish: Wish) -> Json:
    """Press a button, or pick from a menu (`option`)."""
    place, message, button = wish.text("conversation"), wish.text("message"), wish.text("button")
    if wish.platform == "telegram":
        await scene.telegram.press(wish.viewer, place, message, button)
    else:
        await scene.slack.press(wish.viewer, place, message, button, option=wish.fields.get("option"))
    return {}


async def edit(scene: Scene, wish: Wish) -> Json:
    """Change one's own message."""
    platform = scene.platform(wish.platform)
    await platform.edit(wish.viewer, wish.text("conversation"), wish.text("message"), wish.text("text"))
    return {}


async def delete(scene: Scene, wish: Wish) -> Json:
    """Delete a message."""
    platform = scene.platform(wish.platform)
    await platform.remove(wish.viewer, wish.text("conversation"), wish.text("message"))
    return {}


async def invite(scene: Scene, wish: Wish) -> Json:
    """Bring the bot into a conversation."""
    await scene.platform(wish.platform).invite_bot(wish.viewer, wish.text("conversation"))
    return {}


async def remove(scene: Scene, wish: Wish) -> Json:
    """Take the bot out of a conversation."""
    await scene.platform(wish.platform).remove_bot(wish.viewer, wish.text("conversation"))
    return {}


async def sign(scene: Scene, wish: Wish) -> Json:
    """Sign one's messages on Telegram as the group (`on`), as its administrators may, or by name again."""
    scene.telegram.set_anonymous(wish.viewer, wish.text("conversation"), on=wish.fields.get("on") is True)
    return {}


async def start(scene: Scene, wish: Wish) -> Json:
    """Press Start in the private chat on Telegram, perhaps with the payload of a deep link."""
    return {"message": await scene.telegram.start(wish.viewer, wish.maybe("payload") or "")}


async def home(scene: Scene, wish: Wish) -> Json:
    """Open the app's home on Slack."""
    await scene.slack.open_home(wish.viewer)
    return {}


async def command(scene: Scene, wish: Wish) -> Json:
    """Give the bot a command: `/name` and its arguments."""
    place, name, arguments = wish.text("conversation"), wish.text("command"), wish.maybe("arguments") or ""
    if wish.platform == "telegram":
        return {"message": await scene.telegram.command(wish.viewer, place, name.removeprefix("/"), arguments)}
    await scene.slack.command(wish.viewer, place, name, arguments)
    return {}


async def shortcut(scene: Scene, wish: Wish) -> Json:
    """Use the app's shortcut on a message on Slack, or without a message the one from anywhere."""
    message = wish.maybe("message")
    if message is None:
        await scene.slack.global_shortcut(wish.viewer)
    else:
        await scene.slack.shortcut(wish.viewer, wish.text("conversation"), message)
    return {}


async def modal(scene: Scene, wish: Wish) -> Json:
    """Submit the open modal with its `values`, or close it."""
    if wish.text("answer") == "submit":
        values = wish.fields.get("values") or {}
        if not isinstance(values, dict):
            raise ValueError("values must be an object")
        await scene.slack.submit_modal(wish.viewer, values)
    else:
        await scene.slack.close_modal(wish.viewer)
    return {}


async def dismiss(scene: Scene, wish: Wish) -> Json:
    """Take a toast off the screen."""
    scene.dismissed.add(wish.text("toast"))
    return {}


async def clock(scene: Scene, wish: Wish) -> Json:
    """Move the clock: an `hour`, to `tomorrow`, or to `monday`, and let what has become due happen.

    What is under way comes to its end before: what was shared today belongs to this week.
    """
    where = wish.text("to")
    await scene.settled()
    if scene.hooks.before_jump is not None:
        await scene.hooks.before_jump()
    match where:
        case "hour":
            scene.clock.advance(timedelta(hours=1))
        case "tomorrow":
            scene.clock.advance(timedelta(days=1))
        case "monday":
            scene.clock.jump_to(next_monday(scene.clock.now()))
        case _:
            raise ValueError("to must be hour, tomorrow or monday")
    await scene.settled()
    if scene.hooks.after_jump is not None:
        await scene.hooks.after_jump()
    await scene.settled()
    return {"now": scene.clock.now().isoformat()}


async def fail(scene: Scene, wish: Wish) -> Json:
    """Let the next calls of the bot fail: `method` or any (`*`), how (`fault`), how many `times`."""
    seconds, times = wish.number("seconds", faults.SECONDS_AT_MOST), wish.number("times", faults.TIMES_AT_MOST)
    for _ in range(times):
        faults.arm(scene, wish.platform, wish.text("method"), wish.text("fault"), seconds)
    return {}


async def calm(scene: Scene, wish: Wish) -> Json:
    """Let nothing more go wrong."""
    del wish
    faults.calm(scene)
    return {}


async def reset(scene: Scene, wish: Wish) -> Json:
    """Forget everything and begin anew, where the caller offers it."""
    del wish
    if scene.hooks.reset is None:
        raise ValueError("there is no reset here")
    await scene.hooks.reset()
    return {}


ACTS: Mapping[str, Act] = MappingProxyType(
    {
        act.__name__: act
        for act in (
            say,
            choose,
            press,
            edit,
            delete,
            invite,
            remove,
            sign,
            start,
            home,
            command,
            shortcut,
            modal,
            dismiss,
            clock,
            fail,
            calm,
            reset,
        )
    }
)
"""By the last part of their address, `POST /play/…`."""
