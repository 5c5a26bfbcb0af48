"""Which chanplan this is."""

from functools import cache


@cache
def version() -> str:
    """Give the installed version."""
    from importlib.metadata import version as installed  # noqa: PLC0415 - 30 ms that most commands don't need

    return installed("chanplan")
