"""People using the app: buttons, menus, commands, shortcuts, modals, the App Home."""

from playground.slack import events, payloads
from playground.slack.acting import Acting
from playground.slack.blocks import check_view, interactive
from playground.slack.delivery import Ack
from playground.slack.elements_acted import action_of, is_empty, value_of
from playground.slack.errors import SlackError
from playground.slack.exchange import Reply
from playground.slack.methods.views import push, rewrite
from playground.slack.responses import respond
from playground.slack.state import Account, Channel, Json, View

HOME, MODAL = "home", "modal"
"""Where `press` finds elements that are in no message."""


class Interacting(Acting):
    """What a person does with the app; every act ends when the app has answered and nothing is in flight."""

    async def press(
        self, person: str, conversation: str, message_id: str, button_id: str, *, option: object = None
    ) -> Ack:
        """Use a button or a menu.

        Args:
            person: who.
            conversation: a channel, `dm`, `home` or `modal`.
            message_id: the message; anything for `home` and `modal`.
            button_id: `block_id/action_id` as in the snapshot, or the `action_id` alone where it is the only one.
            option: for menus: the option's value, an id, a date, or a list of values.

        Raises:
            PermissionError: the message is another's ephemeral, the element is not there, or has no such option.
        """
        who = self._who(person)
        if conversation in {HOME, MODAL}:
            payload = self._view_pressed(who, self._shown(who, conversation), button_id, option)
        else:
            payload = self._message_pressed(who, self._where(who, conversation), message_id, button_id, option)
        ack = await self._interact(who, "block_actions", payloads.form(payload), payload)
        await self.settled()
        return ack

    def _shown(self, who: Account, conversation: str) -> View:
        workspace = self._platform.workspace
        stack = workspace.modals.get(who.id) or []
        view = workspace.homes.get(who.id) if conversation == HOME else (stack[-1] if stack else None)
        if view is None:
            raise PermissionError("not_found")
        return view

    def _view_pressed(self, who: Account, view: View, button_id: str, option: object) -> Json:
        block, element = _element(view.payload["blocks"], button_id)
        if element["type"] != "button" and element["type"] != "overflow":
            view.values.setdefault(block["block_id"], {})[element["action_id"]] = value_of(element, option)
        action = action_of(element, block["block_id"], option, self._platform.tick())
        return payloads.view_press(self._platform, who, view, action)

    def _message_pressed(self, who: Account, channel: Channel, message_id: str, button_id: str, option: object) -> Json:
        message = self._visible(who, channel, message_id)
        ts = self._platform.tick()
        for attachment in message.attachments:
            if _has(attachment.get("blocks") or [], button_id):
                block, element = _element(attachment["blocks"], button_id)
                action = action_of(element, block["block_id"], option, ts)
                return payloads.unfurl_press(self._platform, who, channel, message, attachment, action)
        block, element = _element(message.blocks, button_id)
        action = action_of(element, block["block_id"], option, ts)
        return payloads.message_press(self._platform, who, channel, message, action)

    async def command(self, person: str, conversation: str, command: str, text: str = "") -> Ack:
        """Type a slash command; what the app answers at once is shown like a response URL's answer.

        Raises:
            PermissionError: the app has no such command, or is not installed.
        """
        who = self._who(person)
        channel = self._inside(who, conversation)
        bot = self._platform.grants.bot()
        if command not in self._platform.manifest.commands or bot is None or "commands" not in bot.scopes:
            raise PermissionError(f"{command} is not a valid command.")
        reply = Reply(channel.id, who.id, self._platform.now())
        fields = payloads.command(self._platform, who, channel, (command, text), reply)
        ack = await self._interact(who, command, fields, dict(fields))
        if ack.failure is None and ack.text.strip():
            self._answered(who, command, reply, ack)
        await self.settled()
        return ack

    def _answered(self, who: Account, command: str, reply: Reply, ack: Ack) -> None:
        try:
            respond(self._platform, reply, ack.data if ack.data is not None else {"text": ack.text})
        except SlackError as refusal:
            self._toast(who, f"{command} failed with the error “{refusal.word}”")

    async def shortcut(self, person: str, conversation: str, message_id: str, callback_id: str | None = None) -> Ack:
        """Use a message shortcut, the app's first one when none is named.

        Raises:
            PermissionError: no such shortcut, or the message is not to be seen.
        """
        who = self._who(person)
        channel = self._where(who, conversation)
        message = self._visible(who, channel, message_id)
        chosen = _registered(self._platform.manifest.message_shortcuts, callback_id)
        payload = payloads.message_shortcut(self._platform, who, channel, message, chosen)
        ack = await self._interact(who, "message_action", payloads.form(payload), payload)
        await self.settled()
        return ack

    async def global_shortcut(self, person: str, callback_id: str | None = None) -> Ack:
        """Use a global shortcut, the app's first one when none is named."""
        who = self._who(person)
        chosen = _registered(self._platform.manifest.shortcuts, callback_id)
        payload = payloads.global_shortcut(self._platform, who, chosen)
        ack = await self._interact(who, "shortcut", payloads.form(payload), payload)
        await self.settled()
        return ack

    async def open_home(self, person: str) -> None:
        """Open the App Home."""
        who = self._who(person)
        events.home_opened(self._platform, who.id)
        await self.settled()

    async def submit_modal(self, person: str, values: Json | None = None) -> Ack:
        """Fill the open modal in and submit it; the app's `response_action` is carried out.

        Args:
            person: who.
            values: by `block_id` or `action_id`; inputs left out keep what they show.

        Raises:
            PermissionError: no modal is open, a required input is empty, or an input does not take its value.
        """
        who = self._who(person)
        view = self._shown(who, MODAL)
        self._fill(view, values or {})
        payload = payloads.submission(self._platform, who, view, self._response_urls(who, view))
        ack = await self._interact(who, "view_submission", payloads.form(payload), payload)
        if ack.failure is None:
            self._follow(who, view, ack.data or {})
        await self.settled()
        return ack

    def _fill(self, view: View, values: Json) -> None:
        left = set(values)
        for block in view.payload["blocks"]:
            if block["type"] != "input":
                continue
            element = block["element"]
            names = {block["block_id"], element["action_id"]}
            given = next((values[name] for name in names if name in values), None)
            left -= names
            value = view.values[block["block_id"]][element["action_id"]]
            if names & values.keys():
                value = value_of(element, given)
            if is_empty(value) and not block.get("optional"):
                raise PermissionError("Please complete this required field.")
            view.values[block["block_id"]] = {element["action_id"]: value}
        if left:
            raise PermissionError(f"the modal does not ask for {sorted(left)}")

    def _response_urls(self, who: Account, view: View) -> list[Json]:
        urls = []
        for block in view.payload["blocks"]:
            element = block.get("element") or {}
            if not element.get("response_url_enabled"):
                continue
            value = view.values[block["block_id"]][element["action_id"]]
            channel = value.get("selected_conversation") or value.get("selected_channel")
            address = payloads.response_url(self._platform, Reply(channel, who.id, self._platform.now()))
            place = {"block_id": block["block_id"], "action_id": element["action_id"], "channel_id": channel}
            urls.append({**place, "response_url": address})
        return urls

    def _follow(self, who: Account, view: View, answer: Json) -> None:
        stack = self._platform.workspace.modals.get(who.id) or []
        try:
            match answer.get("response_action"):
                case "errors":
                    view.errors = _known_errors(view, answer["errors"])
                case "update":
                    check_view(answer["view"], MODAL)
                    rewrite(self._platform, view, answer["view"])
                case "push":
                    check_view(answer["view"], MODAL)
                    push(self._platform, who.id, answer["view"])
                case "clear":
                    stack.clear()
                case _:
                    if view in stack:
                        stack.remove(view)
        except SlackError as refusal:
            self._toast(who, f"view_submission failed with the error “{refusal.word}”")

    async def close_modal(self, person: str, *, everything: bool = False) -> None:
        """Close the open modal, or the whole stack; the app hears of those that asked to (`notify_on_close`)."""
        who = self._who(person)
        stack = self._platform.workspace.modals.get(who.id) or []
        if not stack:
            raise PermissionError("not_found")
        closed = list(reversed(stack)) if everything else [stack[-1]]
        for view in closed:
            stack.remove(view)
            if view.payload.get("notify_on_close"):
                payload = payloads.closing(self._platform, who, view, cleared=everything)
                await self._interact(who, "view_closed", payloads.form(payload), payload)
        await self.settled()


def _known_errors(view: View, errors: Json) -> dict[str, str]:
    inputs = {block["block_id"] for block in view.payload["blocks"] if block["type"] == "input"}
    if not errors or not set(errors) <= inputs:
        raise SlackError("invalid_arguments", messages=["errors must name input blocks of the view"])
    return {block_id: str(text) for block_id, text in errors.items()}


def _registered(known: tuple[str, ...], callback_id: str | None) -> str:
    if not known or (callback_id is not None and callback_id not in known):
        raise PermissionError("the app has no such shortcut")
    return callback_id or known[0]


def _matches(block: Json, button_id: str) -> list[Json]:
    return [
        element
        for element in interactive(block)
        if button_id in {element["action_id"], f"{block['block_id']}/{element['action_id']}"}
    ]


def _has(blocks: list[Json], button_id: str) -> bool:
    return any(_matches(block, button_id) for block in blocks)


def _element(blocks: list[Json], button_id: str) -> tuple[Json, Json]:
    found = [(block, element) for block in blocks for element in _matches(block, button_id)]
    if len(found) != 1:
        raise PermissionError("there is no such button" if not found else "more than one button is called that")
    return found[0]
