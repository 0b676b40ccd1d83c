"""Pages for who came by a one-time link of the bot: groups, settings, past figures. All of it works without script.

Every page asks the platform anew whether this person still runs the group; every change goes through core, which asks
once more.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.errors import (
    GroupNotEnabled,
    NotAnAdmin,
    PenumbraError,
    PlatformUnavailable,
    SharedOutside,
    SignInOver,
    StorageUnavailable,
    UnknownGroup,
)
from core.model import Actor, Edition, Group, GroupId, GroupState, Pass, Week
from core.ports import Now
from core.services import Services
from texts.catalogue import Words
from texts.missed import missed
from web.health import Checks
from web.pages.choices import PAUSES, SIZES, ChoiceRefused, chosen, offered, pause_asked, regions
from web.pages.figures import clicks, figures, span
from web.pages.render import Pages, Way
from web.pages.sessions import (
    Cookie,
    Form,
    FormRefused,
    comes_from_here,
    cookie_at,
    form_of,
    form_token,
)

Handler = Callable[[Request], Awaitable[Response]]

REFUSALS: dict[type[PenumbraError], tuple[str, int]] = {
    SignInOver: ("in.over", 410),
    FormRefused: ("in.forged", 403),
    NotAnAdmin: ("in.not_yours", 404),
    UnknownGroup: ("in.not_yours", 404),
    SharedOutside: ("in.shared_outside", 409),
    PlatformUnavailable: ("in.platform_silent", 503),
    StorageUnavailable: ("web.unavailable", 503),
}
"""What is told when something is refused. Whether a group exists is told to nobody whom it is not for."""
SAID = frozenset({"settings.saved", "settings.wrong", "group.is_paused", "group.resumed"})
"""What a page may say of the form that was sent just before."""
ENDS = frozenset({"in.over", "in.out", "in.insecure"})
"""Nobody is signed in after these: they lead to no list of groups."""


@dataclass(frozen=True, slots=True)
class SignedInOutside:
    """What these pages need besides core."""

    public_url: str
    now: Now
    checks: Checks


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of somebody who is signed in."""

    request: Request
    secret: str
    holder: Pass

    @property
    def actor(self) -> Actor:
        """Who asks core for a change."""
        return Actor(self.holder.person.account)

    @property
    def group(self) -> GroupId:
        """The group that the address names."""
        return GroupId(self.request.path_params["group"])


