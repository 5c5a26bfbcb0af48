"""One translation of what a platform answers, or doesn't, into the errors of the model.

    401                            Rejected `token_refused`
    403, no right                  Rejected `permission_missing`, `request_locked`
    403 or 429, asked too often    Throttled, with how long to wait
    404, 410                       Gone
    text too long                  Rejected `comment_too_long`
    5xx, or no whole answer        Transient, or OutcomeUnknown where repeating would make a second comment
    a redirect elsewhere           Rejected `api_redirects`
    not JSON, too large            Rejected `wrong_endpoint`

Texts of a platform are quoted, cut and without the token; requests and headers aren't.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from chanplan.model.errors import Gone, OutcomeUnknown, ProviderError, Rejected, Throttled, Transient

QUOTED_LENGTH = 300
"""Longer texts of a server are cut: it may answer with a whole page."""
_LOCKED = re.compile(r"\blocked\b", re.IGNORECASE)
PAUSE = 60.0
"""Seconds to wait where a platform says only that it is asked too often; GitHub wants a minute at least
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api)."""


@dataclass(frozen=True, slots=True)
class Words:
    """What differs between platforms in what people are told."""

    platform: str
    token_refused: str
    permission_missing: str
    not_found: str
    """Remedies: what to do about each."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried, for an error's sentence."""

    operation: str
    subject: str
    endpoint: str
    words: Words
    repeatable: bool
    token: str = field(repr=False)

    def quotable(self, text: str) -> str:
        """Give what a server said as our errors quote it: on one line, without the token, and not longer than anybody reads."""
        said = " ".join(text.replace(self.token, "***").split())
        return said if len(said) <= QUOTED_LENGTH else f"{said[:QUOTED_LENGTH]}…"

    def __str__(self) -> str:
        return f"{self.operation} ({self.subject})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `headers` have names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def value(self) -> object:
        """Give the JSON value that it holds. Raises `ValueError` when it holds none."""
        try:
            return json.loads(self.content)
        except RecursionError as error:
            raise ValueError from error

    @property
    def has_next(self) -> bool:
        """Whether a list has another page. Its link isn't followed: whoever answers would choose where the token goes."""
        return 'rel="next"' in self.headers.get("link", "")


def refused(answer: Answer, attempt: Attempt) -> ProviderError:
    """Give the error for an answer that isn't a success."""
    said = attempt.quotable(_told(answer)) or f"HTTP {answer.status}"
    # GitHub names the permissions that would do.
    if (needed := answer.headers.get("x-accepted-github-permissions")) and answer.status == 403:
        said = f"{said} (it takes {attempt.quotable(needed)})"
    platform = attempt.words.platform
    wait = _throttled(answer, said)
    if wait is not None:
        return Throttled(
            f"{platform} is asked too often: {said}",
            remedy="Others use the same token or address. Run the job again later.",
            code="rate_limited",
            retry_after=wait,
        )
    if answer.status >= 500 or answer.status == 408:
        return unanswered(attempt, f"an error of its own: {said}", code="service_error")
    match answer.status:
        case 401:
            return Rejected(
                f"{platform} doesn't take the token, asked to {attempt}: {said}",
                remedy=attempt.words.token_refused,
                code="token_refused",
            )
        case 403 if _LOCKED.search(said):
            return Rejected(
                f"The conversation is locked, and {platform} refuses to {attempt}: {said}",
                remedy="Unlock it, or give the job a token of somebody who may still write there.",
                code="request_locked",
            )
        case 403:
            return Rejected(
                f"The token may not {attempt}: {said}",
                remedy=attempt.words.permission_missing,
                code="permission_missing",
            )
        case 404 | 410:
            return Gone(
                f"{platform} has nothing there, asked to {attempt}: {said}",
                remedy=attempt.words.not_found,
                code="not_found",
            )
        case 400 | 413 | 422 if (
            "too long" in said.lower() or "too large" in said.lower() or answer.status == 413
        ):
            return Rejected(
                f"The comment is too long for {platform}: {said}",
                remedy="The platform counts otherwise than it documents: post `chanplan plan --format markdown "
                "--comment-limit N` with a smaller N through --body-file, and tell us.",
                code="comment_too_long",
            )
        case _:
            return Rejected(
                f"{platform} refuses to {attempt}: {said}",
                remedy="Nothing was changed by this request; its words are the platform's own.",
                code="rejected",
            )


def unanswered(attempt: Attempt, what: str, *, code: str = "no_answer") -> ProviderError:
    """Give the error for a request that was sent and got no answer that tells whether it was done."""
    kind = Transient if attempt.repeatable else OutcomeUnknown
    return kind(
        f"{attempt.endpoint} was asked to {attempt}, and answered with {what}",
        remedy="Run the job again: what was written is found, and isn't written twice.",
        code=code,
    )


def wrong_endpoint(attempt: Attempt, what: str) -> Rejected:
    """Give the error for a server that isn't the platform."""
    return Rejected(
        f"{attempt.endpoint} was asked to {attempt}, and answered with {what}, as {attempt.words.platform} never does.",
        remedy="Check the API's URL and proxies on the way: this may be something else.",
        code="wrong_endpoint",
    )


def _throttled(answer: Answer, said: str) -> float | None:
    """Give how many seconds a throttled request should wait, or None for an answer that is no throttle."""
    spent = answer.headers.get("x-ratelimit-remaining") == "0"
    if answer.status != 429 and not (
        answer.status == 403 and (spent or "retry-after" in answer.headers or "rate limit" in said.lower())
    ):
        return None
    asked = _number(answer.headers.get("retry-after"))
    if asked is not None:
        return asked
    reset = _number(answer.headers.get("x-ratelimit-reset") or answer.headers.get("ratelimit-reset"))
    if reset is not None and (spent or "ratelimit-reset" in answer.headers):
        # The platforms' clocks and ours may differ by a little.
        return max(1.0, reset - time.time() + 1)
    return PAUSE


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 12 else None


def _told(answer: Answer) -> str:
    """Give what an error's body says; a page of a proxy says nothing to anybody."""
    try:
        value = answer.value()
    except ValueError:
        return ""
    if not isinstance(value, dict):
        return ""
    told = [_text(value.get(name)) for name in ("message", "error", "error_description", "errors")]
    return "; ".join(dict.fromkeys(text for text in told if text))


def _text(value: object) -> str:
    """Write a message, which GitHub and GitLab give as a text, a list of objects, or an object of lists."""
    match value:
        case str():
            return value
        case list():
            return ", ".join(filter(None, (_text(item) for item in value[:5])))
        case {"message": str(message)}:
            return message
        case dict():
            return ", ".join(f"{name} {_text(item)}" for name, item in list(value.items())[:5])
        case _:
            return ""
