"""Asking which phone numbers an account owns, and what they are bound to."""

from collections.abc import Collection, Mapping
from typing import Protocol

from chanplan.model.numbers import NumberSeen
from chanplan.model.scopes import Scope


class NumberBook(Protocol):
    """Tells what an account owns."""

    def look_up(self, scope: Scope, numbers: Collection[str]) -> Mapping[str, NumberSeen | None]:
        """Give what is known of each E.164 number, None where the account doesn't own it. The number of calls grows
        with the pages of the account's list, not with the numbers. Raises the `ProviderError`s of `model.errors`."""
        ...
