"""The address of a platform's API, and what may be sent there."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from chanplan.model.errors import Misused


@dataclass(frozen=True, slots=True)
class Base:
    """Where an API is: scheme, host, port and the path before its own."""

    url: str
    """Without a slash at its end."""
    variable: str
    """What it was read from."""

    @property
    def endpoint(self) -> str:
        """The address as errors show it: without path."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def holds(self, url: str) -> bool:
        """Tell whether a URL leads to the same scheme, host and port, so that the token may go there."""
        try:
            there, here = urlsplit(url), urlsplit(self.url)
            return _origin(there) == _origin(here)
        except ValueError:
            return False


def base_of(text: str, variable: str) -> Base:
    """Read the URL of an API.

    Raises:
        Misused: it is none, has a login in it (`api_url`), or would carry the token over the network in clear text
            (`api_in_clear_text`).
    """
    remedy = f"Set {variable} to something like https://git.example.com/api, or unset it."
    try:
        parts = urlsplit(text)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise Misused(f"{variable} isn't a URL.", remedy=remedy, code="api_url") from None
    if not is_usable or parts.query or parts.fragment or not text.isascii() or " " in text:
        raise Misused(f"{variable} isn't the URL of an API.", remedy=remedy, code="api_url")
    if parts.username is not None or parts.password is not None:
        # It may be a token, so it isn't shown.
        raise Misused(f"{variable} has a login in it.", remedy=remedy, code="api_url")
    if parts.scheme == "http" and not _is_here(parts.hostname or ""):
        raise Misused(
            f"{variable} would send the token to {parts.hostname} without encryption.",
            remedy="Use https there; http is for this machine alone.",
            code="api_in_clear_text",
        )
    return Base(text.rstrip("/"), variable)


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
