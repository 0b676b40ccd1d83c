"""What Slack's deliveries and answers are made of, as far as the stand-in plays them, written by hand.

A row is a line of `name:kind` words. `!` behind the name: always there. Kinds are `str` (when left out), `int`, `bool`,
`null`, `any` (its inside is another contract's: blocks, a view's values), the name of an object below, `[kind]` for a
list, and a `?` behind a kind: or null. Everything else is an invention, and fails.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

DELIVERIES: Mapping[str, str] = MappingProxyType(
    {
        "url_verification": "type! token! challenge!",
        "app_rate_limited": "token! type! team_id! minute_rate_limited!:int api_app_id!",
        "event_callback": (
            "token! team_id! context_team_id! context_enterprise_id!:null api_app_id! event!:any type! event_id!"
            " event_time!:int authorizations!:[Authorization] is_ext_shared_channel!:bool event_context!"
        ),
        "command": (
            "token! team_id! team_domain! channel_id! channel_name! user_id! user_name! command! text! api_app_id!"
            " is_enterprise_install! response_url! trigger_id!"
        ),
        "block_actions": (
            "type! team!:Team user!:Presser api_app_id! token! enterprise!:null is_enterprise_install!:bool"
            " container!:Container trigger_id! channel:Place state:State response_url actions!:[any] message:Message"
            " view:View app_unfurl:AppUnfurl"
        ),
        "message_action": (
            "type! team!:Team user!:Presser token! enterprise!:null is_enterprise_install!:bool action_ts! callback_id!"
            " trigger_id! response_url! channel!:Place message_ts! message!:Message"
        ),
        "shortcut": (
            "type! team!:Team user!:Presser token! enterprise!:null is_enterprise_install!:bool action_ts! callback_id!"
            " trigger_id!"
        ),
        "view_submission": (
            "type! team!:Team user!:Presser api_app_id! token! enterprise!:null is_enterprise_install!:bool trigger_id!"
            " view!:View response_urls!:[ResponseUrl]"
        ),
        "view_closed": (
            "type! team!:Team user!:Presser api_app_id! token! enterprise!:null is_enterprise_install!:bool view!:View"
            " is_cleared!:bool"
        ),
    }
)
"""By `type`; a slash command has none."""

_POSTED = "type! channel! event_ts! channel_type!"
EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "app_home_opened": "type! user! channel! tab! event_ts! view:View",
        "app_uninstalled": "type! event_ts",
        "channel_archive": "type! channel! user! event_ts!",
        "channel_id_changed": "type! old_channel_id! new_channel_id! event_ts!",
        "channel_left": "type! channel! actor_id! event_ts!",
        "channel_shared": "type! connected_team_id! channel! event_ts!",
        "channel_unshared": "type! previously_connected_team_id! channel! event_ts! is_ext_shared!:bool",
        "group_archive": "type! channel! user! event_ts!",
        "group_left": "type! channel! actor_id! event_ts!",
        "link_shared": (
            "type! user! is_bot_user_member!:bool unfurl_id! links!:[SharedLink] event_ts! channel! message_ts! source!"
            " thread_ts"
        ),
        "member_joined_channel": "type! user! channel! channel_type! team! event_ts! inviter",
        "member_left_channel": "type! user! channel! channel_type! team! event_ts!",
        "reaction_added": "type! user! reaction! item_user item!:Item event_ts!",
        "reaction_removed": "type! user! reaction! item_user item!:Item event_ts!",
        "tokens_revoked": "type! tokens!:Tokens event_ts",
        "message": (
            f"{_POSTED} user! text! ts! team! bot_id app_id bot_profile:BotProfile blocks:any client_msg_id thread_ts"
            " files:[File] metadata:any"
        ),
        "message/channel_join": f"{_POSTED} user! text! ts! team! subtype! inviter",
        "message/channel_leave": f"{_POSTED} user! text! ts! team! subtype!",
        "message/file_share": (
            f"{_POSTED} user! text! ts! team! subtype! client_msg_id blocks:any files!:[File] thread_ts"
        ),
        "message/thread_broadcast": (
            f"{_POSTED} user! text! ts! team! subtype! client_msg_id blocks:any thread_ts! bot_id app_id"
            " bot_profile:BotProfile"
        ),
        "message/message_changed": (f"{_POSTED} subtype! hidden!:bool ts! message!:Message previous_message!:Message"),
        "message/message_deleted": f"{_POSTED} subtype! hidden!:bool ts! deleted_ts! previous_message!:Message",
    }
)
"""By the event's `type`, and its `subtype`."""

