"""What `deploy/` holds is accepted by the programs it is for, and names nothing that is not there."""

import asyncio
import os
import re
import shutil
import subprocess
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from config.demo import LOOPBACK, free_port
from config.run import Listen, serving
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
        command = [NGINX, "-p", str(tmp_path), "-c", str(conf_for(tmp_path, port, ports)), "-g", "daemon off;"]
        if os.geteuid() == 0:
            command[-1] += " user root;"
        nginx = await asyncio.create_subprocess_exec(*command)
        try:
            await _listens(port)
            async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}") as browser:
                codes = [f"/{number:016d}" for number in range(20)]
                for code in codes * 3:
                    assert (await browser.get(code, headers={"x-forwarded-for": "203.0.113.9"})).status_code == 200
                assert (await browser.get("/metrics")).status_code == 404
                await first.aclose()
                for code in codes:
                    assert (await browser.get(code)).text == "web2"
        finally:
            nginx.terminate()
            await nginx.wait()
    assert len(met) > 20 - 1
    assert {name for (_, name), number in met.items() if number >= 3} == {"web1", "web2"}
    assert set(met.values()) <= {1, 3, 4}  # three times the same one; once more after the fall
    assert seen == {f"{LOOPBACK}/{LOOPBACK}"}  # what a visitor makes up is written over


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
