"""The interactive page as a person sees it: a real browser runs it, and no name but the server's leads anywhere."""

import re
import subprocess

from tests.api.front import PATIENCE
from tests.ci.tools import browser

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--virtual-time-budget=20000",
)


def test_the_page_shows_every_call_without_the_network(front, client, tmp_path):
    """Its own policy lets it run, and nothing that it wanted was refused."""
    ended = subprocess.run(
        [browser(), *FLAGS, f"--user-data-dir={tmp_path}", "--dump-dom", f"{front.url}/docs"],
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    shown = re.findall(r'class="opblock opblock-(\w+)".*?data-path="([^"]+)"', ended.stdout, re.DOTALL)
    paths = client.get("/openapi.json").json["paths"]
    assert sorted(shown) == sorted((method, path) for path, calls in paths.items() for method in calls)
    assert [line for line in ended.stderr.splitlines() if ":CONSOLE" in line] == []
    assert {line["status"] for line in front.lines()} == {200}
