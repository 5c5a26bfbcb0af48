"""Workflows for CI systems, written from templates for the workspace at hand."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

ACTION = "chanplan/chanplan"
"""Where the action of this version is."""


class Platform(StrEnum):
    """The CI systems that there are templates for."""

    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of a workspace the workflows must know."""

    workspace: str
    config: str
    """The root file, from the repository's root."""
    version: str
    region: str | None
    """Where a role at AWS is taken on; None when nothing here speaks to AWS."""
    variables: tuple[str, ...]
    """The environment variables that plain fields read."""
    secrets: tuple[str, ...]
    """Those that hold secrets."""
    state_secrets: tuple[str, ...]
    """Those of them that the state needs: all that a run needs which asks AWS alone."""
    mails: bool
    """Whether it has email use cases, whose tiers are judged each day."""


def pipelines(platform: Platform, surroundings: Surroundings) -> Mapping[str, str]:
    """Give the files for a CI system: paths from the repository's root, and their texts."""
    workspace = surroundings.workspace
    if platform is Platform.GITHUB:
        return {
            f".github/workflows/chanplan-{workspace}-{name}.yml": _filled(f"github/{name}.yml", surroundings)
            for name in ("plan", "apply", "scheduled", *(("tiers",) if surroundings.mails else ()))
        }
    path = included_path(workspace)
    return {path: _filled("gitlab/pipeline.yml", surroundings, path=path)}


def included_path(workspace: str) -> str:
    """Give the path, from the repository's root, of what .gitlab-ci.yml includes."""
    return f".gitlab/chanplan-{workspace}.yml"


def including(workspace: str) -> str:
    """Give a .gitlab-ci.yml that includes a workspace's jobs and has none of its own."""
    return f"include:\n  - local: {included_path(workspace)}\n"


def _filled(template: str, surroundings: Surroundings, path: str = "") -> str:
    text = resources.files("chanplan.config").joinpath("templates", template).read_text(encoding="utf-8")
    words = {
        "workspace": surroundings.workspace,
        "config": surroundings.config,
        "region": surroundings.region or "",
        "action": ACTION,
        "ref": f"@v{surroundings.version}",
        "package": f"chanplan[postgres]=={surroundings.version}",
        "path": path,
    }
    lines: list[str] = []
    skipping = False
    conditions = {"@@if aws@@": surroundings.region is not None, "@@if mail@@": surroundings.mails}
    for line in text.splitlines():
        if line in conditions:
            skipping = not conditions[line]
        elif line == "@@end@@":
            skipping = False
        elif not skipping:
            lines += _lines(line, surroundings, words)
    return "\n".join(lines).rstrip() + "\n"


def _lines(line: str, surroundings: Surroundings, words: Mapping[str, str]) -> Iterable[str]:
    asked = re.fullmatch(r"@@env:([0-9]+):(plain|state|all)@@", line)
    if asked is None:
        yield re.sub("@@([a-z]+)@@", lambda found: words[found[1]], line)
        return
    indent = " " * int(asked[1])
    entries = [f"{name}: ${{{{ vars.{name} }}}}" for name in surroundings.variables]
    secrets = {"plain": (), "state": surroundings.state_secrets, "all": surroundings.secrets}[asked[2]]
    entries += [f"{name}: ${{{{ secrets.{name} }}}}" for name in secrets]
    if entries:
        yield f"{indent}env:"
        yield from (f"{indent}  {entry}" for entry in entries)
    yield ""
