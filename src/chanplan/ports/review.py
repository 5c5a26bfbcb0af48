"""Where plans are reviewed: one pull or merge request and the comments that are ours on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as the platform has it."""

    id: int
    """Of two comments, the one with the smaller id is older."""
    body: str
    url: str


@dataclass(frozen=True, slots=True)
class ReviewState:
    """Where a pull or merge request stands."""

    name: str
    """As people write it: `acme/mail#12`, `acme/mail!12`."""
    head: str
    """The commit at its head now."""
    is_open: bool
    is_merged: bool
    is_locked: bool
    """Whether only members may still write."""
    is_behind: bool
    """Whether the platform says that its target branch has moved on, or that the two conflict."""


class Review(Protocol):
    """One request for review. Everything raises `ProviderError`s alone, and has been repeated where that is safe."""

    @property
    def limit(self) -> int:
        """So many characters a comment may have."""
        ...

    @property
    def commit(self) -> str | None:
        """The commit of the request that this run looked at, where the run says so."""
        ...

    def state(self) -> ReviewState:
        """Say where the request stands."""
        ...

    def find(self, first_line: str) -> Sequence[Comment]:
        """Give the comments that begin with this line and were written by the account that now asks, oldest first.

        Who else writes such a line isn't believed: a comment of theirs is theirs to change afterwards.
        """
        ...

    def create(self, body: str) -> Comment:
        """Write a new comment. Never repeated: raises `OutcomeUnknown` when nobody can say whether it was made."""
        ...

    def update(self, comment: Comment, body: str) -> Comment:
        """Put another text into a comment. Raises `Gone` when somebody has deleted it."""
        ...

    def delete(self, comment: Comment) -> None:
        """Delete a comment; that it is gone already is no error."""
        ...
