"""What both platforms' lists have in common."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from chanplan.model.errors import Misused, Rejected
from chanplan.platforms.answers import Answer
from chanplan.platforms.shapes import items, mapping
from chanplan.platforms.wire import Question, Wire
from chanplan.ports.review import Comment

T = TypeVar("T")

MOST_PAGES = 200
"""GitHub and GitLab end a discussion after some thousand comments; whatever has more pages is a loop."""


def entries(wire: Wire, question: Question, read: Callable[[Mapping[str, object]], T]) -> Iterator[T]:
    """Give all entries of a list, page after page, each read by `read`."""

    def page_of(answer: Answer) -> tuple[list[T], bool]:
        page = [read(mapping(entry)) for entry in items(answer.value())]
        return page, answer.has_next and bool(page)

    for page in range(1, MOST_PAGES + 1):
        found, more = wire.ask(replace(question, params={**question.params, "page": page}), page_of)
        yield from found
        if not more:
            return
    raise Rejected(
        f"The server has more than {MOST_PAGES} pages when asked to {question.operation} ({question.subject}).",
        remedy="Check the API's URL and proxies: no request has so many comments.",
        code="wrong_endpoint",
    )


def begins(comment: Comment, first_line: str) -> bool:
    """Tell whether a comment's first line is this one."""
    return comment.body.partition("\n")[0].rstrip("\r") == first_line


def the_one(numbers: Sequence[int], commit: str, called: str) -> int:
    """Give the number of the only request that brought a commit. Raises `Misused` (`request_missing`) otherwise."""
    if len(numbers) == 1:
        return numbers[0]
    raise Misused(
        f"Commit {commit[:12]} was brought by {f'several {called}s' if numbers else f'no {called}'}.",
        remedy="Name the one that is meant: --pr NUMBER",
        code="request_missing",
    )
