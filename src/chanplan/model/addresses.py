"""Addresses: the names by which people and plans speak of resources."""

import re
from typing import NamedTuple

KIND_NAMES = ("sending_pool", "ses_setup", "twilio_setup", "use_case")
NAME_PATTERN = r"[a-z0-9][a-z0-9_-]{0,62}"

_NAME = re.compile(NAME_PATTERN)


class Address(NamedTuple):
    """One resource of a workspace, written `KIND.NAME`.

    A tuple, since a plan of 10,000 resources hashes half a million addresses.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}.{self.name}"


def parse_address(text: str) -> Address | None:
    """Read `KIND.NAME`, or None when the text isn't an address."""
    kind, dot, name = text.partition(".")
    if not dot or kind not in KIND_NAMES or not _NAME.fullmatch(name):
        return None
    return Address(kind, name)
