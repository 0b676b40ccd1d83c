"""The local sites over HTTP, told apart by the Host header."""

import asyncio
from collections import Counter
from datetime import datetime
from importlib.resources import files

import jinja2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from playground.site.content import Site, SitePage, origin, sites, suggestions
from playground.site.pictures import PALETTES, picture

_POLICY = "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"
_LINKED = {"recipe": "Recipe", "video": "VideoObject", "docs": "TechArticle"}


class LocalSites:
    """Serves every site of `pages.toml`.

    Args:
        port: where browsers reach us; it is in every address.
        today: the day from which dates count back, aware UTC.
        slow_seconds: how long the slow page takes; longer than any preview waits.

    Attributes:
        app: what answers.
        hosts: the names it answers to, all ending in `.localhost`, which browsers take to loopback by themselves.
        suggestions: links worth sharing.
        visits: how often each address was asked for, as `host/path`: a test can see what nobody touched.
    """

    def __init__(self, port: int | None, today: datetime, *, slow_seconds: float = 10.0) -> None:
        known = sites(today)
        self._port = port
        self._slow_seconds = slow_seconds
        self._sites = {site.host: site for site in known}
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("playground", "site"), autoescape=True, undefined=jinja2.StrictUndefined
        )
        self._style = files("playground.site").joinpath("style.css").read_text("utf-8")
        self.hosts = tuple(self._sites)
        self.suggestions = suggestions(known, port)
        self.visits: Counter[str] = Counter()
        self.app = Starlette(
            routes=[
                Route("/style.css", self._styled),
                Route("/favicon.ico", _iconless),
                Route("/pictures/{palette}.png", self._pictured),
                Route("/{path:path}", self._answered),
            ]
        )

    async def _answered(self, request: Request) -> Response:
        site = self._site(request)
        path = request.url.path
        self.visits[f"{request.url.hostname}{path}"] += 1
        if site is None:
            return PlainTextResponse("no such site", status_code=404)
        page = site.pages.get(path)
        if page is None:
            return self._html("index.html", 200 if path == "/" else 404, site=site, missing=path != "/")
        if page.kind == "slow":
            await asyncio.sleep(self._slow_seconds)
        return self._shown(site, page)

    def _shown(self, site: Site, page: SitePage) -> Response:
        home = origin(site.host, self._port)
        image = f"{home}/pictures/{page.picture}.png" if page.picture else ""
        data = linked_data(site, page, image)
        shown = {"address": home + page.path, "picture": image, "linked_data": data}
        return self._html("page.html", 200, site=site, page=page, **shown)

    def _html(self, template: str, status: int, **values: object) -> Response:
        html = self._templates.get_template(template).render(**values)
        return HTMLResponse(html, status, {"Content-Security-Policy": _POLICY})

    async def _styled(self, request: Request) -> Response:
        site = self._site(request)
        accent = "#444444" if site is None else site.accent
        return Response(self._style.replace("ACCENT", accent), media_type="text/css")

    async def _pictured(self, request: Request) -> Response:
        palette = request.path_params["palette"]
        if palette not in PALETTES:
            return PlainTextResponse("no such picture", status_code=404)
        return Response(picture(palette), media_type="image/png", headers={"Cache-Control": "max-age=3600"})

    def _site(self, request: Request) -> Site | None:
        return self._sites.get((request.url.hostname or "").lower())


async def _iconless(request: Request) -> Response:
    """Browsers ask for an icon by themselves; here is none, and that is no error."""
    del request
    return Response(status_code=204)


def linked_data(site: Site, page: SitePage, image: str) -> dict[str, object]:
    """What the page says of itself as JSON-LD (schema.org)."""
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": _LINKED.get(page.kind, "NewsArticle"),
        "name" if page.kind in {"recipe", "video"} else "headline": page.title,
        "description": page.description,
        "inLanguage": site.language,
        "publisher": {"@type": "Organization", "name": site.name},
    }
    if page.author:
        data["author"] = {"@type": "Person", "name": page.author}
    if page.published is not None:
        data["uploadDate" if page.kind == "video" else "datePublished"] = page.published.isoformat()
    if image:
        data["thumbnailUrl" if page.kind == "video" else "image"] = image
    return data
