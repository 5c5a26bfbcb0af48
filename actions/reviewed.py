"""Fetches the plan that was reviewed: that of the last run on the head of the pull request which this commit merged.

A squash, a rebase and a merge commit all name their pull request. Another's artifact isn't believed: it must come from
a run of this repository, not of a fork, on that very head.
"""

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from github import LARGEST, Failed, ask, download, fail, repository, setting, tell

PLAN = "reviewed.plan.json"


def merged_request(commit: str) -> dict[str, Any] | None:
    """Give the pull request that a commit merged, or None for one that was pushed."""
    for request in ask("GET", f"{repository()}/commits/{commit}/pulls"):
        if request["merged_at"] and request["merge_commit_sha"] == commit:
            return request
    return None


def artifact_of(name: str, head: str) -> dict[str, Any] | None:
    """Give the newest artifact of this name from a run of this repository on this head, or None."""
    found = ask("GET", f"{repository()}/actions/artifacts?per_page=100&name={name}")["artifacts"]
    own = [
        each
        for each in found
        if each["name"] == name
        and not each["expired"]
        and each["workflow_run"]["head_sha"] == head
        and each["workflow_run"]["head_repository_id"] == each["workflow_run"]["repository_id"]
    ]
    return max(own, key=lambda each: (each["created_at"], each["id"]), default=None)


def plan_in(archive: bytes) -> bytes:
    """Give the plan that an artifact holds."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            if opened.getinfo(PLAN).file_size > LARGEST:
                raise Failed(f"The artifact's {PLAN} is too large to be a plan.")
            return opened.read(PLAN)
    except (zipfile.BadZipFile, KeyError, NotImplementedError):
        raise Failed(f"The artifact has no {PLAN} that can be read. Run the plan again.") from None


def main() -> None:
    """Write the plan to REVIEWED_FILE, and tell `found`, `number`, `head` and `digest`."""
    commit = setting("GITHUB_SHA")
    request = merged_request(commit)
    if request is None:
        tell("found", "false")
        print(f"{commit} merged no pull request, so nobody reviewed a plan of it.")
        return
    number, head = request["number"], request["head"]["sha"]
    artifact = artifact_of(f"{setting('REVIEWED_ARTIFACT')}-{head}", head)
    if artifact is None:
        raise Failed(
            f"No plan of pull request #{number} at {head} is left: its run failed, or its artifact has expired. "
            "Run this workflow by hand: it plans anew, and applies what is approved then."
        )
    plan = plan_in(download(artifact["archive_download_url"]))
    Path(setting("REVIEWED_FILE")).write_bytes(plan)
    digest = json.loads(plan)["digest"]
    for name, value in (("found", "true"), ("number", number), ("head", head), ("digest", digest)):
        tell(name, value)
    print(f"Pull request #{number} at {head}: {digest}")


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        fail(error)
    except (KeyError, TypeError, ValueError) as error:
        fail(Failed(f"GitHub's answer isn't of the shape that is expected ({type(error).__name__})."))
    sys.exit(0)
