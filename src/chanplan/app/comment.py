"""Keeping one comment per workspace on a pull request: found again, updated in place, never made twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from chanplan.model.errors import Gone, OutcomeUnknown, ProviderError
from chanplan.ports.clock import Clock
from chanplan.ports.review import Comment, Review, ReviewState

ATTEMPTS = 3
"""So often a comment is written whose answer was lost, or that somebody deletes meanwhile."""
SETTLING = 2.0
"""Seconds before looking for a comment whose answer was lost: the platform may still be writing it."""


class How(StrEnum):
    """What became of the comment."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    OUTDATED = "outdated"
    """Left as it is: the request has moved on, and a later run writes its own."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a workspace's comment, and what people should know about the request."""

    how: How
    url: str
    removed: int
    """How many more of ours there were, made by runs at the same moment."""
    warnings: tuple[str, ...]


def post(review: Review, body: str, clock: Clock, *, of_commit: bool) -> Posted:
    """Make the comment that begins with the first line of `body` look like it.

    `of_commit` says that the text is about the commit that this run looked at: it doesn't replace a later one's.

    Raises:
        Misused: the run doesn't say which request is meant.
        ProviderError: the platform refused, or can't be reached. What was written before stays, and is found again.
    """
    state = review.state()
    warnings = tuple(_warnings(state))
    own, _, _ = body.partition("\n")
    error: ProviderError | None = None
    for attempt in range(ATTEMPTS):
        if attempt:
            clock.sleep(SETTLING)
        found = tuple(review.find(own))
        if of_commit and found and review.commit is not None and review.commit != state.head:
            return Posted(How.OUTDATED, found[0].url, 0, warnings)
        try:
            if found:
                how = How.CREATED if error is not None and _same(found[0].body, body) else How.UNCHANGED
                return _kept(review, found, body, how, warnings)
        except Gone as gone:
            # Somebody deleted it between our look and our update.
            error = gone
            continue
        try:
            created = review.create(body)
        except OutcomeUnknown as unknown:
            error = unknown
            continue
        # Another run may have done the same at the same moment, and of two comments the older is kept. A list that
        # doesn't show ours yet is no reason to make it again.
        return _kept(review, tuple(review.find(own)) or (created,), body, How.CREATED, warnings)
    assert error is not None
    raise error


def _kept(
    review: Review, found: tuple[Comment, ...], body: str, how: How, warnings: tuple[str, ...]
) -> Posted:
    kept, *others = found
    if not _same(kept.body, body):
        kept, how = review.update(kept, body), How.UPDATED
    for other in others:
        review.delete(other)
    return Posted(how, kept.url, len(others), warnings)


def _same(one: str, other: str) -> bool:
    """Tell whether two texts differ in nothing but what platforms change themselves."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def _warnings(state: ReviewState) -> Iterator[str]:
    if state.is_locked:
        yield f"{state.name} is locked: only members can answer."
    if state.is_open and state.is_behind:
        yield (
            f"The target branch of {state.name} has moved on since it was branched off: what is applied after the merge "
            "may be another plan. `apply --expect` refuses it then."
        )
    if not state.is_open and not state.is_merged:
        yield f"{state.name} was closed without being merged."
