"""Uploading a file in three steps: ask for an address, send the bytes there, complete."""

from playground.slack.errors import SlackError
from playground.slack.grants import Grant
from playground.slack.methods.spec import Method
from playground.slack.platform import Platform
from playground.slack.posting import Draft, check_content, post
from playground.slack.state import Json, StoredFile
from playground.slack.wire import file_json


def get_upload_url(platform: Platform, grant: Grant, args: Json) -> Json:
    """`files.getUploadURLExternal`."""
    if args["length"] <= 0:
        raise SlackError("file_upload_size_restricted")
    stored = StoredFile(
        id=platform.workspace.new_id("F"),
        name=args["filename"],
        length=args["length"],
        owner=grant.user,
        alt_text=args.get("alt_txt") or args.get("alt_text") or "",
    )
    platform.workspace.files[stored.id] = stored
    return {"upload_url": f"{platform.base_url}/upload/{stored.id}", "file_id": stored.id}


def complete_upload(platform: Platform, grant: Grant, args: Json) -> Json:
    """`files.completeUploadExternal`: share the bytes that arrived, or keep them unshared when no channel is named."""
    stored = [_arrived(platform, grant, one) for one in args["files"]]
    draft = Draft(author=grant.user, text=args.get("initial_comment") or "", blocks=args.get("blocks") or [])
    draft.thread_ts = args.get("thread_ts")
    draft.files = [file_json(one, platform.base_url) for one in stored]
    check_content(platform, draft)
    if args.get("channel_id"):
        channel = platform.seen(grant, args["channel_id"])
        if grant.user not in channel.members:
            raise SlackError("not_in_channel")
        platform.limits.post(channel.id, platform.now())
        post(platform, channel, draft)
    for one in stored:
        one.completed = True
    return {"files": draft.files}


def _arrived(platform: Platform, grant: Grant, one: Json) -> StoredFile:
    stored = platform.workspace.files.get(str(one.get("id")))
    if stored is None or stored.owner != grant.user:
        raise SlackError("file_not_found")
    if stored.data is None or stored.completed:
        raise SlackError("file_update_failed")
    stored.title = one.get("title") or stored.name
    return stored


METHODS = {
    "files.getUploadURLExternal": Method(
        get_upload_url, 4, "filename! length:int! alt_txt alt_text snippet_type", ("files:write",)
    ),
    "files.completeUploadExternal": Method(
        complete_upload, 4, "files:json! channel_id initial_comment thread_ts blocks:json", ("files:write",)
    ),
}
