"""GitHub's REST endpoints for the comments of a pull request, and the one GraphQL question that tells whose a token is."""

import json
import re
from pathlib import Path

from tests.platforms.hosting import Account, Answer, Asked, Comment, Hosting, Request

REPOSITORY = "acme/mail"
TOKEN = "ghs_notARealTokenButOfItsForm000000000000"
LONGEST = 65_536


class GitHub(Hosting):
    """github.com as a workflow of acme/mail sees it."""

    LIMIT = LONGEST
    PLATFORM = "github"
    MARK = "#"

    def __init__(self) -> None:
        super().__init__()
        # What a workflow's own token is: an app, of which REST's `GET /user` knows nothing.
        self.me = Account("github-actions[bot]", 41_898_282)
        self.accounts[TOKEN] = self.me
        self.requests[12] = Request(12)

    @property
    def api(self) -> str:
        return self.url

    def environment(self, folder: Path, number: int = 12, *, commit: str | None = None) -> dict[str, str]:
        """Gives the variables of a `pull_request` run, with its event in a file."""
        head = {"sha": commit or self.requests[number].head, "repo": {"full_name": REPOSITORY}}
        event = {
            "pull_request": {"number": number, "head": head, "base": {"repo": {"full_name": REPOSITORY}}}
        }
        return self.elsewhere() | {
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(self.event(folder, event)),
            "GITHUB_REF": f"refs/pull/{number}/merge",
            "GITHUB_SHA": "e" * 40,
        }

    def pushed(self, folder: Path, commit: str) -> dict[str, str]:
        """Gives the variables of a `push` run."""
        return self.elsewhere() | {
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_EVENT_PATH": str(self.event(folder, {"after": commit})),
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_SHA": commit,
        }

    def elsewhere(self) -> dict[str, str]:
        """Gives the variables of a run that is about no pull request."""
        return {
            "GITHUB_API_URL": self.api,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_EVENT_NAME": "schedule",
            "GITHUB_REF": "refs/heads/main",
        }

    def event(self, folder: Path, event: object) -> Path:
        """Writes an event as the runner does."""
        path = folder / "event.json"
        path.write_text(json.dumps(event))
        return path

    def answer(self, asked: Asked) -> Answer:
        """Does what is asked."""
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        who = self.accounts.get(token)
        if kind != "Bearer" or who is None:
            return Answer(401, {"message": "Bad credentials", "documentation_url": "…", "status": "401"})
        if asked.path == "/graphql":
            assert asked.body == {"query": "query{viewer{login}}"}
            return Answer(200, {"data": {"viewer": {"login": who.login}}})
        prefix = f"/repos/{REPOSITORY}"
        if not asked.path.startswith(f"{prefix}/") or who.may == "nothing":
            return _missing()
        return self._inside(asked, who, asked.path.removeprefix(prefix))

    def _inside(self, asked: Asked, who: Account, path: str) -> Answer:
        if match := re.fullmatch(r"/pulls/(\d+)", path):
            found = self.requests.get(int(match[1]))
            return _missing() if found is None else Answer(200, self._shown(found))
        if match := re.fullmatch(r"/commits/([0-9a-f]+)/pulls", path):
            found = [one for one in self.requests.values() if match[1] in (one.merge_commit, one.head)]
            return self.page(asked, [self._shown(one) for one in found])
        if match := re.fullmatch(r"/issues/(\d+)/comments", path):
            request = self.requests.get(int(match[1]))
            if request is None:
                return _missing()
            if asked.method == "GET":
                return self.page(asked, [self._told(one, request) for one in request.comments])
            return self._refusal(asked, who, request) or Answer(
                201, self._told(self.say(request, who, asked.body["body"]), request)
            )
        if match := re.fullmatch(r"/issues/comments/(\d+)", path):
            return self._one(asked, who, int(match[1]))
        return _missing()

    def _one(self, asked: Asked, who: Account, id: int) -> Answer:
        for request in self.requests.values():
            for comment in request.comments:
                if comment.id != id:
                    continue
                # Whoever may write may also change what others wrote; it goes on being theirs.
                if refusal := self._refusal(asked, who, request):
                    return refusal
                if asked.method == "DELETE":
                    request.comments.remove(comment)
                    return Answer(204)
                comment.body = asked.body["body"]
                return Answer(200, self._told(comment, request))
        return _missing()

    def _refusal(self, asked: Asked, who: Account, request: Request) -> Answer | None:
        if who.may != "write":
            return Answer(
                403,
                {"message": "Resource not accessible by integration", "status": "403"},
                {"X-Accepted-GitHub-Permissions": "issues=write; pull_requests=write"},
            )
        if request.locked:
            return Answer(403, {"message": "Unable to create comment because issue is locked."})
        body = (asked.body or {}).get("body")
        if body is not None and len(body) > LONGEST:
            said = f"Body is too long (maximum is {LONGEST} characters)"
            error = {"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": said}
            return Answer(422, {"message": "Validation Failed", "errors": [error], "status": "422"})
        return None

    def _shown(self, request: Request) -> dict[str, object]:
        return {
            "number": request.number,
            "state": "open" if request.state == "open" else "closed",
            "merged": request.state == "merged",
            "merged_at": "2026-11-29T12:00:00Z" if request.state == "merged" else None,
            "merge_commit_sha": request.merge_commit,
            "locked": request.locked,
            "head": {"sha": request.head},
            "mergeable_state": "behind" if request.behind else "clean",
        }

    def _told(self, comment: Comment, request: Request) -> dict[str, object]:
        author = comment.author
        return {
            "id": comment.id,
            "body": comment.body,
            "user": None if author is None else {"login": author.login, "id": author.id},
            "html_url": f"https://github.com/{REPOSITORY}/pull/{request.number}#issuecomment-{comment.id}",
        }


def _missing() -> Answer:
    return Answer(404, {"message": "Not Found", "documentation_url": "…", "status": "404"})
