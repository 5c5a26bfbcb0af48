"""GitLab's REST endpoints, version 4, for the notes of a merge request."""

import re
from pathlib import Path

from tests.platforms.hosting import Account, Answer, Asked, Comment, Hosting, Request

PROJECT = "2786"
TOKEN = "glpat-notARealToken00"
LONGEST = 1_000_000
PAGE = "https://gitlab.example/acme/mail/-/merge_requests"


class GitLab(Hosting):
    """A GitLab as a pipeline of acme/mail sees it."""

    LIMIT = LONGEST
    PLATFORM = "gitlab"
    MARK = "!"

    def __init__(self) -> None:
        super().__init__()
        # Each project access token has a bot of its own.
        self.me = Account("project_2786_bot_7e1f", 9001)
        self.accounts[TOKEN] = self.me
        self.requests[12] = Request(12)

    @property
    def api(self) -> str:
        return f"{self.url}/api/v4"

    def environment(self, folder: Path, number: int = 12, *, commit: str | None = None) -> dict[str, str]:
        """Gives the variables of a merge request pipeline."""
        return self.elsewhere() | {
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_PROJECT_ID": PROJECT,
            "CI_MERGE_REQUEST_IID": str(number),
            "CI_COMMIT_SHA": commit or self.requests[number].head,
        }

    def pushed(self, folder: Path, commit: str) -> dict[str, str]:
        """Gives the variables of a push pipeline."""
        return self.elsewhere() | {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_SHA": commit}

    def elsewhere(self) -> dict[str, str]:
        """Gives the variables of a pipeline that is about no merge request."""
        return {
            "CI_API_V4_URL": self.api,
            "CI_PROJECT_ID": PROJECT,
            "CI_JOB_TOKEN": "glcbt-64_notARealToken00",
            "CI_PIPELINE_SOURCE": "schedule",
            "CI_COMMIT_SHA": "f" * 40,
            "GITLAB_TOKEN": TOKEN,
        }

    def answer(self, asked: Asked) -> Answer:
        """Does what is asked."""
        who = self.accounts.get(asked.headers.get("private-token", ""))
        if who is None:
            return Answer(401, {"message": "401 Unauthorized"})
        # A project is known by its number, and by its path with the slashes written as %2F.
        path = asked.path.removeprefix("/api/v4").replace("/projects/acme%2Fmail/", f"/projects/{PROJECT}/")
        if path == "/user":
            return Answer(200, {"id": who.id, "username": who.login})
        prefix = f"/projects/{PROJECT}"
        if not path.startswith(f"{prefix}/") or who.may == "nothing":
            return Answer(404, {"message": "404 Project Not Found"})
        return self._inside(asked, who, path.removeprefix(prefix))

    def _inside(self, asked: Asked, who: Account, path: str) -> Answer:
        if match := re.fullmatch(r"/repository/commits/([0-9a-f]+)/merge_requests", path):
            found = [one for one in self.requests.values() if match[1] in (one.merge_commit, one.head)]
            return self.page(asked, [self._shown(one) for one in found])
        match = re.fullmatch(r"/merge_requests/(\d+)(?:/notes(?:/(\d+))?)?", path)
        request = self.requests.get(int(match[1])) if match else None
        if match is None or request is None:
            return Answer(404, {"message": "404 Not found"})
        if not path.endswith("/notes") and match[2] is None:
            return Answer(200, self._shown(request))
        if match[2] is not None:
            return self._one(asked, who, request, int(match[2]))
        if asked.method == "GET":
            assert asked.parameters["sort"] == "asc"
            return self.page(asked, [_told(one) for one in request.comments])
        return self._refusal(asked, who, request) or self._noted(asked, who, request)

    def _noted(self, asked: Asked, who: Account, request: Request) -> Answer:
        # A line that begins with a command outside of code is carried out, and isn't kept.
        body, fenced, kept = asked.body["body"], False, []
        for line in body.split("\n"):
            fenced ^= line.lstrip().startswith("```")
            if not fenced and re.match(r"/(close|merge|approve|label|assign)\b", line):
                request.state = {"/close": "closed", "/merge": "merged"}.get(line.split()[0], request.state)
            else:
                kept.append(line)
        return Answer(201, _told(self.say(request, who, "\n".join(kept))))

    def _one(self, asked: Asked, who: Account, request: Request, id: int) -> Answer:
        comment = next((one for one in request.comments if one.id == id), None)
        if comment is None:
            return Answer(404, {"message": "404 Note Not Found"})
        if comment.author is not who:
            return Answer(403, {"message": "403 Forbidden"})
        if refusal := self._refusal(asked, who, request):
            return refusal
        if asked.method == "DELETE":
            request.comments.remove(comment)
            return Answer(204)
        comment.body = asked.body["body"]
        return Answer(200, _told(comment))

    def _refusal(self, asked: Asked, who: Account, request: Request) -> Answer | None:
        if who.may != "write":
            said = "The request requires higher privileges than provided by the access token."
            return Answer(403, {"error": "insufficient_scope", "error_description": said, "scope": "api"})
        if request.locked:
            return Answer(403, {"message": "403 Forbidden - the discussion is locked"})
        body = (asked.body or {}).get("body")
        if body is not None and len(body) > LONGEST:
            said = f'400 Bad request - Note {{:note=>["is too long (maximum is {LONGEST} characters)"]}}'
            return Answer(400, {"message": said})
        return None

    def _shown(self, request: Request) -> dict[str, object]:
        return {
            "iid": request.number,
            "state": "opened" if request.state == "open" else request.state,
            "sha": request.head,
            "merge_commit_sha": request.merge_commit,
            "discussion_locked": request.locked or None,
            "has_conflicts": False,
            "diverged_commits_count": 2 if request.behind else 0,
            "web_url": f"{PAGE}/{request.number}",
        }


def _told(note: Comment) -> dict[str, object]:
    author = note.author
    return {
        "id": note.id,
        "body": note.body,
        "system": note.system,
        "author": None if author is None else {"id": author.id, "username": author.login},
    }
