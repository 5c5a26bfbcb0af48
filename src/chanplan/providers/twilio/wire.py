"""The connections to Twilio: one pool for all accounts, time-outs, and the address to which requests go.

Imports requests, so it is imported by the first call alone.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NewConnectionError

from chanplan.model.errors import ProviderError, Rejected, Unreachable
from chanplan.providers.twilio.credentials import BASE_VARIABLE
from chanplan.providers.twilio.errors import Answer, Attempt, unanswered, unreachable

_log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 5.0
"""Seconds for a connection."""
READ_TIMEOUT = 20.0
"""Seconds for an answer; past it the outcome is unknown, and looking is cheaper than waiting. The SDK has no limit."""
CONNECTIONS = 64
"""Connections that are kept to one host: more than threads that an apply runs."""


class Wire:
    """Sends single requests. Shared by all threads: nothing of one request is kept, no cookie either.

    `base_url` replaces scheme and host of every request; the host that it replaces becomes the first part of the path.
    Raises `Rejected` when it is no URL.
    """

    def __init__(self, base_url: str | None) -> None:
        self._base = None if not base_url else _checked(base_url)
        self.ahead: float | None = None
        """Seconds by which the server's clock was ahead of this machine's, as of its last answer."""
        self._session = requests.Session()
        # The SDK has its own headers; without these, requests would say that it is the one who asks.
        self._session.headers.clear()
        self._session.headers["Accept-Encoding"] = "gzip, deflate"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Retries live in the pacer, which knows what may be repeated.
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS, max_retries=0))

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def endpoint(self, url: str) -> str:
        """Give the address that a request goes to, as errors show it: without path and login."""
        parts = self._base or urlsplit(url)
        port = "" if parts.port is None else f":{parts.port}"
        return f"{parts.scheme}://{parts.hostname}{port}"

    def send(
        self,
        attempt: Attempt,
        url: str,
        *,
        params: Mapping[str, str | int] | None,
        data: Mapping[str, str] | None,
        headers: Mapping[str, str],
        auth: tuple[str, str] | None,
    ) -> Answer:
        """Send one request, once. Raises `ProviderError`s alone; a refusal is an answer like any other."""
        try:
            prepared = self._session.prepare_request(
                requests.Request(
                    attempt.operation.method,
                    self._moved(url),
                    params=params,
                    data=data,
                    headers=dict(headers),
                    auth=auth,
                )
            )
            surroundings = self._session.merge_environment_settings(prepared.url or "", {}, None, None, None)
            response = self._session.send(
                prepared, timeout=(CONNECT_TIMEOUT, READ_TIMEOUT), allow_redirects=False, **surroundings
            )
        except (requests.RequestException, LocationParseError, UnicodeError, OSError) as error:
            raise _translated(error, attempt) from error
        with suppress(TypeError, ValueError):  # what isn't Twilio may not tell
            said = parsedate_to_datetime(str(response.headers.get("Date")))
            self.ahead = (said - datetime.now(UTC)).total_seconds()
        return Answer(
            response.status_code,
            response.content.decode("utf-8", "replace"),
            response.headers.get("Retry-After"),
        )

    def _moved(self, url: str) -> str:
        if self._base is None:
            return url
        host, _, path = url.removeprefix("https://").partition("/")
        return f"{self._base.geturl().rstrip('/')}/{host}/{path}"


def _checked(base_url: str) -> SplitResult:
    try:
        parts = urlsplit(base_url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_usable = False
        parts = urlsplit("")
    if not is_usable or parts.query or parts.fragment:
        raise Rejected(
            f"{BASE_VARIABLE} isn't a URL of a server.",
            remedy="It looks like http://127.0.0.1:8080; unset it to call Twilio itself.",
            code="wrong_endpoint",
        )
    if parts.scheme == "http" and not _is_here(parts.hostname or ""):
        _log.warning(
            "%s sends Twilio's credentials to %s without encryption. Use https there.",
            BASE_VARIABLE,
            parts.hostname,
        )
    return parts


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _translated(error: Exception, attempt: Attempt) -> ProviderError:
    """Give the model's error for a request that got no answer."""
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable(
            f"The proxy on the way to {attempt.endpoint} doesn't let {attempt} through, so it was not sent.",
            remedy="Check HTTPS_PROXY, and NO_PROXY for servers nearby.",
        )
    if isinstance(error, requests.exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return Rejected(
                f"{attempt.endpoint} showed a certificate that isn't trusted, so {attempt} was not sent.",
                remedy="Check what is between here and Twilio; a company's own certificate goes into REQUESTS_CA_BUNDLE.",
                code="untrusted_certificate",
            )
        return unanswered(attempt, "broken TLS.")
    if isinstance(error, requests.exceptions.ConnectTimeout) or _never_connected(error):
        return unreachable(attempt)
    if isinstance(error, requests.exceptions.Timeout):
        return unanswered(attempt, f"silence for {READ_TIMEOUT:.0f} seconds.")
    if isinstance(
        error,
        requests.exceptions.ConnectionError
        | requests.exceptions.ChunkedEncodingError
        | requests.exceptions.ContentDecodingError,
    ):
        return unanswered(attempt, "a broken connection.")
    if isinstance(error, UnicodeError):
        return Rejected(
            f"{attempt.login} can't be sent: it holds characters that no credential has.",
            remedy="Set it again, without quotes or spaces from where it was copied.",
            code="invalid_credentials",
        )
    # Settings of proxies and certificates that can't be used. Their text may hold a proxy's password.
    return Rejected(
        f"{attempt} couldn't be sent to {attempt.endpoint}: the settings of proxies or certificates can't be used "
        f"({type(error).__name__}).",
        remedy="Check HTTPS_PROXY, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE.",
        code="wrong_endpoint",
    )


def _never_connected(error: Exception) -> bool:
    """Tell whether no connection came about: requests hides the reason one level down."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
