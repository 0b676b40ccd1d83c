"""A group's settings, for its admins alone, in their private chat; reached from the group by a deep link."""

from dataclasses import replace
from html import escape

from telegram import CallbackQuery, Message, Update
from telegram import InlineKeyboardButton as Button
from telegram import InlineKeyboardMarkup as Keyboard

from bots.telegram import looking, panels, parse
from bots.telegram.asides import Said, plainly
from bots.telegram.desk import Desk, rights_of
from bots.telegram.keyboards import group_link, to_private_chat
from bots.telegram.panels import OPTIONS, Rights, UnknownSettingError
from bots.telegram.seals import Errand, Invitation, Tap, Verb
from core.errors import NotAnAdmin, UnknownGroup
from core.model import Account, Actor, Group, GroupState, Missed, Person, Platform, Purpose, Taking, Week
from texts.catalogue import Words
from texts.missed import missed
from texts.samples import titles

FIRST = ""
"""The page that shows how everything stands."""
WEB = "web"
PREVIEW = "preview"
HERE = "here"
TOPIC, PAUSE, OFFER, RESUME = "topic", "pause", "offer", "on"
IN_A_ROW = 4


class SettingsHandlers:
    """Shows the settings, and changes one.

    Args:
        desk: core's services and the ways to answer.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_settings(self, update: Update) -> None:
        """In the group: hand the panel over in private, or set one thing by its name (`zone Asia/Tbilisi`, `here`)."""
        command = update.message
        if command is None:
            return None
        words = self._words(command)
        if not parse.is_group(command.chat):
            return await self._tell(update, words.say("telegram.in_group"))
        asked = parse.arguments(command)
        if asked:
            return await self._set_by_name(update, command, asked)
        account = parse.sender(command)
        if account is None or command.from_user is None:
            return await self._tell(update, words.say("telegram.as_yourself"))
        return await self._hand_over(update, command, account)

    async def open(self, update: Update, group: str, account: Account, words: Words) -> None:
        """The panel, to somebody who followed the deep link into the private chat.

        Raises:
            NotAnAdmin: at this moment the platform does not call them one.
            UnknownGroup: nothing is kept about the group.
        """
        await self._desk.asides.tell(update, await self._panel(group, account, words))

    async def on_page(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """One of the pages."""
        account, words = parse.account(query.from_user), self._desk.texts.speak(query.from_user.language_code)
        if tap.argument == WEB:
            return await self._desk.asides.tell(update, await self._sign_in(tap.group, account, words))
        if tap.argument == PREVIEW:
            return await self._desk.asides.tell(update, await self._preview(tap.group, account, words))
        if tap.argument == FIRST:
            return await self._desk.asides.redraw(update, await self._panel(tap.group, account, words))
        group = await self._group(tap.group, account)
        said = Said(panels.page(tap.argument, words), keyboard=self._options(group, tap.argument, words))
        return await self._desk.asides.redraw(update, said)

    async def on_set(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """One setting changed; whether this person may is asked of the platform at this moment."""
        account, words = parse.account(query.from_user), self._desk.texts.speak(query.from_user.language_code)
        setting, _, value = tap.argument.partition("=")
        group = await self._set(tap.group, Actor(account), setting, value)
        if setting == OFFER:  # several may be changed in a row
            said = Said(panels.page(setting, words), keyboard=self._options(group, setting, words))
            return await self._desk.asides.redraw(update, said)
        return await self._desk.asides.redraw(update, await self._panel(tap.group, account, words))

    async def on_again(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """An admin has a digest posted again of which nobody knew whether it came."""
        account, words = parse.account(query.from_user), self._desk.texts.speak(query.from_user.language_code)
        group = await self._group(tap.group, account)
        again = await self._desk.services.digests.post_again(group.address, Week(tap.argument))
        await self._desk.asides.tell(update, plainly(words.say("digest.again" if again else "digest.not_again")))

    # From the group -----------------------------------------------------------------------------------------------

    async def _hand_over(self, update: Update, command: Message, account: Account) -> None:
        words, conversation = self._words(command), str(command.chat.id)
        panel = await self._panel(conversation, account, words)
        if await self._desk.asides.tell_patiently(int(account), panel):
            return await self._tell(update, words.say("telegram.handed"))
        payload = self._desk.seal.invite(Invitation(Errand.SETTINGS, conversation), account, self._desk.now())
        link = to_private_chat(self._desk.client.username, payload, words)
        said = replace(plainly(words.say("telegram.in_private")), alert=None, keyboard=link, errand=payload)
        return await self._desk.asides.tell(update, said)

    async def _set_by_name(self, update: Update, command: Message, asked: str) -> None:
        words = self._words(command)
        setting, _, value = asked.partition(" ")
        if setting == HERE:
            setting, value = TOPIC, parse.topic(command) or ""
        try:
            await self._set(str(command.chat.id), parse.actor(command), setting, value.strip())
        except UnknownSettingError:
            return await self._tell(update, words.say("panel.unknown"))
        return await self._tell(update, words.say("settings.saved"))

    # Shared pieces ------------------------------------------------------------------------------------------------

    async def _set(self, conversation: str, actor: Actor, setting: str, value: str) -> Group:
        groups, address = self._desk.services.groups, parse.address_of(conversation)
        group = await self._desk.services.consent.group(address)
        if group is None:
            raise UnknownGroup
        if setting == PAUSE and value == RESUME:
            return await groups.enable(address, actor, group.name, group.language)
        if setting == PAUSE:
            return await groups.pause(address, actor, panels.paused_until(value, self._desk.now()))
        return await groups.configure(address, actor, panels.wanted(group, setting, value))

    async def _group(self, conversation: str, account: Account) -> Group:
        """A group, for one of its admins."""
        address = parse.address_of(conversation)
        if not await self._desk.roles.is_admin(address, account):
            raise NotAnAdmin
        group = await self._desk.services.consent.group(address)
        if group is None or group.state is GroupState.ERASING:
            raise UnknownGroup
        return group

    async def _panel(self, conversation: str, account: Account, words: Words) -> Said:
        group = await self._group(conversation, account)
        rights = await rights_of(self._desk, int(conversation))
        text = panels.settings(group, rights, words)
        lost = await self._desk.services.digests.missed(group.address)
        if lost is not None:
            text = f"{text}\n\n{escape(missed(lost, words))}"
        return Said(text, keyboard=self._first(group, rights, lost, words))

    async def _sign_in(self, conversation: str, account: Account, words: Words) -> Said:
        group = await self._group(conversation, account)
        person = Person(Platform.TELEGRAM, "", account)
        link = await self._desk.services.signin.link_for(person, group.address)
        return replace(
            plainly(words.say("signin.body")),
            alert=None,
            keyboard=Keyboard([[Button(words.say("signin.button"), url=link)]]),
        )

    async def _preview(self, conversation: str, account: Account, words: Words) -> Said:
        group = await self._group(conversation, account)
        spoken = self._desk.texts.speak(group.language)
        draft = await self._desk.services.digests.preview(group.id, titles(spoken))
        if draft is None:
            raise UnknownGroup
        return looking.draft(draft, spoken, words)

    def _first(self, group: Group, rights: Rights, lost: Missed | None, words: Words) -> Keyboard:
        conversation, tap = group.address.conversation, self._desk.keyboards.tap
        again = (
            [[tap(words.say("digest.post_again"), Verb.AGAIN, conversation, lost.week)]]
            if lost and lost.in_doubt
            else []
        )
        named = [
            tap(_named(group, setting, words), Verb.PAGE, conversation, setting)
            for setting in OPTIONS
            if setting != PAUSE
        ]
        rows = again + [named[place : place + 2] for place in range(0, len(named), 2)]
        if group.state is GroupState.ENABLED:
            rows.append([tap(words.say("panel.pause"), Verb.PAGE, conversation, PAUSE)])
        else:
            rows.append([tap(words.say("group.resume"), Verb.SET, conversation, f"{PAUSE}={RESUME}")])
        if group.taking is Taking.REPLACE and not rights.deletes:
            link = group_link(self._desk.client.username, "delete_messages")
            rows.append([Button(words.say("panel.give_right"), url=link)])
        rows.append([tap(words.say("draft.button"), Verb.PAGE, conversation, PREVIEW)])
        rows.append([tap(words.say("panel.web"), Verb.PAGE, conversation, WEB)])
        return Keyboard(rows)

    def _options(self, group: Group, setting: str, words: Words) -> Keyboard:
        conversation, tap = group.address.conversation, self._desk.keyboards.tap
        now = panels.value_of(group, setting)
        chosen = set(now.split()) if setting == OFFER else {now}
        buttons = [
            tap(
                _option(setting, value, words, on=value in chosen),
                Verb.SET,
                conversation,
                _wish(setting, value, chosen),
            )
            for value in OPTIONS[setting]
        ]
        row = 1 if setting in {"taking", OFFER} else 2 if setting == "zone" else IN_A_ROW
        rows = [buttons[place : place + row] for place in range(0, len(buttons), row)]
        return Keyboard([*rows, [tap(words.say("panel.back"), Verb.PAGE, conversation, FIRST)]])

    async def _tell(self, update: Update, text: str) -> None:
        await self._desk.asides.tell(update, plainly(text))

    def _words(self, command: Message) -> Words:
        user = command.from_user
        return self._desk.texts.speak(user.language_code if user else None)


def _named(group: Group, setting: str, words: Words) -> str:
    value = panels.value_of(group, setting)
    if setting == OFFER:
        offered = words.number(len(value.split()))
        value = f"{offered}/{words.number(len(Purpose))}"
    else:
        value = panels.label_of(setting, value, words)
    return words.say("panel.setting", name=words.say(f"panel.{setting}"), value=value)


def _wish(setting: str, value: str, chosen: set[str]) -> str:
    """What a tap asks for: of what is offered, the opposite of what is so; said in full, so that twice is as once."""
    if setting == OFFER:
        return f"{setting}={'-' if value in chosen else '+'}{value}"
    return f"{setting}={value}"


def _option(setting: str, value: str, words: Words, *, on: bool) -> str:
    label = panels.label_of(setting, value, words)
    return panels.mark(label, on=on) if on or setting == OFFER else label
