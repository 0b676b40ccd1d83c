"""What the app was registered with at Slack: scopes, events, domains, commands, shortcuts."""

from dataclasses import dataclass

BOT_SCOPES = (
    "commands",
    "chat:write",
    "groups:history",
    "groups:read",
    "links:read",
    "links:write",
    "users:read",
    "channels:history",
    "channels:read",
    "reactions:read",
    "files:write",
)
EVENTS = (
    "message.groups",
    "message.channels",
    "link_shared",
    "app_home_opened",
    "member_joined_channel",
    "group_left",
    "channel_left",
    "channel_id_changed",
    "channel_shared",
    "channel_unshared",
    "app_uninstalled",
    "reaction_added",
    "reaction_removed",
    "tokens_revoked",
)
EVENT_SCOPES: dict[str, tuple[str, ...]] = {
    "message.groups": ("groups:history",),
    "message.channels": ("channels:history",),
    "message.im": ("im:history",),
    "link_shared": ("links:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "group_left": ("groups:read",),
    "channel_left": ("channels:read",),
    "group_archive": ("groups:read",),
    "channel_archive": ("channels:read",),
    "channel_shared": ("channels:read", "groups:read"),
    "channel_unshared": ("channels:read", "groups:read"),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
}
"""Which scopes open an event; any one of them is enough. Events not named here need none."""

MAX_UNFURL_DOMAINS = 5


@dataclass(frozen=True, slots=True)
class Manifest:
    """The registered app.

    Args:
        name: what people see as the app's name.
        app_id: `A…`.
        bot_scopes: the most a bot install may grant.
        user_scopes: the most one person may grant.
        events: the subscribed bot events.
        unfurl_domains: at most five; a domain and everything below it.
        commands: registered slash commands, each with its slash.
        shortcuts: callback ids of global shortcuts.
        message_shortcuts: callback ids of message shortcuts.
        redirect_urls: allowed OAuth redirects (prefix match, as Slack does); empty allows any.

    Raises:
        ValueError: more than five unfurl domains.
    """

    name: str = "Penumbra"
    app_id: str = "A0PENUMBRA1"
    bot_scopes: tuple[str, ...] = BOT_SCOPES
    user_scopes: tuple[str, ...] = ("chat:write",)
    events: tuple[str, ...] = EVENTS
    unfurl_domains: tuple[str, ...] = ()
    commands: tuple[str, ...] = ("/links",)
    shortcuts: tuple[str, ...] = ("share_link",)
    message_shortcuts: tuple[str, ...] = ("shorten_message",)
    redirect_urls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.unfurl_domains) > MAX_UNFURL_DOMAINS:
            raise ValueError(f"at most {MAX_UNFURL_DOMAINS} unfurl domains, got {len(self.unfurl_domains)}")
