"""From the environment of a pipeline to its merge request."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from chanplan.platforms.answers import Words
from chanplan.platforms.gitlab.place import place_of
from chanplan.platforms.gitlab.review import GitLabReview
from chanplan.platforms.tokens import token_of
from chanplan.ports.clock import Clock
from chanplan.ports.pacer import Pacer

VARIABLE = "GITLAB_TOKEN"


@contextmanager
def merge_request(
    environment: Mapping[str, str], number: int | None, pacer: Pacer, clock: Clock
) -> Iterator[GitLabReview]:
    """Give the merge request that a pipeline is about, or the one with the number. Asks nobody yet.

    Raises:
        Misused: no token, no project, or no merge request is told; see `place.py` and `tokens.py`.
    """
    from chanplan.platforms.wire import Wire

    place = place_of(environment, number)
    missing = (
        "Make a project access token (role Reporter, scope `api`) and give it to the job as a masked variable, "
        f"{VARIABLE}. A token on the command line would be in logs."
    )
    if environment.get("CI_JOB_TOKEN"):
        missing = f"CI_JOB_TOKEN may not write notes: GitLab keeps it from that part of its API. {missing}"
    token = token_of(
        environment,
        (VARIABLE,),
        strangers={
            "ghp_": "GitHub",
            "ghs_": "GitHub",
            "gho_": "GitHub",
            "ghu_": "GitHub",
            "github_pat_": "GitHub",
            "glcbt-": "a CI job, which may not write notes",
        },
        remedy=missing,
    )
    words = Words(
        "GitLab",
        token_refused=f"{VARIABLE} is wrong, revoked or expired. A protected variable is empty on branches that aren't protected.",
        permission_missing=f"The token in {VARIABLE} needs the scope `api` and at least the role Reporter in the project; in "
        "a fork's pipeline it is that of the fork.",
        not_found="Check CI_PROJECT_ID and the number. GitLab also says so of what the token in "
        f"{VARIABLE} may not see.",
    )
    wire = Wire(place.base, {"PRIVATE-TOKEN": token.text}, token.text, words, pacer, clock)
    try:
        yield GitLabReview(place, wire)
    finally:
        wire.close()
