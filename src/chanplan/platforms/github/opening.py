"""From the environment of a run to its pull request."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from chanplan.platforms.answers import Words
from chanplan.platforms.github.place import Place, place_of
from chanplan.platforms.github.review import GitHubReview
from chanplan.platforms.tokens import token_of
from chanplan.ports.clock import Clock
from chanplan.ports.pacer import Pacer

VARIABLES = ("GH_TOKEN", "GITHUB_TOKEN")
"""In the order of GitHub's own command line."""


@contextmanager
def pull_request(
    environment: Mapping[str, str], number: int | None, pacer: Pacer, clock: Clock
) -> Iterator[GitHubReview]:
    """Give the pull request that a run is about, or the one with the number. Asks nobody yet.

    Raises:
        Misused: no token, no repository, or no pull request is told; see `place.py` and `tokens.py`.
    """
    from chanplan.platforms.wire import Wire

    place = place_of(environment, number)
    token = token_of(
        environment,
        VARIABLES,
        strangers={"glpat-": "GitLab", "glcbt-": "GitLab"},
        remedy="In a workflow: env: {GITHUB_TOKEN: '${{ github.token }}'}. A token on the command line would be in logs.",
    )
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {token.text}",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    wire = Wire(place.base, headers, token.text, _words(place, token.variable), pacer, clock)
    try:
        yield GitHubReview(place, wire)
    finally:
        wire.close()


def _words(place: Place, variable: str) -> Words:
    permission = (
        "Give the job `permissions: {pull-requests: write}`, or a fine-grained token that may write pull requests of "
        f"{place.repository}."
    )
    if place.is_fork:
        permission = (
            "This pull request comes from a fork, and its runs get tokens that only read, whatever `permissions:` says. "
            "Post from a workflow of its own on `workflow_run`, which takes the plan as an artifact (docs/comment.md)."
        )
    return Words(
        "GitHub",
        token_refused=f"{variable} is wrong, revoked or expired; a workflow's own token ends with its job.",
        permission_missing=permission,
        not_found=f"Check GITHUB_REPOSITORY and the number. GitHub also says so of what the token in {variable} may not see.",
    )
