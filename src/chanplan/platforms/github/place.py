"""Which pull request a run is about, from what GitHub Actions tells it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chanplan.model.errors import Misused
from chanplan.platforms.addresses import Base, base_of

API_VARIABLE = "GITHUB_API_URL"
REPOSITORY_VARIABLE = "GITHUB_REPOSITORY"
DEFAULT_API = "https://api.github.com"
LARGEST_EVENT = 32 * 1024**2
"""Bytes of an event that are read; GitHub's own limit is 25 MB."""

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/[A-Za-z0-9._-]{1,100}")
_MERGE_REF = re.compile(r"refs/pull/([0-9]{1,10})/(?:merge|head)")
_QUEUE_REF = re.compile(r"refs/heads/gh-readonly-queue/.+/pr-([0-9]{1,10})-[0-9a-f]+")
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True)
class Place:
    """A repository, and the pull request as far as the run says."""

    base: Base
    repository: str
    number: int | None
    commit: str | None = None
    """The head of the pull request that the run looked at."""
    pushed: str | None = None
    """The commit of a push: what was merged, perhaps."""
    is_fork: bool = False
    """Whether the pull request comes from another repository."""


def place_of(environment: Mapping[str, str], number: int | None) -> Place:
    """Read where a run is. `number`, from the command line, is believed before everything else.

    Raises:
        Misused: the repository (`repository_missing`) or the pull request (`request_missing`) isn't told, or the
            event's file can't be read (`event_unreadable`).
    """
    base = base_of(environment.get(API_VARIABLE) or DEFAULT_API, API_VARIABLE)
    repository = environment.get(REPOSITORY_VARIABLE, "")
    if not _REPOSITORY.fullmatch(repository) or set(repository.partition("/")[2]) == {"."}:
        raise Misused(
            f"{REPOSITORY_VARIABLE} names no repository.",
            remedy=f"GitHub Actions sets it. Elsewhere: {REPOSITORY_VARIABLE}=OWNER/NAME",
            code="repository_missing",
        )
    event = _event(environment)
    request = _member(event, "pull_request")
    head, target = _member(request, "head"), _member(request, "base")
    is_fork = bool(request) and _member(head, "repo").get("full_name") != _member(target, "repo").get(
        "full_name"
    )
    told = _told_number(environment, event)
    if number is not None and number != told:
        # Another pull request than the one of this run: its event says nothing of it.
        return Place(base, repository, number)
    commit = head.get("sha")
    pushed = environment.get("GITHUB_SHA", "") if environment.get("GITHUB_EVENT_NAME") == "push" else ""
    if told is None and not _COMMIT.fullmatch(pushed):
        raise Misused(
            "This run isn't about a pull request, and nothing says which one is meant.",
            remedy="Name it: --pr NUMBER. A run of `pull_request` says it itself, and so does a push that merged one.",
            code="request_missing",
        )
    return Place(
        base,
        repository,
        told,
        commit=commit if isinstance(commit, str) and _COMMIT.fullmatch(commit) else None,
        pushed=pushed if told is None else None,
        is_fork=is_fork,
    )


def _told_number(environment: Mapping[str, str], event: Mapping[str, object]) -> int | None:
    candidates: list[object] = [_member(event, "pull_request").get("number")]
    issue = _member(event, "issue")
    if _member(issue, "pull_request"):
        candidates.append(issue.get("number"))
    reference = environment.get("GITHUB_REF", "")
    match = _MERGE_REF.fullmatch(reference) or _QUEUE_REF.fullmatch(reference)
    candidates.append(int(match[1]) if match else None)
    return next((number for number in candidates if isinstance(number, int) and number > 0), None)


def _event(environment: Mapping[str, str]) -> Mapping[str, object]:
    path = environment.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        with Path(path).open("rb") as file:
            event = json.loads(file.read(LARGEST_EVENT))
    except (OSError, ValueError, RecursionError) as error:
        what = error.strerror if isinstance(error, OSError) else "it isn't JSON"
        raise Misused(
            f"The event in GITHUB_EVENT_PATH can't be read: {what}.",
            remedy="GitHub Actions writes it. Elsewhere unset the variable, and name the pull request: --pr NUMBER",
            code="event_unreadable",
        ) from error
    return event if isinstance(event, dict) else {}


def _member(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}
