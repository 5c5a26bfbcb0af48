"""Which chanplan this is."""

from functools import cache


@cache
def version() -> str:
    """Give the installed version."""
    from importlib.metadata import version as installed

    return installed("chanplan")
