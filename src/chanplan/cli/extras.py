"""Packages that only some commands need, and not everybody installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from chanplan.model.errors import Misused


@contextmanager
def api_needed() -> Iterator[None]:
    """Around an import of `chanplan.api`: say how to install what is missing.

    Raises:
        Misused: a package of the extra `api` isn't installed.
    """
    try:
        yield
    except ImportError as error:
        raise Misused(
            f"The HTTP API needs the package {error.name}, which isn't installed.",
            remedy="Run `pip install 'chanplan[api]'`.",
            code="package_missing",
        ) from error