class SignedInPages:
    """Handlers of the pages behind a sign-in link.

    Args:
        pages: renders templates.
        services: core.
        outside: our own address, the clock, and how this process is doing.
    """

    def __init__(self, pages: Pages, services: Services, outside: SignedInOutside) -> None:
        self._pages = pages
        self._services = services
        self._outside = outside
        self._cookie = cookie_at(outside.public_url)

    def told(self, handle: Handler) -> Handler:
        """A handler whose refusals become a plain page that says what to do."""

        async def handler(request: Request) -> Response:
            try:
                return await handle(request)
            except tuple(REFUSALS) as error:
                if "hx-request" in request.headers:  # a whole page tells it better than a piece of one
                    return Response(headers={"hx-redirect": self._pages.link(request, _page_of(request))})
                name, status = next(told for kind, told in REFUSALS.items() if isinstance(error, kind))
                return self._message(request, name, status)

        return handler

    # Coming and going ---------------------------------------------------------------------------------------------

    async def door(self, request: Request) -> Response:
        """`GET /in/{secret}`: says where the link leads; looking uses nothing up, as previews of chats look too."""
        if self._cookie is None:
            return self._message(request, "in.insecure", 403)
        holder = await self._services.signin.look_at(request.path_params["secret"])
        platform = holder.person.platform.title()
        return self._pages.show_forms(request, "door.html", platform=platform)

    async def enter(self, request: Request) -> Response:
        """`POST /in/{secret}`: uses the link up and signs this browser in."""
        cookie = self._safe_cookie(request)
        before = request.cookies.get(cookie.name)
        session = await self._services.signin.enter(request.path_params["secret"], before)
        reads = session.holder.reads
        path = f"/groups/{reads}/editions" if reads else "/groups"
        response = RedirectResponse(self._pages.link(request, path), 303)
        cookie.give(response, session.secret)
        return response

    async def leave(self, request: Request) -> Response:
        """`POST /out`: signs out."""
        visit = await self._visit(request)
        await self._form(visit)
        await self._services.signin.leave(visit.secret)
        response = self._message(request, "in.out", 200)
        if self._cookie is not None:
            self._cookie.take_back(response)
        return response

    async def again(self, request: Request) -> Response:
        """`GET` of a form's address, as a reload or a bookmark asks for it: on to the page that the form stands on."""
        path = _page_of(request) if "group" in request.path_params else "/"
        return RedirectResponse(self._pages.link(request, path), 303)

    # Groups -------------------------------------------------------------------------------------------------------

    async def groups(self, request: Request) -> Response:
        """`GET /groups`: every group that this person runs at this moment."""
        visit = await self._visit(request)
        words = self._pages.words(request)
        managed = await self._services.signin.managed(visit.holder)
        return self._show(visit, "groups.html", groups=[(each, _next(each, words)) for each in managed])

    async def group(self, request: Request) -> Response:
        """`GET /groups/{group}`: state, settings, the latest figures, health."""
        visit = await self._visit(request)
        words = self._pages.words(request)
        group = await self._services.signin.to_manage(visit.holder, visit.group)
        editions = await self._services.digests.past(group.id)
        latest = editions[0] if editions else None
        said = request.query_params.get("said", "")
        return self._show(
            visit,
            "group.html",
            group=group,
            next_digest=_next(group, words),
            paused_until=words.moment(group.paused_until, group.schedule.zone) if group.paused_until else None,
            said=said if said in SAID else None,
            regions=regions(group.schedule.zone),
            sizes=SIZES,
            pauses=PAUSES,
            offered=offered(group),
            latest=figures(latest, words, group.schedule.zone, self._outside.now()) if latest else None,
            arrived=await self._arrived(latest),
            missed=await self._missed(group, words),
            troubled=[check.name for check in await self._outside.checks() if check.trouble],
        )

    async def save(self, request: Request) -> Response:
        """`POST /groups/{group}/settings`: all settings at once, or none."""
        visit = await self._visit(request)
        form = await self._form(visit)
        group = await self._services.signin.to_manage(visit.holder, visit.group)
        try:
            wanted = chosen(form, group)
        except ChoiceRefused:
            return self._back(visit, "settings.wrong")
        await self._services.groups.configure(group.address, visit.actor, wanted)
        return self._back(visit, "settings.saved")

    async def pause(self, request: Request) -> Response:
        """`POST /groups/{group}/pause`: nothing new is counted, for some weeks or until further notice."""
        visit = await self._visit(request)
        form = await self._form(visit)
        group = await self._services.signin.to_manage(visit.holder, visit.group)
        try:
            span = pause_asked(form)
            until = self._outside.now() + span if span else None
            await self._services.groups.pause(group.address, visit.actor, until)
        except (ChoiceRefused, GroupNotEnabled):
            return self._back(visit, "settings.wrong")
        return self._back(visit, "group.is_paused")

    async def resume(self, request: Request) -> Response:
        """`POST /groups/{group}/resume`: on, or on again."""
        visit = await self._visit(request)
        await self._form(visit)
        group = await self._services.signin.to_manage(visit.holder, visit.group)
        await self._services.groups.enable(group.address, visit.actor, group.name, group.language)
        return self._back(visit, "group.resumed")

    # Past digests -------------------------------------------------------------------------------------------------

    async def editions(self, request: Request) -> Response:
        """`GET /groups/{group}/editions`: every week that is still kept."""
        visit = await self._visit(request)
        words = self._pages.words(request)
        group = await self._services.signin.to_read(visit.holder, visit.group)
        kept = await self._services.digests.past(group.id)
        return self._show(visit, "editions.html", group=group, editions=[_week(each, words) for each in kept])

    async def edition(self, request: Request) -> Response:
        """`GET /groups/{group}/editions/{week}`: one week, to be read or printed."""
        visit = await self._visit(request)
        group = await self._services.signin.to_read(visit.holder, visit.group)
        found = await self._services.digests.of_week(group.address, Week(request.path_params["week"]))
        if found is None:
            return self._message(request, "editions.missing", 404)
        told = figures(found, self._pages.words(request), group.schedule.zone, self._outside.now())
        return self._show(visit, "edition.html", group=group, told=told)

    # Shared pieces ------------------------------------------------------------------------------------------------

    async def _visit(self, request: Request) -> Visit:
        secret = request.cookies.get(self._cookie.name, "") if self._cookie else ""
        return Visit(request, secret, await self._services.signin.session(secret))

    async def _form(self, visit: Visit) -> Form:
        return await form_of(visit.request, visit.secret, self._outside.public_url)

    def _safe_cookie(self, request: Request) -> Cookie:
        if self._cookie is None or not comes_from_here(request, self._outside.public_url):
            raise FormRefused
        return self._cookie

    async def _arrived(self, latest: Edition | None) -> bool | None:
        """Whether the latest digest arrived; None when it is too long ago to be asked."""
        if latest is None or (self._outside.now() - latest.frozen_at).days >= 7:
            return None
        return await self._services.digests.arrived(latest)

    async def _missed(self, group: Group, words: Words) -> str | None:
        """The digest that the group did not get, and why, in words."""
        found = await self._services.digests.missed(group.address)
        return None if found is None else missed(found, words)

    def _show(self, visit: Visit, template: str, **values: object) -> Response:
        return self._pages.show_forms(visit.request, template, token=form_token(visit.secret), **values)

    def _back(self, visit: Visit, said: str) -> Response:
        return RedirectResponse(self._pages.link(visit.request, f"/groups/{visit.group}", said=said), 303)

    def _message(self, request: Request, name: str, status: int) -> Response:
        words = self._pages.words(request)
        title, body = words.say(f"{name}.title"), words.say(f"{name}.body")
        way = None if name in ENDS else Way("/groups", words.say("groups.back"))
        return self._pages.show(request, "message.html", status, title=title, body=body, way=way)


def _next(group: Group, words: Words) -> str | None:
    due = group.next_digest if group.state is GroupState.ENABLED else None
    return words.moment(due, group.schedule.zone) if due else None


def _week(edition: Edition, words: Words) -> tuple[str, str, str, str, str]:
    links = len(edition.entries) + len(edition.others)
    told = words.number(links), words.number(edition.shares), clicks(edition.clicks, words)
    return edition.week, span(edition, words), *told


def _page_of(request: Request) -> str:
    group = request.path_params.get("group")
    return f"/groups/{group}" if group else "/groups"
