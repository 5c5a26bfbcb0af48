"""The connection to a platform's API: single requests with a token, bounded in time and size, paced and repeated.

Imports requests, so it is imported by the first request alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import TypeVar
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NewConnectionError

from chanplan.model.errors import ProviderError, Rejected, Throttled, Unreachable
from chanplan.model.scopes import Scope
from chanplan.platforms.addresses import Base
from chanplan.platforms.answers import Answer, Attempt, Words, refused, unanswered, wrong_endpoint
from chanplan.ports.clock import Clock
from chanplan.ports.pacer import Pacer

T = TypeVar("T")

CONNECT_TIMEOUT = 5.0
"""Seconds for a connection."""
READ_TIMEOUT = 30.0
"""Seconds of silence within an answer."""
LONGEST_ANSWER = 120.0
"""Seconds for a whole answer, however slowly it trickles."""
LARGEST_ANSWER = 128 * 1024**2
"""Bytes of an answer that are read: a page of GitLab's longest notes stays below."""
PIECE = 64 * 1024
REDIRECTS = 3
"""A repository that was renamed answers with one; more lead nowhere."""
PATIENCE = 300.0
"""Seconds that a command waits altogether for a platform that is asked too often: a job costs money."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request, and what people call it: "list the comments", of "acme/mail#12"."""

    method: str
    url: str
    operation: str
    subject: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, str] | None = None
    repeatable: bool = True
    """Whether making it twice is as good as once."""


class Wire:
    """Sends requests to one API with one token. Nothing of one request is kept, no cookie either."""

    def __init__(
        self, base: Base, headers: Mapping[str, str], token: str, words: Words, pacer: Pacer, clock: Clock
    ) -> None:
        self._base = base
        self._headers = {**headers, "User-Agent": "chanplan", "Accept-Encoding": "gzip, deflate"}
        self._token = token
        self._words = words
        self._pacer = pacer
        self._clock = clock
        self._deadline = clock.monotonic() + PATIENCE
        self._scope = Scope(words.platform.lower(), None, None)
        self._session = requests.Session()
        self._session.headers.clear()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Retries live in the pacer, which knows what may be repeated.
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=0))

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def ask(self, question: Question, read: Callable[[Answer], T]) -> T:
        """Make a request, as often as it may be repeated, and read its answer.

        `read` raises `ValueError` (`shapes.Unreadable`) for what the platform never says.

        Raises:
            ProviderError: see `platforms/answers.py`; a throttle that would outlast all patience is a `Rejected`.
        """
        attempt = Attempt(
            question.operation,
            question.subject,
            self._base.endpoint,
            self._words,
            question.repeatable,
            self._token,
        )

        def once() -> T:
            answer = self._followed(question, attempt)
            if not 200 <= answer.status < 300:
                raise self._refusal(answer, attempt)
            try:
                return read(answer)
            except ValueError as error:
                if not question.repeatable:
                    raise unanswered(attempt, "something that can't be read.") from error
                raise wrong_endpoint(attempt, "something that can't be read") from error

        return self._pacer.call(self._scope, question.operation, once, repeatable=question.repeatable)

    def _refusal(self, answer: Answer, attempt: Attempt) -> ProviderError:
        error = refused(answer, attempt)
        if not isinstance(error, Throttled):
            return error
        wait = error.retry_after or 0.0
        if self._clock.monotonic() + wait <= self._deadline:
            return error
        return Rejected(
            f"{error.message} It wants {wait:,.0f} seconds to pass, and nobody waits that long here.",
            remedy=error.remedy,
            code=error.code,
        )

    def _followed(self, question: Question, attempt: Attempt) -> Answer:
        """Send a request, and again where a renamed repository leads; never to another host, which would get the token."""
        url, params = question.url, question.params
        for _ in range(REDIRECTS + 1):
            answer = self._sent(question, url, params, attempt)
            if answer.status not in {301, 302, 307, 308} or "location" not in answer.headers:
                return answer
            url, params = urljoin(url, answer.headers["location"]), {}
            if not self._base.holds(url):
                raise Rejected(
                    f"{attempt.endpoint} was asked to {attempt}, and sends us on to another host, which doesn't get the token.",
                    remedy=f"Set {self._base.variable} to where the API is now.",
                    code="api_redirects",
                )
        raise wrong_endpoint(attempt, "redirects without an end")

    def _sent(
        self, question: Question, url: str, params: Mapping[str, str | int], attempt: Attempt
    ) -> Answer:
        try:
            prepared = self._session.prepare_request(
                # A function as `auth` keeps requests from looking into ~/.netrc, which would replace our header.
                requests.Request(
                    question.method,
                    url,
                    params=dict(params),
                    json=question.body,
                    headers=self._headers,
                    auth=_unchanged,
                )
            )
            surroundings = self._session.merge_environment_settings(prepared.url or "", {}, True, None, None)
            with self._session.send(
                prepared, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT), allow_redirects=False, **surroundings
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, headers, self._read(response, attempt))
        except (requests.RequestException, LocationParseError, UnicodeError, OSError) as error:
            raise _translated(error, attempt) from error

    def _read(self, response: requests.Response, attempt: Attempt) -> bytes:
        content = bytearray()
        end = self._clock.monotonic() + LONGEST_ANSWER
        for piece in response.iter_content(PIECE):
            content += piece
            if len(content) > LARGEST_ANSWER:
                raise wrong_endpoint(attempt, f"more than {LARGEST_ANSWER // 1024**2} MiB")
            if self._clock.monotonic() > end:
                raise unanswered(attempt, f"an answer that isn't whole after {LONGEST_ANSWER:.0f} seconds.")
        return bytes(content)


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _translated(error: Exception, attempt: Attempt) -> ProviderError:
    """Give the model's error for a request that got no answer."""
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable(
            f"The proxy on the way to {attempt.endpoint} doesn't let us through to {attempt}; nothing was sent.",
            remedy="Check HTTPS_PROXY, and NO_PROXY for servers nearby.",
        )
    if isinstance(error, requests.exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return Rejected(
                f"{attempt.endpoint} showed a certificate that isn't trusted, so it wasn't asked to {attempt}.",
                remedy="Check what is in between; a company's own certificate goes into REQUESTS_CA_BUNDLE.",
                code="untrusted_certificate",
            )
        return unanswered(attempt, "broken TLS.")
    if isinstance(error, requests.exceptions.ConnectTimeout) or _never_connected(error):
        return Unreachable(
            f"Can't connect to {attempt.endpoint} to {attempt}; nothing was sent.",
            remedy="Check the network, proxies and the API's URL.",
        )
    if isinstance(error, requests.exceptions.Timeout):
        return unanswered(attempt, f"silence for {READ_TIMEOUT:.0f} seconds.")
    if isinstance(
        error,
        requests.exceptions.ConnectionError
        | requests.exceptions.ChunkedEncodingError
        | requests.exceptions.ContentDecodingError,
    ):
        return unanswered(attempt, "a broken connection.")
    # Settings of proxies and certificates that can't be used. Their text may hold a proxy's password.
    return Rejected(
        f"{attempt.endpoint} couldn't be asked to {attempt}: the settings of proxies or certificates can't be used "
        f"({type(error).__name__}).",
        remedy="Check HTTPS_PROXY, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE.",
        code="wrong_endpoint",
    )


def _never_connected(error: Exception) -> bool:
    """Tell whether no connection came about: requests hides the reason one level down."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
