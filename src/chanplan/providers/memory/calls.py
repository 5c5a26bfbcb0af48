"""Calls to the service: paced, counted and struck by faults, each one reading or changing one thing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from chanplan.model.scopes import Scope
from chanplan.model.values import Attributes, Facts
from chanplan.ports.pacer import Pacer
from chanplan.providers.memory.world import MemoryWorld, Part, key_of

T = TypeVar("T")


class Calls:
    """Makes the calls of parts that have a name of their own and carry no mark."""

    def __init__(self, world: MemoryWorld, pacer: Pacer) -> None:
        self._world = world
        self._pacer = pacer

    def make(self, scope: Scope, operation: str, name: str, act: Callable[[], T], *, repeatable: bool) -> T:
        """Make one call. Raises what a fault says."""
        return self._pacer.call(
            scope, operation, lambda: self._world.call(operation, name, act), repeatable=repeatable
        )

    def get(self, scope: Scope, part: str, name: str) -> Part | None:
        """Read one part."""
        return self.make(
            scope, f"get_{part}", name, lambda: self._world.get(key_of(scope, part, name)), repeatable=True
        )

    def all(self, scope: Scope, part: str) -> Iterable[Part]:
        """List the parts of a sort."""
        return self.make(
            scope,
            f"list_{part}",
            "",
            lambda: [each for key, each in self._world.parts().items() if key[:4] == (*scope.place, part)],
            repeatable=True,
        )

    def put(
        self, scope: Scope, part: str, name: str, attributes: Attributes, facts: Facts | None = None
    ) -> None:
        """Make a part, or change the given attributes of the one that is there."""
        key = key_of(scope, part, name)

        def act() -> None:
            there = self._world.get(key) or Part(name, facts=facts or {})
            self._world.put(key, replace(there, attributes={**there.attributes, **attributes}))

        self.make(scope, f"put_{part}", name, act, repeatable=True)

    def delete(self, scope: Scope, part: str, name: str) -> None:
        """Take a part away, if it is there."""
        self.make(
            scope,
            f"delete_{part}",
            name,
            lambda: self._world.remove(key_of(scope, part, name)),
            repeatable=True,
        )
