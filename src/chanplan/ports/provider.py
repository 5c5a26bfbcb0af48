"""The outside services that keep resources."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

from chanplan.model.addresses import Address
from chanplan.model.discoveries import Discovered, Undiscovered
from chanplan.model.plans import Change
from chanplan.model.problems import Problem
from chanplan.model.resources import Desired, Identity, Observed, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.values import Facts

Checkpoint: TypeAlias = Callable[[str, Facts], None]
"""`checkpoint(what, facts)`: `what` names the part that was just done, `facts` are merged into the intent;
durable when it returns. A provider calls it after each part that made something or learned an id."""


class Provider(Protocol):
    """One service family. Synchronous; called from many threads at once, for different resources.

    Normalisation gives back what the user wrote: a value that the service spells otherwise but that means the same
    is returned in the desired spelling, so that it isn't drift. Drift gives back what the service says. Whatever is
    known in the plan comes out of `create` and `update` unchanged.

    Every method but `check` and `cost` may raise the `ProviderError`s of `model.errors`, and nothing else.
    """

    def check(self, desired: Desired) -> Sequence[Problem]:
        """Say, offline, what the service would refuse: ceilings, reserved names, regions. No I/O."""
        ...

    def read_all(self, kind: str, scope: Scope, wanted: Sequence[Identity]) -> Mapping[Address, Observed]:
        """Look for the wanted objects of one kind with lists and batches only, a number of calls that grows with
        pages, not objects. What is absent from the answer is unconfirmed, not gone. What is found carries its age
        (`read_at`), the attributes that lists tell, and no marks."""
        ...

    def read(self, identity: Identity) -> Observed | None:
        """Read one object directly and wholly, marks and missing parts included; None when no part of it is there.
        Looks by natural key, so it also finds what isn't ours: `Observed.marks` tells."""
        ...

    def discover(self, kinds: Collection[str], scope: Scope) -> Iterable[Discovered | Undiscovered]:
        """Look for all objects of some kinds, ours or not, with lists and batches as far as they go. What can't be
        imported is told too, with the reason. A kind whose objects couldn't be listed is `Undiscovered`; the others
        are told all the same."""
        ...

    def create(self, desired: Desired, id: str, partial: Facts, checkpoint: Checkpoint) -> Facts:
        """Make it, marked with `id`, and give its stable facts. Converges: with the partial facts of an earlier
        attempt it adopts what carries our id and makes the rest; an object with our natural key and another mark,
        or none, raises `Foreign` and is left alone. Complete, or it raises."""
        ...

    def update(
        self, prior: ResourceState, desired: Desired, changed: tuple[str, ...], checkpoint: Checkpoint
    ) -> Facts:
        """Make the changed attributes so, mend missing parts (always, even when nothing changed), and give the
        facts to remember, all of them. `verification` among `changed` asks to restart what expired. `sending` asks for
        nothing but that: a setup's tenant sends (`ENABLED`) or doesn't (`DISABLED`), as `desired` has it; `prior` hasn't.
        Raises `Gone` when it isn't there any more, `Foreign` when it isn't ours."""
        ...

    def take(
        self,
        prior: ResourceState,
        desired: Desired,
        changed: tuple[str, ...],
        taken_from: frozenset[str],
        checkpoint: Checkpoint,
    ) -> Facts:
        """Bring an object that exists under control: mark it with the id of `prior`, then do what `update` does, and
        give its stable facts, all of them. `prior` holds what was found of it, and of facts only what finds it.

        Marks that say nothing, this id, or one of `taken_from` are overwritten; any other raises `Foreign` before
        anything is touched. Converges: what an earlier attempt marked is ours. Raises `Gone` when it isn't there any
        more, `Rejected` when it can't be marked."""
        ...

    def delete(self, prior: ResourceState, checkpoint: Checkpoint) -> None:
        """Take it down in the only order that works. Already gone is success; half gone is continued. Raises
        `Foreign` before anything is touched that carries no mark of ours, `Rejected` while the service still
        holds something on it."""
        ...

    def cost(self, change: Change) -> Mapping[str, int]:
        """Give the calls that a change makes when nothing goes wrong, by operation, the read that precedes
        every delete included. No I/O."""
        ...
