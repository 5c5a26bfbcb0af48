"""GitHub's REST API for the action's own scripts: the standard library alone, since they run on the runner's Python."""

import json
import os
import re
import sys
import urllib.error
import urllib.request
from typing import Any, NoReturn
from urllib.parse import urlsplit

TIMEOUT = 30
"""Seconds of silence."""
LARGEST = 256 * 1024**2
"""Bytes of an answer: a plan of 100,000 changes has less."""


class Failed(Exception):
    """Something that a person must see to; its text says what."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves a redirect to the caller: the token must not go along to another host."""

    def redirect_request(self, *_: object) -> None:
        """Follow none."""


_opener = urllib.request.build_opener(_NoRedirect)


def setting(name: str) -> str:
    """Give a variable that GitHub, or the action's file, sets."""
    value = os.environ.get(name, "")
    if not value:
        raise Failed(f"{name} isn't set: this runs in GitHub Actions, through the action's own file.")
    return value


def repository() -> str:
    """Give the path of the repository in the API."""
    name = setting("GITHUB_REPOSITORY")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", name):
        raise Failed(f"GITHUB_REPOSITORY is no repository: {name[:100]!r}.")
    return f"/repos/{name}"


def ask(method: str, path: str, body: object = None) -> Any:
    """Make a request and give the JSON of its answer. Raises `Failed` when there is none."""
    return json.loads(_sent(method, setting("GITHUB_API_URL").rstrip("/") + path, body, token=True))


def download(url: str) -> bytes:
    """Give what a URL of the API holds, following one redirect, to where the token isn't sent."""
    return _sent("GET", url, None, token=True)


def _sent(method: str, url: str, body: object, *, token: bool) -> bytes:
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in {"localhost", "127.0.0.1"}:
        raise Failed(f"{parts.scheme}://{parts.netloc} isn't https.")
    if token and parts.netloc != urlsplit(setting("GITHUB_API_URL")).netloc:
        raise Failed(f"{parts.netloc} isn't GitHub's API, so it doesn't get the token.")
    request = urllib.request.Request(
        url, method=method, data=None if body is None else json.dumps(body).encode()
    )
    request.add_header("Accept", "application/vnd.github+json")
    request.add_header("X-GitHub-Api-Version", "2022-11-28")
    request.add_header("User-Agent", "chanplan-action")
    if token:
        request.add_header("Authorization", f"Bearer {setting('GITHUB_TOKEN')}")
    try:
        with _opener.open(request, timeout=TIMEOUT) as answer:
            content = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        with error:
            if token and method == "GET" and error.code in {301, 302, 303, 307, 308}:
                return _sent("GET", error.headers["Location"], None, token=False)
            raise Failed(
                f"{method} {parts.path}: GitHub answered {error.code}.{_right(error.code)}"
            ) from None
    except OSError as error:
        raise Failed(f"{method} {parts.path}: no answer ({error}).") from None
    if len(content) > LARGEST:
        raise Failed(f"{method} {parts.path}: more than {LARGEST // 1024**2} MiB.")
    return content


def _right(status: int) -> str:
    if status in {401, 403, 404}:
        return " Does the job's `permissions:` give its token the right? docs/ci.md lists them."
    return ""


def tell(name: str, value: object) -> None:
    """Give later steps an output. `value` has one line."""
    text = " ".join(str(value).split())
    with open(setting("GITHUB_OUTPUT"), "a", encoding="utf-8") as outputs:
        outputs.write(f"{name}={text}\n")


def fail(error: Failed) -> NoReturn:
    """End the step with an error that is shown on the run's page."""
    text = str(error).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::error title=chanplan::{text}")
    sys.exit(1)
