"""The HttpClient through which the SDK makes every one of its requests.

It sees what the SDK's exceptions don't tell, so this is where calls are named, paced, repeated, measured and their errors
translated (twilio.md 4.4). Imports twilio, so it is imported by the first call alone.
"""

import logging
from collections.abc import Mapping

from twilio.http import HttpClient
from twilio.http.response import Response

from chanplan.model.errors import Rejected
from chanplan.model.scopes import Scope
from chanplan.ports.pacer import Pacer
from chanplan.providers.twilio.credentials import Credentials
from chanplan.providers.twilio.errors import Answer, Attempt, refused, unanswered
from chanplan.providers.twilio.operations import Operation, operation_of
from chanplan.providers.twilio.wire import READ_TIMEOUT, Wire


class PacedHttpClient(HttpClient):  # type: ignore[misc]  # the SDK has no types
    """Carries the requests of one account over the wire that all share."""

    def __init__(
        self, wire: Wire, pacer: Pacer, scope: Scope, credentials: Credentials, *, is_parent: bool
    ) -> None:
        # What the SDK would log holds phone numbers; ours writes nothing to it.
        super().__init__(logging.getLogger(__name__), False, READ_TIMEOUT)
        self._wire = wire
        self._pacer = pacer
        self._scope = scope
        self._credentials = credentials
        self._is_parent = is_parent

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, str | int] | None = None,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the SDK's signature; ours are those of the wire
        allow_redirects: bool = False,  # noqa: ARG002 - a redirect would take the credentials along
    ) -> Response:
        """Make a request that the SDK asks for, as often as it may be repeated. Raises `ProviderError`s alone, and
        gives back only answers that the SDK can read."""
        operation = operation_of(method.upper(), url)
        if operation is None:
            # A page's link to the next is followed with the credentials, so it mustn't lead anywhere else.
            raise Rejected(
                "Twilio's answer leads to an address that isn't one of its lists.",
                remedy="Check CHANPLAN_TWILIO_BASE_URL and proxies: this may be something else than Twilio.",
                code="wrong_endpoint",
            )
        attempt = self._attempt(operation, url)

        def once() -> Response:
            answer = self._wire.send(attempt, url, params=params, data=data, headers=headers or {}, auth=auth)
            if not 200 <= answer.status < 300:
                raise refused(answer, attempt)
            if not _is_whole(answer, operation):
                raise unanswered(attempt, "something that can't be read.")
            return Response(answer.status, answer.text)

        return self._pacer.call(self._scope, operation.name, once, repeatable=operation.is_repeatable)

    def _attempt(self, operation: Operation, url: str) -> Attempt:
        return Attempt(
            operation,
            self._scope.account or "",
            self._scope.alias,
            self._wire.endpoint(url),
            self._credentials.login,
            self._credentials.is_key,
            self._is_parent,
            self._credentials.secrets,
        )


def _is_whole(answer: Answer, operation: Operation) -> bool:
    """Tell whether an answer has the form that the SDK takes for granted."""
    if operation.method == "DELETE" and not answer.text.strip():
        return True
    members = answer.members()
    if members is None:
        return False
    if operation.method == "DELETE":
        return True
    if not operation.items:
        return isinstance(members.get("sid"), str)
    items = members.get(operation.items)
    links = members.get("meta", members)
    return (
        isinstance(items, list)
        and all(isinstance(item, dict) and isinstance(item.get("sid"), str) for item in items)
        and isinstance(links, dict)
    )
