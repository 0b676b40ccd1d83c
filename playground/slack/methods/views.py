"""`views.*`: modals and App Home."""

import hashlib
import json

from playground.slack.blocks import check_view, completed
from playground.slack.elements_acted import standing
from playground.slack.errors import SlackError
from playground.slack.grants import Grant
from playground.slack.methods.spec import Method
from playground.slack.platform import Platform
from playground.slack.state import Json, View
from playground.slack.wire import view_json

DEEPEST = 3


def opened(platform: Platform, grant: Grant, args: Json) -> Json:
    """`views.open`: a modal for the person whose click gave the trigger."""
    del grant
    check_view(args["view"], "modal")
    user = platform.exchange.spend(args["trigger_id"], platform.now())
    view = make(platform, user, args["view"])
    platform.workspace.modals[user] = [view]
    return _answer(platform, view)


def pushed(platform: Platform, grant: Grant, args: Json) -> Json:
    """`views.push`: a modal on top of the open one, three deep at most."""
    del grant
    check_view(args["view"], "modal")
    user = platform.exchange.spend(args["trigger_id"], platform.now())
    return _answer(platform, push(platform, user, args["view"]))


def push(platform: Platform, user: str, payload: Json) -> View:
    """Put a view on a person's stack.

    Raises:
        SlackError: `not_found` when no modal is open, `push_limit_reached` at three.
    """
    stack = platform.workspace.modals.get(user) or []
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= DEEPEST:
        raise SlackError("push_limit_reached")
    view = make(platform, user, payload)
    view.root_id, view.previous_id = stack[0].id, stack[-1].id
    stack.append(view)
    return view


def updated(platform: Platform, grant: Grant, args: Json) -> Json:
    """`views.update`: a modal by its id or external id; a stale hash is refused."""
    del grant
    view = _found(platform, args)
    _fresh(view, args.get("hash"))
    check_view(args["view"], str(view.payload["type"]))
    rewrite(platform, view, args["view"])
    return _answer(platform, view)


def published(platform: Platform, grant: Grant, args: Json) -> Json:
    """`views.publish`: the App Home of one person."""
    del grant
    user = args["user_id"]
    account = platform.workspace.accounts.get(user)
    if account is None or account.is_bot:
        raise SlackError("invalid_arguments", messages=["invalid `user_id`"])
    check_view(args["view"], "home")
    view = platform.workspace.homes.get(user)
    if view is None:
        view = make(platform, user, args["view"])
        platform.workspace.homes[user] = view
    else:
        _fresh(view, args.get("hash"))
        rewrite(platform, view, args["view"])
    return _answer(platform, view)


def make(platform: Platform, user: str, payload: Json) -> View:
    """Return a new view, known to the workspace but not yet shown.

    Raises:
        SlackError: `duplicate_external_id`.
    """
    external = payload.get("external_id")
    if external and any(view.payload.get("external_id") == external for view in _living(platform)):
        raise SlackError("duplicate_external_id")
    view_id = platform.workspace.new_id("V")
    view = View(id=view_id, user=user, payload={}, hash="", root_id=view_id)
    rewrite(platform, view, payload)
    platform.workspace.views[view_id] = view
    return view


def rewrite(platform: Platform, view: View, payload: Json) -> None:
    """Replace what a view shows: a new hash, no old complaints; what was entered stays where its ids stay."""
    platform.workspace.serial += 1
    view.payload = {**payload, "blocks": completed(payload["blocks"], platform.workspace.serial)}
    digest = hashlib.sha256(json.dumps(view.payload, sort_keys=True).encode()).hexdigest()
    view.hash = f"{platform.tick()}.{digest[:8]}"
    view.errors = {}
    fresh, entered = standing(view.payload["blocks"]), view.values
    view.values = {
        block_id: {action_id: entered.get(block_id, {}).get(action_id, first) for action_id, first in inside.items()}
        for block_id, inside in fresh.items()
    }


def _living(platform: Platform) -> list[View]:
    shown = [view for stack in platform.workspace.modals.values() for view in stack]
    return [*platform.workspace.homes.values(), *shown]


def _found(platform: Platform, args: Json) -> View:
    for view in _living(platform):
        if view.id == args.get("view_id") or (
            args.get("external_id") and view.payload.get("external_id") == args["external_id"]
        ):
            return view
    raise SlackError("not_found")


def _fresh(view: View, known: str | None) -> None:
    if known is not None and known != view.hash:
        raise SlackError("hash_conflict")


def _answer(platform: Platform, view: View) -> Json:
    return {"view": view_json(view, platform.workspace, platform.manifest)}


METHODS = {
    "views.open": Method(opened, 4, "trigger_id! view:json!"),
    "views.push": Method(pushed, 4, "trigger_id! view:json!"),
    "views.update": Method(updated, 4, "view:json! view_id external_id hash"),
    "views.publish": Method(published, 4, "user_id! view:json! hash"),
}
