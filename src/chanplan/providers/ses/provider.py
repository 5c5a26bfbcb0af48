"""The provider of everything that lives at Amazon SES: setups, sending pools and email use cases."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

from chanplan.model.addresses import Address
from chanplan.model.checkup import ServiceFacts
from chanplan.model.configuration import SesAlias
from chanplan.model.discoveries import Discovered, Undiscovered
from chanplan.model.errors import ProviderError
from chanplan.model.kinds.ses_setup import receives
from chanplan.model.plans import Change
from chanplan.model.problems import Problem
from chanplan.model.resources import Desired, Identity, Observed, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.values import Facts
from chanplan.ports.clock import Clock
from chanplan.ports.pacer import Pacer
from chanplan.ports.provider import Checkpoint
from chanplan.providers.ses.checks import problems_of
from chanplan.providers.ses.clients import Clients
from chanplan.providers.ses.costs import calls_of
from chanplan.providers.ses.discovery import discover
from chanplan.providers.ses.examination import examine
from chanplan.providers.ses.listings import list_pools, list_sets, list_setups
from chanplan.providers.ses.mail.evidence import SesMailEvidence
from chanplan.providers.ses.place import Service
from chanplan.providers.ses.pools import Pools
from chanplan.providers.ses.setups import Setups
from chanplan.providers.ses.use_cases import UseCases


class Resources(Protocol):
    """One kind at SES: what the provider's methods do for its resources."""

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

    def take(
        self,
        prior: ResourceState,
        desired: Desired,
        changed: tuple[str, ...],
        taken_from: Collection[str],
        checkpoint: Checkpoint,
    ) -> Facts:
        """Bring one object under control; see `ports.provider`."""
        ...

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Take one object down; see `ports.provider`."""
        ...


class SesProvider:
    """Implements `ports.provider.Provider` on boto3, which is imported by the first call.

    `receiving_regions` overrides the built-in list of regions in which SES receives mail; `clients` are those of
    the aliases, made here unless given. Close it when done: it keeps connections.
    """

    def __init__(
        self,
        aliases: Mapping[str, SesAlias],
        workspace: str,
        pacer: Pacer,
        clock: Clock,
        receiving_regions: Collection[str] | None = None,
        clients: Clients | None = None,
    ) -> None:
        self._aliases = aliases
        self._receiving_regions = receiving_regions
        self._pacer = pacer
        self._clients = clients or Clients(aliases)
        self._service = Service(self._clients, workspace, pacer, clock)
        self._setups = Setups(self._service)
        self.mail = SesMailEvidence(self._service, clock)
        """What it tells of mail, through the same connections."""
        self._kinds: Mapping[str, Resources] = {
            "ses_setup": self._setups,
            "sending_pool": Pools(self._service),
            "use_case": UseCases(self._service),
        }

    def close(self) -> None:
        """Close all connections."""
        self._clients.close()

    def account_of(self, scope: Scope) -> str | None:
        """Give the account that a scope's alias reaches: configured, else from any tenant's ARN, else as STS says;
        None when nobody can say. Raises `ProviderError`s."""
        return self._service.accounts.of(self._clients.alias(scope))

    def at_aws(self, scope: Scope, operation: str) -> bool:
        """Tell whether an operation goes to AWS itself, whose quotas are known. No I/O."""
        service, _, _ = operation.partition(":")
        try:
            return self._service.calls(scope).at_aws(service)
        except ProviderError:
            # No client can be made: the call will say so, and pacing it does no harm.
            return True

    def examine(self, scope: Scope) -> ServiceFacts:
        """Try SES out, each call once; see `ports.examiner`."""
        with self._pacer.background(lambda: False):
            return examine(self._service, self._clients, scope)

    def check(self, desired: Desired) -> Sequence[Problem]:
        """Say, offline, what SES would refuse."""
        alias = self._aliases.get(desired.scope.alias)
        return tuple(problems_of(desired, alias, self._receiving_regions))

    def read_all(self, kind: str, scope: Scope, wanted: Sequence[Identity]) -> Mapping[Address, Observed]:
        """Look for objects with lists and batches only."""
        if not wanted:
            return {}
        place, at = self._service.place(scope), self._service.clock.now()
        match kind:
            case "ses_setup":
                return list_setups(place, self._setups.receiving, wanted, at)
            case "use_case":
                return list_sets(place, wanted, at)
            case _:
                return list_pools(place, wanted, at)

    def read(self, identity: Identity) -> Observed | None:
        """Read one object wholly."""
        return self._kinds[identity.address.kind].read(identity)

    def discover(self, kinds: Collection[str], scope: Scope) -> Iterable[Discovered | Undiscovered]:
        """Look for all objects of some kinds, ours or not."""
        return discover(
            self._service.place(scope),
            self._service.workspace,
            kinds,
            receives=receives(scope.region, self._receiving_regions),
        )

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
        """Bring an object under control by marking its parts, and change it."""
        return self._kinds[prior.address.kind].take(prior, desired, changed, taken_from, checkpoint)

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Take an object down in the only order that works."""
        self._kinds[prior.address.kind].delete(prior, checkpoint)

    def cost(self, change: Change) -> Mapping[str, int]:
        """Count the calls of a change."""
        return calls_of(change)
