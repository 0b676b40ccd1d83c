"""The workspace's nouns as Slack writes them in JSON (pure)."""

from zoneinfo import ZoneInfo

from playground.slack.manifest import Manifest
from playground.slack.state import Account, Channel, Json, Message, StoredFile, View, Workspace

VERIFICATION = "playground-verification"
"""Slack's deprecated verification token: still in every payload, no secret, proves nothing."""
_LOCALES = {"en": "en-US", "fr": "fr-FR"}


def message_json(message: Message, workspace: Workspace, manifest: Manifest, *, with_metadata: bool = False) -> Json:
    """Return a message as `conversations.history` and the events show it."""
    body: Json = {"type": "message", "user": message.author, "text": message.text, "ts": message.ts}
    body["team"] = workspace.id
    if message.by_app:
        body |= {"bot_id": workspace.bot_id, "app_id": manifest.app_id, "bot_profile": bot_profile(workspace, manifest)}
    optional = {
        "subtype": message.subtype,
        "client_msg_id": message.client_msg_id,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "files": message.files,
        "thread_ts": message.thread_ts,
        "edited": message.edited,
        "metadata": message.metadata if with_metadata else None,
        "reactions": [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items() if users
        ],
    }
    return body | {key: value for key, value in optional.items() if value}


def bot_profile(workspace: Workspace, manifest: Manifest) -> Json:
    """Return the app's face in messages."""
    return {
        "id": workspace.bot_id,
        "deleted": False,
        "name": manifest.name,
        "updated": 0,
        "app_id": manifest.app_id,
        "team_id": workspace.id,
        "icons": {f"image_{size}": f"https://a.slack-edge.test/bot_{size}.png" for size in (36, 48, 72)},
    }


def channel_json(channel: Channel, workspace: Workspace, *, member: str, num_members: bool = False) -> Json:
    """Return a conversation; `num_members` appears only when it was asked for."""
    if channel.kind == "im":
        return _direct_json(channel, member)
    body: Json = {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private" and channel.id.startswith("G"),
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.kind == "private",
        "created": channel.created,
        "creator": channel.creator,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "unlinked": 0,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "shared_team_ids": [workspace.id],
        "context_team_id": workspace.id,
        "is_member": member in channel.members,
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
    }
    if num_members:
        body["num_members"] = len(channel.members)
    return body


def _direct_json(channel: Channel, member: str) -> Json:
    other = next(account for account in channel.members if account != member)
    return {
        "id": channel.id,
        "created": channel.created,
        "is_archived": False,
        "is_im": True,
        "is_org_shared": False,
        "user": other,
        "is_user_deleted": False,
        "priority": 0,
    }


def user_json(account: Account, workspace: Workspace, *, with_locale: bool, offset: int) -> Json:
    """Return a user; `offset` is the zone's distance from UTC in seconds now."""
    body: Json = {
        "id": account.id,
        "team_id": workspace.id,
        "name": account.handle,
        "deleted": False,
        "real_name": account.name,
        "tz": ZoneInfo(account.tz).key,
        "tz_label": account.tz,
        "tz_offset": offset,
        "profile": {
            "real_name": account.name,
            "real_name_normalized": account.name,
            "display_name": account.name,
            "display_name_normalized": account.name,
            "team": workspace.id,
        },
        "is_admin": account.is_admin,
        "is_owner": account.is_owner,
        "is_primary_owner": account.is_owner,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": account.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if with_locale:
        body["locale"] = _LOCALES.get(account.language, "en-US")
    return body


def view_json(view: View, workspace: Workspace, manifest: Manifest) -> Json:
    """Return a view as `views.*` answers and interactions carry it."""
    defaults: Json = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "close": None,
        "submit": None,
    }
    return (
        defaults
        | view.payload
        | {
            "id": view.id,
            "team_id": workspace.id,
            "state": {"values": view.values},
            "hash": view.hash,
            "root_view_id": view.root_id,
            "previous_view_id": view.previous_id,
            "app_id": manifest.app_id,
            "app_installed_team_id": workspace.id,
            "bot_id": workspace.bot_id,
        }
    )


def file_json(stored: StoredFile, base_url: str) -> Json:
    """Return a completed upload."""
    address = f"{base_url}/files/{stored.id}"
    return {
        "id": stored.id,
        "name": stored.name,
        "title": stored.title or stored.name,
        "alt_txt": stored.alt_text,
        "size": stored.length,
        "mimetype": mimetype(stored.name),
        "user": stored.owner,
        "mode": "hosted",
        "is_external": False,
        "url_private": address,
        "permalink": address,
    }


def mimetype(name: str) -> str:
    """Return the media type Slack would name for a file of this name."""
    known = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "csv": "text/csv"}
    return known.get(name.rpartition(".")[2].lower(), "application/octet-stream")
