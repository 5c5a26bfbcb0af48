"""The notes of a merge request."""

from collections.abc import Iterator, Mapping, Sequence

from chanplan.model.errors import Gone
from chanplan.platforms.answers import Answer
from chanplan.platforms.gitlab.place import Place
from chanplan.platforms.lists import begins, entries, the_one
from chanplan.platforms.shapes import mapping, number, text
from chanplan.platforms.wire import Question, Wire
from chanplan.ports.review import Comment, ReviewState

LIMIT = 1_000_000
"""Characters of a note (https://docs.gitlab.com/administration/instance_limits/)."""
PAGE = 50
"""Notes asked for at once: GitLab's limit is 100, and each may have a million characters."""


class GitLabReview:
    """A merge request at GitLab; see `ports/review.py`."""

    def __init__(self, place: Place, wire: Wire) -> None:
        self._place = place
        self._wire = wire
        self._number = place.number
        self._page = ""

    @property
    def limit(self) -> int:
        """So many characters a note may have."""
        return LIMIT

    @property
    def commit(self) -> str | None:
        """The head that this pipeline looked at."""
        return self._place.commit

    def state(self) -> ReviewState:
        """Say where the merge request stands."""
        at = self._at()

        def read(answer: Answer) -> ReviewState:
            told = mapping(answer.value())
            diverged = told.get("diverged_commits_count")
            self._page = text(told, "web_url")
            return ReviewState(
                name=at,
                head=text(told, "sha"),
                # GitLab calls one locked that it is merging at this moment; that has nothing to do with who may write.
                is_open=text(told, "state") in {"opened", "locked"},
                is_merged=text(told, "state") == "merged",
                is_locked=told.get("discussion_locked") is True,
                is_behind=told.get("has_conflicts") is True or (isinstance(diverged, int) and diverged > 0),
            )

        question = Question(
            "GET",
            self._request(),
            "look at the merge request",
            at,
            params={"include_diverged_commits_count": "true"},
        )
        return self._wire.ask(question, read)

    def find(self, first_line: str) -> Sequence[Comment]:
        """Give our notes that begin with a line, oldest first."""
        marked = [(author, comment) for author, comment in self._notes() if begins(comment, first_line)]
        if not marked:
            return ()
        ours = self._user()
        return sorted(
            (comment for author, comment in marked if author == ours), key=lambda comment: comment.id
        )

    def create(self, body: str) -> Comment:
        """Write a new note."""
        question = Question(
            "POST", self._list(), "create a note", self._at(), body={"body": body}, repeatable=False
        )
        return self._wire.ask(question, lambda answer: self._comment(answer.value()))

    def update(self, comment: Comment, body: str) -> Comment:
        """Put another text into a note."""
        question = Question("PUT", self._one(comment), "update a note", self._at(), body={"body": body})
        return self._wire.ask(question, lambda answer: self._comment(answer.value()))

    def delete(self, comment: Comment) -> None:
        """Delete a note."""
        try:
            self._wire.ask(
                Question("DELETE", self._one(comment), "delete a note", self._at()), lambda _: None
            )
        except Gone:
            return

    def _notes(self) -> Iterator[tuple[int | None, Comment]]:
        """Give all notes with their authors' numbers."""
        question = Question(
            "GET",
            self._list(),
            "list the notes",
            self._at(),
            params={"per_page": PAGE, "sort": "asc", "order_by": "created_at"},
        )
        return entries(self._wire, question, lambda entry: (_author(entry), self._comment(entry)))

    def _user(self) -> int:
        """Ask who the token is: a person, or the bot of a project's or group's token."""
        question = Question("GET", f"{self._place.base.url}/user", "say whose the token is", self._at())
        return self._wire.ask(question, lambda answer: number(mapping(answer.value()), "id"))

    def _numbered(self) -> int:
        """Give the number; for a push, that of the merge request that it merged."""
        if self._number is None:
            self._number = self._merged(self._place.pushed or "")
        return self._number

    def _merged(self, commit: str) -> int:
        question = Question(
            "GET",
            f"{self._place.url}/repository/commits/{commit}/merge_requests",
            "find the merge request of a commit",
            f"{self._place.project}@{commit[:12]}",
        )
        brought = entries(self._wire, question, dict)
        merged = [number(entry, "iid") for entry in brought if text(entry, "state") == "merged"]
        return the_one(merged, commit, "merge request")

    def _comment(self, value: object) -> Comment:
        entry = mapping(value)
        id = number(entry, "id")
        return Comment(id, text(entry, "body"), f"{self._page}#note_{id}" if self._page else f"note {id}")

    def _at(self) -> str:
        return f"{self._place.project}!{self._numbered()}"

    def _request(self) -> str:
        return f"{self._place.url}/merge_requests/{self._numbered()}"

    def _list(self) -> str:
        return f"{self._request()}/notes"

    def _one(self, comment: Comment) -> str:
        return f"{self._list()}/{comment.id}"


def _author(entry: Mapping[str, object]) -> int | None:
    author = mapping(entry, "author")
    return number(author, "id") if author else None
