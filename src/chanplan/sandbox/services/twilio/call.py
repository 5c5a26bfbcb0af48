"""One call as a handler of Twilio's sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from chanplan.sandbox.documents import Document
from chanplan.sandbox.services.call import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioCall(Call):
    """A call that was let in."""

    caller: str
    """The account whose credentials were given; its scope is the account that the call is about."""
    path: str
    """As the real host knows it, for links and for what isn't found."""

    @property
    def account(self) -> str:
        """Returns the account that the call is about."""
        return self.scope.account


TwilioHandler: TypeAlias = Callable[[TwilioCall], Document]