_PAGED = "response_metadata!:Cursor"
ANSWERS: Mapping[str, str] = MappingProxyType(
    {
        "apps.uninstall": "ok!:bool",
        "auth.revoke": "ok!:bool revoked!:bool",
        "auth.test": "ok!:bool url! team! user! team_id! user_id! bot_id is_enterprise_install!:bool",
        "bots.info": "ok!:bool bot!:Bot",
        "chat.delete": "ok!:bool channel! ts!",
        "chat.getPermalink": "ok!:bool channel! permalink!",
        "chat.postEphemeral": "ok!:bool message_ts!",
        "chat.postMessage": "ok!:bool channel! ts! message!:Message",
        "chat.unfurl": "ok!:bool",
        "chat.update": "ok!:bool channel! ts! text! message!:Message",
        "conversations.history": (
            "ok!:bool messages!:[Message] has_more!:bool pin_count!:int response_metadata:Cursor"
        ),
        "conversations.info": "ok!:bool channel!:Channel",
        "conversations.list": f"ok!:bool channels!:[Channel] {_PAGED}",
        "conversations.members": f"ok!:bool members!:[str] {_PAGED}",
        "conversations.open": "ok!:bool channel!:Direct no_op:bool already_open:bool",
        "conversations.replies": "ok!:bool messages!:[Message] has_more!:bool response_metadata:Cursor",
        "files.completeUploadExternal": "ok!:bool files!:[File]",
        "files.getUploadURLExternal": "ok!:bool upload_url! file_id!",
        "oauth.v2.access": (
            "ok!:bool app_id! authed_user:Authed is_enterprise_install:bool team!:NamedTeam enterprise:null"
            " access_token token_type scope bot_user_id refresh_token expires_in:int"
        ),
        "oauth.v2.exchange": (
            "ok!:bool access_token! refresh_token! expires_in!:int token_type! scope! app_id! team!:NamedTeam"
        ),
        "team.info": "ok!:bool team!:TeamInfo",
        "users.conversations": f"ok!:bool channels!:[Channel] {_PAGED}",
        "users.info": "ok!:bool user!:User",
        "views.open": "ok!:bool view!:View",
        "views.publish": "ok!:bool view!:View",
        "views.push": "ok!:bool view!:View",
        "views.update": "ok!:bool view!:View",
    }
)
"""Of calls that succeeded, by method."""

OBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "AppUnfurl": ("id!:int blocks!:any fallback! bot_id! app_unfurl_url! is_app_unfurl!:bool app_id! from_url!"),
        "Authed": "id! scope access_token token_type",
        "Authorization": "enterprise_id!:null team_id! user_id! is_bot!:bool is_enterprise_install!:bool",
        "Bot": "id! deleted!:bool name! updated!:int app_id! user_id team_id! icons!:Icons",
        "BotProfile": "id! deleted!:bool name! updated!:int app_id! team_id! icons!:Icons",
        "Channel": (
            "id! name! name_normalized! is_channel!:bool is_group!:bool is_im!:bool is_mpim!:bool is_private!:bool"
            " created!:int creator! is_archived!:bool is_general!:bool unlinked!:int is_shared!:bool"
            " is_ext_shared!:bool is_org_shared!:bool is_pending_ext_shared!:bool pending_shared!:[str]"
            " shared_team_ids!:[str] context_team_id! is_member!:bool topic!:Purpose purpose!:Purpose"
            " previous_names!:[str] num_members:int"
        ),
        "Container": (
            "type! message_ts channel_id is_ephemeral:bool thread_ts view_id attachment_id:int is_app_unfurl:bool"
            " app_unfurl_url"
        ),
        "Cursor": "next_cursor!",
        "Direct": (
            "id! created:int is_archived:bool is_im:bool is_org_shared:bool user is_user_deleted:bool priority:int"
        ),
        "Edited": "user! ts!",
        "File": ("id! name! title! alt_txt size!:int mimetype! user! mode! is_external!:bool url_private! permalink!"),
        "Icons": "image_36! image_48! image_72!",
        "Item": "type! channel! ts!",
        "Message": (
            "type! user! text! ts! team! subtype bot_id app_id bot_profile:BotProfile blocks:any client_msg_id"
            " thread_ts edited:Edited files:[File] attachments:any metadata:any reactions:[Reaction] hidden:bool"
        ),
        "NamedTeam": "id! name!",
        "Place": "id! name!",
        "Presser": "id! username name team_id!",
        "Profile": "real_name! real_name_normalized! display_name! display_name_normalized! team!",
        "Purpose": "value! creator! last_set!:int",
        "Reaction": "name! users!:[str] count!:int",
        "ResponseUrl": "block_id! action_id! channel_id!:str? response_url!",
        "SharedLink": "domain! url!",
        "State": "values!:any",
        "Team": "id! domain!",
        "TeamIcon": "image_default!:bool",
        "TeamInfo": "id! name! domain! email_domain! url! icon!:TeamIcon",
        "Text": "type! text! emoji:bool",
        "Tokens": "oauth!:[str] bot!:[str]",
        "User": (
            "id! team_id! name! deleted!:bool real_name! tz! tz_label! tz_offset!:int profile!:Profile is_admin!:bool"
            " is_owner!:bool is_primary_owner!:bool is_restricted!:bool is_ultra_restricted!:bool is_bot!:bool"
            " is_app_user!:bool updated!:int locale"
        ),
        "View": (
            "id! team_id! type! title:Text close!:Text? submit!:Text? blocks!:any private_metadata! callback_id!"
            " state!:State hash! clear_on_close!:bool notify_on_close!:bool root_view_id! previous_view_id!:str?"
            " app_id! external_id! app_installed_team_id! bot_id!"
        ),
    }
)

PLAIN: Mapping[str, type] = MappingProxyType({"str": str, "int": int, "bool": bool, "null": type(None)})


def fields(row: str) -> Iterator[tuple[str, str, bool]]:
    """Each word of a row: name, kind, whether it is always there."""
    for word in row.split():
        name, _, kind = word.partition(":")
        yield name.rstrip("!"), kind or "str", name.endswith("!")


def faults(value: object, row: str, where: str) -> Iterator[str]:
    """What is wrong with an object: fields it lacks, fields nobody knows, values of another kind."""
    if not isinstance(value, Mapping):
        yield f"{where} is no object"
        return
    known = {name: (kind, needed) for name, kind, needed in fields(row)}
    yield from (f"{where} lacks {name}" for name, (_, needed) in known.items() if needed and name not in value)
    yield from (f"{where} invents {name}" for name in value if name not in known)
    for name in known.keys() & value.keys():
        yield from _of_kind(value[name], known[name][0], f"{where}.{name}")


def _of_kind(value: object, kind: str, where: str) -> Iterator[str]:
    if kind == "any" or (kind.endswith("?") and value is None):
        return
    kind = kind.removesuffix("?")
    if kind.startswith("["):
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for item in value:
            yield from _of_kind(item, kind.strip("[]"), where)
    elif kind in OBJECTS:
        yield from faults(value, OBJECTS[kind], where)
    elif type(value) is not PLAIN[kind]:
        yield f"{where} is {value!r}, no {kind}"
