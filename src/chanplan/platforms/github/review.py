"""The comments of a pull request. For GitHub they are those of an issue with the same number."""

from collections.abc import Iterator, Sequence

from chanplan.model.errors import Gone
from chanplan.platforms.answers import Answer
from chanplan.platforms.github.place import Place
from chanplan.platforms.lists import begins, entries, the_one
from chanplan.platforms.shapes import mapping, number, text
from chanplan.platforms.wire import Question, Wire
from chanplan.ports.review import Comment, ReviewState

LIMIT = 65_536
"""Characters of a comment that GitHub's refusal names; it stored longer ones when others measured
(decision 0031)."""
PAGE = 100


class GitHubReview:
    """A pull request at GitHub; see `ports/review.py`."""

    def __init__(self, place: Place, wire: Wire) -> None:
        self._place = place
        self._wire = wire
        self._number = place.number
        self._repository = f"{place.base.url}/repos/{place.repository}"

    @property
    def limit(self) -> int:
        """So many characters a comment may have."""
        return LIMIT

    @property
    def commit(self) -> str | None:
        """The head that this run looked at."""
        return self._place.commit

    def state(self) -> ReviewState:
        """Say where the pull request stands. Needs `pull-requests: read`."""
        at = self._at()

        def read(answer: Answer) -> ReviewState:
            told = mapping(answer.value())
            return ReviewState(
                name=at,
                head=text(mapping(told, "head"), "sha"),
                is_open=text(told, "state") == "open",
                is_merged=told.get("merged") is True,
                is_locked=told.get("locked") is True,
                is_behind=text(told, "mergeable_state") in {"behind", "dirty"},
            )

        url = f"{self._repository}/pulls/{self._numbered()}"
        return self._wire.ask(Question("GET", url, "look at the pull request", at), read)

    def find(self, first_line: str) -> Sequence[Comment]:
        """Give our comments that begin with a line, oldest first."""
        marked = [(login, comment) for login, comment in self._comments() if begins(comment, first_line)]
        if not marked:
            return ()
        ours = self._login()
        return sorted((comment for login, comment in marked if login == ours), key=lambda comment: comment.id)

    def create(self, body: str) -> Comment:
        """Write a new comment."""
        question = Question(
            "POST", self._list(), "create a comment", self._at(), body={"body": body}, repeatable=False
        )
        return self._wire.ask(question, lambda answer: _comment(answer.value()))

    def update(self, comment: Comment, body: str) -> Comment:
        """Put another text into a comment."""
        question = Question("PATCH", self._one(comment), "update a comment", self._at(), body={"body": body})
        return self._wire.ask(question, lambda answer: _comment(answer.value()))

    def delete(self, comment: Comment) -> None:
        """Delete a comment."""
        try:
            self._wire.ask(
                Question("DELETE", self._one(comment), "delete a comment", self._at()), lambda _: None
            )
        except Gone:
            return

    def _comments(self) -> Iterator[tuple[str, Comment]]:
        """Give all comments with their authors' logins."""
        question = Question("GET", self._list(), "list the comments", self._at(), params={"per_page": PAGE})
        return entries(
            self._wire, question, lambda entry: (text(mapping(entry, "user"), "login"), _comment(entry))
        )

    def _login(self) -> str:
        """Ask who the token is. REST tells that of people only, GraphQL of apps and workflows too."""

        def read(answer: Answer) -> str:
            login = text(mapping(mapping(mapping(answer.value()), "data"), "viewer"), "login")
            if not login:
                raise ValueError
            return login

        # At Enterprise, REST is at /api/v3 and GraphQL at /api/graphql.
        url = f"{self._place.base.url.removesuffix('/v3')}/graphql"
        question = Question(
            "POST", url, "say whose the token is", self._at(), body={"query": "query{viewer{login}}"}
        )
        return self._wire.ask(question, read)

    def _numbered(self) -> int:
        """Give the number; for a push, that of the pull request that it merged."""
        if self._number is None:
            self._number = self._merged(self._place.pushed or "")
        return self._number

    def _merged(self, commit: str) -> int:
        question = Question(
            "GET",
            f"{self._repository}/commits/{commit}/pulls",
            "find the pull request of a commit",
            f"{self._place.repository}@{commit[:12]}",
        )
        merged = [entry for entry in entries(self._wire, question, dict) if text(entry, "merged_at")]
        exactly = [entry for entry in merged if text(entry, "merge_commit_sha") == commit]
        return the_one([number(entry, "number") for entry in exactly or merged], commit, "pull request")

    def _at(self) -> str:
        return f"{self._place.repository}#{self._numbered()}"

    def _list(self) -> str:
        return f"{self._repository}/issues/{self._numbered()}/comments"

    def _one(self, comment: Comment) -> str:
        return f"{self._repository}/issues/comments/{comment.id}"


def _comment(value: object) -> Comment:
    entry = mapping(value)
    return Comment(number(entry, "id"), text(entry, "body"), text(entry, "html_url"))
