"""Looking at what stands between this machine and a service, for `doctor`."""

from typing import Protocol

from chanplan.model.checkup import ServiceFacts
from chanplan.model.scopes import Scope


class Examiner(Protocol):
    """Tries a service out without changing anything."""

    def examine(self, scope: Scope) -> ServiceFacts:
        """Try one call of each sort that plans need in an account and region, and tell where they go, as whom, and how
        they ended. Raises `Interrupted` alone: what can't be learned is a probe with its error."""
        ...
