"""One translation of everything that a call to Twilio can end with into the errors of the model.

Twilio tells what is wrong by a number in the body, and the status only roughly, so the number decides where it is known:

    429, 20429                                   Throttled: it was not processed (twilio.md 4.1)
    nothing was sent                             Unreachable
    5xx, no answer or a broken one (GET)         Transient: looking twice is harmless
    5xx, no answer or a broken one (POST, DELETE) OutcomeUnknown
    404 in Twilio's own form                     Gone
    it is assigned already                       AlreadyAssigned, which never leaves this package
    credentials, rights, limits, the rest        Rejected, with a code that says which

Lists and single calls end here alike: the SDK's own exceptions, which differ, are never reached. Texts of Twilio are
quoted; requests, headers and whatever repeats the credentials are not.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from chanplan.model.errors import (
    Gone,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
    Transient,
    Unreachable,
)
from chanplan.providers.twilio.operations import Operation

QUOTED_LENGTH = 300
"""Longer texts of a server are cut: it may answer with a whole page."""

APPLICATIONS_PER_ACCOUNT = 1000
"""The limit behind error 21301 (https://www.twilio.com/docs/api/errors/21301)."""


class AlreadyAssigned(Rejected):
    """The number has a place on some profile; which, a look must tell."""

    code = "already_assigned"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried, for the error's sentence."""

    operation: Operation
    account: str
    alias: str
    endpoint: str
    """The host or address that was called, without a login."""
    login: str
    """What must be right for the credentials to be: the names of the variables that hold them."""
    is_key: bool = False
    """Whether an API key logs in, which one account knows alone, and which may be restricted."""
    is_parent: bool = False
    """Whether the credentials are those of another account, which should be the parent."""
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def quotable(self, text: str) -> str:
        """Give what a server said as our errors quote it: on one line, without secrets, and not longer than anybody reads."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        text = " ".join(text.split())
        return text if len(text) <= QUOTED_LENGTH else f"{text[:QUOTED_LENGTH]}…"

    def __str__(self) -> str:
        return f"{self.operation.id} ({self.account})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    text: str
    retry_after: str | None = None

    def members(self) -> Mapping[str, object] | None:
        """Give the JSON object that it is, or None when it isn't one."""
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


_NOT_ACTIVE = frozenset({10001, 20005, 90010})
_BAD_LOGIN = frozenset({20003, 20008, 20101, 20102, 20107})
_NO_RIGHT = frozenset({20004, 20006, 20403, 70051})
_THROTTLED = frozenset({20429})
_GONE = frozenset({20404})
_INVALID_URL = frozenset({21205, 21402, 21502, 21504, 21609, 22105})
_INVALID_METHOD = frozenset({21403, 21503, 21505})
_OTHER_ACCOUNT = frozenset({22205})
_INVALID_APPLICATION = frozenset({21218, 21401})

# No page of Twilio's says how a second assignment is refused; community code goes by these words (twilio.md 4.1).
_ALREADY = ("already", "another profile", "other profile")


def refused(answer: Answer, attempt: Attempt) -> ProviderError:
    """Give the error for an answer that isn't a success."""
    members = answer.members()
    code, said = _told(members)
    quoted = attempt.quotable(said) or f"HTTP {answer.status}"
    if answer.status == 429 or code in _THROTTLED:
        return Throttled(
            f"{attempt} is asked too often: {quoted}",
            remedy="Twilio limits what an account does at once. Try later, or set `requests_per_second:` of the alias.",
            retry_after=_seconds(answer.retry_after),
        )
    if answer.status >= 500 or answer.status == 408:
        return unanswered(attempt, f"an error of its own: {quoted}", code="service_error")
    if code in _NOT_ACTIVE:
        return not_active(attempt.account, quoted)
    if code in _NO_RIGHT or (answer.status == 403 and code not in _BAD_LOGIN):
        return _no_right(attempt, quoted)
    if code in _BAD_LOGIN or answer.status == 401:
        return _bad_login(attempt, quoted)
    if members is None or (answer.status in {404, 405} and code not in _GONE):
        # Whatever this is, it isn't Twilio's word that something is gone.
        return Rejected(
            f"{attempt.endpoint} answers {attempt} with HTTP {answer.status}, and not as Twilio does.",
            remedy="Check CHANPLAN_TWILIO_BASE_URL and proxies: this may be something else than Twilio.",
            code="wrong_endpoint",
        )
    if code in _GONE:
        return Gone(f"{attempt}: {quoted}")
    if code == 21301:
        return Rejected(
            f"Account {attempt.account} has no room for another Application: {quoted}",
            remedy=f"An account holds {APPLICATIONS_PER_ACCOUNT:,} Applications. Delete what isn't used, or declare a "
            "setup of another account.",
            code="quota",
        )
    return _of_request(answer, attempt, code, quoted)


def _of_request(answer: Answer, attempt: Attempt, code: int | None, quoted: str) -> ProviderError:
    """What is wrong with this very request."""
    if attempt.operation.id.startswith("CreateCustomerProfileChannelEndpoint") and (
        answer.status == 409 or any(word in quoted.lower() for word in _ALREADY)
    ):
        return AlreadyAssigned(f"{attempt}: {quoted}")
    if code in _INVALID_URL:
        return Rejected(
            f"Twilio takes none of these URLs ({attempt}): {quoted}",
            remedy="Correct the URLs below `voice:`; Twilio must be able to reach them from the internet.",
            code="invalid_url",
        )
    if code in _INVALID_METHOD:
        return Rejected(
            f"Twilio doesn't take a method of `voice:` ({attempt}): {quoted}",
            remedy="Use GET or POST.",
            code="invalid_method",
        )
    if code in _OTHER_ACCOUNT:
        return Rejected(
            f"{attempt} names something of another account: {quoted}",
            remedy="Number and customer profile belong to one account, or the profile to its parent; declare the setup "
            "with the alias of the account that holds the profile.",
            code="wrong_account",
        )
    if code in _INVALID_APPLICATION:
        return Rejected(
            f"Twilio doesn't know the Application or number of {attempt} any more: {quoted}",
            remedy="Run plan again: something was removed meanwhile.",
            code="rejected",
        )
    number = "" if code is None else f" (error {code})"
    return Rejected(
        f"Twilio refused {attempt}{number}: {quoted}",
        remedy="" if code is None else f"See https://www.twilio.com/docs/api/errors/{code}",
    )


def unanswered(attempt: Attempt, what: str, *, code: str = "no_answer") -> ProviderError:
    """Give the error for a call that was sent and got no answer that tells whether it was done."""
    if attempt.operation.method == "GET":
        return Transient(f"{attempt.endpoint} answered {attempt} with {what}", code=code)
    return OutcomeUnknown(f"{attempt} was sent to {attempt.endpoint}, which answered with {what}")


def unreachable(attempt: Attempt) -> Unreachable:
    """Give the error for a server to which no connection could be made."""
    return Unreachable(
        f"Can't connect to {attempt.endpoint}, so {attempt} was not sent.",
        remedy="Check the network and, where it is set, CHANPLAN_TWILIO_BASE_URL.",
    )


def not_active(account: str, said: str) -> Rejected:
    """Give the error for an account that is suspended or closed."""
    return Rejected(
        f"Twilio account {account} isn't active: {said}",
        remedy="A suspended account is activated again in Twilio's Console or by its parent account. A closed one stays "
        "closed: let go of what was in it with `removed: [{address: …, destroy: false}]`.",
        code="account_not_active",
    )


def _bad_login(attempt: Attempt, quoted: str) -> Rejected:
    if attempt.is_key and attempt.is_parent:
        remedy = (
            "An API key doesn't reach other accounts than its own: give the parent's token, or add an alias under "
            f"providers.twilio with account_sid {attempt.account} and credentials of its own."
        )
    elif attempt.is_key:
        remedy = (
            f"Check {attempt.login}: an API key belongs to one account, and its secret is shown only once."
        )
    else:
        remedy = (
            f"Check {attempt.login}: it holds the account's auth token, which changes when it is rotated."
        )
    return Rejected(
        f"Twilio doesn't accept the credentials of alias '{attempt.alias}' for {attempt}: {quoted}",
        remedy=remedy,
        code="invalid_credentials",
    )


def _no_right(attempt: Attempt, quoted: str) -> Rejected:
    return Rejected(
        f"{attempt} isn't allowed to the credentials of alias '{attempt.alias}': {quoted}",
        remedy=f"A restricted API key ({attempt.login}) must be allowed what docs/providers-twilio.md lists; of a suspended or "
        "closed account everything is refused, so look at its status in Twilio's Console, too.",
        code="access_denied",
    )


def _told(members: Mapping[str, object] | None) -> tuple[int | None, str]:
    """Give the number and the words of an error: `message` in Twilio's own form, `title` and `detail` in RFC 9457's."""
    if members is None:
        return None, ""
    number = members.get("code")
    code = int(str(number)) if str(number).isdecimal() and str(number).isascii() else None
    words = [members.get(name) for name in ("message", "title", "detail")]
    return code, " - ".join(str(word) for word in words if isinstance(word, str) and word)


def _seconds(header: str | None) -> float | None:
    try:
        return None if header is None else max(0.0, float(header))
    except ValueError:
        return None
