"""GitHub with what workflows ask it beyond comments: artifacts of runs, and issues."""

import io
import re
import zipfile
from dataclasses import dataclass

from tests.platforms.github_server import REPOSITORY, GitHub
from tests.platforms.hosting import Answer, Hosting

OWN, FORK = 4711, 4712
"""Ids of the repository and of a fork of it."""


@dataclass
class Artifact:
    """What a run uploaded."""

    id: int
    name: str
    content: bytes
    head: str
    of: int = OWN
    expired: bool = False


class Blobs(Hosting):
    """Where GitHub keeps artifacts: another host, which must see no token."""

    def __init__(self):
        super().__init__()
        self.contents = {}

    def answer(self, asked):
        """Gives what is kept."""
        assert "authorization" not in asked.headers
        return Answer(200, raw=self.contents[asked.path])


class Workflows(GitHub):
    """github.com as a workflow sees it that plans, applies and keeps an issue."""

    def __init__(self, blobs):
        super().__init__()
        self.blobs = blobs
        self.artifacts = []
        self.issues = []

    def upload(self, name, content, head, **said):
        """Keeps an artifact, as actions/upload-artifact does: the file in an archive."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(said.pop("file", "reviewed.plan.json"), content)
        self.artifacts.append(Artifact(next(self._ids), name, packed.getvalue(), head, **said))

    def _inside(self, asked, who, path):
        if path == "/actions/artifacts":
            named = [each for each in self.artifacts if each.name == asked.parameters["name"]]
            return Answer(
                200, {"total_count": len(named), "artifacts": [self._artifact(each) for each in named]}
            )
        if match := re.fullmatch(r"/actions/artifacts/(\d+)/zip", path):
            (found,) = [each for each in self.artifacts if each.id == int(match[1])]
            self.blobs.contents[f"/blob/{found.id}"] = found.content
            return Answer(302, None, {"Location": f"{self.blobs.url}/blob/{found.id}"})
        if path == "/issues":
            if asked.method == "GET":
                return self.page(asked, [each for each in self.issues if _fits(each, asked.parameters)])
            issue = {"number": len(self.issues) + 1, "state": "open", "labels": []} | asked.body
            self.issues.append(issue)
            return Answer(201, issue)
        if match := re.fullmatch(r"/issues/(\d+)", path):
            issue = self.issues[int(match[1]) - 1]
            issue.update(asked.body)
            return Answer(200, issue)
        return super()._inside(asked, who, path)

    def _artifact(self, each):
        return {
            "id": each.id,
            "name": each.name,
            "expired": each.expired,
            "created_at": f"2026-11-29T12:00:{each.id % 60:02}Z",
            "archive_download_url": f"{self.url}/repos/{REPOSITORY}/actions/artifacts/{each.id}/zip",
            "workflow_run": {
                "id": 1,
                "repository_id": OWN,
                "head_repository_id": each.of,
                "head_branch": "topic",
                "head_sha": each.head,
            },
        }


def _fits(issue, parameters):
    return issue["state"] == parameters["state"] and parameters["labels"] in issue["labels"]
