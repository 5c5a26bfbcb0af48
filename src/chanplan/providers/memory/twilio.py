"""The in-memory provider of voice: profiles that are there or aren't, Applications without marks, numbers."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from chanplan.model.addresses import Address
from chanplan.model.discoveries import Discovered
from chanplan.model.kinds.use_case import numbers_of
from chanplan.model.numbers import NumberSeen
from chanplan.model.plans import Action, Change
from chanplan.model.problems import Problem
from chanplan.model.resources import Desired, Identity, Observed, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.values import Facts
from chanplan.ports.clock import Clock
from chanplan.ports.pacer import Pacer
from chanplan.ports.provider import Checkpoint
from chanplan.providers.memory.calls import Calls
from chanplan.providers.memory.lines import MemoryLines
from chanplan.providers.memory.profiles import MemoryProfiles
from chanplan.providers.memory.world import MemoryWorld


class MemoryTwilio:
    """Implements `ports.provider.Provider` and `ports.number_book.NumberBook` for the kinds of Twilio.

    The world holds accounts, profiles and numbers that a test puts there: `profile` by SID with its statuses, `number`
    by E.164 with its `sid`, and `account` where it isn't active. `list_lag` is the age in seconds from which
    Applications are found in lists.
    """

    def __init__(
        self, world: MemoryWorld, pacer: Pacer, clock: Clock, workspace: str, *, list_lag: float = 0.0
    ) -> None:
        self._calls = Calls(world, pacer)
        self._profiles = MemoryProfiles(self._calls, clock)
        self._lines = MemoryLines(world, self._calls, clock, workspace, list_lag)

    def check(self, desired: Desired) -> Sequence[Problem]:
        """Refuse nothing: this service has no ceilings."""
        del desired
        return ()

    def look_up(self, scope: Scope, numbers: Collection[str]) -> Mapping[str, NumberSeen | None]:
        """Tell what is known of numbers, by one list."""
        return self._lines.look_up(scope, numbers)

    def read_all(self, kind: str, scope: Scope, wanted: Sequence[Identity]) -> Mapping[Address, Observed]:
        """Look for the wanted objects in lists."""
        return self._of(kind).read_all(scope, wanted)

    def read(self, identity: Identity) -> Observed | None:
        """Read one object."""
        return self._of(identity.address.kind).read(identity)

    def discover(self, kinds: Collection[str], scope: Scope) -> Iterable[Discovered]:
        """List all objects of some kinds; none carries a mark."""
        return [found for kind in sorted(kinds) for found in self._discovered(kind, scope)]

    def _discovered(self, kind: str, scope: Scope) -> Iterable[Discovered]:
        is_setup = kind == "twilio_setup"
        for part in self._calls.all(scope, "profile" if is_setup else "application"):
            import_id = f"{scope.account}/{part.name}" if is_setup else part.name
            yield Discovered(kind, import_id, scope, None, part.attributes, part.facts)

    def create(self, desired: Desired, id: str, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Find the profile, or make the Application and give it its numbers."""
        del id
        if desired.address.kind == "twilio_setup":
            return self._profiles.find(desired)
        return self._lines.create(desired, partial, checkpoint)

    def update(
        self, prior: ResourceState, desired: Desired, changed: tuple[str, ...], checkpoint: Checkpoint
    ) -> Facts:
        """Find the new profile, or change the line."""
        if desired.address.kind == "twilio_setup":
            return self._profiles.find(desired)
        return self._lines.update(prior, desired, changed, checkpoint)

    def take(
        self,
        prior: ResourceState,
        desired: Desired,
        changed: tuple[str, ...],
        taken_from: frozenset[str],
        checkpoint: Checkpoint,
    ) -> Facts:
        """Find the profile, or change the line: nothing carries a mark."""
        del taken_from
        return self.update(prior, desired, changed, checkpoint)

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Take a line down; a profile stays."""
        if prior.address.kind != "twilio_setup":
            self._lines.delete(prior, checkpoint)

    def cost(self, change: Change) -> Mapping[str, int]:
        """Count the calls of a change, as things go when nothing is missing or there already."""
        calls: Counter[str] = Counter()
        if not change.calls_service:
            return calls
        if change.address.kind == "twilio_setup":
            return Counter({"get_profile": 1})
        taken, held = len(numbers_of(change.after or {})), len(numbers_of(change.before or {}))
        makes = change.action is Action.CREATE or change.action.replaces
        if makes:
            calls += Counter({"list_application": 1, "create_application": 1})
        if change.action is Action.UPDATE:
            calls += Counter({"get_application": 1, "put_application": 1, "list_number": 1})
        if makes or "phone_numbers" in change.changed:
            calls += Counter({"get_number": taken, "put_number": taken})
            calls += Counter({"get_assignment": taken, "put_assignment": taken})
        if change.action.destroys:
            calls += Counter({"get_application": 2, "list_number": 2, "delete_application": 1})
            calls += Counter({"delete_assignment": held, "put_number": held})
        return calls

    def _of(self, kind: str) -> MemoryProfiles | MemoryLines:
        return self._profiles if kind == "twilio_setup" else self._lines
