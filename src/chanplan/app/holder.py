"""Who runs a command, in the words that locks and the history keep."""

import getpass
import os
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from chanplan.render.escapes import visible

_LONGEST = 200
"""Characters of each part: nobody needs more to find somebody."""


def holder_of(environment: Mapping[str, str]) -> str:
    """Give user, host and process, and the CI job when the environment tells one: `ci@build-7, process 41, URL`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid {os.getuid()}"
    parts = [f"{user}@{socket.gethostname()}"[:_LONGEST], f"process {os.getpid()}"]
    job = job_address(environment)
    return visible(", ".join([*parts, job] if job else parts))


def job_address(environment: Mapping[str, str]) -> str:
    """Give the web address of the CI job, in which its log and what it kept can be found; nothing where there is none.
    GitHub Actions, GitLab, Jenkins, Buildkite and CircleCI tell it, each in its own variables."""
    server, repository, run = (
        environment.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")
    )
    named = f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
    for name in ("CI_JOB_URL", "BUILD_URL", "BUILDKITE_BUILD_URL", "CIRCLE_BUILD_URL"):
        named = named or environment.get(name, "")
    return _address(named)


def _address(text: str) -> str:
    """Give a web address without a login, a query and a fragment, which may be secrets; nothing for another text."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))[:_LONGEST]
