"""The provider of everything that lives at Twilio: setups and voice use cases."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from chanplan.model.addresses import Address
from chanplan.model.checkup import ServiceFacts
from chanplan.model.configuration import TwilioAlias
from chanplan.model.discoveries import Discovered, Undiscovered
from chanplan.model.plans import Change
from chanplan.model.problems import Problem
from chanplan.model.resources import Desired, Identity, Observed, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.values import Facts
from chanplan.ports.clock import Clock
from chanplan.ports.number_book import NumberBook
from chanplan.ports.pacer import Pacer
from chanplan.ports.provider import Checkpoint
from chanplan.providers.twilio.checks import problems_of
from chanplan.providers.twilio.clients import Clients
from chanplan.providers.twilio.costs import calls_of
from chanplan.providers.twilio.discovery import discover
from chanplan.providers.twilio.examination import examine
from chanplan.providers.twilio.number_book import TwilioNumberBook
from chanplan.providers.twilio.place import Service
from chanplan.providers.twilio.setups import Setups
from chanplan.providers.twilio.use_cases import UseCases


class Resources(Protocol):
    """One kind at Twilio: what the provider's methods do for its resources."""

    def read(self, identity: Identity) -> Observed | None:
        """Read one object; see `ports.provider`."""
        ...

    def create(self, desired: Desired, id: str, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Make one object; see `ports.provider`."""
        ...

    def update(
        self, prior: ResourceState, desired: Desired, changed: tuple[str, ...], checkpoint: Checkpoint
    ) -> Facts:
        """Change one object; see `ports.provider`."""
        ...

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Take one object down; see `ports.provider`."""
        ...


class TwilioProvider:
    """Implements `ports.provider.Provider` on Twilio's SDK, which is imported by the first call.

    `environment` is asked for credentials by the first call in an account, and for CHANPLAN_TWILIO_BASE_URL. Close it
    when done: it keeps connections.
    """

    def __init__(
        self,
        aliases: Mapping[str, TwilioAlias],
        workspace: str,
        pacer: Pacer,
        clock: Clock,
        environment: Mapping[str, str],
    ) -> None:
        self._aliases = aliases
        self._environment = environment
        self._pacer = pacer
        self._clients = Clients(aliases, environment, pacer)
        self._service = Service(self._clients, workspace, pacer, clock)
        self._setups = Setups(self._service)
        self._use_cases = UseCases(self._service)
        self._kinds: Mapping[str, Resources] = {"twilio_setup": self._setups, "use_case": self._use_cases}
        self.numbers: NumberBook = TwilioNumberBook(self._service)

    def close(self) -> None:
        """Close all connections."""
        self._clients.close()

    def account_of(self, scope: Scope) -> str | None:
        """Give the account that a scope's alias reaches: configured, else the environment's. None when neither says;
        nobody is asked."""
        return self._service.account_of(scope)

    def examine(self, scope: Scope) -> ServiceFacts:
        """Try Twilio out, each call once; see `ports.examiner`."""
        with self._pacer.background(lambda: False):
            return examine(self._clients, scope)

    def check(self, desired: Desired) -> Sequence[Problem]:
        """Say, offline, what can't work at Twilio."""
        return tuple(problems_of(desired, self._aliases.get(desired.scope.alias), self._environment))

    def read_all(self, kind: str, scope: Scope, wanted: Sequence[Identity]) -> Mapping[Address, Observed]:
        """Look for objects with lists only."""
        if not wanted:
            return {}
        calls, at = self._service.place(scope), self._service.clock.now()
        listing = self._setups.read_all if kind == "twilio_setup" else self._use_cases.read_all
        return listing(calls, wanted, at)

    def read(self, identity: Identity) -> Observed | None:
        """Read one object wholly."""
        return self._kinds[identity.address.kind].read(identity)

    def discover(self, kinds: Collection[str], scope: Scope) -> Iterable[Discovered | Undiscovered]:
        """Look for all objects of some kinds, ours or not."""
        return discover(self._service.place(scope), kinds)

    def create(self, desired: Desired, id: str, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Make an object, or what is missing of it."""
        return self._kinds[desired.address.kind].create(desired, id, partial, checkpoint)

    def update(
        self, prior: ResourceState, desired: Desired, changed: tuple[str, ...], checkpoint: Checkpoint
    ) -> Facts:
        """Change an object, and make what is missing of it."""
        return self._kinds[prior.address.kind].update(prior, desired, changed, checkpoint)

    def take(
        self,
        prior: ResourceState,
        desired: Desired,
        changed: tuple[str, ...],
        taken_from: frozenset[str],
        checkpoint: Checkpoint,
    ) -> Facts:
        """Bring an object under control and change it. Nothing at Twilio carries a mark, so nothing is marked."""
        del taken_from
        return self._kinds[prior.address.kind].update(prior, desired, changed, checkpoint)

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Take an object down in the only order that works."""
        self._kinds[prior.address.kind].delete(prior, checkpoint)

    def cost(self, change: Change) -> Mapping[str, int]:
        """Count the calls of a change."""
        return calls_of(change)
