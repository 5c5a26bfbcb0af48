"""Which merge request a pipeline is about, from what GitLab CI tells it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from chanplan.model.errors import Misused
from chanplan.platforms.addresses import Base, base_of

API_VARIABLE = "CI_API_V4_URL"
PROJECT_VARIABLE = "CI_PROJECT_ID"
DEFAULT_API = "https://gitlab.com/api/v4"

_PROJECT = re.compile(r"[0-9]{1,12}|(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_./-]{1,500}")
_COMMIT = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True, slots=True)
class Place:
    """A project, and the merge request as far as the pipeline says."""

    base: Base
    project: str
    """Its number, or its path."""
    number: int | None
    commit: str | None = None
    """The head of the merge request that the pipeline looked at."""
    pushed: str | None = None
    """The commit of a push: what was merged, perhaps."""

    @property
    def url(self) -> str:
        """The address of the project in the API."""
        return f"{self.base.url}/projects/{quote(self.project, safe='')}"


def place_of(environment: Mapping[str, str], number: int | None) -> Place:
    """Read where a pipeline is. `number`, from the command line, is believed before everything else.

    Raises:
        Misused: the project (`repository_missing`) or the merge request (`request_missing`) isn't told.
    """
    base = base_of(environment.get(API_VARIABLE) or DEFAULT_API, API_VARIABLE)
    # The pipeline of a fork runs in the fork; the merge request is where it wants to go.
    project = environment.get("CI_MERGE_REQUEST_PROJECT_ID") or environment.get(PROJECT_VARIABLE, "")
    if not _PROJECT.fullmatch(project):
        raise Misused(
            f"{PROJECT_VARIABLE} names no project.",
            remedy=f"GitLab CI sets it. Elsewhere: {PROJECT_VARIABLE}=NUMBER or GROUP/NAME",
            code="repository_missing",
        )
    told = environment.get("CI_MERGE_REQUEST_IID", "")
    own = int(told) if re.fullmatch(r"[1-9][0-9]{0,9}", told) else None
    if number is not None and number != own:
        # Another merge request than the pipeline's: its variables say nothing of it.
        return Place(base, project, number)
    # In a pipeline of merged results, the commit is one that only the pipeline knows.
    commit = environment.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environment.get("CI_COMMIT_SHA", "")
    is_commit = bool(_COMMIT.fullmatch(commit))
    if own is not None:
        return Place(base, project, own, commit=commit if is_commit else None)
    if environment.get("CI_PIPELINE_SOURCE") == "push" and is_commit:
        return Place(base, project, None, pushed=commit)
    raise Misused(
        "This pipeline isn't about a merge request, and nothing says which one is meant.",
        remedy="Name it: --pr NUMBER. A merge request pipeline (`rules: [{if: $CI_MERGE_REQUEST_IID}]`) says it itself, "
        "and so does a push that merged one.",
        code="request_missing",
    )
