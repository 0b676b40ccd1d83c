"""What `deploy/` holds is accepted by the programs it is for, and names nothing that is not there."""

import asyncio
import os
import re
import shutil
import subprocess
import tomllib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from config.demo import LOOPBACK, free_port
from config.run import Listen, serving
from config.service import STOPPED_WITHIN
from config.settings import Role, Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
OPERATING = DEPLOY.parent / "docs" / "operating.md"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
CONF = (DEPLOY / "nginx.conf").read_text()
needs_nginx = pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not one of our dependencies")


def conf_for(folder: Path, port: int, ports: list[int]) -> Path:
    """The sample as it is, but for names, ports and places."""
    conf = CONF.replace("listen 80 default_server", f"listen {LOOPBACK}:{port} default_server")
    for name, each in zip(("web1:8080", "web2:8080"), ports, strict=True):
        conf = conf.replace(name, f"{LOOPBACK}:{each}")
    conf = re.sub(r"^pid .*;$", f"pid {folder / 'pid'};", conf, flags=re.MULTILINE)
    conf = conf.replace("worker_processes auto", "worker_processes 1")
    temp = "".join(
        f"    {kind}_temp_path {folder / kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(conf.replace("http {\n", f"http {{\n{temp}", 1))
    return path


def small_conf(folder: Path) -> Path:
    """The few lines of docs/operating.md, within what nginx wants around them."""
    (lines,) = re.findall(r"^```nginx\n(.*?)^```", OPERATING.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    server = lines.replace("server_name", f"listen {LOOPBACK}:18083;\n    server_name", 1)
    temp = "".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "small.conf"
    path.write_text(f"pid {folder / 'pid'}; events {{}} http {{ {temp} {server} }}")
    return path


def run(*command: object) -> subprocess.CompletedProcess[str]:
    words = [str(each) for each in command]
    return subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 - a program of the machine's


@needs_nginx
def test_nginx_accepts_the_sample(tmp_path: Path) -> None:
    told = run(NGINX, "-t", "-p", tmp_path, "-c", conf_for(tmp_path, 18080, [18081, 18082]))
    assert told.returncode == 0, told.stderr
    assert "test is successful" in told.stderr


@needs_nginx
def test_nginx_accepts_the_few_lines_of_the_operators_paper(tmp_path: Path) -> None:
    told = run(NGINX, "-t", "-p", tmp_path, "-c", small_conf(tmp_path))
    assert told.returncode == 0, told.stderr


@needs_nginx
async def test_one_links_visitors_meet_one_replica_with_their_own_address_and_the_other_takes_over(
    tmp_path: Path,
) -> None:
    met: Counter[tuple[str, str]] = Counter()
    seen: set[str] = set()

    def replica(name: str) -> Starlette:
        async def answer(request: Request) -> Response:
            met[request.url.path, name] += 1
            seen.add(f"{request.client.host if request.client else ''}/{request.headers['x-forwarded-for']}")
            return PlainTextResponse(name)

        return Starlette(routes=[Route("/{path:path}", answer)])

    ports, port = [free_port(), free_port()], free_port()
    async with AsyncExitStack() as stack:
        first = AsyncExitStack()
        await first.enter_async_context(serving(replica("web1"), Listen(LOOPBACK, ports[0])))
        await stack.enter_async_context(serving(replica("web2"), Listen(LOOPBACK, ports[1])))
        await stack.enter_async_context(nginx(tmp_path, port, ports))
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as browser:
            codes = [f"/{number:016d}" for number in range(20)]
            for code in codes * 3:
                assert (await browser.get(code, headers={"x-forwarded-for": "203.0.113.9"})).status_code == 200
            assert (await browser.get("/metrics")).status_code == 404
            assert (await browser.get(f"http://{LOOPBACK}:{port}//metrics")).status_code == 404
            assert (await browser.get(f"http://{LOOPBACK}:{port}/%6detrics")).status_code == 404
            await first.aclose()
            for code in codes:
                assert (await browser.get(code)).text == "web2"
    assert {path for path, _ in met} == set(codes)
    assert {name for (_, name), number in met.items() if number >= 3} == {"web1", "web2"}
    assert set(met.values()) <= {1, 3, 4}  # three times the same one; once more after the fall
    assert seen == {f"{LOOPBACK}/{LOOPBACK}"}  # what a visitor makes up is written over


@needs_nginx
async def test_with_the_database_gone_cached_links_lead_on_however_many_others_cannot_be_looked_up(
    tmp_path: Path,
) -> None:
    async def answer(request: Request) -> Response:
        return PlainTextResponse("", 302 if request.url.path == "/cached" else 503)

    ports, port = [free_port(), free_port()], free_port()
    async with AsyncExitStack() as stack:
        for each in ports:
            replica = Starlette(routes=[Route("/{path:path}", answer)])
            await stack.enter_async_context(serving(replica, Listen(LOOPBACK, each)))
        await stack.enter_async_context(nginx(tmp_path, port, ports))
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as browser:
            for number in range(20):
                assert (await browser.get(f"/{number:016d}")).status_code == 503
                assert (await browser.get("/cached")).status_code == 302


@asynccontextmanager
async def nginx(folder: Path, port: int, ports: list[int]) -> AsyncIterator[None]:
    """The sample, running in front of two replicas."""
    command = [NGINX, "-p", str(folder), "-c", str(conf_for(folder, port, ports)), "-g", "daemon off;"]
    if os.geteuid() == 0:
        command[-1] += " user root;"
    process = await asyncio.create_subprocess_exec(*command)
    try:
        await _listens(port)
        yield
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection(LOOPBACK, port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                return writer.close()


def test_nginx_logs_no_request() -> None:
    assert "access_log off;" in CONF
    assert not re.findall(r"^\s*access_log (?!off)", CONF, re.MULTILINE)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not one of our dependencies")
@pytest.mark.parametrize("unit", sorted((DEPLOY / "systemd").iterdir()), ids=lambda unit: unit.name)
def test_systemd_accepts_the_units(unit: Path, tmp_path: Path) -> None:
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/opt/penumbra/.venv/bin/penumbra", "/bin/true"))
    beside = unit.with_suffix(".service")
    if unit.suffix == ".timer":
        (tmp_path / beside.name).write_text(beside.read_text().replace("/opt/penumbra/.venv/bin/penumbra", "/bin/true"))
    told = run(shutil.which("systemd-analyze"), "verify", copy)
    assert (told.returncode, told.stderr) == (0, "")


def test_every_setting_and_role_that_is_named_exists() -> None:
    known = {f"PENUMBRA_{name.upper()}" for name in Settings.model_fields}
    for path in [each for each in DEPLOY.rglob("*") if each.is_file()]:
        content = path.read_text()
        assert set(re.findall(r"PENUMBRA_[A-Z_]+[A-Z]", content)) <= known, path.name
        for roles in re.findall(r'--roles", "([a-z,]+)"', content):
            assert set(roles.split(",")) <= set(Role)


def test_every_role_is_somebodys_in_the_compose_file() -> None:
    content = (DEPLOY / "compose.yaml").read_text()
    taken = {role for roles in re.findall(r'--roles", "([a-z,]+)"', content) for role in roles.split(",")}
    assert taken == set(Role)
    for mounted in re.findall(r"- (\./[a-z.]+):", content):
        assert (DEPLOY / mounted).exists()


# What the files say of each other ----------------------------------------------------------------------------------

ROOT = DEPLOY.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSED = {path: yaml.safe_load((ROOT / path).read_text()) for path in ("compose.yaml", "deploy/compose.yaml")}


def ours(composed: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The services that run Penumbra and go on running."""
    return {
        name: each
        for name, each in composed["services"].items()
        if "build" in each and each.get("command") != ["migrate"]
    }


@pytest.mark.parametrize("path", COMPOSED)
def test_whoever_stops_a_process_gives_it_the_time_it_takes(path: str) -> None:
    for service in ours(COMPOSED[path]).values():
        assert int(service["stop_grace_period"].removesuffix("s")) > STOPPED_WITHIN


@pytest.mark.parametrize("unit", ["penumbra.service", "penumbra@.service"])
def test_systemd_gives_it_too(unit: str) -> None:
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", (DEPLOY / "systemd" / unit).read_text(), re.MULTILINE)
    assert int(seconds) > STOPPED_WITHIN
    assert f"terminationGracePeriodSeconds: {seconds}" in OPERATING.read_text("utf-8")


@pytest.mark.parametrize("path", COMPOSED)
def test_in_a_container_it_listens_where_it_is_asked_whatever_env_says(path: str) -> None:
    (exposed,) = re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE)
    for service in ours(COMPOSED[path]).values():
        assert service["environment"]["PENUMBRA_HOST"] == "0.0.0.0"  # noqa: S104 - inside a container
        assert service["environment"]["PENUMBRA_PORT"] == exposed
        kept = {mounted.partition(":")[2] for mounted in service["volumes"]}
        for place in ("PENUMBRA_DATA_DIR", "PENUMBRA_JOURNAL_DIR"):
            assert str(Path(service["environment"][place]).parent) in kept
        for port in service.get("ports", ()):
            assert port == f"127.0.0.1:{exposed}:{exposed}"


def test_nginx_has_an_address_of_its_own_and_is_believed_by_it_alone() -> None:
    composed = COMPOSED["deploy/compose.yaml"]
    (network,) = composed["networks"]["default"]["ipam"]["config"]
    fixed = {
        name: each["networks"]["default"]["ipv4_address"]
        for name, each in composed["services"].items()
        if "networks" in each
    }
    assert len({*fixed.values(), network["gateway"]}) == len(fixed) + 1
    for address in fixed.values():
        assert ip_address(address) in ip_network(network["subnet"])
        assert ip_address(address) not in ip_network(network["ip_range"])  # nobody else is given it
    (exposed,) = re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE)
    asked = re.findall(r"^\s*server (\w+):(\d+) ", CONF, re.MULTILINE)
    assert asked == [("web1", exposed), ("web2", exposed)]
    for name, _ in asked:
        assert composed["services"][name]["environment"]["PENUMBRA_TRUSTED_PROXIES"] == fixed["nginx"]
        assert name in fixed  # nginx looks the name up once


def test_a_proxy_before_the_single_container_comes_from_its_networks_gateway() -> None:
    composed = COMPOSED["compose.yaml"]
    (network,) = composed["networks"]["default"]["ipam"]["config"]
    assert composed["services"]["penumbra"]["environment"]["PENUMBRA_TRUSTED_PROXIES"] == network["gateway"]


def test_the_image_is_built_of_what_is_there_and_runs_as_nobody_special() -> None:
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()
    }
    assert copied == let_in
    assert [name for name in copied if not (ROOT / name).exists()] == []
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {*built["packages"]} <= copied
    stages = DOCKERFILE.split("\nFROM ")
    (user,) = re.findall(r"^USER (\S+)$", stages[-1], re.MULTILINE)
    assert user.isdigit()  # Kubernetes' runAsNonRoot takes no name's word for it
    assert f"--uid {user} " in stages[-1]
    assert f"chown {user} root.key" in (ROOT / "compose.yaml").read_text()
    assert "PENUMBRA_PORT" in stages[-1].partition("HEALTHCHECK")[2]


@pytest.mark.parametrize("path", COMPOSED)
def test_the_image_can_dump_the_server_that_is_started_beside_it(path: str) -> None:
    (client,) = re.findall(r"postgresql-client-(\d+)", DOCKERFILE)
    assert COMPOSED[path]["services"]["postgres"]["image"] == f"postgres:{client}"
